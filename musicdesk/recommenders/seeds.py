"""The tracks a listener's taste is read from: likes, plays as weak likes, dislikes; many are grouped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from musicdesk.core.types import Listener, TrackId, Vectors

MOST_SEEDS = 2_000  # the weightiest are used; more would change nothing that can be heard


@dataclass(frozen=True, eq=False)
class Seeds:
    """rows:    int64 (m,), rows of the vectors
    weights: float32 (m,), above 0
    """

    rows: np.ndarray
    weights: np.ndarray


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


def liked(listener: Listener, vectors: Vectors, play_weight: float) -> Seeds:
    """Likes and plays. `play_weight` is what ten plays weigh beside one like; a play count works by its log.

    Where there are likes, all plays together weigh at most as much as all likes. In arrays: a long history
    has tens of thousands of played tracks, and a rating waits for this.
    """
    likes, like_weights = _positive(listener.liked)
    plays, counts = _positive(listener.heard)
    allowed = ~np.isin(plays, _positive(listener.disliked)[0])
    plays, play_weights = plays[allowed], play_weight * np.minimum(1.0, np.log1p(counts[allowed]) / math.log(11))
    mass, limit = float(play_weights.sum()), float(like_weights.sum())
    if len(likes) and mass > limit:
        play_weights *= limit / mass
    return _seeds(np.concatenate([likes, plays]), np.concatenate([like_weights, play_weights]), vectors)


def disliked(listener: Listener, vectors: Vectors) -> Seeds:
    return _seeds(*_positive(listener.disliked), vectors)


def _positive(weights: Mapping[TrackId, float]) -> tuple[np.ndarray, np.ndarray]:
    """Ids int64 (m,) and weights float64 (m,) of those above 0."""
    ids = np.fromiter(weights.keys(), np.int64, len(weights))
    values = np.fromiter(weights.values(), np.float64, len(weights))
    return ids[values > 0], values[values > 0]


def _seeds(ids: np.ndarray, weights: np.ndarray, vectors: Vectors) -> Seeds:
    """Weights of the same id are added; the weightiest first, then by id."""
    tracks, at = np.unique(ids, return_inverse=True)
    total = np.bincount(at, weights, len(tracks))
    tracks = tracks[np.lexsort((tracks, -total))]
    rows = vectors.rows_of(tracks)
    known = np.searchsorted(np.sort(tracks), vectors.ids[rows])
    strength = total[known].astype(np.float32)
    usable = strength > 0
    return Seeds(rows[usable][:MOST_SEEDS], strength[usable][:MOST_SEEDS])


def grouped(seeds: Seeds, matrix: np.ndarray, most: int, rounds: int = 8) -> Groups:
    """Each seed for itself, or, of more than `most`, groups by spherical k-means; the same every time.

    The first centres are spread out (farthest first), so that a small taste beside a big one keeps its own.
    """
    points = matrix[seeds.rows]
    if len(points) <= most:
        return Groups(points, seeds.weights, tuple(seeds.rows[i : i + 1] for i in range(len(points))))
    centres = points[_spread(points, most)]
    for _ in range(rounds):
        nearest = np.argmax(points @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points * seeds.weights[:, None])
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
