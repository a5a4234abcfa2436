"""EASE: links between songs that rebuild each song's plays from all others (Steck 2019).

With G = W'W of the listeners' weighted rows W and P = (G + lambda I)^-1, the links are B = -P / diag(P), its
diagonal 0 (equation 8): the ridge regression of every song on all others, at once.

A crowd of more than `exact` songs would need a matrix that no desk has room for. There each song is regressed on
the `neighbours` songs that are most played together with it, by the same closed form (fsSLIM of Ning and Karypis
2011, with Steck's penalty). With all songs as neighbours both are the same. Of crowds of more than `most` songs,
the most heard ones take part; the others have no links and score 0, below all that something speaks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.base import NO_CROWD, Model, TrainingData
from musicdesk.recommenders.song_links import LinkFitted, as_matrix, companions, weighted

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "ease"
KEPT = 500  # links that are kept of each song of the exact form, the strongest


@dataclass(frozen=True)
class Ease(Model):
    """regularization: lambda, above 0; heavy: weight n^-heavy for a listener of n songs; the others: see above"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "People who play this also play"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = ("regularization", "neighbours", "most")

    regularization: float = 20.0
    heavy: float = 0.25
    exact: int = 8_000
    neighbours: int = 100
    most: int = 60_000

    def why_not(self, data: TrainingData) -> str | None:
        return NO_CROWD if data.crowd is None else None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> LinkFitted:
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        rows = weighted(data.crowd.plays, self.heavy)
        songs = rows.shape[1]
        if songs <= self.exact:
            return LinkFitted(NAME, self.parameters(), self.closed_form(rows, monitor), data)
        heard = np.argsort(-np.bincount(rows.indices, minlength=songs), kind="stable")[: self.most]
        chosen = np.sort(heard)
        parts = list(self._regressed(rows[:, chosen].tocsr(), monitor))
        song, other, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
        links = as_matrix(chosen[song], chosen[other], weight, songs)
        return LinkFitted(NAME, self.parameters(), links, data)

    def closed_form(self, rows: csr_matrix, monitor: Monitor) -> csr_matrix:
        """B of all songs at once, CSR (songs, songs), the strongest of each column."""
        from scipy.linalg import lapack
        from scipy.sparse import csr_matrix

        monitor.report(0, 2, "Solving for all songs at once")
        gram = np.asfortranarray((rows.T @ rows).toarray(), np.float32)
        gram[np.diag_indices(len(gram))] += np.float32(self.regularization)
        factor, _ = lapack.spotrf(gram, lower=1, overwrite_a=1)
        monitor.check()
        inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        links = -inverse / np.diag(inverse)
        np.fill_diagonal(links, 0.0)
        if len(links) > KEPT:
            limit = np.partition(np.abs(links), -KEPT, axis=0)[-KEPT]
            links[np.abs(links) < limit] = 0.0
        return csr_matrix(links)

    def _regressed(self, rows: csr_matrix, monitor: Monitor) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """(song, other, weight) of every song's regression on its neighbours."""
        columns = rows.tocsc()
        eye = np.eye(self.neighbours, dtype=np.float32) * np.float32(self.regularization)
        plain = np.ones(rows.shape[1], np.float32)
        for song, other, together in companions(rows, plain, self.neighbours, monitor):
            weight = np.empty(len(song), np.float32)
            starts = np.flatnonzero(np.diff(song, prepend=-1))
            for begin, end in zip(starts, [*starts[1:], len(song)], strict=True):
                part = columns[:, other[begin:end]]
                gram = (part.T @ part).toarray() + eye[: end - begin, : end - begin]
                weight[begin:end] = np.linalg.solve(gram, together[begin:end])
            yield song, other, weight

    def load(self, folder: Path, data: TrainingData) -> LinkFitted:
        return LinkFitted.load(NAME, folder, data)
