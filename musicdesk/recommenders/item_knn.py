"""Songs played together: neighbours of songs by the listeners that they share (Sarwar et al. 2001; Deshpande and
Karypis 2004).

The link from song i to song j is

    b_ij = n_i^-a n_j^-b  sum over their common listeners u of  n_u^-2h,

n_i and n_j the listeners of the songs, n_u the songs of the listener. a = b = 1/2, h = 0 is the cosine. That a is
more than b asks first what the played song says, and lets popular songs keep some of what they have.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.base import NO_CROWD, Model, TrainingData
from musicdesk.recommenders.song_links import LinkFitted, as_matrix, companions, weighted

NAME = "item_knn"


@dataclass(frozen=True)
class ItemKnn(Model):
    """played, target: a and b above; heavy: h; neighbours: links that are kept to each song"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "Often played by the same people"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = ("neighbours",)

    neighbours: int = 500
    played: float = 0.4
    target: float = 0.2
    heavy: float = 0.25

    def why_not(self, data: TrainingData) -> str | None:
        return NO_CROWD if data.crowd is None else None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> LinkFitted:
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        rows = weighted(data.crowd.plays, self.heavy)
        known = np.maximum(np.bincount(rows.indices, minlength=rows.shape[1]), 1).astype(np.float32)
        parts = list(companions(rows, known**-self.played, self.neighbours, monitor))
        song, other, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
        links = as_matrix(song, other, weight * known[song] ** -self.target, rows.shape[1])
        return LinkFitted(NAME, self.parameters(), links, data)

    def load(self, folder: Path, data: TrainingData) -> LinkFitted:
        return LinkFitted.load(NAME, folder, data)
