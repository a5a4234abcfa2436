"""A way through sound: from one track to another, or through several, in steps that never turn back.

Between two unit vectors a and b a track lies at progress v'b - v'a, and as far from the way as its cosine to the
nearest point of the great circle's arc says. Of the tracks near the arc a dynamic programme picks one per step, so
that progress only grows, each is near its place on the arc, and near the one before it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from musicdesk.playlists.diversify import each_its_own

POOL = 320  # tracks near the arc that steps are picked from
SMOOTH = 0.5  # weight of being near the track before, beside being near the own place on the arc
AMONG_ARTISTS = 1.5  # pool per step below which an artist may give more than one track


@dataclass(frozen=True, eq=False)
class Way:
    """rows:     int64 (k,), in order, with the tracks it leads through
    nearness: float32 (k,), cosine of each to its place on the arc; 1 for those it leads through
    back:     how many steps go back, by progress towards the next track it leads through (0 unless there was no other)
    """

    rows: np.ndarray
    nearness: np.ndarray
    back: int


def way(vectors: np.ndarray, through: list[int], n: int, usable: np.ndarray, artists: np.ndarray) -> Way:
    """A way of `n` tracks through the rows `through` (two at least), in their order.

    vectors: float32 (m, dim), unit rows; usable: bool (m,), rows that steps may be
    artists: int64 (m,), codes, -1 for unknown (each its own)
    """
    open_rows = usable.copy()
    open_rows[through] = False
    legs = _legs(vectors, through, max(0, n - len(through)))
    rows, nearness, back = [through[0]], [1.0], 0
    own = each_its_own(artists)
    taken = set(own[through].tolist())
    for (start, end), steps in zip(itertools.pairwise(through), legs, strict=True):
        found, near = _leg(vectors, start, end, steps, open_rows, own, taken)
        open_rows[found] = False
        taken.update(own[found].tolist())
        rows += [*found.tolist(), end]
        nearness += [*near.tolist(), 1.0]
        back += _backward(vectors, [start, *found.tolist(), end])
    return Way(np.array(rows, np.int64), np.array(nearness, np.float32), back)


def _legs(vectors: np.ndarray, through: list[int], steps: int) -> list[int]:
    """How many of the steps each leg gets: by its angle, rounded so that they add up."""
    ends = itertools.pairwise(through)
    angles = np.array([np.arccos(np.clip(vectors[a] @ vectors[b], -1, 1)) + 1e-6 for a, b in ends])
    edges = np.round(np.concatenate([[0.0], np.cumsum(angles)]) / angles.sum() * steps).astype(int)
    return [int(steps) for steps in np.diff(edges)]


def _leg(
    vectors: np.ndarray, start: int, end: int, steps: int, usable: np.ndarray, own: np.ndarray, taken: set[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the steps strictly between two tracks, and their cosine to their places."""
    a, b = vectors[start].astype(np.float64), vectors[end].astype(np.float64)
    to_a, to_b = vectors @ vectors[start], vectors @ vectors[end]
    pool = _near_arc(to_a, to_b, float(a @ b), usable, own, taken, steps)
    if not steps or not len(pool):
        return np.empty(0, np.int64), np.empty(0)
    progress = (to_b[pool] - to_a[pool]).astype(np.float64)
    pool = pool[np.argsort(progress, kind="stable")]
    steps = min(steps, len(pool))
    places = _slerp(a, b, (np.arange(steps) + 1.0) / (steps + 1.0))
    near = vectors[pool] @ places.T.astype(np.float32)  # (pool, steps)
    likeness = vectors[pool] @ vectors[pool].T
    chosen = _best_rising(near.astype(np.float64), likeness.astype(np.float64))
    return pool[chosen], near[chosen, np.arange(steps)]


def _near_arc(
    to_a: np.ndarray, to_b: np.ndarray, cosine: float, usable: np.ndarray, own: np.ndarray, taken: set[int], steps: int
) -> np.ndarray:
    """Rows nearest to the arc with progress between its ends, one per artist as long as these are enough."""
    between = usable & (to_b - to_a > cosine - 1.0) & (to_b - to_a < 1.0 - cosine)
    rows = np.flatnonzero(between)
    sine = max(1e-9, 1.0 - cosine * cosine)
    # Length of the projection onto the plane of a and b: the cosine to the nearest point of the arc between them.
    onto = (to_a[rows] ** 2 + to_b[rows] ** 2 - 2.0 * cosine * to_a[rows] * to_b[rows]) / sine
    order = rows[np.argsort(-onto, kind="stable")]
    _, first = np.unique(own[order], return_index=True)
    alone = order[np.sort(first)]
    alone = alone[~np.isin(own[alone], list(taken))]
    return (alone if len(alone) >= AMONG_ARTISTS * steps else order)[:POOL]


def _slerp(a: np.ndarray, b: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Unit vectors float64 (shares, dim) on the arc from a to b."""
    angle = float(np.arccos(np.clip(a @ b, -1.0, 1.0)))
    if angle < 1e-6:
        return np.repeat(a[None], len(shares), axis=0)
    t = shares[:, None]
    arc = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
    places: np.ndarray = arc / np.linalg.norm(arc, axis=1, keepdims=True)
    return places


def _best_rising(near: np.ndarray, likeness: np.ndarray) -> np.ndarray:
    """Positions int64 (steps,), rising, that maximise sum near[p, s] + SMOOTH likeness[p before, p].

    near: (pool, steps) with the pool by rising progress; likeness: (pool, pool)
    """
    size, steps = near.shape
    rising = np.where(np.triu(np.ones((size, size), bool), 1), SMOOTH * likeness, -np.inf)
    value = np.where(np.arange(size) <= size - steps, near[:, 0], -np.inf)
    before = np.zeros((steps, size), np.int64)
    for step in range(1, steps):
        reach = value[:, None] + rising
        before[step] = np.argmax(reach, axis=0)
        value = reach[before[step], np.arange(size)] + near[:, step]
    chosen = np.empty(steps, np.int64)
    chosen[-1] = int(np.argmax(value))
    for step in range(steps - 1, 0, -1):
        chosen[step - 1] = before[step][chosen[step]]
    return chosen


def _backward(vectors: np.ndarray, rows: list[int]) -> int:
    progress = vectors[rows] @ (vectors[rows[-1]] - vectors[rows[0]])
    return int((np.diff(progress) < -1e-6).sum())
