"""Shares of what was shown: counted by hand, and by rules that hold for any picks."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.evaluation.feedback import DAY_S, Picks, like, never_played, over_time, periods, said, shown_again

MARCH = 1_772_323_200.0  # 2026-03-01, a Sunday


def picks(*rows: tuple[int, int, float, int, str]) -> Picks:
    """(model, list, days after March 1, track, acts: liked, disliked, completed, skipped, broken off, put off)."""
    model, number, days, track, acts = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    flags = {name: np.array([sign in act for act in acts], bool) for name, sign in (("l", "l"), ("d", "d"), ("p", "p"))}
    begun, skipped, completed = (
        np.array([any(s in act for s in signs) for act in acts], bool) for signs in ("csb", "s", "c")
    )
    made = MARCH + DAY_S * np.array(days, np.float64)
    ints = (np.array(column, np.int64) for column in (model, number))
    told = (flags["l"], flags["d"], begun, skipped, completed)
    return Picks(*ints, made, np.array(track, np.int64), *told, np.full(len(begun), np.nan), flags["p"])


def test_shares_are_of_what_was_met() -> None:
    found = picks(
        (0, 1, 0, 11, "lc"), (0, 1, 0, 12, "c"), (0, 1, 0, 13, "s"), (0, 1, 0, 14, ""), (1, 1, 0, 15, "b"),
        (0, 2, 1, 16, "d"), (0, 2, 1, 17, "ls"),
    )  # fmt: skip
    mine = said(found, found.model == 0)
    assert (mine.lists, mine.shown, mine.met, mine.begun) == (2, 6, 5, 4)
    assert (mine.like.mean, mine.skip.mean, mine.complete.mean) == (0.4, 0.5, 0.5)
    assert mine.like.low < 0.4 < mine.like.high
    other = said(found, found.model == 1)
    assert (other.met, other.like.mean, other.complete.mean) == (1, 0.0, 0.0)
    nothing = said(found, found.model == 7)
    assert nothing.met == 0 and np.isnan(nothing.like.mean)


def test_what_is_put_off_counts_in_no_share() -> None:
    found = picks((0, 1, 0, 11, "lc"), (0, 1, 0, 12, "p"), (0, 1, 0, 13, "p"), (0, 1, 0, 14, "pc"))
    mine = said(found, found.model == 0)
    assert (mine.met, mine.begun, mine.put_off) == (2, 2, 3)
    assert (mine.like.mean, mine.skip.mean, mine.complete.mean) == (0.5, 0.0, 1.0)


def test_new_and_again() -> None:
    found = picks((0, 1, 0, 11, ""), (0, 1, 0, 12, ""), (0, 2, 3, 11, ""), (0, 3, 9, 12, ""), (0, 3, 9, 11, ""))
    assert shown_again(found).tolist() == [False, False, True, False, True]
    tracks, moments = np.array([12, 11, 12]), MARCH + DAY_S * np.array([-5.0, 1.0, 2.0])
    assert never_played(found, tracks, moments).tolist() == [True, False, False, False, False]
    assert never_played(found, tracks[:0], moments[:0]).all()
    assert never_played(found, np.array([11]), np.array([found.made_at[0]]))[0]  # because it was in the list


def test_what_lists_are_like_is_counted_list_by_list() -> None:
    found = picks((0, 1, 0, 1, ""), (0, 1, 0, 2, ""), (0, 2, 0, 3, ""), (0, 2, 0, 4, ""), (1, 2, 0, 5, ""))
    vectors = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    new, again = np.array([True, False, True, True, True]), np.zeros(5, bool)
    mine = like(found, found.model == 0, new, again, vectors)
    assert (mine.distance, mine.new, mine.again) == pytest.approx((0.5, 0.75, 0.0))
    alone = like(found, found.model == 1, new, again, vectors)
    assert np.isnan(alone.distance) and alone.new == 1.0  # one track has no distance inside
    assert np.isnan(like(found, found.model == 9, new, again, vectors).new)


def test_time_goes_by_weeks_and_then_by_months() -> None:
    assert periods(MARCH + DAY_S * np.array([0.0, 1.0, 40.0])) == ["2026-W09", "2026-W10", "2026-W15"]
    assert periods(MARCH + DAY_S * np.array([0.0, 100.0])) == ["2026-03", "2026-06"]
    assert periods(np.empty(0)) == []


rows = st.tuples(
    st.integers(0, 2), st.integers(0, 5), st.floats(0, 200), st.integers(0, 9), st.text("ldcsbp", max_size=3)
)


@given(st.lists(rows, min_size=1, max_size=40))
def test_parts_make_up_the_whole(made: list[tuple[int, int, float, int, str]]) -> None:
    found = picks(*made)
    assert all(len(getattr(found, field.name)) == len(made) for field in fields(found))
    whole = said(found, np.ones(len(made), bool))
    assert sum(said(found, found.model == code).met for code in range(3)) == whole.met
    parts = [part for _name, part in over_time(found, np.ones(len(made), bool))]
    assert sum(part.met for part in parts) == whole.met and sum(part.shown for part in parts) == len(made)
    for share in (whole.like, whole.skip, whole.complete):
        assert np.isnan(share.mean) or 0 <= share.low <= share.mean <= share.high <= 1
