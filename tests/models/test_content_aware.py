"""Content-aware factorization: closed forms against a minimiser, its limits, and worlds whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Curves, Silent
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.evaluation.metrics import auc, places
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.content_aware import ContentAware
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.prior_factors import Heard, Map, Strengths, believed, factorize, songs_of
from musicdesk.recommenders.tags import tagged
from tests.models.test_perceptron import Stopping

SMALL = ContentAware(
    factors=12, regularization=1.0, item_prior=1.0, map_prior=10.0, iterations=10, width=32, epochs=30, batch=20
)


@pytest.fixture(scope="module")
def problem() -> tuple[csr_matrix, np.ndarray, Heard]:
    """Confidences of 40 listeners in 30 songs, their vectors, and what is heard in all but the first five."""
    rng = np.random.default_rng(0)
    c = csr_matrix(np.where(rng.random((40, 30)) < 0.2, 1 + 20 * rng.random((40, 30)), 0).astype(np.float32))
    theta = rng.normal(size=(40, 6)).astype(np.float32)
    return c, theta, Heard(np.arange(5, 30), rng.normal(size=(25, 4)).astype(np.float32))


def test_the_songs_closed_form_is_the_minimum(problem: tuple[csr_matrix, np.ndarray, Heard]):
    c, theta, heard = problem
    prior = np.zeros((30, 6), np.float32)
    prior[heard.songs] = np.random.default_rng(2).normal(size=(25, 6))
    found = songs_of(c.T.tocsr(), theta, 0.7, prior)
    dense = torch.from_numpy(np.where(c.toarray() > 0, c.toarray(), 1.0)).double()
    liked = torch.from_numpy(c.toarray() > 0).double()
    beta = torch.zeros(30, 6, dtype=torch.float64, requires_grad=True)
    target, listeners = torch.from_numpy(prior).double(), torch.from_numpy(theta).double()
    solver = torch.optim.LBFGS([beta], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        value = (dense * (liked - listeners @ beta.T) ** 2).sum() + 0.7 * ((beta - target) ** 2).sum()
        torch.autograd.backward(value)
        return value

    solver.step(loss)
    assert found == pytest.approx(beta.detach().numpy(), abs=1e-5)


def test_the_maps_closed_form_is_the_minimum(problem: tuple[csr_matrix, np.ndarray, Heard]):
    heard = problem[2]
    beta = np.random.default_rng(3).normal(size=(25, 6)) + 3.0
    found = Map(heard.design, 2.0).of(beta)
    weights = torch.zeros(5, 6, dtype=torch.float64, requires_grad=True)
    design, target = torch.from_numpy(heard.design).double(), torch.from_numpy(beta)
    solver = torch.optim.LBFGS([weights], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        value = ((target - design @ weights) ** 2).sum() + 2.0 * (weights[:-1] ** 2).sum()
        torch.autograd.backward(value)
        return value

    solver.step(loss)
    assert found == pytest.approx(weights.detach().numpy(), abs=1e-5)


def test_a_sure_prior_is_the_answer_and_none_is_plain_factorization(problem: tuple[csr_matrix, np.ndarray, Heard]):
    c, theta, _ = problem
    prior = np.random.default_rng(2).normal(size=(30, 6)).astype(np.float32)
    assert songs_of(c.T.tocsr(), theta, 1e7, prior) == pytest.approx(prior, abs=1e-4)
    plain = songs_of(c.T.tocsr(), theta, 1e-6)
    assert songs_of(c.T.tocsr(), theta, 1e-6, prior) == pytest.approx(plain, abs=1e-5)
    for song in range(30):
        row = c.toarray()[:, song].astype(np.float64)
        normal = theta.T @ (np.where(row > 0, row, 1)[:, None] * theta) + 1e-6 * np.eye(6)
        assert plain[song] == pytest.approx(np.linalg.solve(normal, theta.T @ row), abs=1e-5)


def test_without_sound_it_is_wmf(problem: tuple[csr_matrix, np.ndarray, Heard]):
    """The same alternation, written down densely."""
    c, _, heard = problem
    mute = Heard(heard.songs[:0], heard.hidden[:0])
    found, _ = factorize(c, mute, 4, 6, Strengths(1.5, 1.5, 1.0), 3, Silent())
    beta = np.random.default_rng(3).normal(0, 0.01, (30, 4))
    dense, liked = np.where(c.toarray() > 0, c.toarray(), 1.0).astype(np.float64), c.toarray() > 0

    def solved(y: np.ndarray, weight: np.ndarray, p: np.ndarray) -> np.ndarray:
        return np.stack([np.linalg.solve(y.T @ (w[:, None] * y) + 1.5 * np.eye(4), y.T @ (w * q))
                         for w, q in zip(weight, p, strict=True)])  # fmt: skip

    for _ in range(6):
        theta = solved(beta, dense, liked)
        beta = solved(theta, dense.T, liked.T)
    assert found == pytest.approx(beta, abs=2e-4)


def test_songs_that_nobody_played_are_what_they_sound_like(problem: tuple[csr_matrix, np.ndarray, Heard]):
    c, _, heard = problem
    table = c.toarray()
    table[:, 20] = 0
    beta, weights = factorize(csr_matrix(table), heard, 4, 3, Strengths(1.0, 1.0, 5.0), 1, Silent())
    assert beta[20] == pytest.approx(heard.design[15] @ weights, abs=1e-5)


def test_a_cut_off_factorization_goes_on_to_the_same_loss(
    problem: tuple[csr_matrix, np.ndarray, Heard], tmp_path: Path
):
    c, _, heard = problem
    given = (c, heard, 4, 8, Strengths(1.0, 1.0, 5.0), 1)
    whole = Curves(Silent())
    beta, _ = factorize(*given, whole)
    with pytest.raises(Cancelled):
        factorize(*given, Stopping(4), tmp_path)
    rest = Curves(Silent())
    again, _ = factorize(*given, rest, tmp_path)
    assert np.array_equal(beta, again)
    assert rest.points["loss of factors"] == whole.points["loss of factors"][3:]


def test_the_loss_never_rises(problem: tuple[csr_matrix, np.ndarray, Heard]):
    curves = Curves(Silent())
    factorize(problem[0], problem[2], 4, 8, Strengths(1.0, 1.0, 5.0), 1, curves)
    losses = [value for _, value in curves.points["loss of factors"]]
    assert all(b <= a + 1e-6 for a, b in pairwise(losses[1:]))


def test_a_loss_that_is_no_number_ends_in_a_sentence(problem: tuple[csr_matrix, np.ndarray, Heard]):
    c = problem[0].copy()
    c.data[3] = np.nan
    with pytest.raises(Unusable, match="no longer a number"):
        factorize(c, problem[2], 4, 8, Strengths(1.0, 1.0, 5.0), 1, Silent())


# a world whose truth is known


@pytest.fixture(scope="module")
def world() -> World:
    return grow(WorldSpec(genres=6, artists=60, tracks=240, listeners=250, plays_median=0.08))


@pytest.fixture(scope="module")
def data(world: World) -> TrainingData:
    """Everything is in the library; the sound is the taste, turned and noisy; a quarter was played by nobody."""
    rng = np.random.default_rng(5)
    counts = world.counts().astype(np.float32)
    counts[:, ::4] = 0
    crowd = replace(CrowdPlays.bare(csr_matrix(counts)), tracks=np.arange(240) + 1, digest="d")
    turned = world.tracks.taste @ rng.normal(size=(16, 24)) / 4
    sound = (turned + 0.3 * rng.normal(size=(240, 24))).astype(np.float32)
    ids = np.arange(1, 241)
    genres = {TrackId(int(t)): f"Genre {world.tracks.genre[t - 1]}" for t in ids}
    artists = {TrackId(int(t)): f"artist {world.tracks.artist[t - 1]}" for t in ids}
    return TrainingData(Vectors(ids, sound), crowd=crowd, genres=genres, artists=artists)


@pytest.fixture(scope="module")
def fitted(data: TrainingData) -> FactorFitted:
    return SMALL.fit(data, 1, Silent())


def test_what_nobody_played_is_found_by_its_sound(fitted: FactorFitted, data: TrainingData, world: World):
    """Out-of-matrix: the quarter that was hidden from all, against popularity as an oracle knows it."""
    assert data.crowd is not None
    truth = csr_matrix(world.counts()[:, ::4])
    scores = fitted.score_crowd(data.crowd.plays)[:, ::4]
    popular = np.tile(world.counts()[:, ::4].sum(0).astype(np.float32), (len(scores), 1))
    found, known = (np.nanmean(auc(places(s, truth))) for s in (scores, popular))
    assert found > 0.7 and found > known + 0.03


@pytest.mark.parametrize("width", [1, 24])
def test_sound_that_tells_nothing_apart_is_learned_without(data: TrainingData, width: int):
    """As with a codebook of one word; what rounding leaves of such sound is no sound."""
    same = np.full((240, width), 0.7, np.float32)
    ids = data.vectors.ids
    for sound in (same, same + np.float32(1e-7) * np.arange(240, dtype=np.float32)[:, None] % 3):
        hidden = SMALL.hidden(sound, tagged(data, ids), ids, 1, Silent(), data)
        assert np.isfinite(hidden).all()
    fitted = SMALL.fit(replace(data, vectors=Vectors(ids, same)), 1, Silent())
    assert np.isfinite(fitted.score_crowd(data.crowd.plays)).all()


def test_where_plays_are_few_it_is_better_than_factorization_alone(data: TrainingData, world: World):
    """Seven of ten plays are hidden; both learn from the rest with the same strengths."""
    assert data.crowd is not None
    counts = world.counts().astype(np.float32)
    shown = counts * (np.random.default_rng(1).random(counts.shape) < 0.3)
    plays = csr_matrix(shown)
    ids = data.vectors.ids
    hidden = SMALL.hidden(data.vectors.matrix, tagged(data, ids), ids, 1, Silent(), data)
    found = {}
    for name, heard in (("sound", Heard(ids - 1, hidden)), ("none", Heard(ids[:0], hidden[:0]))):
        beta, _ = replace(SMALL, item_prior=30.0).factorize(plays, heard, 1, Silent())
        crowd = replace(data.crowd, read=lambda: plays)
        fitted = FactorFitted("x", {}, Factors.of_songs(beta, crowd), SMALL.confidence, 1.0, data)
        spots = places(fitted.score_crowd(plays), csr_matrix(counts - shown), plays)
        found[name] = np.nanmean(auc(spots))
    assert found["sound"] > found["none"] + 0.005


def test_predictions_are_believed_only_when_sound_tells_something(fitted: FactorFitted):
    rng = np.random.default_rng(1)
    design, beta = rng.normal(size=(80, 5)).astype(np.float32), rng.normal(size=(80, 3)).astype(np.float32)
    assert believed(design, beta, 1.0, 1) == 0.0
    assert believed(design, design @ rng.normal(size=(5, 3)), 1.0, 1) > 0.9
    assert believed(design[:5], beta[:5], 1.0, 1) == 0.0


def test_what_is_saved_scores_the_same(fitted: FactorFitted, data: TrainingData, tmp_path: Path):
    fitted.save(tmp_path)
    listener = Listener(liked={TrackId(10): 1.0, TrackId(11): 1.0})
    again = SMALL.load(tmp_path, data)
    assert np.array_equal(again.score(listener, data.vectors.ids), fitted.score(listener, data.vectors.ids))
    assert sum(reason.share for reason in again.explain(listener, TrackId(12))) == pytest.approx(1.0)


def test_it_says_what_it_needs(data: TrainingData):
    assert SMALL.why_not(data) is None
    assert "import a crowd" in (SMALL.why_not(replace(data, crowd=None)) or "")
    assert "genres" in (SMALL.why_not(replace(data, genres={})) or "")
    assert data.crowd is not None
    foreign = replace(data.crowd, tracks=np.full(240, -1))
    assert "0 of the crowd's songs" in (SMALL.why_not(replace(data, crowd=foreign)) or "")
