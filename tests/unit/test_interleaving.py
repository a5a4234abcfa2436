"""Interleaving: a fair draft, one rule of credit, an exact test."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from musicdesk.core.types import Side, TrackId, Verdict
from musicdesk.evaluation import interleaving
from musicdesk.evaluation.interleaving import Fate, Round, credit, flip_test, met, needed, sign_test, tally, team_draft
from musicdesk.evaluation.intervals import clumped, wilson

rankings = st.lists(st.integers(1, 60).map(TrackId), unique=True, max_size=30)
seeds = st.integers(0, 1 << 30).map(lambda seed: [seed])


@given(rankings, rankings, st.integers(0, 40), seeds)
def test_a_draft_has_the_best_of_both(a: list[TrackId], b: list[TrackId], n: int, seed: list[int]) -> None:
    drafted = team_draft(a, b, n, seed)
    tracks = [pick.track for pick in drafted]
    assert len(tracks) == len(set(tracks)) == min(n, len({*a, *b}))
    assert drafted == team_draft(a, b, n, seed)
    for side, ranking in ((Side.A, a), (Side.B, b)):
        mine = [pick.track for pick in drafted if pick.side is side]
        assert [ranking.index(track) for track in mine] == sorted(ranking.index(track) for track in mine)
    for turn in {pick.round for pick in drafted}:
        sides = [pick.side for pick in drafted if pick.round == turn]
        assert len(sides) == len(set(sides)) <= 2
    if n <= min(len(a), len(b)):  # neither runs out: the sides are even after every round
        assert all(turn.side is next_.side.other for turn, next_ in zip(drafted[::2], drafted[1::2], strict=False))


@given(rankings, rankings, seeds)
def test_whoever_picks_takes_the_best_that_is_left(a: list[TrackId], b: list[TrackId], seed: list[int]) -> None:
    taken: set[TrackId] = set()
    for pick in team_draft(a, b, 60, seed):
        ranking = a if pick.side is Side.A else b
        assert pick.track == next(track for track in ranking if track not in taken)
        taken.add(pick.track)


@given(rankings, rankings, seeds)
def test_a_rule_binds_both_sides(a: list[TrackId], b: list[TrackId], seed: list[int]) -> None:
    """Here: no track follows one of its own parity, unless the side has nothing else."""
    drafted = team_draft(a, b, 60, seed, lambda track, shown: not shown or track % 2 != shown[-1] % 2)
    assert {pick.track for pick in drafted} == {*a, *b}
    for place, (before, pick) in enumerate(pairwise(drafted)):
        if pick.track % 2 == before.track % 2:
            taken = {known.track for known in drafted[: place + 1]}
            ranking = a if pick.side is Side.A else b
            assert all(track % 2 == before.track % 2 for track in ranking if track not in taken)


def test_the_coin_is_fair() -> None:
    same = [TrackId(i) for i in range(20)]
    firsts = np.array([[pick.side is Side.A for pick in team_draft(same, same, 20, [7, i])][::2] for i in range(2_000)])
    assert abs(firsts.mean() - 0.5) < 3 * 0.5 / firsts.size**0.5
    assert np.abs(firsts.mean(axis=0) - 0.5).max() < 4 * 0.5 / 2_000**0.5  # in each round
    assert abs(np.corrcoef(firsts[:, 0], firsts[:, 1])[0, 1]) < 0.1


def test_credit_is_one_rule() -> None:
    assert credit(Fate()) is None
    assert credit(Fate(heard=0.8)) == 1
    assert credit(Fate(heard=0.79, skipped=True)) == -1
    assert credit(Fate(heard=0.9, skipped=True)) == 1  # skipped in the last seconds, or heard to the end another time
    assert credit(Fate(heard=0.5)) == 0
    assert credit(Fate(Verdict.LIKE, 0.1, True)) == 1
    assert credit(Fate(Verdict.LIKE)) == 1
    assert credit(Fate(Verdict.DISLIKE, 1.0)) == credit(Fate(Verdict.NEVER, 1.0)) == -1
    assert met(1, Fate(heard=1.0, at=5), Fate()) is None
    assert met(1, Fate(heard=1.0, at=5), Fate(heard=0.1, skipped=True, at=9)) == Round(9, 1, 1, -1)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 5), st.integers(-1, 1), st.integers(-1, 1))))
def test_nothing_after_the_horizon_counts(found: list[tuple[float, int, int, int]]) -> None:
    rounds = [Round(*values) for values in found]
    whole = tally(rounds, 1_000)
    assert whole.decisions + whole.ties == len(rounds)
    assert sum(whole.lists) == whole.wins_a - whole.wins_b
    for horizon in (1, 3):
        cut = tally(rounds, horizon)
        assert cut.decisions == min(horizon, whole.decisions)
        later = [Round(1_000.0 + i, 9, 1, -1) for i in range(5)]
        if cut.decisions == horizon:
            assert tally([*rounds, *later], horizon) == tally(rounds, horizon)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_exact(wins: int, losses: int) -> None:
    expected = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert sign_test(wins, losses) == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.integers(-6, 6), max_size=8))
def test_the_flip_test_is_exact(differences: list[int]) -> None:
    totals = np.array([abs(sum(signs)) for signs in product(*((d, -d) for d in differences))])
    assert flip_test(differences) == pytest.approx((totals >= abs(sum(differences))).mean())


def test_horizons_find_what_they_promise() -> None:
    assert {needed(rate): rate for rate in interleaving.HORIZONS.values()} == interleaving.HORIZONS
    for horizon, rate in interleaving.HORIZONS.items():
        assert interleaving.chance_to_call(rate, horizon) >= 0.8
        assert 0.04 <= interleaving.chance_to_call(0.5, horizon) <= 0.05  # the exact size of the test
    assert interleaving.most_losses(5) == -1
    assert interleaving.most_losses(90) == 35


def test_intervals_of_shares() -> None:
    for hits, trials in ((0, 10), (3, 10), (55, 90), (10, 10)):
        expected = binomtest(hits, trials).proportion_ci(method="wilson")
        found = wilson(hits, trials)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert np.isnan(wilson(0, 0).mean)
    for trials in range(1, 200):  # rounding puts no share outside of its own interval
        none, all_ = wilson(0, trials), wilson(trials, trials)
        assert none.low == none.mean == 0 and all_.high == all_.mean == 1
    hits = np.repeat([True, False, True, False, False], 20)  # whole lists are alike: five trials, not a hundred
    alone, together = wilson(40, 100), clumped(hits, np.repeat(np.arange(5), 20))
    assert together.mean == alone.mean == 0.4
    assert together.high - together.low > 3 * (alone.high - alone.low)
    single = clumped(hits, np.arange(100))
    assert (single.low, single.high) == pytest.approx((alone.low, alone.high), abs=2e-3)
    assert np.isnan(clumped(np.zeros(0, bool), np.zeros(0, int)).mean)
