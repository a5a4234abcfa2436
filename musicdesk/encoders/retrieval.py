"""How well vectors find what belongs together: the figures on an encoder's card."""

from __future__ import annotations

import numpy as np


def mean_average_precision(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Mean over queries of the average precision with which each finds its own label, 0..1.

    vectors: float (n, dim), rows of norm 1; labels: int (n,), -1 for none (never relevant, never a query)
    A query is compared with all others; queries whose label nobody shares do not count. nan without any.
    """
    order = _ranked(vectors)
    relevant = (labels[order] == labels[:, None]) & (labels[:, None] >= 0)
    hits = relevant.sum(axis=1)
    places = np.arange(1, relevant.shape[1] + 1)
    precision = np.cumsum(relevant, axis=1) / places
    average = (precision * relevant).sum(axis=1) / np.maximum(hits, 1)
    return float(average[hits > 0].mean()) if hits.any() else float("nan")


def neighbour_accuracy(vectors: np.ndarray, labels: np.ndarray, barred: np.ndarray, k: int = 5) -> float:
    """Share of tracks whose label wins among their `k` nearest labelled others, 0..1.

    barred: int (n,), tracks of the same group (source, artist) may not vote: they share more than style
    A tie goes to the label of the nearest of the tied. nan when no track has a label.
    """
    known = np.flatnonzero(labels >= 0)
    similarity = vectors[known] @ vectors[known].T
    similarity[barred[known][:, None] == barred[known][None, :]] = -np.inf
    right = []
    for row, own in zip(similarity, labels[known], strict=True):
        nearest = [at for at in np.argsort(-row, kind="stable")[:k] if np.isfinite(row[at])]
        if nearest:
            votes = labels[known][nearest]
            counts = np.bincount(votes)
            right.append(next(label for label in votes if counts[label] == counts.max()) == own)
    return float(np.mean(right)) if right else float("nan")


def half_recall(first: np.ndarray, second: np.ndarray) -> float:
    """Share of tracks whose first half is nearest to their own second half, 0..1; both (n, dim) unit."""
    return float(np.mean((first @ second.T).argmax(axis=1) == np.arange(len(first))))


def _ranked(vectors: np.ndarray) -> np.ndarray:
    """int (n, n - 1): for every row the other rows, most similar first."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :-1]
