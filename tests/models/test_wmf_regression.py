"""WMF + regression: sound stands in for plays where there are none, and only as far as it has been shown to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.recommenders.base import Figured, TrainingData
from musicdesk.recommenders.factors import UNKNOWN
from musicdesk.recommenders.registry import configured
from musicdesk.recommenders.regression_tower import SoundRegression
from musicdesk.recommenders.wmf_regression import WmfRegression
from tests.helpers.heard import FIRST, auc_over, cold, painted, training_data, without

MODEL = WmfRegression(factors=32, regularization=1.0, width=64, iterations=8)
RIDGE = replace(MODEL, tower="ridge")
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
    return embedded(training_data(world, without(world.counts(), cold(world)), pictures), pictures)


def embedded(data: TrainingData, pictures: np.ndarray) -> TrainingData:
    """What a plain encoder would give: time in eight parts, the bands of each."""
    parts = pictures.astype(np.float32).mean(axis=1).reshape(len(pictures), 8, -1, pictures.shape[3]).mean(axis=2)
    return replace(data, vectors=Vectors(data.vectors.ids, parts.reshape(len(pictures), -1), "parts"))


@pytest.fixture(scope="module")
def small() -> TrainingData:
    world = grow(replace(SPEC, tracks=60, artists=24, listeners=80, plays_median=0.3))
    pictures = painted(world.tracks.taste)
    return embedded(training_data(world, world.counts(), pictures), pictures)


@pytest.mark.parametrize("model", [MODEL, RIDGE], ids=["conv", "ridge"])
def test_cold_songs_are_found_by_their_sound(model: WmfRegression, data: TrainingData, world: World):
    assert data.crowd is not None
    out = cold(world)
    curves = Curves(Silent())
    fitted = model.fit(data, 1, curves)
    found = auc_over(fitted.score_crowd(data.crowd.plays), world.counts(), out)
    assert found > 0.85, found
    trust = fitted.factors.trust
    predicted = np.isin(fitted.factors.ids, FIRST + out)
    assert isinstance(fitted, Figured) and fitted.figures()["regression"]["trust"] == pytest.approx(trust[predicted][0])
    assert (trust[~predicted] == 1).all() and (trust[predicted] > 0).all() and (trust[predicted] < 1).all()
    if model.tower == "conv":
        best = max(value for _, value in curves.points["validation AUC"])
        assert best == pytest.approx(found, abs=0.06)


def test_plays_alone_know_nothing_of_cold_songs(data: TrainingData, world: World):
    """WMF without the test items gives every one of them the same score: exactly one half."""
    assert data.crowd is not None
    fitted = MODEL.wmf.fit(data, 1, Silent())
    assert auc_over(fitted.score_crowd(data.crowd.plays), world.counts(), cold(world)) == 0.5


def test_shuffled_sound_tells_nothing(world: World):
    """Each song with the sound of another, learned from anew for thirty draws of cold songs."""
    counts, found, true = world.counts(), [], []
    taste = world.tracks.taste
    model = replace(RIDGE, factors=12, iterations=4)
    for seed in range(30):
        out, draw = cold(world, seed=seed), np.random.default_rng(seed)
        data = training_data(world, without(counts, out), np.zeros((SPEC.tracks, 1, 1, 1), np.float16))
        assert data.crowd is not None
        songs = model.wmf.factorize(data.crowd.plays, seed, Silent())
        for order, into in ((draw.permutation(SPEC.tracks), found), (np.arange(SPEC.tracks), true)):
            heard = replace(data, vectors=Vectors(data.vectors.ids, taste[order].astype(np.float32), "taste"))
            learned = model.regression(songs, heard, seed, Silent())
            fitted = model.fitted(songs, learned, heard)
            into.append(auc_over(fitted.score_crowd(data.crowd.plays), counts, out))
    assert np.mean(true) > 0.85
    assert np.mean(found) == pytest.approx(0.5, abs=0.01), (np.mean(found), np.std(found))


def test_tracks_that_no_crowd_knows_get_a_score(small: TrainingData):
    assert small.crowd is not None
    tracks = np.where(np.arange(60) < 45, small.crowd.tracks, -1)
    part = replace(small, crowd=replace(small.crowd, tracks=tracks))
    for model in (QUICK, RIDGE):
        scores = model.fit(part, 1, Silent()).score(Listener(plays={TrackId(FIRST): 3}), small.vectors.ids)
        assert (scores > UNKNOWN).all() and len(set(scores[45:].tolist())) == 15


def test_what_is_saved_scores_the_same(small: TrainingData, tmp_path: Path):
    fitted = QUICK.fit(small, 1, Silent())
    fitted.save(tmp_path)
    listener = Listener(plays={TrackId(FIRST + 5): 2})
    again = QUICK.load(tmp_path, replace(small, windows=None)).score(listener, small.vectors.ids)
    assert np.array_equal(again, fitted.score(listener, small.vectors.ids))


def test_it_says_what_it_needs(small: TrainingData):
    assert "import a crowd" in (MODEL.why_not(replace(small, crowd=None)) or "")
    assert MODEL.why_not(small) is None and RIDGE.why_not(replace(small, windows=None)) is None
    assert small.windows is not None
    few = replace(small, windows=small.windows.only(np.arange(7)))
    assert "Only 7 songs" in (MODEL.why_not(few) or "") and RIDGE.why_not(few) is None
    assert len(RIDGE.listens_to(small)) == 0 and len(MODEL.listens_to(small)) == 60


def test_settings_that_are_words():
    assert configured("wmf_regression", {"tower": "ridge"}).parameters()["tower"] == "ridge"
    with pytest.raises(Unusable, match="one of conv, ridge, not '3'"):
        configured("wmf_regression", {"tower": 3})


def losses(model: WmfRegression, data: TrainingData) -> list[list[float]]:
    curves = Curves(Silent())
    model.fit(data, 1, curves)
    return curves.points["loss"]


def test_the_same_seed_is_the_same_model(small: TrainingData, tmp_path: Path):
    whole = losses(QUICK, small)
    assert losses(replace(QUICK), replace(small, scratch=tmp_path)) == whole
    assert losses(QUICK, replace(small, scratch=tmp_path)) == whole, "taken up when it was done"


def test_a_loss_that_is_no_number_stops_with_a_sentence(small: TrainingData):
    with pytest.raises(Unusable, match="the loss is no longer a number"):
        losses(replace(MODEL, epochs=4, learning_rate=1e6), small)


def test_memory_that_runs_out_halves_the_batch(
    small: TrainingData, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    real, sizes = SoundRegression._loss, []

    def starved(self: SoundRegression, songs: np.ndarray, device: torch.device) -> torch.Tensor:
        sizes.append(len(songs))
        if len(songs) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, songs, device)

    monkeypatch.setattr(SoundRegression, "_loss", starved)
    assert np.isfinite(losses(QUICK, small)).all()
    assert sizes[:3] == [16, 8, 4] and max(sizes[3:]) == 4
    assert "going on with 4 songs" in caplog.text
    caplog.clear()
