"""DCUE: its losses are the paper's, it places by sound what nobody has played, and its control cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.core.types import Listener, TrackId
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.recommenders.base import CrowdFitted, Hears, TrainingData
from musicdesk.recommenders.content_user import ContentUser, ContentUserFitted
from musicdesk.recommenders.factors import UNKNOWN
from musicdesk.recommenders.registry import configured
from musicdesk.recommenders.two_towers import (
    Plays,
    TwoTowers,
    TwoTowersLearner,
    draw_negatives,
    hinge_loss,
    softmax_loss,
)
from tests.helpers.heard import FIRST, auc_over, cold, painted, training_data, without

MODEL = ContentUser(dim=32, epochs=18, learning_rate=2e-3)
QUICK = replace(MODEL, epochs=2)
SPEC = WorldSpec(artists=80, tracks=400, listeners=600, plays_median=0.1)


@pytest.fixture(scope="module")
def world() -> World:
    return grow(SPEC)


@pytest.fixture(scope="module")
def pictures(world: World) -> np.ndarray:
    return painted(world.tracks.taste)


@pytest.fixture(scope="module")
def data(world: World, pictures: np.ndarray) -> TrainingData:
    """A quarter of the songs, whole artists, is played by nobody."""
    return training_data(world, without(world.counts(), cold(world)), pictures)


@pytest.fixture(scope="module")
def small() -> TrainingData:
    world = grow(replace(SPEC, tracks=60, artists=24, listeners=80, plays_median=0.3))
    return training_data(world, world.counts(), painted(world.tracks.taste))


@pytest.fixture(scope="module")
def fitted(data: TrainingData) -> ContentUserFitted:
    return MODEL.fit(data, 1, Silent())


# the losses


def test_hinge_of_a_hand_computed_case():
    """Two listeners, three songs. Listener 0 has played 0, listener 1 has played 0 and 2."""
    scores = torch.tensor([[0.5, 0.4, 0.1], [0.2, 0.3, 0.6]])
    rows, columns = torch.tensor([0, 1, 1]), torch.tensor([0, 0, 2])
    negatives = torch.tensor([[1, 2], [1, 1], [1, 1]])
    counts = torch.tensor([[True, True], [True, False], [True, True]])
    # play 0: max(0, .2-.5+.4) + max(0, .2-.5+.1) = .1; play 1: max(0, .2-.2+.3) = .3; play 2: twice max(0, .2-.6+.3)
    assert hinge_loss(scores, rows, columns, negatives, counts, 0.2).item() == pytest.approx((0.1 + 0.3 + 0.0) / 3)


def test_softmax_of_a_hand_computed_case():
    scores = torch.tensor([[0.5, 0.4, 0.1], [0.2, 0.3, 0.6]])
    rows, columns = torch.tensor([0, 1, 1]), torch.tensor([0, 0, 2])
    e = [np.exp(10 * np.array(row)) for row in scores.tolist()]
    wanted = [
        -np.log(e[0][0] / e[0].sum()),
        -np.log(e[1][0] / (e[1][0] + e[1][1])),
        -np.log(e[1][2] / (e[1][2] + e[1][1])),
    ]
    assert softmax_loss(scores / 0.1, rows, columns).item() == pytest.approx(np.mean(wanted), rel=1e-5)


@pytest.mark.parametrize("loss", ["softmax", "hinge"])
def test_a_listener_who_has_played_everything_has_no_negatives(loss: str):
    played = torch.ones(1, 4, dtype=torch.bool)
    scores = torch.rand(1, 4, requires_grad=True)
    rows, columns = torch.zeros(4, dtype=torch.int64), torch.arange(4)
    if loss == "softmax":
        value = softmax_loss(scores / 0.1, rows, columns)
    else:
        value = hinge_loss(scores, rows, columns, *draw_negatives(played, rows, 5, torch.Generator()), 0.2)
    torch.autograd.backward(value)
    assert value.item() == pytest.approx(0, abs=1e-6) and scores.grad is not None and scores.grad.isfinite().all()


def test_negatives_are_never_songs_that_the_listener_has_played():
    draw = torch.Generator().manual_seed(1)
    played = torch.rand(50, 64, generator=draw) < torch.linspace(0, 1, 50)[:, None]
    rows, _ = played.nonzero(as_tuple=True)
    negatives, counts = draw_negatives(played, rows, 20, draw)
    assert not (played[rows[:, None], negatives] & counts).any()
    usual = played.float().mean(dim=1)[rows] < 0.4
    assert counts[usual].float().mean() > 0.99
    drawn = torch.bincount(negatives[counts], minlength=64)
    assert drawn.min() > 0


def test_of_very_many_listeners_a_part_speaks_with_all_their_plays(
    small: TrainingData, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("musicdesk.recommenders.two_towers.MOST_LISTENERS", 10)
    assert small.crowd is not None and small.windows is not None
    columns = np.arange(0, 60, 2)
    plays = small.crowd.plays.tocsc()
    learner = TwoTowersLearner(
        Plays(plays[:, columns], columns, plays[:, :0], columns[:0]), 60, small.windows, QUICK, 1, torch.device("cpu")
    )
    chosen = np.array([3, 7, 11, 20])
    listeners, rows, places = learner._pairs(chosen, torch.Generator().manual_seed(1))
    assert len(listeners) == 10 and len(set(listeners.tolist())) == 10
    told = np.zeros((10, 4), bool)
    told[rows, places] = True
    assert np.array_equal(told, plays[:, columns[chosen]].toarray()[listeners] > 0)
    assert np.isfinite(losses(QUICK, small)).all()


def test_the_papers_tower_has_722304_parameters():
    network = TwoTowers(10, 5, 256, (130, 128), sparse=False)
    assert sum(value.numel() for value in network.tower.parameters()) == 722_304


# what it learns


def test_it_places_by_sound_what_nobody_has_played(fitted: ContentUserFitted, data: TrainingData, world: World):
    assert data.crowd is not None
    out = cold(world)
    scores = fitted.score_crowd(data.crowd.plays, np.arange(SPEC.listeners))
    oracle = auc_over(world.affinity(), world.counts(), out)
    found = auc_over(scores, world.counts(), out)
    assert found > 0.82 and found > oracle - 0.08, (found, oracle)


def test_a_listener_who_was_not_there_is_folded_in(fitted: ContentUserFitted, data: TrainingData, world: World):
    assert data.crowd is not None
    out = cold(world)
    known = auc_over(fitted.score_crowd(data.crowd.plays, np.arange(SPEC.listeners)), world.counts(), out)
    folded = auc_over(fitted.score_crowd(data.crowd.plays), world.counts(), out)
    assert folded > known - 0.03
    mixed = fitted.score_crowd(data.crowd.plays[:3], np.array([0, -1, 2]))
    assert np.allclose(
        mixed[[0, 2]], fitted.score_crowd(data.crowd.plays, np.arange(SPEC.listeners))[[0, 2]], atol=1e-6
    )
    assert np.allclose(mixed[1], fitted.score_crowd(data.crowd.plays[1:2])[0], atol=1e-5)


def test_the_paper_loss_and_optimizer_learn_as_well(data: TrainingData, world: World):
    assert data.crowd is not None
    model = ContentUser(dim=32, epochs=8, loss="hinge", optimizer="sgd", learning_rate=0.01)
    scores = model.fit(data, 1, Silent()).score_crowd(data.crowd.plays, np.arange(SPEC.listeners))
    assert auc_over(scores, world.counts(), cold(world)) > 0.8


def test_songs_as_numbers_know_nothing_of_cold_ones(world: World):
    """The item-index control, over six draws of cold songs: half is what chance gives."""
    counts = world.counts()
    model = ContentUser(dim=16, tower="index", epochs=12, learning_rate=5e-3)
    warm, found = [], []
    for seed in range(6):
        out = cold(world, seed=seed)
        data = training_data(world, without(counts, out), np.zeros((SPEC.tracks, 1, 1, 1), np.float16))
        assert data.crowd is not None
        scores = model.fit(data, seed, Silent()).score_crowd(data.crowd.plays, np.arange(SPEC.listeners))
        found.append(auc_over(scores, counts, out))
        warm.append(auc_over(scores, counts, np.setdiff1d(np.arange(SPEC.tracks), out)))
    assert np.mean(warm) > 0.85
    assert np.mean(found) == pytest.approx(0.5, abs=0.03), found


def test_shuffled_sound_tells_nothing(world: World, pictures: np.ndarray):
    """The same songs with the sound of others, learned from anew four times."""
    counts, found = world.counts(), []
    for seed in range(4):
        out = cold(world, seed=seed)
        wrong = pictures[np.random.default_rng(seed).permutation(SPEC.tracks)]
        data = training_data(world, without(counts, out), wrong)
        assert data.crowd is not None
        scores = replace(MODEL, epochs=3).fit(data, seed, Silent()).score_crowd(data.crowd.plays)
        found.append(auc_over(scores, counts, out))
    assert np.mean(found) == pytest.approx(0.5, abs=0.04), found


# the library


def test_tracks_without_windows_have_no_score(small: TrainingData):
    assert small.crowd is not None and small.windows is not None
    data = replace(small, windows=small.windows.only(np.arange(50)))
    fitted = QUICK.fit(data, 1, Silent())
    scores = fitted.score(Listener(plays={TrackId(FIRST): 3}), small.vectors.ids)
    assert (scores[50:] == UNKNOWN).all() and (scores[:50] > UNKNOWN).all()
    crowd = fitted.score_crowd(small.crowd.plays[:2])
    assert (crowd[:, 50:] == UNKNOWN).all() and np.abs(crowd[:, :50]).max() <= 1 + 1e-5


def test_tracks_that_no_crowd_knows_are_placed(small: TrainingData):
    assert small.crowd is not None
    tracks = np.where(np.arange(60) < 45, small.crowd.tracks, -1)
    fitted = QUICK.fit(replace(small, crowd=replace(small.crowd, tracks=tracks)), 1, Silent())
    scores = fitted.score(Listener(liked={TrackId(FIRST + 2): 1.0}), small.vectors.ids)
    assert np.isfinite(scores).all() and len(set(scores.tolist())) == 60
    reasons = fitted.explain(Listener(liked={TrackId(FIRST + 2): 1.0}), TrackId(FIRST + 59))
    assert reasons == [] or sum(reason.share for reason in reasons) == pytest.approx(1.0)


def test_what_is_saved_scores_the_same(small: TrainingData, tmp_path: Path):
    assert small.crowd is not None
    fitted = QUICK.fit(small, 1, Silent())
    fitted.save(tmp_path)
    again = QUICK.load(tmp_path, replace(small, windows=None))
    assert isinstance(again, CrowdFitted) and again.parameters == QUICK.parameters()
    members = np.arange(small.crowd.plays.shape[0])
    assert np.array_equal(again.score_crowd(small.crowd.plays, members), fitted.score_crowd(small.crowd.plays, members))
    listener = Listener(plays={TrackId(FIRST + 5): 2})
    assert np.array_equal(again.score(listener, small.vectors.ids), fitted.score(listener, small.vectors.ids))
    other = replace(small.crowd, tracks=small.crowd.tracks[:40])
    with pytest.raises(Unusable, match="other songs"):
        QUICK.load(tmp_path, replace(small, crowd=other))


def test_it_says_what_it_needs(small: TrainingData):
    assert "import a crowd" in (MODEL.why_not(replace(small, crowd=None)) or "")
    assert MODEL.why_not(small) is None and MODEL.why_not(replace(small, windows=None)) is None
    assert small.windows is not None
    few = replace(small, windows=small.windows.only(np.arange(7)))
    assert "Only 7 songs" in (MODEL.why_not(few) or "")
    assert isinstance(MODEL, Hears) and set(MODEL.listens_to(small)) == set(small.vectors.ids)


def test_settings_that_are_words():
    model = configured("content_user", {"tower": "index", "dim": "8"})
    assert model.parameters()["tower"] == "index" and model.parameters()["dim"] == 8
    with pytest.raises(Unusable, match="'tower' of 'content_user' is one of sound, index, not 'piano'"):
        configured("content_user", {"tower": "piano"})


# faults


def losses(model: ContentUser, data: TrainingData, seed: int = 1) -> list[list[float]]:
    curves = Curves(Silent())
    model.fit(data, seed, curves)
    return curves.points["loss"]


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("tower", ["sound", "index"])
def test_the_same_seed_is_the_same_model(small: TrainingData, optimizer: str, tower: str):
    model = replace(QUICK, optimizer=optimizer, tower=tower, loss="hinge")
    assert losses(model, small) == losses(model, small)
    assert losses(model, small) != losses(model, small, seed=2)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_training_cut_off_goes_on_to_the_same_losses(small: TrainingData, tmp_path: Path, optimizer: str):
    model = replace(MODEL, epochs=6, optimizer=optimizer, learning_rate=1e-3)
    whole = losses(model, small)
    data = replace(small, scratch=tmp_path)
    watch = Silent()

    class Stopper(Curves):
        def figure(self, curve: str, step: float, value: float) -> None:
            super().figure(curve, step, value)
            if curve == "loss" and step == 3:
                watch.stop.set()

    with pytest.raises(Exception, match="Stopped"):
        model.fit(data, 1, Stopper(watch))
    assert losses(model, data) == whole


def test_a_loss_that_is_no_number_stops_with_a_sentence(small: TrainingData):
    with pytest.raises(Unusable, match="the loss is no longer a number"):
        replace(MODEL, epochs=4, learning_rate=1e6).fit(small, 1, Silent())


def test_memory_that_runs_out_halves_the_batch(
    small: TrainingData, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    real, sizes = TwoTowersLearner._step, []

    def starved(self: TwoTowersLearner, songs: np.ndarray, *rest: object) -> tuple[float, int]:
        sizes.append(len(songs))
        if len(songs) > 16:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, songs, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(TwoTowersLearner, "_step", starved)
    assert np.isfinite(losses(QUICK, small)).all()
    assert sizes[0] == 32 and max(sizes[1:]) == 16
    assert "going on with 16 songs" in caplog.text
    caplog.clear()


def test_a_device_without_room_is_left_for_the_processor(
    small: TrainingData, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """In the second epoch the device gives up; network and optimisers go on where they were, on the processor."""
    real, moved = TwoTowersLearner._step, []

    def starved(self: TwoTowersLearner, *given: object) -> tuple[float, int]:
        if not moved and self.optimizers[0].state:
            moved.append(True)
            self.pace.device = torch.device("meta")
            self.pace.batch = 16
        if self.pace.device.type == "meta":
            raise torch.OutOfMemoryError("out of memory")
        return real(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(TwoTowersLearner, "_step", starved)
    assert np.isfinite(losses(replace(QUICK, batch=16), small)).all() and moved
    assert "the processor goes on" in caplog.text
    caplog.clear()


def test_bfloat16_learns_almost_the_same(small: TrainingData, monkeypatch: pytest.MonkeyPatch):
    exact = losses(QUICK, small)
    monkeypatch.setattr("musicdesk.learning.windowed.precision", lambda _device: torch.bfloat16)
    rough = losses(QUICK, small)
    assert rough != exact and rough == pytest.approx(np.array(exact), rel=0.05)
