"""Whether a model does what a person expects of it: one track among the first, another not, one above the other.

Only the order of a model's scores counts, and a tie meets nothing: a model that cannot tell tracks apart has not put
one of them where it was expected.
"""

from __future__ import annotations

import numpy as np

SHARE, LEAST = 0.1, 10  # of the tracks, and at least so many, are "among the first"


def first(tracks: int) -> int:
    """How many of so many tracks are among the first: a tenth, ten at least, and never more than half."""
    return max(1, min(max(LEAST, round(SHARE * tracks)), tracks // 2))


def among_first(scores: np.ndarray, row: int) -> bool:
    """Whether `row` of float32 (n,) is among the first, also if every tie went against it."""
    return int((scores >= scores[row]).sum()) <= first(len(scores))


def out_of_first(scores: np.ndarray, row: int) -> bool:
    """Whether `row` is not among the first, also if every tie went for it."""
    return int((scores > scores[row]).sum()) >= first(len(scores))


def above(scores: np.ndarray, row: int, other: int) -> bool:
    return bool(scores[row] > scores[other])


def near(scores: np.ndarray, row: int, seed: int) -> bool:
    """Whether `row` is among the first of all but `seed`, whose likeness these scores tell."""
    rest = np.delete(scores, seed)
    return among_first(rest, row - (row > seed))
