"""Rank-normal scores and the weights of a blend's parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

from musicdesk.core.types import Listener
from musicdesk.recommenders.base import Timeline
from musicdesk.recommenders.own_weights import cuts, mixtures, own_weights, past
from musicdesk.recommenders.ranks import rank_normal


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=120))
def test_order_and_ties_are_kept(values):
    scores = np.array(values, np.float32)
    z = rank_normal(scores)
    assert np.isfinite(z).all() and z.dtype == np.float32
    order = np.argsort(scores, kind="stable")
    assert (np.diff(z[order]) >= 0).all()
    assert all(z[i] == z[j] for i in range(len(z)) for j in range(i) if scores[i] == scores[j])


@pytest.mark.parametrize("kind", ["normal", "sparse", "heavy", "groups"])
def test_many_scores_are_about_their_exact_normal_ranks(kind):
    rng = np.random.default_rng(0)
    scores = {
        "normal": rng.normal(size=50_000),
        "sparse": np.where(rng.random(50_000) < 0.95, 0, rng.exponential(size=50_000)),
        "heavy": rng.lognormal(0, 3, 50_000),
        "groups": np.repeat(rng.normal(size=2_500), 20),
    }[kind].astype(np.float32)
    exact = norm.ppf((rankdata(scores) - 0.5) / len(scores))
    found = rank_normal(scores)
    assert np.abs(found - exact).mean() < 0.04
    order = np.argsort(scores, kind="stable")
    assert (np.diff(found[order]) >= -1e-5).all()


def test_scores_that_are_all_the_same_say_nothing():
    assert not rank_normal(np.full(9_000, 3.0, np.float32)).any() and len(rank_normal(np.zeros(0, np.float32))) == 0


def test_the_mean_of_all_mixtures_is_the_equal_one():
    for parts in (1, 2, 3, 4):
        grid = mixtures(parts)
        assert grid.sum(1) == pytest.approx(1.0) and grid.mean(0) == pytest.approx(1 / parts)


def _listened(plays: int = 400, tracks: int = 200, seed: int = 0) -> tuple[Timeline, np.ndarray]:
    rng = np.random.default_rng(seed)
    ids = np.arange(1, tracks + 1)
    return Timeline(rng.integers(1, 41, plays), np.sort(rng.uniform(0, 4e7, plays))), ids


def test_a_part_that_knows_gets_the_weight_and_chance_does_not():
    rng = np.random.default_rng(0)
    timeline = Timeline(rng.integers(1, 81, 160), np.sort(rng.uniform(0, 4e7, 160)))
    ids = np.arange(1, 201)
    noise = np.random.default_rng(1).normal(size=len(ids)).astype(np.float32)
    parts = [lambda _l, i: (i <= 80).astype(np.float32) + 0.01 * noise[i - 1], lambda _l, i: noise[i - 1]]
    found = own_weights(parts, timeline, ids, 0)
    assert found.sum() == pytest.approx(1.0) and found[0] > 0.85
    assert np.array_equal(found, own_weights(parts, timeline, ids, 0))


def test_plays_again_give_no_part_any_weight():
    """Counts would tell them best, and every list would be what was played most."""
    ids = np.arange(1, 201)
    again = Timeline(np.tile(np.arange(1, 41), 10), np.sort(np.random.default_rng(2).uniform(0, 4e7, 400)))
    known = [lambda _l, i: (i <= 40).astype(np.float32), lambda _l, i: (i > 40).astype(np.float32)]
    assert own_weights(known, again, ids, 0) == pytest.approx([0.5, 0.5])


def test_little_evidence_leaves_them_equal():
    timeline, ids = _listened(plays=12)
    few = replace(timeline, tracks=np.full(12, 1), moments=np.arange(12.0))
    noise = np.random.default_rng(1).normal(size=len(ids)).astype(np.float32)
    found = own_weights([lambda _l, i: noise[i - 1], lambda _l, i: noise[::-1][i - 1]], few, ids, 0)
    assert found == pytest.approx([0.5, 0.5], abs=0.2)
    assert cuts(Timeline(np.array([1]), np.array([5.0]))) == []
    nothing = Timeline(np.empty(0, np.int64), np.empty(0))
    same = lambda _l, i: noise[i - 1]  # noqa: E731
    assert own_weights([same, same], nothing, ids, 0) == pytest.approx([0.5, 0.5])


def test_the_past_knows_nothing_of_what_came_after():
    timeline, _ids = _listened()
    for start, end in cuts(timeline):
        known = past(timeline, start)
        assert isinstance(known, Listener) and known.name == "past"
        assert sum(known.plays.values()) == int((timeline.moments <= start).sum()) and start < end
    later = replace(timeline, tracks=np.where(timeline.moments > cuts(timeline)[0][0], 7, timeline.tracks))
    assert past(later, cuts(timeline)[0][0]).weights == past(timeline, cuts(timeline)[0][0]).weights
