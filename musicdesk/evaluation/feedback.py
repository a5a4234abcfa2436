"""What a listener's acts say of the lists that were shown: shares with intervals, by model and over time.

Shares of met picks are clumped by list (`intervals.clumped`): an evening's mood touches all of its tracks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from musicdesk.core.rows import places
from musicdesk.evaluation import diversity
from musicdesk.evaluation.intervals import Interval, clumped, weighted

DAY_S = 86_400.0
MEMORY_DAYS = 7.0  # a track shown again within so many days is a repetition
FEW_WEEKS = 10  # a time up to so long is told by weeks, a longer one by months


@dataclass(frozen=True, eq=False)
class Picks:
    """One row per pick that was shown, all (picks,).

    model: int64, a code; list: int64, in which it was shown; made_at: float64, when (epoch seconds); track: int64
    propensity: float64, with what probability it was tried out, nan for what was not
    put_off: bool, not wanted now or in this list, which says nothing of the track
    liked, disliked: bool, the verdict on it; begun, skipped, completed: bool, what was heard of it
    """

    model: np.ndarray
    list: np.ndarray
    made_at: np.ndarray
    track: np.ndarray
    liked: np.ndarray
    disliked: np.ndarray
    begun: np.ndarray
    skipped: np.ndarray
    completed: np.ndarray
    propensity: np.ndarray
    put_off: np.ndarray

    @property
    def met(self) -> np.ndarray:
        """bool: played or rated. Only of these anything is known; what was put off unheard is not among them: it may
        be liked another day."""
        found: np.ndarray = self.begun | self.liked | self.disliked
        return found

    def __len__(self) -> int:
        return len(self.model)


@dataclass(frozen=True)
class Said:
    """like: of the met; skip, complete: of the begun. n of each is told beside it, by `met` and `begun`.
    put_off: how many were not wanted then or there, which says nothing of the track"""

    lists: int
    shown: int
    met: int
    begun: int
    like: Interval
    skip: Interval
    complete: Interval
    put_off: int


def said(picks: Picks, rows: np.ndarray) -> Said:
    """Of the picks `rows`, bool (picks,)."""
    met, begun = rows & picks.met, rows & picks.begun
    return Said(
        len(np.unique(picks.list[rows])),
        int(rows.sum()),
        int(met.sum()),
        int(begun.sum()),
        clumped(picks.liked[met], picks.list[met]),
        clumped(picks.skipped[begun], picks.list[begun]),
        clumped(picks.completed[begun], picks.list[begun]),
        int((rows & picks.put_off).sum()),
    )


@dataclass(frozen=True)
class Tried:
    """Of the rows that were tried out: like, of the met as they came; unbiased: of all that could have been tried out,
    by inverse propensity (Horvitz, Thompson 1952; normalised, Swaminathan, Joachims 2015)."""

    shown: int
    met: int
    like: Interval
    unbiased: Interval


def tried(picks: Picks, rows: np.ndarray) -> Tried:
    """Of the picks `rows`, bool (picks,)."""
    drawn = rows & np.isfinite(picks.propensity)
    met = drawn & picks.met
    liked, lists = picks.liked[met], picks.list[met]
    return Tried(
        int(drawn.sum()), int(met.sum()), clumped(liked, lists), weighted(liked, 1.0 / picks.propensity[met], lists)
    )


@dataclass(frozen=True)
class Like:
    """What lists are like: distance in sound inside them (1 - cosine), share of picks that had never been played
    before, share that another list had shown in the week before; nan where nothing is known."""

    distance: float
    new: float
    again: float


def like(picks: Picks, rows: np.ndarray, new: np.ndarray, again: np.ndarray, vectors: np.ndarray) -> Like:
    """Of the picks `rows`; new, again: see `never_played`, `shown_again`; vectors: float (picks, dim), 0 for none."""
    if not rows.any():
        return Like(np.nan, np.nan, np.nan)
    chosen = np.flatnonzero(rows)
    _, code = np.unique(picks.list[chosen], return_inverse=True)
    order = np.argsort(code, kind="stable")
    sizes = np.bincount(code)
    table = np.full((len(sizes), sizes.max()), -1, np.int64)
    table[code[order], np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = chosen[order]
    apart = diversity.intra_list_distance(table, vectors)
    known = ~np.isnan(apart)
    distance = float(apart[known].mean()) if known.any() else np.nan
    return Like(distance, float(new[rows].mean()), float(again[rows].mean()))


def never_played(picks: Picks, tracks: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """bool (picks,): not played before the list was made. tracks, moments: every play, in order of time."""
    played, first = np.unique(tracks, return_index=True)
    if not len(played):
        return np.ones(len(picks), bool)
    at = places(played, picks.track)
    found: np.ndarray = (at < 0) | (moments[first[at]] >= picks.made_at)
    return found


def shown_again(picks: Picks, days: float = MEMORY_DAYS) -> np.ndarray:
    """bool (picks,): the track was in another list in the `days` before this one."""
    order = np.lexsort((picks.list, picks.made_at, picks.track))
    track, made, number = picks.track[order], picks.made_at[order], picks.list[order]
    found = np.zeros(len(picks), bool)
    near = (track[1:] == track[:-1]) & (number[1:] != number[:-1]) & (made[1:] - made[:-1] <= days * DAY_S)
    found[order[1:]] = near
    return found


def periods(made_at: np.ndarray) -> list[str]:
    """The week ('2026-W07') or, of a longer time, the month ('2026-02') of each moment, UTC."""
    if not len(made_at):
        return []
    weekly = made_at.max() - made_at.min() < FEW_WEEKS * 7 * DAY_S
    return [_period(moment, weekly) for moment in made_at.tolist()]


def _period(moment: float, weekly: bool) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    year, week, _day = at.isocalendar()
    return f"{year}-W{week:02}" if weekly else f"{at.year}-{at.month:02}"


def over_time(picks: Picks, rows: np.ndarray) -> Iterator[tuple[str, Said]]:
    """By period, the oldest first."""
    names = np.array(periods(picks.made_at), dtype=object)
    for name in sorted(set(names[rows].tolist())):
        yield name, said(picks, rows & (names == name))
