"""Splits: nothing in two parts, nothing lost, the papers' own rules; intervals that cover as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, random_array

from musicdesk.evaluation import splits
from musicdesk.evaluation.intervals import holm, interval, paired, weeks
from musicdesk.evaluation.splits import Held


def plays(seed: int, users: int = 60, songs: int = 40) -> csr_matrix:
    return csr_matrix(random_array((users, songs), density=0.2, rng=seed, data_sampler=lambda size: np.full(size, 3.0)))


def whole(held: Held) -> np.ndarray:
    assert not held.shown.multiply(held.hidden).nnz
    return np.asarray((held.shown + held.hidden).todense())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_held_out_listeners_are_not_learned_from(seed: int):
    matrix = plays(seed)
    held = splits.listeners(matrix, 15, seed)
    asked = whole(held)
    assert held.train.shape[0] + len(asked) == 60 and (held.members == -1).all()
    rows = np.concatenate([np.asarray(held.train.todense()), asked])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, np.asarray(matrix.todense())))
    size, hidden = (asked > 0).sum(axis=1), np.diff(held.hidden.indptr)
    assert (size >= 5).all() and (hidden == np.maximum(1, np.round(0.2 * size))).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([splits.items, splits.pairs]))
def test_held_out_plays_are_taken_out_of_training(seed: int, split: object):
    matrix = plays(seed)
    held = split(matrix, seed)  # type: ignore[operator]
    assert held.train.shape == matrix.shape
    assert np.array_equal(whole(held), matrix[held.members].todense())
    assert not (held.train[held.members] - held.shown).nnz
    assert held.train.nnz + held.hidden.nnz == matrix.nnz
    if split is splits.items:
        assert (np.diff(held.shown.indptr) >= 1).all() and (np.diff(held.hidden.indptr) >= 1).all()


def test_a_split_is_the_same_for_the_same_seed():
    one, same, other = (splits.items(plays(1), seed) for seed in (4, 4, 5))
    assert not (one.train - same.train).nnz and (one.train - other.train).nnz


def test_the_papers_blocks_and_the_corrected_ones():
    paper, right = splits.lee_blocks(10_000, corrected=False), splits.lee_blocks(10_000, corrected=True)
    assert len(paper.train) == 7_000 and len(paper.test) == 2_000
    assert set(paper.validation) <= set(paper.test)
    assert len(np.union1d(np.union1d(right.train, right.validation), right.test)) == 10_000
    assert not set(right.validation) & set(right.test)


def test_the_busiest_come_first():
    matrix = csr_matrix(np.array([[1.0, 0, 2], [0, 0, 9], [5, 0, 0]]))
    rows, columns = splits.busiest(matrix, 2, 2)
    assert rows.tolist() == [1, 2] and columns.tolist() == [2, 0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_no_artist_is_in_two_parts(seed: int):
    artists = np.random.default_rng(seed).integers(-1, 40, 500)
    parts = splits.disjoint(artists, seed)
    sets = [set(artists[part][artists[part] >= 0]) for part in (parts.train, parts.validation, parts.test)]
    assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
    every = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(every) == list(range(500))
    assert len(parts.test) == pytest.approx(100, abs=25) and len(parts.train) == pytest.approx(350, abs=40)


def test_cold_songs_are_a_tenth_and_a_fifth():
    parts = splits.cold_items(1_000, 3)
    assert [len(parts.train), len(parts.validation), len(parts.test)] == [700, 100, 200]
    kept = splits.columns(plays(1, songs=40), np.arange(10))
    assert kept.shape == (60, 40) and kept.indices.max() < 10 and kept.nnz == plays(1)[:, :10].nnz


@given(st.lists(st.integers(0, 50), min_size=20, max_size=80))
def test_time_never_runs_backwards(times: list[int]):
    moments = np.array(times, float)
    tested = np.zeros(len(moments), int)
    for before, after in splits.rolling(moments):
        assert not (before & after).any()
        if after.any():
            assert moments[before].max() < moments[after].min()
        tested += after
    assert tested.max() <= 1 and (tested == (moments > np.quantile(moments, 0.5, method="lower"))).all()


# intervals


def test_intervals_cover_as_often_as_they_say():
    draw = np.random.default_rng(1)
    inside = 0
    for seed in range(200):
        found = interval(draw.exponential(size=150), seed, resamples=400)
        inside += found.low <= 1.0 <= found.high
    assert 0.90 <= inside / 200 <= 0.985


def test_weeks_are_drawn_whole():
    """Events of one week are alike: taken one by one, they would seem to be many."""
    draw = np.random.default_rng(2)
    week = np.repeat(np.arange(20), 50)
    values = draw.normal(size=20)[week] + 0.01 * draw.normal(size=1_000)
    alone, whole_weeks = interval(values, 0), interval(values, 0, blocks=week)
    assert alone.mean == whole_weeks.mean
    assert whole_weeks.high - whole_weeks.low > 5 * (alone.high - alone.low)


def test_a_difference_is_paired():
    draw = np.random.default_rng(3)
    base = draw.normal(size=400)
    one, other = base + 0.05 + 0.1 * draw.normal(size=400), base + 0.1 * draw.normal(size=400)
    found = paired(one, other)
    assert found.low > 0 and found.p < 0.01 and found.mean == pytest.approx((one - other).mean())
    assert paired(other, one).mean == -found.mean
    nothing = paired(base, base)
    assert nothing.p == 1.0 and nothing.mean == 0.0
    assert np.isnan(paired(np.array([np.nan]), np.array([1.0])).mean)


def test_no_difference_gives_uniform_p():
    draw = np.random.default_rng(4)
    p = [paired(draw.normal(size=80), draw.normal(size=80), seed, resamples=300).p for seed in range(300)]
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.09
    assert np.mean(p) == pytest.approx(0.5, abs=0.06)


def test_users_without_a_value_are_left_out():
    found = interval(np.array([1.0, np.nan, 1.0]))
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)
    assert np.isnan(interval(np.array([np.nan])).low)


@pytest.mark.parametrize("blocks", [None, np.array([7])])
@pytest.mark.parametrize("more", [[], [np.nan]])
def test_one_listener_or_one_week_is_sure_of_nothing(blocks: np.ndarray | None, more: list[float]):
    values = np.array([1.0, *more]) if blocks is None else np.array([0.5, 1.5, *more])
    week = None if blocks is None else np.repeat(blocks, len(values))
    found, gap = interval(values, blocks=week), paired(values, np.zeros(len(values)), blocks=week)
    assert found.mean == gap.mean == 1.0 and gap.p == 1.0
    assert np.isnan([found.low, found.high, gap.low, gap.high]).all()


def test_holm():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({}) == {}


def test_weeks_begin_on_monday():
    monday = 4 * 86_400  # 5 January 1970
    assert np.diff(weeks(np.array([monday - 1, monday, monday + 7 * 86_400 - 1]))).tolist() == [1, 0]
