"""Latent factors with a prior from what is heard: the closed forms of Liang, Zhan, Ellis 2015, section 3.

Minimised is, over listeners' vectors theta, songs' vectors beta and the map W,

    sum over pairs of c (p - theta'beta)^2 + lambda sum |theta|^2
        + lambda_beta sum |beta - W'h|^2 + lambda_w |W|^2,

h being a song's hidden layer and a constant, whose row of W is not regularised. Each of the three is least squares
when the others stand. Songs that nobody played take no part: nothing is known of them but h, and beta is W'h.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.factors import solvable

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEAST_SONGS = 10  # that must be heard for W to be learned
CONTROLS = 19  # a map that beats so many permuted ones does so by chance in 20
BLOCK_BYTES = 1 << 24  # of the largest array that is held for a block of songs


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard in some songs.

    songs:  int64 (n,), the columns of the plays that they are, ascending
    hidden: float32 (n, d)
    """

    songs: np.ndarray
    hidden: np.ndarray

    @cached_property
    def design(self) -> np.ndarray:
        """H: float32 (n, d + 1), the constant last."""
        return np.column_stack([self.hidden, np.ones(len(self.hidden), np.float32)]).astype(np.float32)


@dataclass(frozen=True)
class Strengths:
    """regularization: lambda; item_prior: lambda_beta; map_prior: lambda_w; all > 0"""

    regularization: float
    item_prior: float
    map_prior: float


class Map:
    """W for songs whose beta is learned: the Cholesky factor of H'H + lambda_w / lambda_beta I is kept.

    design: H float32 (n, d + 1); strength: lambda_w / lambda_beta, > 0
    """

    def __init__(self, design: np.ndarray, strength: float) -> None:
        from scipy.linalg import cho_factor

        self._design = design.astype(np.float64)
        penalty = np.full(design.shape[1], strength)
        penalty[-1] = 1e-9 * max(1, len(design))  # the constant is not regularised
        self._factor = cho_factor(self._design.T @ self._design + np.diag(penalty))

    def of(self, beta: np.ndarray) -> np.ndarray:
        """float64 (d + 1, f): argmin over W of sum |beta - W'h|^2 + strength |W|^2; beta float (n, f)"""
        from scipy.linalg import cho_solve

        found: np.ndarray = cho_solve(self._factor, self._design.T @ beta)
        return found


def songs_of(confidence: csr_matrix, theta: np.ndarray, strength: float, prior: np.ndarray | None = None) -> np.ndarray:
    """Songs' vectors, float32 (songs, f): the closed form

        beta = (theta'C theta + lambda_beta I)^-1 (theta'C p + lambda_beta prior).

    confidence: CSR (songs, listeners), c where p = 1; elsewhere p = 0 and c = 1, which G = theta'theta knows
    theta:      float32 (listeners, f); strength: lambda_beta > 0; prior: float (songs, f), zeros unless given

    Songs with about equally many plays go through BLAS and LAPACK together.
    """
    width = theta.shape[1]
    gram = (theta.T.astype(np.float64) @ theta + strength * np.eye(width)).astype(np.float32)
    found = np.empty((confidence.shape[0], width), np.float32)
    for rows, places, inside in _blocks(confidence.indptr, width):
        c = np.where(inside, confidence.data[places], 0.0).astype(np.float32)
        y = theta[confidence.indices[places]]
        extra = np.where(inside, c - 1.0, 0.0).astype(np.float32)
        normal = gram + np.matmul((y * extra[:, :, None]).transpose(0, 2, 1), y)
        target = np.matmul(c[:, None, :], y)[:, 0]
        if prior is not None:
            target = target + np.float32(strength) * prior[rows].astype(np.float32)
        found[rows] = np.linalg.solve(normal, target[:, :, None])[:, :, 0]
    return found


def _blocks(indptr: np.ndarray, width: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(rows int64 (b,), places int64 (b, l) of their entries, inside bool (b, l)); rows of like length together."""
    size = np.diff(indptr)
    order = np.argsort(size, kind="stable")
    start = 0
    while start < len(order):
        least = int(size[order[start]])
        end = min(len(order), start + max(1, BLOCK_BYTES // (4 * width * max(width, least))))
        end = int(np.searchsorted(size[order[:end]], max(16, 2 * least), "right"))
        rows = order[start : max(end, start + 1)]
        most = max(1, int(size[rows[-1]]))
        inside = np.arange(most) < size[rows][:, None]
        yield rows, np.where(inside, indptr[rows][:, None] + np.arange(most), 0).astype(np.int64), inside
        start += len(rows)


def objective(
    confidence: csr_matrix,
    theta: np.ndarray,
    beta: np.ndarray,
    regularization: float,
    strength: float,
    prior: np.ndarray,
) -> float:
    """What is minimised, without |W|^2, over all pairs. confidence: CSR (songs, listeners)"""
    songs = np.repeat(np.arange(len(beta)), np.diff(confidence.indptr))
    total = float(np.sum((theta.T.astype(np.float64) @ theta) * (beta.T.astype(np.float64) @ beta)))
    step = 1 << 20
    for at in range(0, len(songs), step):
        part = slice(at, at + step)
        x = np.einsum("nf,nf->n", beta[songs[part]], theta[confidence.indices[part]], dtype=np.float64)
        total += float(np.sum(confidence.data[part] * (1.0 - x) ** 2 - x**2))
    gap = beta.astype(np.float64) - prior
    return total + regularization * float(np.sum(theta.astype(np.float64) ** 2)) + strength * float(np.sum(gap**2))


def believed(design: np.ndarray, beta: np.ndarray, strength: float, seed: int) -> float:
    """Share of the factors' variance that W'h tells of songs it has not seen, 0..1; 0 when permuted factors do as well.

    design: H float32 (n, d + 1); beta: float32 (n, f)
    """
    if len(design) < LEAST_SONGS:
        return 0.0
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(design))
    test, rest = np.split(order, [max(2, len(order) // 5)])
    learned = Map(design[rest], strength)

    def share(target: np.ndarray) -> float:
        missed = np.sum((target[test] - design[test] @ learned.of(target[rest])) ** 2)
        return float(1.0 - missed / np.sum((target[test] - target[rest].mean(0)) ** 2))

    r2 = share(beta)
    chance = max(share(beta[rng.permutation(len(beta))]) for _ in range(CONTROLS))
    return min(1.0, r2) if r2 > max(chance, 0.0) else 0.0


def factorize(
    confidence: csr_matrix,
    heard: Heard,
    factors: int,
    iterations: int,
    strengths: Strengths,
    seed: int,
    monitor: Monitor,
    scratch: Path | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(beta float32 (songs, f), W float64 (d + 1, f)): theta, beta and W in turn.

    confidence: CSR (listeners, songs)
    scratch:    a folder for checkpoints; what was cut off goes on from the last one
    raises:     Unusable when the loss is no longer a number, Cancelled
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # implicit has threads of its own; more of both is slower
        work = _Factorization(confidence, heard, strengths)
        store = work.store(scratch, factors, seed)
        beta, weights, losses = work.restored(store, factors, seed)
        for turn in range(len(losses), iterations):
            monitor.check()
            beta, loss = work.turn(beta, weights)
            if not np.isfinite(loss):
                raise Unusable(
                    f"Training stopped in iteration {turn + 1}: the loss is no longer a number. "
                    "Raise regularization or item_prior; the model in use stays as it is."
                )
            weights = work.map.of(beta[heard.songs[work.learned]])
            losses.append(loss)
            monitor.figure("loss of factors", turn + 1, loss)
            monitor.report(turn + 1, iterations, "Learning what goes together and how it sounds")
            work.keep(store, beta, weights, losses)
        prior = work.prior(weights, beta.shape)
        beta[~work.played] = prior[~work.played]
        return beta, weights


class _Factorization:
    """beta and W are all that the next turn needs: they are the checkpoint."""

    def __init__(self, confidence: csr_matrix, heard: Heard, strengths: Strengths) -> None:
        self.by_listener, self.by_song = confidence, confidence.T.tocsr()
        self.played = np.diff(self.by_song.indptr) > 0
        self.heard, self.strengths = heard, strengths
        self.learned = self.played[heard.songs]  # songs that W is learned from
        self.map = Map(heard.design[self.learned], strengths.map_prior / strengths.item_prior)

    def turn(self, beta: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
        """New beta, and what is minimised (|W|^2 left out), per song."""
        theta = self.listeners(beta)
        prior = self.prior(weights, beta.shape)
        given = self.strengths
        beta = songs_of(self.by_song, theta, given.item_prior, prior)
        beta[~self.played] = 0.0
        prior[~self.played] = 0.0
        loss = objective(self.by_song, theta, beta, given.regularization, given.item_prior, prior) / max(1, len(beta))
        return beta, loss

    def listeners(self, beta: np.ndarray) -> np.ndarray:
        """theta float32 (listeners, f), by implicit's solver; songs without plays take no part."""
        from implicit.cpu.als import AlternatingLeastSquares

        solver = AlternatingLeastSquares(beta.shape[1], regularization=self.strengths.regularization)
        solver.item_factors = np.where(self.played[:, None], beta, np.float32(0))
        with solvable():
            found: np.ndarray = solver.recalculate_user(np.arange(self.by_listener.shape[0]), self.by_listener)
        return found

    def prior(self, weights: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """float32 (songs, f): W'h where something is heard, else 0."""
        prior = np.zeros(shape, np.float32)
        prior[self.heard.songs] = self.heard.design @ weights.astype(np.float32)
        return prior

    def store(self, scratch: Path | None, factors: int, seed: int) -> Any:
        from musicdesk.learning.checkpoint import Checkpoints

        belongs = {"seed": seed, "factors": factors, **asdict(self.strengths)}
        return Checkpoints(scratch / "factors", belongs) if scratch else None

    def restored(self, store: Any, factors: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[float]]:
        if store and (found := store.newest()):
            return found.tensors["beta"].numpy(), found.tensors["weights"].numpy(), list(found.losses)
        beta = np.random.default_rng(seed).normal(0, 0.01, (self.by_song.shape[0], factors)).astype(np.float32)
        return beta, np.zeros((self.heard.design.shape[1], factors)), []

    @staticmethod
    def keep(store: Any, beta: np.ndarray, weights: np.ndarray, losses: list[float]) -> None:
        if store:
            import torch

            from musicdesk.learning.checkpoint import Checkpoint

            tensors = {"beta": torch.from_numpy(beta.copy()), "weights": torch.from_numpy(weights.copy())}
            store.write(Checkpoint(tensors, losses))
