"""How well vectors find what belongs together: the figures on an encoder's card."""

from __future__ import annotations

import numpy as np


def mean_average_precision(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Mean of `average_precisions` over the queries that count, 0..1; nan when there is none."""
    return _mean(average_precisions(vectors, labels))


def average_precisions(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The average precision with which each track finds those of its own label among all others.

    vectors: float (n, dim), rows of norm 1; labels: int (n,), -1 for none (never relevant, never a query)
    returns: float64 (n,), 0..1; nan where nobody shares the label
    """
    order = _ranked(vectors)
    relevant = (labels[order] == labels[:, None]) & (labels[:, None] >= 0)
    hits = relevant.sum(axis=1)
    precision = np.cumsum(relevant, axis=1) / np.arange(1, relevant.shape[1] + 1)
    average: np.ndarray = np.where(hits, (precision * relevant).sum(axis=1) / np.maximum(hits, 1), np.nan)
    return average


def recall_at(vectors: np.ndarray, labels: np.ndarray, k: int) -> float:
    """Mean share of a query's own label among all others that stands in its `k` nearest, 0..1; at most k can be found.

    vectors: float (n, dim), rows of norm 1; labels: int (n,), -1 for none; nan when nobody shares a label
    """
    order = _ranked(vectors)
    relevant = (labels[order] == labels[:, None]) & (labels[:, None] >= 0)
    most = np.minimum(relevant.sum(axis=1), k)
    return _mean(np.where(most, relevant[:, :k].sum(axis=1) / np.maximum(most, 1), np.nan))


def neighbour_accuracy(
    vectors: np.ndarray, labels: np.ndarray, barred: np.ndarray, k: int = 5, queries: np.ndarray | None = None
) -> float:
    """Share of the labelled queries whose label wins among their `k` nearest labelled others, 0..1.

    barred: int (n,), tracks of the same group (source, artist) may not vote: they share more than style
    queries: bool (n,), who is asked (default: all); all may vote
    A tie goes to the label of the nearest of the tied. nan when nobody can be asked.
    """
    known = np.flatnonzero(labels >= 0)
    asked = np.flatnonzero((labels >= 0) & (True if queries is None else queries))
    similarity = vectors[asked] @ vectors[known].T
    similarity[barred[asked][:, None] == barred[known][None, :]] = -np.inf
    right = []
    for row, own in zip(similarity, labels[asked], strict=True):
        nearest = [at for at in np.argsort(-row, kind="stable")[:k] if np.isfinite(row[at])]
        if nearest:
            votes = labels[known][nearest]
            counts = np.bincount(votes)
            right.append(next(label for label in votes if counts[label] == counts.max()) == own)
    return _mean(np.array(right, dtype=float))


def interval(values: np.ndarray, seed: int = 0, rounds: int = 2_000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean of `values`; nan are left out."""
    kept = values[~np.isnan(values)]
    chosen = np.random.default_rng(seed).integers(len(kept), size=(rounds, len(kept)))
    low, high = np.quantile(kept[chosen].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def half_recall(first: np.ndarray, second: np.ndarray) -> float:
    """Share of tracks whose first half is nearest to their own second half, 0..1; both (n, dim) unit."""
    return float(np.mean((first @ second.T).argmax(axis=1) == np.arange(len(first))))


def _ranked(vectors: np.ndarray) -> np.ndarray:
    """int (n, n - 1): for every row the other rows, most similar first."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :-1]


def _mean(values: np.ndarray) -> float:
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if len(kept) else float("nan")
