"""The exact waveform and loudness of one track, made when it is first played; the sketch came with the analysis."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicdesk.audio.contract import MEMORY_BYTES, deadline_s
from musicdesk.core.changes import Changes
from musicdesk.core.errors import SoundError
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Sharpened:
    track: int
    exact: bool
    changes: Changes = Changes.NOTHING  # only the player asks, and it waits for the job


def sharpen(desk: Desk, track: TrackId, monitor: Monitor) -> Sharpened:
    """Decodes the whole track in a child and keeps its overview. Raises SoundError with the reason."""
    known = desk.catalog.sound.waveform(track)
    if known and known[1]:
        return Sharpened(track, True)
    found = desk.catalog.tracks.get(track)
    request = {"path": os.fsdecode(found.path)}
    with Pool("musicdesk.audio.listen:waveform", 1, MEMORY_BYTES) as pool:
        for _request, answer in pool.run([request], deadline_s(found.tags.duration_s), monitor):
            if answer.fate is not Fate.OK:
                raise SoundError(answer.text)
            told = answer.head
            with desk.catalog.write():
                desk.catalog.sound.save_waveform(track, answer.arrays["waveform"], exact=True)
                desk.catalog.sound.set_loudness(track, told["loudness_lufs"], told["gain_db"], told["peak"])
    return Sharpened(track, True)
