"""Where words go on a picture of points: beside what they name, not over each other, and over no points they hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CELL = 4  # pixels of the grid on which points are counted
AWAY = (0.0, 22.0, 44.0, 72.0, 104.0)  # pixels that a region's name may stand from its place
SIDES = (
    (1, 0),
    (-1, 0),
    (0, -1),
    (0, 1),
    (0.8, -0.8),
    (-0.8, -0.8),
    (0.8, 0.8),
    (-0.8, 0.8),
)  # right, left, above, ...
EDGE = 4.0  # pixels between words, and from the rim of the view


@dataclass(frozen=True)
class Wanted:
    """Words of `width` x `height` pixels for what lies at (x, y).

    gap:     pixels between (x, y) and the words, for what must stay seen: the radius of a point
    roams:   whether the words may stand further away, joined by a line: the name of a region
    allowed: points that they may cover
    """

    x: float
    y: float
    width: float
    height: float
    gap: float = 0.0
    roams: bool = False
    allowed: int = 0


@dataclass(frozen=True)
class Placed:
    """Words number `index` of those wanted, with their left upper corner; away: whether a line has to lead there."""

    index: int
    left: float
    top: float
    away: bool


def placed(
    wanted: Sequence[Wanted],
    seen: np.ndarray,
    width: int,
    height: int,
    over: Sequence[tuple[float, float, float, float]] = (),
) -> list[Placed]:
    """Places the words in their order; what finds no place is left out.

    seen: float (n, 3), x, y and radius in pixels of the points that are on the picture of `width` x `height`
    over: boxes (left, top, right, bottom) of what lies over the picture
    """
    crowd = _Crowd(seen, width, height)
    taken = list(over)
    found = []
    for index, words in enumerate(wanted):
        best: tuple[float, float, float, float] | None = None
        for x, y, far in _offers(words):
            box = (x, y, x + words.width, y + words.height)
            inside = box[0] >= EDGE and box[1] >= EDGE and box[2] <= width - EDGE and box[3] <= height - EDGE
            if not inside or any(_meet(box, other) for other in taken):
                continue
            hidden = crowd.under(box, words)
            if hidden <= words.allowed and (best is None or 3.0 * hidden + 0.2 * far < best[0]):
                best = (3.0 * hidden + 0.2 * far, x, y, far)
                if hidden == 0 and far == 0:
                    break
        if best is not None:
            taken.append((best[1], best[2], best[1] + words.width, best[2] + words.height))
            found.append(Placed(index, best[1], best[2], words.roams and best[3] > 0))
    return found


def _offers(words: Wanted) -> list[tuple[float, float, float]]:
    """Left, top and distance of the places that words may have, the best first."""
    offers = []
    if words.roams:
        for away in AWAY:
            for across, down in SIDES if away else ((0, 0),):
                x = words.x + across * (away + words.width / 2) if away else words.x
                y = words.y + down * (away + words.height / 2) if away else words.y
                offers.append((x - words.width / 2, y - words.height / 2, away))
        return offers
    for across, down in SIDES:
        x = words.x + across * (words.gap + words.width / 2 if abs(across) == 1 or not across else words.gap)
        x += (words.width / 2) * (0 if abs(across) in (0, 1) else np.sign(across))
        y = words.y + down * (words.gap + words.height / 2)
        offers.append((float(x) - words.width / 2, float(y) - words.height / 2, 0.0))
    return offers


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return (
        one[0] < other[2] + EDGE and other[0] < one[2] + EDGE and one[1] < other[3] + EDGE and other[1] < one[3] + EDGE
    )


class _Crowd:
    """How many points lie under a box: counted exactly where they are few, on a grid where they are many."""

    EXACT = 3_000

    def __init__(self, seen: np.ndarray, width: int, height: int) -> None:
        self._seen = seen if len(seen) <= self.EXACT else None
        self._sums = np.zeros((1, 1), np.int64)
        if self._seen is None:
            rows, columns = height // CELL + 1, width // CELL + 1
            at = np.clip(seen[:, 1] / CELL, 0, rows - 1).astype(np.int64) * columns
            at += np.clip(seen[:, 0] / CELL, 0, columns - 1).astype(np.int64)
            counts = np.bincount(at, minlength=rows * columns).reshape(rows, columns)
            self._sums = np.pad(counts.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def under(self, box: tuple[float, float, float, float], words: Wanted) -> int:
        """Points that the box covers or touches, not counting the one at the words' own place."""
        left, top, right, bottom = box
        if self._seen is not None:
            x, y, radius = self._seen[:, 0], self._seen[:, 1], self._seen[:, 2]
            across = np.maximum(np.maximum(left - x, x - right), 0)
            down = np.maximum(np.maximum(top - y, y - bottom), 0)
            touched = across**2 + down**2 < radius**2
            if not words.roams:
                touched &= (x - words.x) ** 2 + (y - words.y) ** 2 > 1.0
            return int(touched.sum())
        rows, columns = self._sums.shape[0] - 1, self._sums.shape[1] - 1
        first, last = max(int(left) // CELL, 0), min(int(right) // CELL + 1, columns)
        upper, lower = max(int(top) // CELL, 0), min(int(bottom) // CELL + 1, rows)
        sums = self._sums
        return int(sums[lower, last] - sums[upper, last] - sums[lower, first] + sums[upper, first])
