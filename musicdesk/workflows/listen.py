"""Hearing one file, in the library or not, without keeping anything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.errors import SoundError
from musicdesk.core.killable import Fate, Pool

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def listen_to(desk: Desk, path: bytes) -> np.ndarray:
    """The unit vector float32 (dim,) of the file by the encoder in use. Raises SoundError with the reason."""
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.weights import available, load
    from musicdesk.learning.device import choose

    with Pool("musicdesk.audio.listen:listen", 1, MEMORY_BYTES) as pool:
        ((_request, answer),) = pool.run([{"path": os.fsdecode(path)}], deadline_s(None))
    if answer.fate is not Fate.OK:
        raise SoundError(answer.text)
    card = desk.card()
    encoder = load(available(desk.encoder_folders)[card.name], card.name)
    vector: np.ndarray = Embedder(encoder, choose(desk.device), threads=1).embed([answer.arrays["mel"]])[0]
    return vector
