"""Weighted matrix factorization of what many people play (Hu, Koren, Volinsky 2008), by `implicit`'s ALS.

Preference p = 1 where somebody has played a song, else 0; confidence c = 1 + alpha log(1 + r / eps) for r plays.
Wanted are the vectors that minimise

    sum over all pairs of c (p - x'y)^2 + lambda (sum |x|^2 + sum |y|^2).

Every pair counts, also those without a play; that they need not be visited one by one is the paper's trick.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.base import NO_CROWD, TrainingData
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.factors import FactorFitted, Factors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "wmf"
LEAST_SONGS, LEAST_LISTENERS = 2, 2


@dataclass(frozen=True)
class Wmf:
    """factors: length of the vectors; regularization: lambda; alpha, eps: see `Confidence`; iterations of ALS"""

    factors: int = 512
    regularization: float = 10.0
    alpha: float = 10.0
    eps: float = 1.0
    iterations: int = 15

    @property
    def name(self) -> str:
        return NAME

    @property
    def title(self) -> str:
        return "What people with your taste play"

    @property
    def needs_crowd(self) -> bool:
        return True

    @property
    def confidence(self) -> Confidence:
        return Confidence(self.alpha, self.eps)

    def parameters(self) -> dict[str, Any]:
        return asdict(self)

    def why_not(self, data: TrainingData) -> str | None:
        if data.crowd is None:
            return NO_CROWD
        if data.crowd.songs < LEAST_SONGS:
            return "The crowd has too few songs to learn from."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> FactorFitted:
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        songs = self.factorize(data.crowd.plays, seed, monitor)
        return self.fitted(Factors.of_songs(songs, data.crowd), data)

    def fitted(self, factors: Factors, data: TrainingData) -> FactorFitted:
        return FactorFitted(NAME, self.parameters(), factors, self.confidence, self.regularization, data)

    def factorize(self, plays: csr_matrix, seed: int, monitor: Monitor) -> np.ndarray:
        """The songs' vectors, float32 (songs, factors), from play counts (listeners, songs)."""
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread to watch a bar that nobody sees

        def told(iteration: int, _seconds: float, _loss: float | None) -> None:
            monitor.check()
            monitor.report(iteration + 1, self.iterations, "Learning what goes together")

        model = AlternatingLeastSquares(
            self.factors,
            regularization=self.regularization,
            iterations=self.iterations,
            random_state=int(seed),
        )
        with threadpool_limits(1, "blas"):  # implicit has threads of its own; more of both is slower
            model.fit(self.confidence.matrix(plays), show_progress=False, callback=told)
        songs: np.ndarray = model.item_factors
        return songs

    def load(self, folder: Path, data: TrainingData) -> FactorFitted:
        return FactorFitted.load(NAME, folder, data)
