"""Models of a crowd against closed forms, against each other and against a truth that was planted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from musicdesk.core.progress import Curves, Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.evaluation import splits
from musicdesk.evaluation.metrics import auc, mean, ndcg, places
from musicdesk.recommenders.base import ME, SEEDS, CrowdFitted, Recommender, TrainingData
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.crowd_blend import CrowdBlend, CrowdBlendFitted, learned
from musicdesk.recommenders.ease import Ease
from musicdesk.recommenders.item_knn import ItemKnn
from musicdesk.recommenders.neural_cf import NeuralCf
from musicdesk.recommenders.popularity import Popularity
from musicdesk.recommenders.song_links import weighted
from musicdesk.recommenders.wmf import Wmf

NOWHERE = Vectors(np.empty(0, np.int64), np.empty((0, 4), np.float32))
SMALL = Wmf(factors=16, regularization=5.0, alpha=20.0)
MODELS: list[Recommender] = [Popularity(), SMALL, Ease(), ItemKnn(), CrowdBlend(factors=16, iterations=5)]


def crowd_of(plays: csr_matrix) -> TrainingData:
    tracks = np.where(np.arange(plays.shape[1]) < 50, np.arange(plays.shape[1]) + 101, -1)
    bare = CrowdPlays.bare(plays)
    crowd = CrowdPlays("c", bare.read, tracks, bare.artists, bare.mine, "d")
    return TrainingData(NOWHERE, crowd=crowd, titles={TrackId(t): f"song {t}" for t in range(101, 151)})


@pytest.fixture(scope="module")
def world() -> World:
    return grow(WorldSpec(artists=60, tracks=240, listeners=900, plays_median=0.1))


@pytest.fixture(scope="module")
def held(world: World) -> splits.Held:
    return splits.items(csr_matrix(world.counts().astype(np.float32)), seed=1)


@pytest.fixture(scope="module")
def data(held: splits.Held) -> TrainingData:
    return crowd_of(held.train)


def scored(model: Recommender, data: TrainingData, held: splits.Held) -> np.ndarray:
    fitted = model.fit(data, 1, Silent())
    assert isinstance(fitted, CrowdFitted)
    return fitted.score_crowd(held.shown, held.members)


# WMF


def test_our_own_als_and_implicits_go_the_same_way():
    """Alternating least squares in NumPy by Cholesky, from the same start, 15 iterations (Hu, Koren, Volinsky)."""
    from implicit.cpu.als import AlternatingLeastSquares

    draw = np.random.default_rng(3)
    plays = csr_matrix((draw.random((80, 50)) < 0.15) * draw.integers(1, 20, (80, 50)))
    confidence = SMALL.confidence.matrix(plays)
    x, y = (draw.normal(scale=0.1, size=(n, 8)).astype(np.float32) for n in plays.shape)
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(8, regularization=2.0, use_cg=False, iterations=15, num_threads=1)
        model.user_factors, model.item_factors = x.copy(), y.copy()
        model.fit(confidence, show_progress=False)
    c = confidence.toarray().astype(np.float64)
    x, y = x.astype(np.float64), y.astype(np.float64)
    for _ in range(15):
        x = np.stack([half_step(y, row) for row in c])
        y = np.stack([half_step(x, column) for column in c.T])
    assert np.abs(model.user_factors - x).max() < 1e-4
    assert np.abs(model.item_factors - y).max() < 1e-4


def half_step(fixed: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    c = np.where(confidence > 0, confidence, 1.0)
    normal = fixed.T @ (c[:, None] * fixed) + 2.0 * np.eye(fixed.shape[1])
    low = np.linalg.cholesky(normal)
    return np.linalg.solve(low.T, np.linalg.solve(low, fixed.T @ (c * (confidence > 0))))


def test_it_comes_near_the_oracle(world: World, data: TrainingData, held: splits.Held):
    """The oracle knows the planted tastes and popularity that the plays were drawn by."""
    truth = world.spec.sharpness * world.affinity()[held.members] + world.tracks.popularity
    oracle = mean(auc(places(truth, held.hidden, held.shown)))
    found = mean(auc(places(scored(SMALL, data, held), held.hidden, held.shown)))
    assert oracle - 0.05 < found <= oracle + 0.01


def test_of_songs_that_nobody_played_it_knows_nothing(world: World):
    """Without the test songs' plays all their scores are the same: AUC among them is exactly one half."""
    plays = csr_matrix(world.counts().astype(np.float32))
    parts = splits.cold_items(plays.shape[1], seed=2)
    train = splits.columns(plays, parts.train)
    scores = scored(SMALL, crowd_of(train), splits.Held(train, train, train, np.arange(train.shape[0])))
    found = auc(places(scores[:, parts.test], csr_matrix(plays[:, parts.test])))
    assert (found[~np.isnan(found)] == 0.5).all()


KILLED = """
import sys, numpy as np
from pathlib import Path
from scipy.sparse import csr_matrix
from musicdesk.core.progress import Silent
from musicdesk.recommenders import halfway
from musicdesk.recommenders.wmf import Wmf
halfway.EVERY_S = 0.0
halfway.Kept.__init__.__defaults__ = (0.0,)
class Loud(Silent):
    def report(self, done, total, message=""):
        print(done, flush=True)
        if len(sys.argv) > 3 and done == 6:
            import time; time.sleep(60)
draw = np.random.default_rng(0)
plays = csr_matrix((draw.random((300, 200)) < 0.1).astype(np.float32))
songs = Wmf(factors=16, regularization=5.0, iterations=12).factorize(plays, 4, Loud(), Path(sys.argv[1]))
np.save(sys.argv[2], songs)
"""


def test_killed_in_the_middle_it_goes_on_to_the_same_vectors(tmp_path: Path):
    def start(name: str, *more: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", KILLED, str(tmp_path / f"scratch {name}"), str(tmp_path / f"{name}.npy")]
        return subprocess.Popen([*arguments, *more], stdout=subprocess.PIPE, text=True, env=os.environ)

    whole = start("whole")
    assert whole.communicate(timeout=60)[0].split() == [str(n) for n in range(1, 13)]
    victim = start("cut", "stop")
    assert victim.stdout
    while victim.stdout.readline().strip() != "6":
        assert victim.poll() is None
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    again = start("cut")
    assert again.communicate(timeout=60)[0].split()[0] == "6"  # the fifth iteration was on disk
    assert np.array_equal(np.load(tmp_path / "cut.npy"), np.load(tmp_path / "whole.npy"))


def test_the_curve_falls(data: TrainingData):
    curves = Curves(Silent())
    SMALL.fit(data, 1, curves)
    values = [value for _, value in curves.points["distance from plays"]]
    assert len(values) == 15 and values[-1] < values[0]


# EASE and neighbours


def test_ease_is_the_regression_of_each_song_on_all_others(held: splits.Held, data: TrainingData):
    from sklearn.linear_model import Ridge

    fitted = Ease().fit(data, 0, Silent())
    rows = weighted(held.train, 0.25).toarray()
    for song in (0, 17, 200):
        others = np.delete(np.arange(rows.shape[1]), song)
        ridge = Ridge(alpha=20.0, fit_intercept=False, solver="cholesky").fit(rows[:, others], rows[:, song])
        column = fitted.links[:, [song]].toarray().ravel()
        assert column[song] == 0 and column[others] == pytest.approx(ridge.coef_, abs=1e-4)


def test_with_all_songs_as_neighbours_the_local_form_is_the_exact_one():
    plays = csr_matrix((np.random.default_rng(5).random((400, 40)) < 0.3).astype(np.float32))
    assert (plays.T @ plays).nnz == 40 * 40  # every two are played together: all are neighbours
    exact = Ease().fit(crowd_of(plays), 0, Silent()).links.toarray()
    local = Ease(exact=0).fit(crowd_of(plays), 0, Silent()).links.toarray()
    assert local == pytest.approx(exact, abs=1e-5)


def test_songs_outside_the_cut_have_no_links(data: TrainingData):
    links = Ease(exact=0, most=100).fit(data, 0, Silent()).links
    assert (np.diff(links.indptr) > 0).sum() <= 100 and links.shape == (240, 240)


def test_the_links_of_item_knn_are_its_formula(held: splits.Held, data: TrainingData):
    links = ItemKnn(heavy=0.0, played=0.5, target=0.5).fit(data, 0, Silent()).links.toarray()
    ones = (held.train.toarray() > 0).astype(float)
    ones /= np.maximum(np.linalg.norm(ones, axis=0), 1e-9)
    cosine = ones.T @ ones
    np.fill_diagonal(cosine, 0)
    assert links == pytest.approx(cosine, abs=1e-5)


def test_only_the_nearest_are_kept(data: TrainingData):
    few = ItemKnn(neighbours=5).fit(data, 0, Silent()).links.toarray()
    every = ItemKnn().fit(data, 0, Silent()).links.toarray()
    for song in range(0, 240, 40):
        kept = np.flatnonzero(few[:, song])
        assert len(kept) <= 5 and few[kept, song].min() >= np.sort(every[:, song])[-5] - 1e-6


def test_links_speak_to_the_owner_of_a_library(data: TrainingData):
    fitted = ItemKnn().fit(data, 0, Silent())
    listener = Listener(liked={TrackId(101): 1.0}, plays={TrackId(103): 4}, disliked={TrackId(110): 1.0})
    scores = fitted.score(listener, np.arange(99, 151))
    dense = fitted.links.toarray()
    wanted = dense[0] + dense[2] - dense[9]
    assert scores[2:] == pytest.approx(wanted[:50], abs=1e-5)
    assert (scores[:2] < wanted.min()).all()  # not in the crowd
    reasons = fitted.explain(listener, TrackId(101 + int(np.argmax(wanted[:50]))))
    assert reasons and sum(reason.share for reason in reasons) == pytest.approx(1.0)
    assert "song 10" in reasons[0].text


# all of them


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_what_is_saved_scores_the_same(model: Recommender, data: TrainingData, held: splits.Held, tmp_path: Path):
    fitted = model.fit(data, 1, Silent())
    fitted.save(tmp_path)
    again = model.load(tmp_path, data)
    assert isinstance(fitted, CrowdFitted) and isinstance(again, CrowdFitted)
    few = held.shown[:9]
    scores = fitted.score_crowd(few)
    assert scores.shape == few.shape and scores.dtype == np.float32 and np.isfinite(scores).all()
    assert np.array_equal(scores, again.score_crowd(few))
    assert not list(tmp_path.rglob("*.pkl"))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_somebody_who_played_nothing_gets_an_answer(model: Recommender, data: TrainingData):
    fitted = model.fit(data, 1, Silent())
    assert isinstance(fitted, CrowdFitted)
    assert np.isfinite(fitted.score_crowd(csr_matrix((2, 240), dtype=np.float32))).all()


def test_the_blend_is_as_good_as_each_of_its_parts(data: TrainingData, held: splits.Held):
    blend = CrowdBlend(factors=16)
    found = mean(ndcg(places(scored(blend, data, held), held.hidden, held.shown), 50))
    for name, model in blend.models().items():
        alone = mean(ndcg(places(scored(model, data, held), held.hidden, held.shown), 50))
        assert found >= alone - 0.005, name


def test_weights_follow_what_the_parts_are_worth(data: TrainingData, tmp_path: Path):
    """A training that was cut off between its stages reads what is finished, and ends the same."""
    blend = CrowdBlend(factors=8, iterations=3)
    first = blend.fit(replace(data, scratch=tmp_path), 1, Silent())
    assert sum(first.weights.values()) == pytest.approx(1.0)
    assert json.loads((tmp_path / "weights.json").read_text()) == first.weights
    assert set(first.parts) == {"wmf", *(name for name, weight in first.weights.items() if weight)}
    (tmp_path / "whole" / max(first.weights, key=first.weights.__getitem__) / "model.json").unlink()
    again = blend.fit(replace(data, scratch=tmp_path), 1, Silent())
    plain = blend.fit(data, 1, Silent())
    assert isinstance(plain, CrowdBlendFitted)
    asked = data.crowd.plays[:5] if data.crowd else None
    assert np.array_equal(again.score_crowd(asked), first.score_crowd(asked))
    assert np.allclose(plain.score_crowd(asked), first.score_crowd(asked), atol=1e-5)


class Says:
    """A part that says what it is told to."""

    def __init__(self, scores: np.ndarray) -> None:
        self.scores = scores.astype(np.float32)

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        return self.scores[: plays.shape[0]].copy()


def test_a_part_that_is_mostly_mute_does_not_win():
    """Equal scores are no places: a part that guesses a few songs loses to one that knows a little about all."""
    draw = np.random.default_rng(6)
    hidden = csr_matrix((draw.random((60, 400)) < 0.03).astype(np.float32))
    truth = hidden.toarray() + draw.normal(size=(60, 400))
    mute = np.where(draw.random((60, 400)) < 0.03, draw.random((60, 400)), 0.0)
    shown = csr_matrix(np.eye(60, 400, 300, dtype=np.float32))
    weights = learned({"knows": Says(truth), "mute": Says(mute)}, shown, hidden - hidden.multiply(shown), 0, Silent())  # type: ignore[dict-item]
    assert weights["knows"] == 1.0


# plays elsewhere


@pytest.mark.parametrize("model", [SMALL, Ease(), ItemKnn(), NeuralCf(width=8, hidden=8, epochs=1)], ids=str)
def test_of_a_day_in_the_past_plays_elsewhere_are_not_known(data: TrainingData, model: Recommender):
    """They have no times, or lie on both sides of the day: who is asked about then is told by what has a time."""
    assert data.crowd is not None
    mine = np.zeros(data.crowd.songs, np.float32)
    mine[100:140] = 5.0
    played = replace(data, crowd=replace(data.crowd, mine=mine))
    now = Listener(plays={TrackId(track): 2 for track in range(101, 106)})
    ids = np.arange(101, 151)
    apart = {}
    for name in (ME, "past", SEEDS):
        asked = replace(now, name=name)
        with_mine, without = (model.fit(given, 1, Silent()).score(asked, ids) for given in (played, data))
        apart[name] = not np.allclose(with_mine, without, atol=1e-6)
    assert apart == {ME: True, "past": False, SEEDS: False}
