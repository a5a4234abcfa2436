"""Weighted matrix factorization of what many people play (Hu, Koren, Volinsky 2008), by `implicit`'s ALS.

Preference p = 1 where somebody has played a song, else 0; confidence c = 1 + alpha log(1 + r / eps) for r plays.
Wanted are the vectors that minimise

    sum over all pairs of c (p - x'y)^2 + lambda (sum |x|^2 + sum |y|^2).

Every pair counts, also those without a play; that they need not be visited one by one is the paper's trick.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.base import NO_CROWD, Model, TrainingData
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.halfway import Kept

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "wmf"
LEAST_SONGS, LEAST_LISTENERS = 2, 2


@dataclass(frozen=True)
class Wmf(Model):
    """factors: length of the vectors; regularization: lambda; alpha, eps: see `Confidence`; iterations of ALS"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "What people with your taste play"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = ("factors", "regularization", "eps", "iterations")

    factors: int = 512
    regularization: float = 30.0
    alpha: float = 100.0
    eps: float = 1.0
    iterations: int = 15

    @property
    def confidence(self) -> Confidence:
        return Confidence(self.alpha, self.eps)

    def why_not(self, data: TrainingData) -> str | None:
        if data.crowd is None:
            return NO_CROWD
        if data.crowd.songs < LEAST_SONGS:
            return "The crowd has too few songs to learn from."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> FactorFitted:
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        songs = self.factorize(data.crowd.plays, seed, monitor, data.scratch)
        return self.fitted(Factors.of_songs(songs, data.crowd), data)

    def fitted(self, factors: Factors, data: TrainingData) -> FactorFitted:
        return FactorFitted(NAME, self.parameters(), factors, self.confidence, self.regularization, data)

    def factorize(self, plays: csr_matrix, seed: int, monitor: Monitor, scratch: Path | None = None) -> np.ndarray:
        """The songs' vectors, float32 (songs, factors), from play counts (listeners, songs).

        scratch: where the vectors are kept from time to time; a training that was killed goes on from there, and
                 ends with the same vectors to the last bit
        """
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread to watch a bar that nobody sees

        sample = _sample(plays, seed)
        with threadpool_limits(1, "blas"):  # implicit has threads of its own; more of both is slower
            model = AlternatingLeastSquares(
                self.factors, regularization=self.regularization, iterations=self.iterations, random_state=int(seed)
            )
            kept = Kept(scratch, {**self.parameters(), "seed": int(seed), "shape": list(plays.shape)})
            done = kept.take_up(model)
            model.iterations = self.iterations - done

            def told(iteration: int, _seconds: float, _loss: float | None) -> None:
                at = done + iteration + 1
                monitor.figure("distance from plays", at, _distance(model, sample))
                monitor.report(at, self.iterations, "Learning what goes together")
                kept.keep(model, at)
                monitor.check()

            if model.iterations > 0:
                model.fit(self.confidence.matrix(plays), show_progress=False, callback=told)
        songs: np.ndarray = model.item_factors
        return songs

    def load(self, folder: Path, data: TrainingData) -> FactorFitted:
        return FactorFitted.load(NAME, folder, data)


def _sample(plays: csr_matrix, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Some pairs (listeners, songs) by which the way of the learning is told."""
    chosen = np.random.default_rng(seed).integers(0, max(plays.nnz, 1), 2_000 if plays.nnz else 0)
    return np.searchsorted(plays.indptr, chosen, "right") - 1, plays.indices[chosen]


def _distance(model: Any, sample: tuple[np.ndarray, np.ndarray]) -> float:
    """Mean of (1 - x'y)^2 over the sample of what was played."""
    near = np.einsum("pf,pf->p", model.user_factors[sample[0]], model.item_factors[sample[1]])
    return float(np.mean((1.0 - near) ** 2)) if len(near) else 0.0
