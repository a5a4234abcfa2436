"""Recommended under one genre: taste, and how sure it is that a track is of the genre."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders.base import Fitted, ItemIds

LEAST_SURE = 0.5  # a track below is of another genre, unless this one is the likeliest


class UnderGenre:
    """A `Fitted` for lists of one genre: half a track's place by taste, half the confidence in the genre.

    ids:        int64 (n,) ascending, the library's tracks
    confidence: float32 (n,) in 0..1
    tagged:     bool (n,): the genre is in the track's tags
    """

    def __init__(self, taste: Fitted, genre: str, ids: np.ndarray, confidence: np.ndarray, tagged: np.ndarray) -> None:
        self._taste, self._genre, self._ids, self._confidence, self._tagged = taste, genre, ids, confidence, tagged
        self._last: tuple[Listener, np.ndarray] | None = None

    def _places(self, listener: Listener) -> np.ndarray:
        """float64 (n,): place by taste, 1 at the best."""
        from scipy.stats import rankdata

        if self._last is None or self._last[0] is not listener:
            scores = self._taste.score(listener, self._ids)
            self._last = (listener, np.asarray(rankdata(scores) / max(1, len(scores))))
        return self._last[1]

    def _rows(self, items: ItemIds) -> np.ndarray:
        return places(self._ids, items)

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        rows = self._rows(np.asarray(items, np.int64))
        both = (self._places(listener) + self._confidence) / 2
        return np.where(rows >= 0, both[rows], 0.0).astype(np.float32)

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        row = int(self._rows(np.array([item], np.int64))[0])
        if row < 0:
            return []
        place, sure = float(self._places(listener)[row]), float(self._confidence[row])
        known = f"{self._genre}, as tagged" if self._tagged[row] else f"sounds like {self._genre}, {sure:.0%} sure"
        inner = self._taste.explain(listener, item)
        share = sure / max(place + sure, 1e-12) if inner else 1.0
        return [
            Reason(known, share),
            *(Reason(each.text, each.share * (1 - share), each.track) for each in inner),
        ]

    def save(self, folder: Path) -> None:
        """It is made anew from the models that it stands on."""
        self._taste.save(folder)
