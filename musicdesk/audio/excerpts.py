"""Stretches of a track at any rate and of any length, for encoders that hear other windows than ours."""

from __future__ import annotations

import numpy as np

from musicdesk.audio.decode import Source
from musicdesk.audio.gather import SILENCE, joined, mono_at, trimmed
from musicdesk.audio.packing import DAMAGED
from musicdesk.core.errors import SilentAudio, SoundError

HEARD_S = 36.0  # seconds of a track that are heard, as of our own encoders
MOST_S = 600.0  # that are read of a track that cannot be sought in


def excerpts(source: Source, rate_hz: int, samples: int) -> np.ndarray:
    """float32 (n >= 1, samples): mono at `rate_hz`, spread evenly over the track; a shorter track is repeated.

    raises: SoundError, SilentAudio
    """
    seconds = samples / rate_hz
    count = max(1, round(HEARD_S / seconds))
    duration = source.info.duration_s
    found = None
    if duration is not None and duration > count * seconds + 1:
        try:
            starts = (np.arange(count) + 0.5) / count * duration - seconds / 2
            found = np.stack([_stretch(source, max(0.0, float(start)), rate_hz, samples) for start in starts])
        except SoundError:
            found = None  # it lies about its length, or cannot be sought in
    if found is None:
        whole = _read(source, 0.0, MOST_S, rate_hz)
        places = np.linspace(0, max(0, len(whole) - samples), min(count, max(1, len(whole) // samples))).astype(int)
        found = np.stack([np.resize(whole[at : at + samples], samples) for at in places])
    if np.abs(found).max() < SILENCE:
        raise SilentAudio
    return found.astype(np.float32)


def _stretch(source: Source, start_s: float, rate_hz: int, samples: int) -> np.ndarray:
    sound = _read(source, start_s, samples / rate_hz + 0.1, rate_hz)
    if len(sound) < samples:
        raise SoundError(DAMAGED)
    return sound[:samples]


def _read(source: Source, start_s: float, seconds: float, rate_hz: int) -> np.ndarray:
    blocks = joined(list(trimmed(source.blocks(start_s, seconds), seconds)))
    if not blocks:
        raise SoundError(DAMAGED)
    return np.concatenate([mono_at(block, rate_hz) for block in blocks])
