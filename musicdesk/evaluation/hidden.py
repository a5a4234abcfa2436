"""What each hidden track of one listener tells of a ranking; means over them are the figures.

Recall is what it is for crowds (`metrics.recall`): hidden tracks compete with each other for the first places as well,
and of more hidden ones than places only as many count as fit. In AUC they do not: it asks about the others alone.
"""

from __future__ import annotations

import numpy as np

from musicdesk.evaluation.metrics import Places, shares

CUTS = (10, 20)
NAMES = ("auc", *(f"recall@{cut}" for cut in CUTS))
COMPETING = {"competing": "all"}  # tells figures from those of versions in which hidden tracks did not compete


def measured(scores: np.ndarray, hidden: np.ndarray, rivals: np.ndarray) -> np.ndarray:
    """float64 (hidden, NAMES): of each hidden track its AUC, and its share in the recalls, whose mean they have.

    scores: float (tracks,), no nan; ties count as their mean over all orders
    hidden: int64 (h,), rows of tracks that are asked for together
    rivals: bool (tracks,), what they compete with; whether they are among these does not matter
    nan where there are fewer others than places: anything passes among them. A share may be above 1, so that the upper
    end of a bootstrap of them may be as well, where a recall cannot be.
    """
    others = rivals.copy()
    others[hidden] = False
    alone = _places(scores, hidden, others)
    every = others.copy()
    every[hidden] = True
    together = _places(scores, hidden, every)
    n = int(alone.candidates[0])
    auc = 1.0 - (alone.before + alone.tied / 2) / n if n else np.full(len(hidden), np.nan)
    recalls = [shares(together, cut) if n >= cut else np.full(len(hidden), np.nan) for cut in CUTS]
    return np.column_stack([auc, *recalls]).astype(np.float64)


def _places(scores: np.ndarray, hidden: np.ndarray, among: np.ndarray) -> Places:
    """Where the hidden tracks come among others; `tied` is 0 where they are none of them and like none."""
    ranked = np.sort(scores[among])
    below, upto = (np.searchsorted(ranked, scores[hidden], side) for side in ("left", "right"))
    ones = np.ones(1, np.int64)
    return Places(
        np.zeros(len(hidden), np.int64), len(ranked) - upto, upto - below, len(hidden) * ones, len(ranked) * ones
    )
