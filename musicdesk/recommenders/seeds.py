"""The tracks a listener's taste is read from: likes, plays as weak likes, dislikes; many are grouped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.core.weights import arrays

MOST_SEEDS = 2_000  # the weightiest are used; more would change nothing that can be heard


@dataclass(frozen=True, eq=False)
class Seeds:
    """rows:    int64 (m,), rows of the vectors
    weights: float32 (m,), above 0
    """

    rows: np.ndarray
    weights: np.ndarray

    def same_as(self, other: Seeds) -> bool:
        return np.array_equal(self.rows, other.rows) and np.array_equal(self.weights, other.weights)


@dataclass(frozen=True, eq=False)
class Groups:
    """Seeds that stand for one direction.

    centres: float32 (g, dim), unit
    weights: float32 (g,), sqrt(sum w * max w) over the members: a small taste beside a big one stays audible
    members: int64 arrays of vector rows, the weightiest first
    """

    centres: np.ndarray
    weights: np.ndarray
    members: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Played:
    """rows: int64 (m,), ascending, of tracks in `heard` that have a vector; weights: float64 (m,), of ten plays 1"""

    heard: Mapping[TrackId, float]
    rows: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, heard: Mapping[TrackId, float], vectors: Vectors) -> Played:
        rows, counts = _rows(heard, vectors)
        return cls(heard, rows, np.minimum(1.0, np.log1p(counts) / math.log(11)))


def liked(listener: Listener, vectors: Vectors, play_weight: float, played: Played | None = None) -> Seeds:
    """Likes and plays. `play_weight` is what ten plays weigh beside one like; a play count works by its log.

    Where there are likes, all plays together weigh at most as much as all likes. In arrays: a long history
    has tens of thousands of played tracks, and a rating waits for this.
    played: of `listener.heard`, where the caller has kept it
    """
    plays = Played.of(listener.heard, vectors) if played is None else played
    like_rows, likes = _rows(listener.liked, vectors)
    total = np.zeros(len(vectors))
    total[plays.rows] = play_weight * plays.weights
    total[_rows(listener.disliked, vectors)[0]] = 0.0
    mass, limit = float(total.sum()), float(likes.sum())
    if len(likes) and mass > limit:
        total *= limit / mass
    total[like_rows] += likes
    return _seeds(total)


def disliked(listener: Listener, vectors: Vectors) -> Seeds:
    total = np.zeros(len(vectors))
    rows, weights = _rows(listener.disliked, vectors)
    total[rows] = weights
    return _seeds(total)


def _rows(weights: Mapping[TrackId, float], vectors: Vectors) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the vectors int64 (m,), ascending, and weights float64 (m,), of the tracks that weigh above 0."""
    ids, values = arrays(weights)
    if not len(vectors) or not len(ids):
        return np.empty(0, np.int64), np.empty(0)
    at = vectors.places.of(ids)
    known = (at >= 0) & (values > 0)
    at, values = at[known], values[known]
    if (at[1:] > at[:-1]).all():
        return at, values
    order = np.argsort(at, kind="stable")
    return at[order], values[order]


def _seeds(total: np.ndarray) -> Seeds:
    """The weightiest first, then by id; no more than are useful. `total` float64 (n,) over the vectors."""
    rows = np.flatnonzero(total > 0)
    if len(rows) > MOST_SEEDS:
        least = np.partition(total[rows], -MOST_SEEDS)[-MOST_SEEDS]
        above = rows[total[rows] > least]
        rows = np.concatenate([above, rows[total[rows] == least][: MOST_SEEDS - len(above)]])
    rows = rows[np.lexsort((rows, -total[rows]))]
    return Seeds(rows, total[rows].astype(np.float32))


def grouped(seeds: Seeds, matrix: np.ndarray, most: int, rounds: int = 8) -> Groups:
    """Each seed for itself, or, of more than `most`, groups by spherical k-means; the same every time.

    The first centres are spread out (farthest first), so that a small taste beside a big one keeps its own.
    """
    points = matrix[seeds.rows]
    if len(points) <= most:
        return Groups(points, seeds.weights, tuple(seeds.rows[i : i + 1] for i in range(len(points))))
    centres = points[_spread(points, most)]
    before = None
    for _ in range(rounds):
        nearest = np.argmax(points @ centres.T, axis=1)
        if before is not None and (nearest == before).all():
            break  # nothing would move any more
        before = nearest
        member = (nearest == np.arange(most)[:, None]).astype(np.float32)
        sums = (member * seeds.weights) @ points
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 1e-9, sums / np.maximum(norms, 1e-9), centres)
    nearest = np.argmax(points @ centres.T, axis=1)
    used = [g for g in range(most) if (nearest == g).any()]
    weights = [seeds.weights[nearest == g] for g in used]
    joined = np.array([np.sqrt(part.sum() * part.max()) for part in weights], np.float32)
    return Groups(centres[used], joined, tuple(seeds.rows[nearest == g] for g in used))


def _spread(points: np.ndarray, count: int) -> list[int]:
    chosen = [0]
    closest = points @ points[0]
    for _ in range(count - 1):
        chosen.append(int(np.argmin(closest)))
        closest = np.maximum(closest, points @ points[chosen[-1]])
    return chosen
