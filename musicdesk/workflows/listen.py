"""Hearing one file, in the library or not, without keeping anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotReady, SoundError
from musicdesk.core.killable import Fate
from musicdesk.workflows.hearing import Hearing

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def listen_to(desk: Desk, path: bytes) -> np.ndarray:
    """The unit vector float32 (dim,) of the file by the encoder in use.

    Raises SoundError with the reason, NotReady when that encoder is not here any more.
    """
    hearing = Hearing(desk, desk.entry())
    if hearing.encoder_id != desk.encoder:
        raise NotReady("The encoder that heard your library is not here any more; run 'musicdesk analyze' first.")
    request = hearing.request(path, known=True)
    with hearing.pool(1) as pool:
        ((_request, answer),) = pool.run([request], hearing.deadline(request))
    if answer.fate is not Fate.OK:
        raise SoundError(answer.text)
    (heard,) = hearing.heard([answer])
    if isinstance(heard, str):
        raise SoundError(heard)
    return heard.vector
