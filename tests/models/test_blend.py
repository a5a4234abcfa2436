"""The blend: better than sound alone on the planted world, honest about its rung, and its reasons are its score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId
from musicdesk.demo.world import World
from musicdesk.recommenders import ladder
from musicdesk.recommenders.base import SEEDS, CrowdFitted, TrainingData
from musicdesk.recommenders.blend import Blend
from musicdesk.recommenders.blend_fitted import BlendFitted
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.registry import DEFAULT, models
from tests.helpers import planted_taste
from tests.helpers.planted_taste import FIRST, auc, plays_of

MODEL = Blend(factors=16, regularization=2.0, iterations=8)
HIDDEN = range(0, 400, 20)  # listeners that are asked about


@pytest.fixture(scope="module")
def world() -> World:
    return planted_taste.world()


@pytest.fixture(scope="module")
def trained(world: World) -> BlendFitted:
    return MODEL.fit(planted_taste.data(world, plays_of(world, 0, 0.5), with_crowd=True), 0, Silent())


@pytest.fixture(scope="module")
def quick(world: World) -> BlendFitted:
    return MODEL.fit(planted_taste.data(world, plays_of(world, 0, 0.5), with_crowd=False), 0, Silent())


def discovery(world: World, model: object, listener: int) -> float:
    """AUC of the half of a listener's tracks that is hidden, among all that is not shown."""
    shown = plays_of(world, listener, 0.5)
    every = plays_of(world, listener)
    ids = np.arange(FIRST, FIRST + world.spec.tracks)
    played = np.isin(ids, list(shown.plays))
    return auc(model.score(shown, ids), np.isin(ids, list(every.plays)) & ~played, played)  # type: ignore[attr-defined]


def test_it_is_the_model_that_recommends_by_default():
    assert DEFAULT == "blend" and models()[DEFAULT].name == "blend" and not models()[DEFAULT].needs_crowd


def test_it_finds_what_a_listener_plays_better_than_sound_alone(world, trained, quick):
    found = {
        name: np.mean([discovery(world, model, listener) for listener in HIDDEN])
        for name, model in (("trained", trained), ("quick", quick), ("content", quick.parts["content"]))
    }
    assert found["trained"] > found["content"] + 0.01 and found["quick"] > found["content"] - 0.01
    assert found["trained"] > 0.75
    affinity = world.affinity()
    ids = np.arange(FIRST, FIRST + world.spec.tracks)
    oracle = np.mean([discovery(world, _Oracle(affinity[listener], ids), listener) for listener in HIDDEN])
    assert found["trained"] > oracle - 0.05


class _Oracle:
    def __init__(self, truth: np.ndarray, ids: np.ndarray) -> None:
        self.truth = dict(zip(ids.tolist(), truth.tolist(), strict=True))

    def score(self, _listener: Listener, items: np.ndarray) -> np.ndarray:
        return np.array([self.truth[item] for item in items.tolist()])


def test_shuffled_sound_builds_no_bridge(world):
    data = planted_taste.data(world, plays_of(world, 0), with_crowd=True)
    order = np.random.default_rng(1).permutation(len(data.vectors))
    mixed = replace(data, vectors=replace(data.vectors, matrix=data.vectors.matrix[order]))
    made = MODEL.fit(mixed, 0, Silent())
    assert made.bridge is not None and not made.bridge.holds
    assert made.rung(data.listener).name == ladder.ARTISTS and "chance" in made.rung(data.listener).lift


def test_the_rung_follows_what_the_crowd_knows_of_the_listener(world, trained, quick):
    owned = trained._data.crowd.tracks[trained._data.crowd.tracks >= 0].tolist()  # type: ignore[union-attr]
    assert trained.bridge is not None and trained.bridge.holds
    names = {}
    for songs in (0, 1, 4, 5, 19, 20, 40):
        listener = Listener(plays={TrackId(track): 3 for track in owned[:songs]})
        names[songs] = trained.rung(listener).name
    artists = {songs: trained.known(Listener(plays={TrackId(t): 3 for t in owned[:songs]})).artists for songs in (4,)}
    assert names[0] == "questions" and names[5] == names[19] == "artists" and names[20] == names[40] == "full"
    assert names[1] == names[4] == "content" and artists[4] < 5
    assert quick.rung(plays_of(world, 0)).name == "content"
    assert "--crowd" in quick.rung(plays_of(world, 0)).command
    assert list(trained.asked(plays_of(world, 0))) == ["crowd", "content", "artist", "popularity"]
    assert list(trained.asked(Listener(SEEDS, liked={TrackId(FIRST): 1.0}))) == ["crowd", "content", "artist"]


def test_the_rung_of_a_day_in_the_past_does_not_stand_on_plays_elsewhere(world, trained):
    """They have no times that a past could be cut from."""
    given = trained._data
    links = given.crowd.links
    mine = np.ones(len(given.crowd.mine), np.float32)
    crowd = replace(given.crowd, mine=mine, links=replace(links, mine=np.ones_like(links.mine)))
    made = BlendFitted(trained.parameters, replace(given, crowd=crowd), trained.parts, {}, trained._songs)
    now = Listener(plays={TrackId(FIRST): 3})
    then = replace(now, name="past")
    assert made.known(now).songs >= len(mine) and made.known(now).artists == len(links.mine)
    assert (made.known(then).songs, made.known(then).artists) == (
        trained.known(then).songs,
        trained.known(then).artists,
    )


def test_reasons_are_the_scores_own_parts(world, trained):
    listener = plays_of(world, 0, 0.5)
    ids = trained._data.vectors.ids
    score = dict(zip(ids.tolist(), trained.score(listener, ids).tolist(), strict=True))
    said = trained._said(listener)
    for row in (0, 100, 200, int(np.argmax(list(score.values()))), int(np.argmin(list(score.values())))):
        values = {part: said.weights[part] * said.normal[part][row] for part in said.weights}
        assert sum(values.values()) == pytest.approx(score[int(ids[row])], abs=1e-5)
        reasons = trained.explain(listener, TrackId(int(ids[row])))
        assert sum(reason.share for reason in reasons) == pytest.approx(1.0) and min(r.share for r in reasons) >= 0
        against = -sum(value for value in values.values() if value < 0) / sum(map(abs, values.values()))
        told = sum(reason.share for reason in reasons if reason.text.startswith("held back"))
        assert told <= against + 1e-6  # what is left out is among the smaller reasons
    best = TrackId(int(ids[int(np.argmax(list(score.values())))]))
    assert not trained.explain(listener, best)[0].text.startswith("held back")


def test_scores_do_not_hang_on_which_items_are_asked(trained, world):
    listener, ids = plays_of(world, 3, 0.5), trained._data.vectors.ids
    every = trained.score(listener, ids)
    some = trained.score(listener, np.array([ids[7], 5, ids[3]]))
    assert some[0] == every[7] and some[2] == every[3] and some[1] < every.min()
    assert np.isfinite(every).all() and every.dtype == np.float32


def test_what_is_saved_scores_the_same(trained, world, tmp_path: Path):
    trained.save(tmp_path)
    data: TrainingData = trained._data
    again = MODEL.load(tmp_path, data)
    listener, ids = plays_of(world, 5, 0.5), data.vectors.ids
    assert again.score(listener, ids) == pytest.approx(trained.score(listener, ids), abs=1e-5)
    assert again.rung(listener) == trained.rung(listener) and isinstance(again, CrowdFitted)
    with pytest.raises(Unusable, match="other songs"):
        MODEL.load(tmp_path, replace(data, crowd=None))
    with pytest.raises(Unusable, match="another encoder"):
        MODEL.load(tmp_path, replace(data, vectors=replace(data.vectors, encoder="other")))


def test_tracks_that_came_later_are_bridged_on_loading(trained, world, tmp_path: Path):
    data: TrainingData = trained._data
    half = replace(data, vectors=replace(data.vectors, ids=data.vectors.ids[:240], matrix=data.vectors.matrix[:240]))
    MODEL.fit(half, 0, Silent()).save(tmp_path)
    listener = plays_of(world, 5, 0.5)
    again = MODEL.load(tmp_path, data)
    places = again.parts["crowd"].factors.places(data.vectors.ids)  # type: ignore[attr-defined]
    assert (places >= 0).all() and np.isfinite(again.score(listener, data.vectors.ids)).all()


def test_a_training_that_was_killed_keeps_the_factors(world, tmp_path: Path):
    data = replace(planted_taste.data(world, plays_of(world, 0), with_crowd=True), scratch=tmp_path)
    first = MODEL.fit(data, 0, Silent())
    assert (tmp_path / "songs.safetensors").is_file()
    assert data.crowd is not None
    fewer = data.crowd.of(data.crowd.plays[:50])  # would teach other factors, were they learned again
    again = MODEL.fit(replace(data, crowd=fewer), 0, Silent())
    assert np.array_equal(first._songs, again._songs)
    assert not np.array_equal(first._songs, MODEL.fit(replace(data, crowd=fewer, scratch=None), 0, Silent())._songs)


def test_weights_come_from_the_listeners_own_past(world):
    data = planted_taste.data(world, plays_of(world, 0), with_crowd=True)
    made = MODEL.fit(replace(data, timeline=planted_taste.timeline(world, 0)), 0, Silent())
    weights = made.weights["crowd+content+artist+popularity"]
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-3) and min(weights.values()) > 0
    assert made._said(data.listener).weights == weights
    assert MODEL.fit(data, 0, Silent()).weights == {}  # without times: equal


def test_without_a_crowd_likes_alone_are_content(world, quick):
    listener = Listener(liked={TrackId(FIRST + 3): 1.0, TrackId(FIRST + 50): 1.0})
    ids = quick._data.vectors.ids
    content = Content().fit(quick._data, 0, Silent()).score(listener, ids)
    mine = quick.score(listener, ids)
    top = set(ids[np.argsort(-content)[:20]].tolist())
    assert len(top & set(ids[np.argsort(-mine)[:20]].tolist())) >= 8  # artists have a say too
    assert not quick._said(listener).normal["popularity"].any()
    assert "nothing is liked" in (Blend().why_not(replace(quick._data, listener=Listener())) or "").lower()


def test_crowd_scores_come_from_the_fold_in(trained, world):
    plays = trained._data.crowd.plays[:3]  # type: ignore[union-attr]
    assert trained.score_crowd(plays).shape == (3, world.spec.tracks)
    with pytest.raises(Unusable, match="has not learned from a crowd"):
        MODEL.fit(replace(trained._data, crowd=None), 0, Silent()).score_crowd(plays)
