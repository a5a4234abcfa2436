"""The bridge from sound to taste: ridge regression from a track's embedding to its latent factor.

A song that nobody in the crowd has played has no factor; Liang, Zhan, Ellis 2015 give it W h, h being what is heard
in it, and van den Oord, Dieleman, Schrauwen 2013 learn such a map by regression. Here

    W, b = argmin sum w_i |y_i - W'h_i - b|^2 + lambda |W|^2,

in closed form, the constant not regularised. How far its answers can be trusted is its cross-validated R^2, beside
a control: the same regression, tuned the same way, from the embeddings of other tracks (permuted).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.core.progress import Monitor

FOLDS = 5
PERMUTATIONS = 19  # a bridge that is better than all of them is one by chance in 20
MOST_ROWS = 10_000  # cross-validated on so many; more would not change the second digit
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)  # lambda as multiples of the mean eigenvalue of H'H


@dataclass(frozen=True, eq=False)
class Bridge:
    """weights: float64 (d, f); constant: float64 (f,)

    r2:      cross-validated share of the factors' variance that is explained, at most 1
    control: the highest r2 of regressions on permuted embeddings
    tracks:  how many it was learned from
    """

    weights: np.ndarray
    constant: np.ndarray
    r2: float
    control: float
    tracks: int

    @property
    def holds(self) -> bool:
        """Whether sound tells more of taste here than chance would."""
        return self.r2 > max(self.control, 0.0)

    @property
    def trust(self) -> float:
        """How far a predicted factor is believed beside a learned one, 0..1."""
        return min(1.0, self.r2) if self.holds else 0.0

    def predict(self, embeddings: np.ndarray) -> np.ndarray:
        """float32 (n, f) for embeddings (n, d)."""
        found: np.ndarray = embeddings @ self.weights.astype(np.float32) + self.constant.astype(np.float32)
        return found


def ridge(x: np.ndarray, y: np.ndarray, strength: float, weights: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """W float64 (d, f) and b float64 (f,) of the equation above, `strength` being lambda.

    x: float (n, d); y: float (n, f); weights: float (n,) > 0, ones unless given
    """
    w = np.ones(len(x)) if weights is None else weights.astype(np.float64)
    middle, target = np.average(x, 0, w).astype(np.float64), np.average(y, 0, w).astype(np.float64)
    h = x - middle
    gram = h.T @ (w[:, None] * h) + strength * np.eye(h.shape[1])
    found = np.linalg.solve(gram, h.T @ (w[:, None] * (y - target)))
    return found, target - middle @ found


def built(
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    monitor: Monitor,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Bridge:
    """The bridge with the lambda that cross-validates best, and its control. Deterministic by `seed`.

    x:       float (n, d) embeddings of tracks whose factors y (n, f) are known, n >= 2
    weights: float (n,) > 0, how sure each factor is (n / (n + 20) for n listeners, say)
    groups:  int64 (n,): rows of one group (an artist) are never on both sides of a split
    """
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(x))[:MOST_ROWS]
    h, z = x[rows].astype(np.float64), y[rows].astype(np.float64)
    w = np.ones(len(rows)) if weights is None else weights[rows].astype(np.float64)
    folds = split(len(rows) if groups is None else groups[rows], rng)
    scores = cross_validated(h, z, w, folds)
    best = int(np.argmax(scores))
    chance = []
    for turn in range(PERMUTATIONS):
        monitor.check()
        monitor.report(turn, PERMUTATIONS, "Asking whether sound tells taste here")
        chance.append(cross_validated(h[rng.permutation(len(h))], z, w, folds).max())
    found, constant = ridge(x, y, _scale(x, weights) * STRENGTHS[best], weights)
    return Bridge(found, constant, float(scores[best]), float(max(chance)), len(x))


def split(groups: np.ndarray | int, rng: np.random.Generator) -> np.ndarray:
    """int64 (n,): a fold for each row, whole groups in one; for a number, of so many rows each for itself."""
    names, at = np.unique(np.arange(groups) if isinstance(groups, int) else groups, return_inverse=True)
    folds: np.ndarray = rng.permutation(np.arange(len(names)) % FOLDS)[at]
    return folds


def cross_validated(x: np.ndarray, y: np.ndarray, w: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """R^2 float64 (strengths,) = 1 - sum of squared errors / sum of squares around the training mean, over all folds.

    Everything follows from the folds' moments: in the eigenbasis Q of the training Gram, W = Q D Q'B with diagonal
    D = 1 / (eigenvalue + lambda), and the error on the rest is tr(Y'Y) - 2 tr(W'X'Y) + tr(W'X'XW). No prediction
    is made, so that a permuted control costs one pass over the rows.
    """
    x, y = x - np.average(x, 0, w), y - np.average(y, 0, w)
    parts = [_Moments.of(x[folds == k], y[folds == k], w[folds == k]) for k in np.unique(folds)]
    if len(parts) < 2:
        return np.zeros(len(STRENGTHS))
    whole = _Moments.of(x, y, w)
    errors, total = np.zeros(len(STRENGTHS)), 0.0
    for part in parts:
        train = whole.without(part)
        middle, target = train.x / train.weight, train.y / train.weight
        train, test = train.around(middle, target), part.around(middle, target)
        values, basis = np.linalg.eigh(train.xx)
        coefficients = basis.T @ train.xy
        linear = (coefficients * (basis.T @ test.xy)).sum(1)
        quadratic = (basis.T @ test.xx @ basis) * (coefficients @ coefficients.T)
        for i, strength in enumerate(STRENGTHS):
            shrink = 1.0 / (np.maximum(values, 0.0) + strength * max(float(values.mean()), 1e-12))
            errors[i] += test.yy - 2 * shrink @ linear + shrink @ quadratic @ shrink
        total += test.yy
    found: np.ndarray = 1.0 - errors / max(total, 1e-12)
    return found


@dataclass(frozen=True, eq=False)
class _Moments:
    """Weighed sums over rows: of 1, x, y, xx', xy', y'y."""

    weight: float
    x: np.ndarray
    y: np.ndarray
    xx: np.ndarray
    xy: np.ndarray
    yy: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> _Moments:
        heavy = w[:, None] * x
        return cls(float(w.sum()), heavy.sum(0), w @ y, heavy.T @ x, heavy.T @ y, float(w @ (y * y).sum(1)))

    def without(self, other: _Moments) -> _Moments:
        return _Moments(
            self.weight - other.weight,
            self.x - other.x,
            self.y - other.y,
            self.xx - other.xx,
            self.xy - other.xy,
            self.yy - other.yy,
        )

    def around(self, a: np.ndarray, b: np.ndarray) -> _Moments:
        """The same, of x - a and y - b."""
        xx = self.xx - np.outer(self.x, a) - np.outer(a, self.x) + self.weight * np.outer(a, a)
        xy = self.xy - np.outer(self.x, b) - np.outer(a, self.y) + self.weight * np.outer(a, b)
        yy = self.yy - 2 * float(self.y @ b) + self.weight * float(b @ b)
        return _Moments(self.weight, self.x - self.weight * a, self.y - self.weight * b, xx, xy, yy)


def _scale(x: np.ndarray, weights: np.ndarray | None) -> float:
    """Mean eigenvalue of the weighed, centred H'H."""
    w = np.ones(len(x)) if weights is None else weights.astype(np.float64)
    h = x - np.average(x, 0, w)
    return max(float((w @ (h * h)).mean()), 1e-12)
