"""Which tracks have which genre, as a table that a network can learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.core.genres import cleaned, frequent
from musicdesk.core.types import TrackId
from musicdesk.recommenders.base import TrainingData

LEAST_TRACKS = 5  # with a genre, by at least
LEAST_ARTISTS = 2


@dataclass(frozen=True, eq=False)
class Tagged:
    """ids: int64 (n,) ascending, tracks with at least one of the tags; names: (t,), the most frequent first;
    has: bool (n, t)
    """

    ids: np.ndarray
    names: tuple[str, ...]
    has: np.ndarray


def tagged(data: TrainingData, among: np.ndarray, most: int = 0, least: int = LEAST_TRACKS) -> Tagged:
    """Genres of the tracks `among` (int64) that enough of them, by enough artists, have; `most` of them (0: all)."""
    here = {TrackId(int(track)) for track in among}
    found = cleaned({track: genre for track, genre in data.genres.items() if track in here})
    names = frequent(found, data.artists, least, LEAST_ARTISTS)[: most or None]
    place = {name: at for at, name in enumerate(names)}
    kept = sorted(track for track, own in found.items() if any(name in place for name in own))
    has = np.zeros((len(kept), len(names)), bool)
    for row, track in enumerate(kept):
        has[row, [place[name] for name in found[track] if name in place]] = True
    return Tagged(np.array(kept, np.int64), tuple(names), has)
