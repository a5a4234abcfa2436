"""Values that belong to ids, laid out for other ids."""

from __future__ import annotations

import numpy as np


def spread(known: np.ndarray, values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """float64 (ids,): the value of each id, nan for ids that are not known.

    known: int64 (n,) ascending; values: numbers (n,); ids: int64, in any order
    """
    found = np.full(len(ids), np.nan)
    if len(known):
        at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        here = known[at] == ids
        found[here] = values[at[here]]
    return found
