"""The own history as a test: what came later is not known before, controls are where they belong, weeks are blocks."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener
from musicdesk.evaluation.own_history import FOLDS, enough, folds, own_history
from musicdesk.recommenders.base import Timeline
from musicdesk.recommenders.blend import Blend
from musicdesk.recommenders.content import Content
from musicdesk.workflows.measure import measured
from musicdesk.workflows.own_history import by_time, long_enough
from tests.helpers import planted_taste
from tests.helpers.planted_taste import WEEK_S, plays_of

IDS = np.arange(1, 101)


def history(plays: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """New tracks all the time, old ones again; tracks 1 to 60 are liked, 61 to 100 never played."""
    rng = np.random.default_rng(seed)
    reach = np.maximum(1, 60 * np.arange(1, plays + 1) // plays)
    return rng.integers(1, reach + 1), 1.6e9 + np.sort(rng.uniform(0, 40 * WEEK_S, plays))


def ask(**models):  # type: ignore[no-untyped-def]
    chance = np.random.default_rng(9).random(len(IDS))
    tracks, moments = history()
    return own_history(models, {"random": lambda _t, _m: chance}, tracks, moments, IDS, 0, Silent())


def test_first_plays_and_plays_again_are_two_questions():
    tracks, moments = history()
    cuts = folds(tracks, moments, IDS)
    assert len(cuts) == FOLDS
    for before, targets in cuts:
        known = set(tracks[before].tolist())
        assert not set(IDS[targets["discovery"].rows].tolist()) & known
        assert set(IDS[targets["relistening"].rows].tolist()) <= known
        assert set(IDS[targets["discovery"].rivals].tolist()) == set(IDS.tolist()) - known
        assert set(IDS[targets["relistening"].rivals].tolist()) == known
    new = [row for _b, targets in cuts for row in targets["discovery"].rows.tolist()]
    assert len(new) == len(set(new))  # a track is new once


def test_a_model_is_told_nothing_of_what_comes_after():
    tracks, moments = history()
    seen: list[float] = []

    def spy(known: np.ndarray, at: np.ndarray) -> np.ndarray:
        seen.append(float(at.max()))
        assert len(known) == (moments <= at.max()).sum() and np.array_equal(known, tracks[: len(known)])
        return np.zeros(len(IDS))

    own_history({"spy": spy}, {"random": lambda _t, _m: np.zeros(len(IDS))}, tracks, moments, IDS, 0, Silent())
    assert seen == sorted(seen) and len(seen) == FOLDS and seen[-1] < moments[-1]


def test_figures_are_where_they_belong():
    found = ask(
        oracle=lambda _t, _m: (IDS <= 60).astype(float),
        wrong=lambda _t, _m: -(IDS <= 60).astype(float),
        tied=lambda _t, _m: np.zeros(len(IDS)),
    )
    table = found["discovery"]
    assert table["oracle"]["auc"] > 0.7 and table["wrong"]["auc"] < 0.3 and table["tied"]["auc"] == 0.5
    assert table["random"]["auc"] == pytest.approx(0.5, abs=0.15) and table["random"]["control"]
    low, high = table["oracle"]["auc_interval"]
    assert low < table["oracle"]["auc"] < high
    gap = table["oracle"]["gap"]
    assert gap["against"] == "random" and gap["auc"] == pytest.approx(
        table["oracle"]["auc"] - table["random"]["auc"], abs=2e-4
    )
    assert gap["p"] < 0.05 and "gap" not in table["random"]
    json.dumps(found, allow_nan=False)


def test_auc_is_the_share_of_rivals_that_come_after():
    tracks, moments = history()
    scores = np.random.default_rng(4).normal(size=len(IDS))
    one = own_history({"m": lambda _t, _m: scores}, {"c": lambda _t, _m: scores}, tracks, moments, IDS, 0, Silent())
    every = []
    for _before, both in folds(tracks, moments, IDS):
        asked = both["discovery"]
        others = np.setdiff1d(np.flatnonzero(asked.rivals), asked.rows)
        every.append((scores[asked.rows][:, None] > scores[others][None, :]).mean(axis=1))
    assert one["discovery"]["m"]["auc"] == pytest.approx(np.concatenate(every).mean(), abs=1e-4)
    assert one["discovery"]["m"]["gap"]["auc"] == 0 and one["discovery"]["m"]["gap"]["p"] == 1.0


def test_recall_is_the_share_of_the_first_places_in_each_stretch():
    """What is asked for takes the first places from each other: of thirty tracks ten at most can be among ten."""
    tracks, moments = history()
    scores = (IDS <= 60) + np.random.default_rng(4).normal(size=len(IDS))
    one = own_history({"m": lambda _t, _m: scores}, {"c": lambda _t, _m: scores}, tracks, moments, IDS, 0, Silent())
    cuts = [both["discovery"] for _before, both in folds(tracks, moments, IDS)]
    for k in (10, 20):
        hits, weights = [], []
        for asked in cuts:
            first = [row for row in np.argsort(-scores) if asked.rivals[row]][:k]
            hits.append(len(set(first) & set(asked.rows.tolist())) / min(k, len(asked.rows)))
            weights.append(len(asked.rows))
        assert one["discovery"]["m"][f"recall@{k}"] == pytest.approx(np.average(hits, weights=weights), abs=1e-4)
        assert one["discovery"]["m"][f"recall@{k}_interval"][1] <= 1


def test_a_stretch_without_rivals_does_not_choose_the_control():
    """In the last stretches all that was left is played: what had nothing to be told from has no figure."""
    tracks, moments = history()
    ids = np.unique(tracks)
    last = [both["discovery"] for _before, both in folds(tracks, moments, ids)][-1]
    assert set(last.rows.tolist()) == set(np.flatnonzero(last.rivals).tolist())
    worse = {f"bad {n:02}": lambda _t, _m: ids.astype(float) for n in range(30)}  # what comes last is put first
    controls = {**worse, "good": lambda _t, _m: -ids.astype(float)}
    model = {"model": lambda _t, _m: -ids.astype(float)}
    found = own_history(model, controls, tracks, moments, ids, 0, Silent())["discovery"]
    assert found["good"]["auc"] > found["bad 00"]["auc"]
    assert found["model"]["gap"] == {"against": "good", "auc": 0.0, "interval": [0.0, 0.0], "p": 1.0}


def test_where_nothing_has_a_rival_nothing_is_compared():
    tracks, moments = np.arange(1, 41), 1.6e9 + np.arange(40) * WEEK_S
    ids = np.unique(tracks)
    found = own_history(
        {"model": lambda _t, _m: ids.astype(float)}, {"control": lambda _t, _m: np.zeros(len(ids))},
        tracks, moments, ids, 0, Silent(), days=35.0,
    )  # fmt: skip
    assert found["discovery"]["model"]["recall@10"] is None, "among nobody anything is the first"
    assert found["discovery"]["model"]["auc"] is None and "gap" not in found["discovery"]["model"]
    json.dumps(found, allow_nan=False)


def test_a_single_week_has_no_interval():
    """New tracks over months, old ones again in the last week alone."""
    moments = 1.6e9 + np.arange(60) * WEEK_S / 3
    tracks = np.concatenate([np.arange(1, 61), np.arange(1, 16)])
    moments = np.concatenate([moments, moments[-1] + 100.0 + np.arange(15)])
    models = {"model": lambda _t, _m: -np.arange(100.0)}
    found = own_history(models, {"flat": lambda _t, _m: np.zeros(100)}, tracks, moments, IDS, 0, Silent())
    again, first = found["relistening"]["model"], found["discovery"]["model"]
    assert again["auc"] > 0.5 and again["auc_interval"] is None
    assert again["gap"]["interval"] is None and again["gap"]["p"] == 1.0
    assert first["auc_interval"] is not None and first["gap"]["interval"] is not None and first["gap"]["p"] < 1.0
    json.dumps(found, allow_nan=False)


def test_short_histories_say_nothing():
    tracks, moments = history()
    assert enough(tracks, moments, IDS) and not enough(tracks[:15], moments[:15], IDS)
    assert not enough(np.ones(300, np.int64), moments[:300], IDS)
    assert not enough(tracks, np.full(len(tracks), 5.0), IDS)


@pytest.fixture(scope="module")
def data():  # type: ignore[no-untyped-def]
    world = planted_taste.world()
    line = planted_taste.timeline(world, 20)
    return replace(planted_taste.data(world, plays_of(world, 20), with_crowd=True), timeline=line)


def test_on_the_planted_world_the_blend_discovers_better_than_every_control():
    """Mean over the listeners whose history is long enough; one alone has too few first plays to tell."""
    world = planted_taste.world()
    first = planted_taste.data(world, plays_of(world, 0), with_crowd=True)
    blend = Blend(factors=16, regularization=2.0, iterations=8).fit(first, 0, Silent())
    tables = []
    for listener in range(0, 400, 13):
        data = replace(first, timeline=planted_taste.timeline(world, listener))
        if long_enough(data):
            tables.append(by_time({"blend": blend}, data, 0, Silent()))
    found = {name: np.mean([t["discovery"][name]["auc"] for t in tables]) for name in tables[0]["discovery"]}
    controls = {"popularity", "most played", "recency", "mean of likes", "shuffled content", "random"}
    assert found.keys() == controls | {"blend"} and len(tables) > 10
    assert all(found["blend"] > found[name] + 0.02 for name in controls)
    assert found["shuffled content"] == pytest.approx(0.5, abs=0.05)
    assert found["most played"] == found["recency"] == 0.5  # nothing new was ever played
    again = [t["relistening"] for t in tables]
    assert np.mean([t["recency"]["auc"] for t in again]) > 0.6


def test_training_measures_over_time_where_there_are_times(data):
    model = Content()
    fitted = model.fit(data, 0, Silent())
    found = measured(model, fitted, data, 0, Silent())
    assert found["split"] == "time" and found["note"] == "" and found["held_out"] >= 20
    assert {"auc", "auc_interval", "recall@20"} <= found.keys() and found["relistening"]["auc"] is not None
    assert found["controls"]["popularity"]["auc"] is not None and "random" in found["relistening"]["controls"]
    without = replace(data, timeline=None)
    assert not long_enough(without) and "split" not in measured(model, fitted, without, 0, Silent())
    with pytest.raises(NotReady, match="too short"):
        by_time({}, replace(data, timeline=Timeline(np.empty(0, np.int64), np.empty(0))), 0, Silent())


def test_a_blends_weights_are_learned_before_each_cut(data):
    made = Blend(factors=16, regularization=2.0, iterations=8).fit(data, 0, Silent())
    half = len(data.timeline.moments) // 2
    early = Timeline(data.timeline.tracks[:half], data.timeline.moments[:half])
    listener: Listener = data.listener
    assert made.weighed(early, listener, 0).weights != made.weights
    later = Timeline(np.where(np.arange(len(data.timeline.tracks)) < half, data.timeline.tracks, 1_001),
                     data.timeline.moments)  # fmt: skip
    again = Timeline(later.tracks[:half], later.moments[:half])
    assert made.weighed(again, listener, 0).weights == made.weighed(early, listener, 0).weights
