"""Rows that are tried out: drawn with the probability that is written, within the rules, the same by the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.types import TrackId, Verdict
from musicdesk.evaluation.feedback import Picks, tried
from musicdesk.evaluation.intervals import clumped, weighted
from musicdesk.playlists import trial
from musicdesk.playlists.assemble import assemble
from musicdesk.playlists.rules import Candidates, candidates
from musicdesk.playlists.sequence import repeats_within
from musicdesk.playlists.trial import Limits, slots
from musicdesk.playlists.wish import Wish
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.recommend import Request, prepare, recommend
from tests.helpers.big_catalog import fill

SEEDS = 4_000
WISH = Wish(30, 0.0, surprise=0.1)


def library(n: int = 400, artists: int = 120, seed: int = 1) -> Candidates:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 12)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = np.zeros(n, np.float32)
    known[::9] = 1.0
    codes = {"artists": rng.integers(0, artists, n), "albums": rng.integers(0, 200, n), "songs": np.arange(n)}
    return candidates(np.arange(1, n + 1), rng.normal(size=n), vectors=vectors, known=known, **codes)


def test_tracks_are_drawn_as_often_as_is_written() -> None:
    choices = library(60, 40)
    rows, value = np.arange(60), np.linspace(1.0, 0.0, 60)
    counts, written = np.zeros(60), np.full(60, np.nan)
    found = trial.scenarios(choices, rows, value, np.arange(20), 3, Limits(2, 2))
    assert found is not None
    for seed in range(SEEDS):
        drawn = found.drawn(seed)
        assert len(drawn.at) == len(set(drawn.at.tolist())) == 3 and (drawn.at >= 20).all()
        again = written[drawn.at]
        assert ((again == drawn.propensity) | np.isnan(again)).all(), "of one state a track has one probability"
        counts[drawn.at] += 1
        written[drawn.at] = drawn.propensity
    met = np.isfinite(written)
    error = np.sqrt(written[met] * (1 - written[met]) / SEEDS)
    assert (np.abs(counts[met] / SEEDS - written[met]) < 4.5 * error + 1e-9).all()
    assert written[met].sum() == pytest.approx(3.0, abs=0.02), "what was never met is hardly ever drawn"
    assert met.sum() > 15 and written[met].max() < 1.0


def test_what_is_far_from_all_that_is_known_is_tried_more() -> None:
    choices = library(200)
    known = np.zeros(200, np.float32)
    known[:60] = 1.0
    vectors = np.array(choices.vectors)
    vectors[60:130, 6:], vectors[130:, :6], vectors[:60, 6:] = 0.0, 0.0, 0.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    choices = replace(choices, known=known, vectors=vectors, artists=np.arange(200))
    spread = trial._scenarios(choices, np.arange(60, 200)).std(axis=0)
    assert spread[:70].mean() < 0.6 * spread[70:].mean()
    nothing = trial._scenarios(replace(choices, known=np.zeros(200, np.float32)), np.arange(60, 200)).std(axis=0)
    assert nothing.max() < 1.1 * trial.SPREAD * 1.2 and spread.max() <= nothing.max() + 0.05


@pytest.mark.parametrize("surprise", [0.1, 0.4])
def test_a_list_with_trials_is_a_list_still(surprise: float) -> None:
    choices = library()
    plain = assemble(choices, replace(WISH, surprise=0.0))
    made = assemble(choices, replace(WISH, surprise=surprise), seed=5)
    again = assemble(choices, replace(WISH, surprise=surprise), seed=5)
    assert made.rows.tolist() == again.rows.tolist() and made.propensity == again.propensity
    assert plain.propensity == ()
    drawn = [row for row, share in zip(made.rows.tolist(), made.propensity, strict=True) if share is not None]
    assert len(drawn) == slots(30, surprise) and len(made.rows) == 30
    assert not set(drawn) & set(plain.rows.tolist()), "what is tried out would not have been there"
    assert set(made.rows.tolist()) - set(drawn) < set(plain.rows.tolist())
    assert not repeats_within(choices.artists[made.rows], plain.window) and made.window == plain.window
    _, albums = np.unique(choices.albums[made.rows], return_counts=True)
    assert albums.max() <= WISH.album_most
    places = [place for place, share in enumerate(made.propensity) if share is not None]
    assert min(places) < 15 < max(places), "they stand among the others, not behind them"
    for score, parts, share in zip(made.scores, made.parts, made.propensity, strict=True):
        assert score == pytest.approx(sum(parts.values()), abs=1e-5) and (parts["trial"] != 0) == (share is not None)


def test_pins_stay_and_nothing_is_tried_where_nothing_can_be() -> None:
    choices = library()
    pinned = ((0, TrackId(int(choices.ids[np.argmin(choices.scores)]))), (7, TrackId(3)))
    made = assemble(choices, replace(WISH, pinned=pinned, surprise=1.0), seed=2)
    assert [int(choices.ids[made.rows[place]]) for place, _ in pinned] == [track for _, track in pinned]
    assert [made.propensity[place] for place, _ in pinned] == [None, None]
    assert sum(share is not None for share in made.propensity) == 28
    for few in (library(30), candidates(np.arange(50), np.ones(50))):
        assert assemble(few, WISH).propensity == ()
    assert assemble(choices, replace(WISH, ordered=False)).propensity == ()
    assert slots(30, 0.1) == 3 and slots(9, 0.1) == 0 and slots(10, 0.3) == 3


def test_a_list_tells_and_keeps_what_was_tried_out(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        ids = fill(desk.catalog, 400, desk.encoder)
        for track in ids[::40]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        made = recommend(desk, Request(adventure=0.0))
        assert made.id is not None
        kept = desk.catalog.playlists.get(made.id)
        drawn = [pick for pick in kept.picks if pick.propensity is not None]
        assert len(drawn) == 3 and [pick.propensity for pick in kept.picks] == [pick.propensity for pick in made.picks]
        for pick in drawn:
            assert any(reason.text.startswith("tried out") for reason in pick.reasons)
            assert sum(reason.points for reason in pick.reasons) == pytest.approx(pick.score, abs=1e-4)
        assert recommend(desk, Request(adventure=0.0)).picks == made.picks
        for request in (Request(adventure=0.0, surprise=0.0), Request("similar", (TrackId(int(ids[0])),))):
            assert all(pick.propensity is None for pick in prepare(desk, request).compose(request)[0].picks)
        shown = {fate.pick: fate.propensity for fate in desk.catalog.fates.all() if fate.list == made.id}
        assert sorted(filter(None, shown.values())) == sorted(pick.propensity or 0 for pick in drawn)


def test_a_like_rate_by_inverse_propensity_is_that_of_all_that_could_be_tried() -> None:
    rng = np.random.default_rng(3)
    chance = np.array([0.5, 0.3, 0.1, 0.06, 0.04])  # of each of five tracks, one drawn per list
    likes = np.array([0.9, 0.8, 0.3, 0.2, 0.1])  # what is drawn most is liked most
    track = rng.choice(5, 20_000, p=chance)
    liked = rng.random(len(track)) < likes[track]
    no = np.zeros(len(track), bool)
    numbers = np.arange(len(track))
    picks = Picks(numbers * 0, numbers, numbers * 1.0, track, liked, ~liked, no, no, no, chance[track], no)
    found = tried(picks, np.ones(len(track), bool))
    assert found.met == found.shown == 20_000 and found.like.mean == pytest.approx(chance @ likes, abs=0.02)
    assert found.unbiased.mean == pytest.approx(likes.mean(), abs=0.02)
    assert found.unbiased.low < likes.mean() < found.unbiased.high
    nobody = tried(replace(picks, propensity=np.full(len(track), np.nan)), np.ones(len(track), bool))
    assert nobody.shown == 0 and np.isnan(nobody.unbiased.mean)


def test_equal_weights_are_a_plain_share() -> None:
    rng = np.random.default_rng(0)
    hits, clumps = rng.random(200) < 0.3, np.repeat(np.arange(20), 10)
    same, plain = weighted(hits, np.full(200, 2.0), clumps), clumped(hits, clumps)
    assert same.mean == pytest.approx(plain.mean)
    assert (same.low, same.high) == pytest.approx((plain.low, plain.high), abs=0.02)
    assert weighted(np.ones(4, bool), np.ones(4), np.arange(4)).low == pytest.approx(
        clumped(np.ones(4, bool), np.arange(4)).low
    )
