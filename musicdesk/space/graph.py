"""The nearest of every point at once: exact for few points or few dimensions, by cells for many.

Cells: points are sorted into about sqrt(n) cells around centres (k-means on a sample), and each looks for its
nearest among the points of the cells nearest to its own. Of 100,000 lumpy points of 128 dimensions it finds over .95
of the true nearest at a tenth of the distances.
"""

from __future__ import annotations

import numpy as np

from musicdesk.core.progress import Monitor, Silent

EXACT = 12_000  # points up to which every distance is looked at
FLAT = 4  # dimensions up to which a tree is exact and faster than anything
PROBED = 24  # cells that are searched for each point
SAMPLE, TURNS = 20_000, 8  # points and rounds of k-means
_CELLS = 4_000_000  # distances at a time: 16 MB in float32


def nearest(
    points: np.ndarray, k: int, seed: int = 0, monitor: Monitor | None = None, asked: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows int32 (n, k) of each point's nearest others, nearest first, and their distances float32 (n, k).

    points: float (n, d), finite; k is lowered to n - 1
    asked:  rows int64 (m,), not twice the same, whose neighbours alone are wanted; the answers are (m, k), and exact
    raises: Cancelled
    """
    n = len(points)
    k = max(0, min(k, n - 1))
    watch = monitor or Silent()
    if not k:
        m = n if asked is None else len(asked)
        return np.empty((m, 0), np.int32), np.empty((m, 0), np.float32)
    rows = np.ascontiguousarray(points - points.mean(axis=0, dtype=np.float64), dtype=np.float32)
    if asked is not None:
        found = _Found.of(n, k)
        _search(rows, asked, np.arange(n), found, watch)
        return found.rows[asked], found.away[asked]
    if rows.shape[1] <= FLAT:
        return _by_tree(rows, k)
    if n <= EXACT:
        found = _Found.of(n, k)
        _search(rows, np.arange(n), np.arange(n), found, watch)
        return found.rows, found.away
    return _by_cells(rows, k, seed, watch)


class _Found:
    def __init__(self, rows: np.ndarray, away: np.ndarray) -> None:
        self.rows, self.away = rows, away

    @classmethod
    def of(cls, n: int, k: int) -> _Found:
        return cls(np.zeros((n, k), np.int32), np.full((n, k), np.inf, np.float32))


def _by_tree(points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.spatial import cKDTree

    if not points.shape[1]:
        points = np.zeros((len(points), 1), np.float32)
    n = len(points)
    tree, found = cKDTree(points, balanced_tree=False, compact_nodes=False), _Found.of(n, k)
    step = max(1, _CELLS // (k + 1))
    for start in range(0, n, step):
        part = slice(start, start + step)
        away, rows = tree.query(points[part], k + 1)
        mine = rows == np.arange(start, start + len(rows))[:, None]
        mine[~mine.any(axis=1), k] = True  # among more than k equal points the tree need not name the point itself
        found.rows[part], found.away[part] = rows[~mine].reshape(-1, k), away[~mine].reshape(-1, k)
    return found.rows, found.away


def _by_cells(points: np.ndarray, k: int, seed: int, watch: Monitor) -> tuple[np.ndarray, np.ndarray]:
    n = len(points)
    centres = _centres(points, round(n**0.5), seed, watch)
    cell = _assigned(points, centres)
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(len(centres) + 1))
    members = [order[starts[c] : starts[c + 1]] for c in range(len(centres))]
    between = _squares(centres, centres)
    found = _Found.of(n, k)
    for c, mine in enumerate(members):
        if not len(mine):
            continue
        watch.check()
        watch.report(c, len(centres), "Looking for neighbours")
        near = np.argsort(between[c], kind="stable")
        near = near[: max(PROBED, int(np.searchsorted(np.cumsum([len(members[at]) for at in near]), k + 1)) + 1)]
        _search(points, mine, np.sort(np.concatenate([members[at] for at in near])), found, watch)
    return found.rows, found.away


def _centres(points: np.ndarray, count: int, seed: int, watch: Monitor) -> np.ndarray:
    """Float32 (count, d), k-means on a sample (Lloyd 1982); a centre that loses its points stays where it was."""
    rng = np.random.default_rng(seed)
    sample = points[np.sort(rng.choice(len(points), min(SAMPLE, len(points)), replace=False))]
    centres = sample[np.sort(rng.choice(len(sample), count, replace=False))].copy()
    for _turn in range(TURNS):
        watch.check()
        cell = _assigned(sample, centres)
        sizes = np.bincount(cell, minlength=count)
        order = np.argsort(cell, kind="stable")
        held = np.flatnonzero(sizes)
        sums = np.add.reduceat(sample[order], np.searchsorted(cell[order], held), axis=0)
        centres[held] = sums / sizes[held, None]
    return centres


def _assigned(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    cell = np.empty(len(points), np.int64)
    step = max(1, _CELLS // len(centres))
    for start in range(0, len(points), step):
        cell[start : start + step] = np.argmin(_squares(points[start : start + step], centres), axis=1)
    return cell


def _squares(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Squared distances float32 (some, others), less each of `some`'s own square: in the same order."""
    away: np.ndarray = np.einsum("nd,nd->n", others, others)[None, :] - 2.0 * (some @ others.T)
    return away


def _search(points: np.ndarray, asked: np.ndarray, among: np.ndarray, found: _Found, watch: Monitor) -> None:
    """Fills `found` at the rows `asked` with their nearest of `among`, int64 ascending, which holds more than k."""
    others = points[among]
    k = found.rows.shape[1]
    step = max(1, _CELLS // len(among))
    for start in range(0, len(asked), step):
        watch.check()
        rows = asked[start : start + step]
        away = _squares(points[rows], others)
        away[np.arange(len(rows)), np.searchsorted(among, rows)] = np.inf
        near = np.sort(np.argpartition(away, k - 1, axis=1)[:, :k], axis=1)
        near = np.take_along_axis(near, np.argsort(np.take_along_axis(away, near, 1), axis=1, kind="stable"), 1)
        own = np.einsum("nd,nd->n", points[rows], points[rows])
        found.rows[rows] = among[near]
        found.away[rows] = np.sqrt(np.maximum(np.take_along_axis(away, near, 1) + own[:, None], 0.0))
