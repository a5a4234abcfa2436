"""Weights by track, held as arrays: of ten thousands a changed copy is made in a moment, and summed in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from musicdesk.core.types import Listener, TrackId


class Weights(Mapping[TrackId, float]):
    """Never changed, so the arrays may be shared.

    tracks: int64 (n,), ascending; amounts: float64 (n,), what each of them weighs
    """

    __slots__ = ("amounts", "tracks")

    def __init__(self, tracks: np.ndarray, amounts: np.ndarray) -> None:
        self.tracks, self.amounts = tracks, amounts

    @classmethod
    def of(cls, weights: Mapping[TrackId, float]) -> Weights:
        if isinstance(weights, Weights):
            return weights
        tracks, values = arrays(weights)
        order = np.argsort(tracks, kind="stable")
        return cls(tracks[order], values[order])

    def but(self, changed: Iterable[TrackId], now: Mapping[TrackId, float]) -> Weights:
        """What these tracks weighed is forgotten, and `now` holds of them."""
        kept = ~np.isin(self.tracks, np.fromiter(changed, np.int64))
        if kept.all() and not now:
            return self
        tracks, new = self.tracks[kept], Weights.of(now)
        places = np.searchsorted(tracks, new.tracks)
        return Weights(np.insert(tracks, places, new.tracks), np.insert(self.amounts[kept], places, new.amounts))

    def _place(self, track: object) -> int:
        """Where it stands, or -1."""
        if not isinstance(track, int | np.integer):
            return -1
        at = int(np.searchsorted(self.tracks, track))
        return at if at < len(self.tracks) and self.tracks[at] == track else -1

    def __getitem__(self, track: TrackId) -> float:
        if (at := self._place(track)) < 0:
            raise KeyError(track)
        return float(self.amounts[at])

    def __contains__(self, track: object) -> bool:
        return self._place(track) >= 0

    def __iter__(self) -> Iterator[TrackId]:
        return map(TrackId, self.tracks.tolist())

    def __len__(self) -> int:
        return len(self.tracks)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Weights):
            return np.array_equal(self.tracks, other.tracks) and np.array_equal(self.amounts, other.amounts)
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Weights({dict(self)!r})"


def known_tracks(listener: Listener) -> np.ndarray:
    """int64, ascending: those that are liked or played."""
    found: np.ndarray = np.union1d(arrays(listener.liked)[0], arrays(listener.plays)[0])
    return found


def arrays(weights: Mapping[TrackId, float]) -> tuple[np.ndarray, np.ndarray]:
    """Tracks int64 (n,) and what they weigh float64 (n,), in the order of the mapping; not to be written to."""
    if isinstance(weights, Weights):
        return weights.tracks, weights.amounts
    n = len(weights)
    return np.fromiter(weights.keys(), np.int64, n), np.fromiter(weights.values(), np.float64, n)
