"""Weighted matrix factorization: what it learns is what the paper's equations say, and plays explain it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.recommenders.base import CrowdFitted, TrainingData
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import FactorFitted
from musicdesk.recommenders.wmf import Wmf

MODEL = Wmf(factors=12, regularization=1.0, alpha=10.0, iterations=10)


@pytest.fixture(scope="module")
def world() -> World:
    return grow(WorldSpec(listeners=300))


@pytest.fixture(scope="module")
def data(world: World) -> TrainingData:
    """The first 80 songs of the crowd are tracks 101 to 180; the library has another 20 which nobody played."""
    songs = world.spec.tracks
    tracks = np.where(np.arange(songs) < 80, np.arange(songs) + 101, -1)
    crowd = CrowdPlays.bare(csr_matrix(world.counts().astype(np.float32)))
    crowd = CrowdPlays("c", crowd.read, tracks, crowd.artists, crowd.mine, "d")
    vectors = Vectors(np.arange(101, 201), np.eye(100, 8, dtype=np.float32))
    return TrainingData(vectors, crowd=crowd, titles={TrackId(t): f"song {t}" for t in range(101, 201)})


@pytest.fixture(scope="module")
def fitted(data: TrainingData) -> FactorFitted:
    return MODEL.fit(data, 1, Silent())


def test_fold_in_is_the_closed_form(fitted: FactorFitted, world: World):
    y = fitted.factors.songs.astype(np.float64)
    plays = world.counts()[:5].astype(np.float32)
    found = fitted.fold_in(csr_matrix(plays))
    for row, vector in zip(plays, found, strict=True):
        c = np.where(row > 0, MODEL.confidence.of(row), 1.0).astype(np.float64)
        normal = y.T @ (c[:, None] * y) + MODEL.regularization * np.eye(12)
        assert vector == pytest.approx(np.linalg.solve(normal, y.T @ (c * (row > 0))), abs=1e-5)


def test_a_dislike_is_a_zero_that_is_sure(fitted: FactorFitted):
    listener = Listener(liked={TrackId(101): 1.0, TrackId(105): 1.0}, disliked={TrackId(103): 1.0})
    c = np.ones(96)
    c[[0, 4, 2]] = MODEL.confidence.of(np.array([10.0]))
    p = np.zeros(96)
    p[[0, 4]] = 1
    y = fitted.factors.songs.astype(np.float64)
    wanted = np.linalg.solve(y.T @ (c[:, None] * y) + MODEL.regularization * np.eye(12), y.T @ (c * p))
    assert fitted.taste(listener).vector == pytest.approx(wanted, abs=1e-6)


def test_it_finds_what_people_with_this_taste_play(fitted: FactorFitted, world: World):
    """Half of each listener's songs are hidden; the truth is known."""
    counts = world.counts()[:100].astype(np.float32)
    shown = counts * (np.random.default_rng(1).random(counts.shape) < 0.5)
    scores = fitted.score_crowd(csr_matrix(shown))
    scores[shown > 0] = -np.inf
    hits = [np.isin(np.argsort(-row)[:10], np.flatnonzero(c)).mean() for row, c in zip(scores, counts, strict=True)]
    popular = np.argsort(-world.counts().sum(axis=0))
    known = [np.isin(popular[shown[i][popular] == 0][:10], np.flatnonzero(counts[i])).mean() for i in range(100)]
    assert np.mean(hits) > 1.5 * np.mean(known)


def test_reasons_are_the_scores_own_parts(fitted: FactorFitted):
    listener = Listener(plays={TrackId(t): t - 100 for t in range(101, 111)})
    taste = fitted.taste(listener)
    row = fitted.factors.rows[fitted.factors.places(np.array([150]))[0]]
    score = fitted.score(listener, np.array([150]))[0]
    assert fitted.shares(taste, row).sum() == pytest.approx(score, abs=1e-5)
    reasons = fitted.explain(listener, TrackId(150))
    assert reasons and sum(reason.share for reason in reasons) == pytest.approx(1.0)
    assert "song 1" in reasons[0].text


def test_tracks_that_nobody_in_the_crowd_played_come_last(fitted: FactorFitted, data: TrainingData):
    scores = fitted.score(Listener(plays={TrackId(101): 3}), data.vectors.ids)
    assert (scores[80:] == scores.min()).all() and (scores[:80] > scores.min()).all()


def test_what_is_saved_scores_the_same(fitted: FactorFitted, data: TrainingData, tmp_path: Path):
    fitted.save(tmp_path)
    again = MODEL.load(tmp_path, data)
    listener = Listener(liked={TrackId(120): 1.0})
    assert isinstance(again, CrowdFitted)
    assert np.array_equal(again.score(listener, data.vectors.ids), fitted.score(listener, data.vectors.ids))


def test_without_a_crowd_it_says_what_to_do(data: TrainingData):
    assert "import a crowd" in (MODEL.why_not(TrainingData(data.vectors)) or "")
