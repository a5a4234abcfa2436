"""Axes that one names: some tracks at each end, and the whole library finds its place between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.rows import spread
from musicdesk.core.types import TrackId
from musicdesk.space.axis import agreement, direction, places
from musicdesk.workflows.desk import at_one_moment

if TYPE_CHECKING:
    from musicdesk.catalog.axes import Axis
    from musicdesk.workflows.desk import Desk

LEAST = 2  # tracks at each end
LONGEST = 40  # letters of a name
LAYER = "axis-"  # a map's layer: this and the axis' number


@dataclass(frozen=True)
class Named:
    """right: how many of `asked` examples fall on their side when the axis is learned from the others"""

    number: int
    low: str
    high: str
    lows: list[int]
    highs: list[int]
    right: int
    asked: int
    changes: Changes = field(default=Changes.FEEDBACK)

    @property
    def sentence(self) -> str:
        told = f"{self.right} of {self.asked} examples fall on their side when the axis is learned from the others"
        good = "" if 4 * self.right >= 3 * self.asked else ": these ends hardly differ in sound, or are mixed"
        return f"{told}{good}."


def name_axis(desk: Desk, low: str, high: str, lows: Sequence[TrackId], highs: Sequence[TrackId]) -> Named:
    """Keeps an axis and tells how good it is. Raises Unusable, NotReady for tracks that have not been heard."""
    low, high = (" ".join(word.split()) for word in (low, high))
    if not low or not high or low.casefold() == high.casefold() or max(len(low), len(high)) > LONGEST:
        raise Unusable(f"An axis needs two names that differ, of {LONGEST} letters at most, such as calm and wild.")
    lows, highs = list(dict.fromkeys(lows)), list(dict.fromkeys(highs))
    if min(len(lows), len(highs)) < LEAST:
        raise Unusable(f"An axis needs {LEAST} tracks at each end; five are better.")
    if set(lows) & set(highs):
        raise Unusable("A track cannot stand at both ends of an axis.")
    for track in (*lows, *highs):
        desk.catalog.tracks.get(track)
    _ends(desk, lows, highs)
    return told(desk, desk.catalog.axes.add(low, high, lows, highs))


def told(desk: Desk, axis: Axis) -> Named:
    try:
        right, asked = agreement(desk.vectors().matrix, *_ends(desk, axis.lows, axis.highs))
    except NotReady:
        right, asked = 0, 0
    lows, highs = [int(track) for track in axis.lows], [int(track) for track in axis.highs]
    return Named(axis.id, axis.low, axis.high, lows, highs, right, asked)


@at_one_moment
def places_on(desk: Desk, number: int) -> np.ndarray:
    """float32 (n,) over `desk.vectors()`: 0 at the low end of the library, 1 at the high one.

    Kept until the vectors or the axis change. Raises NotFound; NotReady when too few of its tracks were heard.
    """
    axis, vectors = desk.catalog.axes.get(number), desk.vectors()
    key = (axis, desk.catalog.sound.stamp(), desk.encoder)
    memo = f"axis {number}"
    if desk.memo.get(memo, (None,))[0] != key:
        along = direction(vectors.matrix, *_ends(desk, axis.lows, axis.highs))
        desk.memo[memo] = (key, places(vectors.matrix, along))
    found: np.ndarray = desk.memo[memo][1]
    return found


def layer_values(number: int, desk: Desk, ids: np.ndarray) -> np.ndarray:
    """float64 (ids,): places in per cent, NaN for tracks that were not heard."""
    vectors = desk.vectors()
    try:
        return 100.0 * spread(vectors.ids, places_on(desk, number), ids)
    except NotReady:
        return np.full(len(ids), np.nan)


def _ends(desk: Desk, lows: Sequence[TrackId], highs: Sequence[TrackId]) -> tuple[np.ndarray, np.ndarray]:
    vectors = desk.vectors()
    rows = tuple(vectors.rows_of(list(end)) for end in (lows, highs))
    if min(len(end) for end in rows) < LEAST:
        raise NotReady(f"Fewer than {LEAST} tracks at an end of the axis have been listened to.")
    return rows[0], rows[1]
