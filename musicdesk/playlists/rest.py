""" "Not now": a track rests for some days, and softly so do its artist and what sounds most like it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from musicdesk.core.types import TrackId, Vectors
from musicdesk.playlists.rules import NOBODY

REST_DAYS = 7.0  # the track itself is kept out so long
HALF_LIFE_DAYS = 3.0  # of how strongly it and what is near it are held back
MEMORY_DAYS = 21.0  # older ones weigh nothing
NEAR = 40  # tracks that sound most like it
NEAR_SHARE, ARTIST_SHARE = 0.8, 0.5  # of the track's own rest: for the nearest, falling to 0; for its artist's tracks
DAY_S = 86_400.0


def resting(since: Mapping[TrackId, float], now: float) -> list[TrackId]:
    """Tracks that are kept out now; `since` and `now` in epoch seconds."""
    return [track for track, at in since.items() if now - at < REST_DAYS * DAY_S]


def nearest(vectors: Vectors, tracks: list[TrackId]) -> dict[TrackId, np.ndarray]:
    """int64 (k,): rows of the tracks that sound most like each one, nearest first, without itself."""
    found = {}
    for track in tracks:
        own = vectors.rows_of([track])
        if not len(own):
            continue
        alike = vectors.matrix @ vectors.matrix[own[0]]
        alike[own[0]] = -np.inf
        few = min(NEAR, len(alike) - 1)
        top = np.argpartition(-alike, few)[:few] if few else np.empty(0, np.int64)
        found[track] = top[np.lexsort((top, -alike[top]))]
    return found


def rest(
    ids: np.ndarray, artists: np.ndarray, near: Mapping[TrackId, np.ndarray], since: Mapping[TrackId, float], now: float
) -> np.ndarray:
    """float32 (n,), 0..1: how strongly each track is held back; of several reasons the strongest counts.

    ids: int64 (n,), ascending; artists: int64 (n,), codes; near: of `nearest`
    """
    found = np.zeros(len(ids), np.float32)
    by_artist = np.zeros(int(artists.max(initial=NOBODY)) + 2, np.float32)  # the last is nobody's, whose code is -1
    for track, at in since.items():
        days = max(0.0, now - at) / DAY_S
        row = int(np.searchsorted(ids, track))
        if days >= MEMORY_DAYS or row >= len(ids) or ids[row] != track:
            continue
        strength = 2.0 ** (-days / HALF_LIFE_DAYS)
        if artists[row] != NOBODY:
            by_artist[artists[row]] = max(by_artist[artists[row]], strength * ARTIST_SHARE)
        rows = near.get(track, np.empty(0, np.int64))
        fall = NEAR_SHARE * strength * (1.0 - np.arange(len(rows)) / NEAR)
        found[rows] = np.maximum(found[rows], fall)
        found[row] = max(found[row], strength)
    held: np.ndarray = np.maximum(found, by_artist[artists])
    return held
