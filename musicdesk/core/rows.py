"""Where ids stand among others, and values that belong to ids, laid out for other ids."""

from __future__ import annotations

from functools import cached_property

import numpy as np

SPARE = 8  # times as many entries as ids that a table may have


def places(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """int64 (wanted,): the place of each among `ids`, which ascend; -1 where it is not there."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    at = np.searchsorted(ids, wanted)
    at[at == len(ids)] = 0
    return np.where(ids[at] == wanted, at, -1)


class Places:
    """As `places`, of ids that are asked for again and again: numbers without great gaps are looked up in a table.

    ids: int64 (n,), ascending, none below 0
    """

    def __init__(self, ids: np.ndarray) -> None:
        self.ids = ids

    def of(self, wanted: np.ndarray) -> np.ndarray:
        """int64 (wanted,), -1 for a number that is not among the ids."""
        table = self._table
        if table is None:
            return places(self.ids, wanted)
        # What is too large, or below 0, goes to the last entry, which is nobody's.
        found: np.ndarray = table[np.minimum(np.asarray(wanted, np.int64).view(np.uint64), np.uint64(len(table) - 1))]
        return found

    @cached_property
    def _table(self) -> np.ndarray | None:
        if not len(self.ids) or self.ids[-1] > SPARE * len(self.ids):
            return None
        table = np.full(int(self.ids[-1]) + 2, -1, np.int64)
        table[self.ids] = np.arange(len(self.ids))
        return table


def spread(known: np.ndarray, values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """float64 (ids,): the value of each id, nan for ids that are not known.

    known: int64 (n,) ascending; values: numbers (n,); ids: int64, in any order
    """
    found = np.full(len(ids), np.nan)
    at = places(known, ids)
    found[at >= 0] = values[at[at >= 0]]
    return found
