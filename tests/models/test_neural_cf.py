"""Neural CF on a crowd: tastes that were planted, newcomers by what they play, reasons that add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.evaluation import metrics, splits
from musicdesk.recommenders.base import CrowdFitted, TrainingData
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import UNKNOWN
from musicdesk.recommenders.neural_cf import NeuralCf, NeuralFitted, _pairs, _Words

NONE = Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float32))
QUICK = NeuralCf(width=16, hidden=32, epochs=12, batch=256, rate=1e-2)
SONGS = 80


def tastes(listeners: int = 200, kinds: int = 4, seed: int = 0) -> csr_matrix:
    """Plays of listeners of four kinds, mostly songs of their own kind; the first songs are hits."""
    draw = np.random.default_rng(seed)
    whole = np.zeros((listeners, SONGS), np.float32)
    for who in range(listeners):
        odds = np.where(np.arange(SONGS) % kinds == who % kinds, 1.0, 0.05) * np.where(np.arange(SONGS) < 8, 2.0, 1.0)
        whole[who, draw.choice(SONGS, 10, replace=False, p=odds / odds.sum())] = draw.integers(1, 5, 10)
    return csr_matrix(whole)


def crowd(plays: csr_matrix) -> CrowdPlays:
    """Songs 0 to 39 are tracks 100 to 139."""
    tracks = np.where(np.arange(SONGS) < 40, np.arange(SONGS) + 100, -1)
    return CrowdPlays("c", lambda: plays, tracks, np.arange(SONGS) // 5, np.zeros(SONGS, np.float32), "d")


@pytest.fixture(scope="module")
def held() -> splits.Held:
    return splits.listeners(tastes(), 40, 0)


@pytest.fixture(scope="module")
def fitted(held: splits.Held) -> NeuralFitted:
    return QUICK.fit(TrainingData(NONE, crowd=crowd(held.train)), 0, Silent())


def test_newcomers_find_songs_of_their_kind(held: splits.Held, fitted: NeuralFitted) -> None:
    assert isinstance(fitted, CrowdFitted)
    ours = metrics.auc(metrics.places(fitted.score_crowd(held.shown), held.hidden, held.shown))
    counts = np.tile(np.asarray((held.train > 0).sum(axis=0)).ravel().astype(np.float32), (40, 1))
    plain = metrics.auc(metrics.places(counts, held.hidden, held.shown))
    assert metrics.mean(ours) > metrics.mean(plain) + 0.15
    assert metrics.mean(ours) > 0.8


def test_the_library_and_the_crowd_agree(fitted: NeuralFitted) -> None:
    listener = Listener(plays={TrackId(100): 3, TrackId(104): 1, TrackId(108): 2})
    tracks = np.arange(100, 142)
    scores = fitted.score(listener, tracks)
    row = np.zeros((1, SONGS), np.float32)
    row[0, [0, 4, 8]] = 1.0
    logits = fitted.score_crowd(csr_matrix(row))[0, :40]
    assert np.allclose(scores[:40], 1 / (1 + np.exp(-logits)), atol=1e-5)
    assert (scores[40:] == UNKNOWN).all() and scores.dtype == np.float32
    kind = np.arange(40) % 4 == 0
    assert scores[:40][kind].mean() > scores[:40][~kind].mean() + 0.1
    assert (fitted.score(Listener(), tracks)[:40] == 0).all()


def test_reasons_add_up(fitted: NeuralFitted) -> None:
    listener = Listener(plays={TrackId(100): 3, TrackId(104): 1, TrackId(101): 2})
    reasons = fitted.explain(listener, TrackId(112))
    assert sum(reason.share for reason in reasons) == pytest.approx(1.0, abs=1e-5)
    assert reasons[0].track in (TrackId(100), TrackId(104))
    assert fitted.explain(listener, TrackId(999)) == [] and fitted.explain(Listener(), TrackId(112)) == []


def test_saved_and_loaded_it_says_the_same(held: splits.Held, fitted: NeuralFitted, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    again = QUICK.load(tmp_path, TrainingData(NONE, crowd=crowd(held.train)))
    assert np.array_equal(again.score_crowd(held.shown), fitted.score_crowd(held.shown))
    with pytest.raises(Unusable, match="other songs"):
        QUICK.load(tmp_path, TrainingData(NONE, crowd=CrowdPlays.bare(held.train[:, :50])))


def test_what_is_no_was_not_played() -> None:
    plays = tastes(50)
    words = _Words.of(plays, np.arange(SONGS) // 5)
    pairs = _pairs(plays, words, 4, np.random.default_rng(0))
    played = np.asarray((plays > 0).todense())[pairs.member - 1, pairs.song - 1]
    assert np.array_equal(played, pairs.target.astype(bool)) and pairs.target.sum() == plays.nnz
    assert pairs.categories.max() < words.levels and pairs.categories.min() >= 0


def test_it_says_what_it_needs() -> None:
    assert "import a crowd" in str(NeuralCf().why_not(TrainingData(NONE)))
    few = TrainingData(NONE, crowd=CrowdPlays.bare(tastes()[:, :5]))
    assert "at least 20" in str(NeuralCf().why_not(few))
    with pytest.raises(NotReady, match="5 listeners"):
        QUICK.fit(TrainingData(NONE, crowd=CrowdPlays.bare(tastes()[:5])), 0, Silent())
    with pytest.raises(Unusable, match="dropout"):
        NeuralCf(dropout=1.0)
