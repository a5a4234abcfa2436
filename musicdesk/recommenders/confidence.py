"""How sure a number of plays makes us that somebody likes a song (Hu, Koren, Volinsky 2008, equation 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import Listener, TrackId

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LIKE_PLAYS = 10.0  # a like says as much as so many plays


@dataclass(frozen=True)
class Confidence:
    """c = 1 + alpha log(1 + r / eps) for r plays, 1 where there are none."""

    alpha: float
    eps: float

    def of(self, plays: np.ndarray) -> np.ndarray:
        """float32, the shape of `plays`, which are >= 0."""
        found: np.ndarray = (1.0 + self.alpha * np.log1p(plays / self.eps)).astype(np.float32)
        return found

    def matrix(self, plays: csr_matrix) -> csr_matrix:
        """Confidences for plays, float32 with the same places; pairs without a play are dropped."""
        found = plays.astype(np.float32)
        found.eliminate_zeros()
        found.data = self.of(found.data)
        return found

    def of_listener(self, listener: Listener) -> dict[int, float]:
        """Signed confidence by track: negative where the listener dislikes it (preference 0, and sure of it)."""
        plays: dict[int, float] = {int(track): float(count) for track, count in listener.heard.items() if count > 0}
        for track, weight in _above(listener.liked):
            plays[track] = plays.get(track, 0.0) + LIKE_PLAYS * weight
        found = dict(zip(plays, self.of(np.array(list(plays.values()))).tolist(), strict=True)) if plays else {}
        for track, weight in _above(listener.disliked):
            found[track] = -float(self.of(np.array([LIKE_PLAYS * weight]))[0])
        return found


def _above(weights: Mapping[TrackId, float]) -> list[tuple[int, float]]:
    return [(int(track), weight) for track, weight in weights.items() if weight > 0]
