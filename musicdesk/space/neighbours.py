"""Nearest tracks: exact, and by trees for very big libraries, behind one small protocol.

Exact search also makes ranks and "why not" truthful, so it is the rule; see EXACT_UP_TO for the exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from musicdesk.core.types import TrackId, Vectors

# One query of 128 dimensions on one thread reads every vector once: 4 ms at 100,000, 8 ms at 200,000, 28 ms or more
# at 1,000,000. annoy answers in 2 ms at any of these (recall of the first 100: 1.0, .98 at a million), but must first
# be built (9 s per 100,000) and checked at every start (.15 s). Up to here exact is within one frame of a screen.
EXACT_UP_TO = 200_000
_CELLS = 8_000_000  # similarities at a time in near_many: 32 MB


class Neighbours(Protocol):
    """What is near a query. `ids` int64 (at most n,), `similarity` float32 cosine, both best first."""

    def near(self, query: np.ndarray, n: int, leave_out: Sequence[TrackId] = ()) -> tuple[np.ndarray, np.ndarray]:
        """query: float32 (dim,), any length above 0; leave_out: tracks not to be named."""
        ...

    def near_many(self, queries: np.ndarray, n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The same for queries float32 (q, dim); one array of ids and one of similarities for each."""
        ...


class Exact:
    """Every vector is looked at; ties go to the smaller id."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def near(self, query: np.ndarray, n: int, leave_out: Sequence[TrackId] = ()) -> tuple[np.ndarray, np.ndarray]:
        similarity = self._vectors.matrix @ unit(query)
        similarity[self._vectors.rows_of(list(leave_out))] = -np.inf
        return self._best(similarity, n)

    def near_many(self, queries: np.ndarray, n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        ids: list[np.ndarray] = []
        values: list[np.ndarray] = []
        step = max(1, _CELLS // max(1, len(self._vectors)))
        for start in range(0, len(queries), step):
            for row in unit(queries[start : start + step]) @ self._vectors.matrix.T:
                found, similarity = self._best(row, n)
                ids.append(found)
                values.append(similarity)
        return ids, values

    def _best(self, similarity: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
        rows = best_rows(similarity, n)
        rows = rows[similarity[rows] > -np.inf]
        return self._vectors.ids[rows], np.clip(similarity[rows], -1.0, 1.0)


def best_rows(values: np.ndarray, n: int) -> np.ndarray:
    """int64 (min(n, len),): rows of the highest values, best first, ties by row."""
    n = min(max(n, 0), len(values))
    if not n:
        return np.empty(0, np.int64)
    top = _reaching(values, n) if n < len(values) else np.arange(len(values))
    rows: np.ndarray = top[np.lexsort((top, -values[top]))][:n]
    return rows


def _reaching(values: np.ndarray, n: int) -> np.ndarray:
    """Rows of all values that reach the n-th highest one, so that ties can be settled by row; n < len.

    Where there are many, first by the n-th highest of the maxima of 16 neighbours each: at least n values
    reach it, and few more; a full partition would cost as much as a third of the product itself.
    """
    whole = len(values) // 16
    if whole >= 4 * n:
        maxima = values[: 16 * whole].reshape(whole, 16).max(axis=1)
        rows = np.flatnonzero(values >= np.partition(maxima, whole - n)[whole - n])
    else:
        rows = np.arange(len(values))
    limit = np.partition(values[rows], len(rows) - n)[len(rows) - n]
    reaching: np.ndarray = rows[values[rows] >= limit]
    return reaching


def unit(rows: np.ndarray) -> np.ndarray:
    """float32, each row scaled to norm 1; a zero row stays zero. Raises ValueError when not finite."""
    exact = np.asarray(rows, np.float32)
    if not np.isfinite(exact).all():
        raise ValueError("a query must be finite")
    norms = np.linalg.norm(exact, axis=-1, keepdims=True)
    scaled: np.ndarray = exact / np.where(norms > 0, norms, 1.0)
    return scaled
