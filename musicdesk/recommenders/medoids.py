"""k-medoids: the few tracks that best stand for all of a library, each a real one.

Greedy start (BUILD of Kaufman and Rousseeuw 1990: always the track that brings the most others closer), then
alternating (Park and Jun 2009): each cluster's most central track becomes its medoid until nothing changes.
Distance is 1 - cosine. The same vectors give the same medoids.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDS = 50


@dataclass(frozen=True, eq=False)
class Medoids:
    """rows: int64 (k,), the biggest cluster first; members: for each the rows of its cluster, nearest first;
    cost: the mean distance from a track to its medoid."""

    rows: np.ndarray
    members: tuple[np.ndarray, ...]
    cost: float


def medoids(matrix: np.ndarray, k: int) -> Medoids:
    """`matrix` float32 (n, dim), unit rows; n up to a few thousand, for n x n distances are held. 1 <= k."""
    if not len(matrix):
        return Medoids(np.empty(0, np.int64), (), 0.0)
    distance = np.maximum(1.0 - matrix @ matrix.T, 0.0)
    np.fill_diagonal(distance, 0.0)
    rows = _greedy(distance, min(k, len(matrix)))
    for _ in range(ROUNDS):
        nearest = _nearest(distance, rows)
        better = np.array([_middle(distance, np.flatnonzero(nearest == at)) for at in range(len(rows))])
        if np.array_equal(better, rows):
            break
        rows = better
    nearest = _nearest(distance, rows)
    members = [np.flatnonzero(nearest == at) for at in range(len(rows))]
    order = sorted(range(len(rows)), key=lambda at: (-len(members[at]), rows[at]))
    ranked = tuple(members[at][np.argsort(distance[rows[at], members[at]], kind="stable")] for at in order)
    return Medoids(rows[order], ranked, float(distance[:, rows].min(axis=1).mean()))


def _greedy(distance: np.ndarray, k: int) -> np.ndarray:
    rows = [int(np.argmin(distance.sum(axis=1)))]
    closest = distance[rows[0]].copy()
    while len(rows) < k:
        gain = np.maximum(closest[None, :] - distance, 0.0).sum(axis=1)
        gain[rows] = -1.0
        rows.append(int(np.argmax(gain)))
        closest = np.minimum(closest, distance[rows[-1]])
    return np.array(rows, np.int64)


def _nearest(distance: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which medoid each row belongs to; a medoid to itself, also where another track is the same."""
    nearest: np.ndarray = np.argmin(distance[:, rows], axis=1)
    nearest[rows] = np.arange(len(rows))
    return nearest


def _middle(distance: np.ndarray, members: np.ndarray) -> int:
    return int(members[np.argmin(distance[np.ix_(members, members)].sum(axis=1))])
