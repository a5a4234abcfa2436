"""Hubs: tracks that are near to nearly everything, and so come up in every list. How skewed a space is, and the cure.

Hubness is told by the skewness of N_k, how often each track is among the k nearest of another (Radovanović et al.
2010). Hubs lie near the middle of the space, so taking the mean off takes most of it away (Suzuki et al. 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAREST = 10
SAMPLE = 2_000  # tracks among which neighbours are counted: skewness needs no more
SKEWED = 1.0  # from this skewness of N_k on, likeness is told from the middle of the space


@dataclass(frozen=True, eq=False)
class Space:
    """vectors: float32 (n, dim), unit rows, to measure likeness in; skew, skew_after: of N_k in the vectors as they
    were and as they are now"""

    vectors: np.ndarray
    skew: float
    skew_after: float

    @property
    def corrected(self) -> bool:
        return self.skew_after != self.skew


def hubness(vectors: np.ndarray, seed: int = 0, nearest: int = NEAREST) -> float:
    """Skewness of how often each of a sample's tracks is among the nearest of the others; 0 where there are too few.

    vectors: float32 (n, dim), unit rows
    """
    if len(vectors) <= 2 * nearest:
        return 0.0
    rows = np.arange(len(vectors))
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(len(rows), SAMPLE, replace=False))
    alike = vectors[rows] @ vectors[rows].T
    np.fill_diagonal(alike, -np.inf)
    near = np.argpartition(-alike, nearest, axis=1)[:, :nearest]
    counts = np.bincount(near.ravel(), minlength=len(rows)).astype(np.float64)
    spread = counts.std()
    return float(((counts - counts.mean()) ** 3).mean() / spread**3) if spread > 0 else 0.0


def without_hubs(vectors: np.ndarray, seed: int = 0) -> Space:
    """The space in which likeness is told: as it is, or from its middle where that is less skewed."""
    skew = hubness(vectors, seed)
    if skew < SKEWED:
        return Space(vectors, skew, skew)
    moved = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6)
    moved = (moved / length).astype(np.float32)
    after = hubness(moved, seed)
    return Space(moved, skew, after) if after < skew else Space(vectors, skew, skew)
