"""How far a layout can be believed: trustworthiness and continuity (Venna and Kaski 2001), and each point alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from musicdesk.core.progress import Monitor, Silent
from musicdesk.space.graph import nearest

NEIGHBOURS = 15
MOST_NEAR = 150
EXACT = 5_000  # up to so many points each is asked; n^2 distances take 1.5 s here
SAMPLE = 1_000  # above, so many: the standard error is then about .003, the time 10-20 s at 100,000 points
_CELLS = 4_000_000  # distances at a time: 32 MB in float64


@dataclass(frozen=True, eq=False)
class Trust:
    """trustworthiness: 1 - penalty for neighbours on the map that are none in truth, 0..1
    continuity:      1 - penalty for true neighbours that the map tears apart, 0..1
    """

    trustworthiness: float
    continuity: float


def trust(
    truth: np.ndarray,
    layout: np.ndarray,
    k: int = NEIGHBOURS,
    seed: int = 0,
    monitor: Monitor | None = None,
    asked: np.ndarray | None = None,
) -> Trust:
    """Compares neighbourhoods of `layout` with those of `truth`, both by Euclidean distance.

    truth:  float (n, d), finite; layout: float (n, 3), finite
    asked:  rows int (m,) whose neighbourhoods are looked at; unless given all, or of very many a sample
    k is lowered to what n allows (k < n / 2); up to three points there is nothing to get wrong.
    """
    n = len(truth)
    k = min(k, (n - 1) // 2)
    if k < 1:
        return Trust(1.0, 1.0)
    if asked is None:
        asked = np.arange(n) if n <= EXACT else np.sort(np.random.default_rng(seed).choice(n, SAMPLE, replace=False))
    digits = "f8" if n <= EXACT else "f4"
    high, low = _centred(truth, digits), _centred(layout, digits)
    watch = monitor or Silent()
    wrong = _penalties(high, low, k, asked, watch)
    torn = _penalties(low, high, k, asked, watch)
    scale = 2.0 / (k * (2.0 * n - 3.0 * k - 1.0))
    return Trust(_unit(1.0 - scale * wrong.mean()), _unit(1.0 - scale * torn.mean()))


def kept(
    truth: np.ndarray,
    layout: np.ndarray,
    k: int = NEIGHBOURS,
    monitor: Monitor | None = None,
    asked: np.ndarray | None = None,
) -> np.ndarray:
    """Trust of each point, float32 (n,) in 0..1: the share of its k true neighbours that are near on the map.

    Near means among the nearest there, of n points the 1.5 sqrt(n) first (`near_count`): 47 of 1,000.
    truth: float (n, d), layout: float (n, 3), both finite; above 12,000 points a few true neighbours are missed
    asked: rows int64 (m,), not twice the same; the trust of these alone is wanted, and none of their neighbours missed
    """
    n = len(truth)
    k = min(k, max(n - 1, 0))
    if not k:
        return np.ones(n if asked is None else len(asked), np.float32)
    true = nearest(truth, k, monitor=monitor, asked=asked)[0]
    return shared(true, nearest(layout, near_count(n, k), monitor=monitor, asked=asked)[0])


def near_count(n: int, k: int = NEIGHBOURS) -> int:
    """How many points on the map count as near, of n."""
    return min(max(k, min(MOST_NEAR, round(1.5 * math.sqrt(n)))), n - 1)


def shared(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of each row of `some` int (n, k) that is also in the same row of `others` int (n, m): float32 (n,)."""
    share = np.ones(len(some), np.float32)
    step = max(1, _CELLS // max(1, some.shape[1] * others.shape[1]))
    for start in range(0, len(some) if some.shape[1] else 0, step):
        part = slice(start, start + step)
        inside = (some[part, :, None] == others[part, None, :]).any(axis=2)
        share[part] = inside.mean(axis=1, dtype=np.float32)
    return share


def trustworthiness(truth: np.ndarray, layout: np.ndarray, k: int = NEIGHBOURS) -> float:
    return trust(truth, layout, k).trustworthiness


def _unit(value: float) -> float:
    return float(min(1.0, max(0.0, value)))


def _centred(points: np.ndarray, digits: str) -> np.ndarray:
    """Around the mean: squared distances by products then lose fewer digits."""
    exact = np.asarray(points, np.float64)
    centred: np.ndarray = (exact - exact.mean(axis=0)).astype(digits)
    return centred


def _penalties(ranks_in: np.ndarray, near_in: np.ndarray, k: int, asked: np.ndarray, watch: Monitor) -> np.ndarray:
    """float64 (asked,): sum over the k nearest in `near_in` of max(0, rank in `ranks_in` - k), rank 1 the nearest."""
    result = np.empty(len(asked))
    step = max(1, _CELLS // len(ranks_in))
    for start in range(0, len(asked), step):
        watch.check()
        rows = asked[start : start + step]
        near = np.argpartition(_distances(near_in, rows), k - 1, axis=1)[:, :k]
        away = _distances(ranks_in, rows)
        limits = np.take_along_axis(away, near, axis=1)
        total = np.zeros(len(rows))
        for column in range(k):
            rank = (away < limits[:, column, None]).sum(axis=1) + 1
            total += np.maximum(0, rank - k)
        result[start : start + step] = total
    return result


def _distances(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(rows, n) squared distances; a point is infinitely far from itself."""
    square = np.einsum("nd,nd->n", points, points)
    away: np.ndarray = square[None, :] - 2.0 * (points[rows] @ points.T)
    away += square[rows, None]
    away[np.arange(len(rows)), rows] = np.inf
    return away
