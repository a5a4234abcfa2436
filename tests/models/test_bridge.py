"""The bridge from sound to taste: the regression is exact, and its trust is earned against permuted sound."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import PredefinedSplit

from musicdesk.core.progress import Silent
from musicdesk.recommenders.bridge import FOLDS, STRENGTHS, built, cross_validated, ridge, split


def _heard(tracks: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit embeddings (tracks, 32) and factors (tracks, 6) that follow from them up to noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(tracks, 32)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = x @ rng.normal(size=(32, 6)) + 3 + noise * rng.normal(size=(tracks, 6))
    return x, y.astype(np.float32)


@pytest.mark.parametrize("strength", [1e-3, 1.0, 50.0])
def test_ridge_is_scikit_learns(strength: float):
    x, y = _heard(200, 0.5)
    w = np.random.default_rng(1).uniform(0.1, 2, 200)
    model = Ridge(strength, solver="cholesky").fit(x.astype(np.float64), y.astype(np.float64), sample_weight=w)
    found, constant = ridge(x, y, strength, w)
    assert found == pytest.approx(model.coef_.T, abs=1e-6)
    assert constant == pytest.approx(model.intercept_, abs=1e-6)


def test_cross_validation_from_moments_is_fitting_and_predicting():
    x, y = (part.astype(np.float64) for part in _heard(90, 0.5))
    folds = split(90, np.random.default_rng(3))
    found = cross_validated(x, y, np.ones(90), folds)
    for i, strength in enumerate(STRENGTHS):
        errors = total = 0.0
        for train, test in PredefinedSplit(folds).split():
            middle = x[train].mean(0)
            scale = ((x[train] - middle) ** 2).sum(0).mean()
            model = Ridge(strength * scale).fit(x[train], y[train])
            errors += ((y[test] - model.predict(x[test])) ** 2).sum()
            total += ((y[test] - y[train].mean(0)) ** 2).sum()
        assert found[i] == pytest.approx(1 - errors / total, abs=1e-8)


def test_trust_is_the_share_that_sound_explains():
    x, y = _heard(4_000, 1.0)
    learned = built(x[:2_000], y[:2_000], 0, Silent())
    reached = r2_score(y[2_000:], learned.predict(x[2_000:]), multioutput="variance_weighted")
    assert learned.trust == pytest.approx(reached, abs=0.03)
    assert learned.holds and learned.control < 0.02 and 0.2 < learned.r2 < 0.8


def test_sound_that_tells_nothing_is_not_trusted():
    """Of many bridges over noise, about one in twenty may pass; none of them is believed by much."""
    rng = np.random.default_rng(5)
    bridges = [
        built(rng.normal(size=(60, 16)).astype(np.float32), rng.normal(size=(60, 4)), seed, Silent())
        for seed in range(40)
    ]
    assert sum(bridge.holds for bridge in bridges) <= 6
    assert max(bridge.trust for bridge in bridges) < 0.2


def test_few_tracks_are_enough_where_sound_is_taste():
    x, y = _heard(40, 0.0)
    low = built(x[:, :6], x[:, :6] @ np.random.default_rng(1).normal(size=(6, 6)), 0, Silent())
    assert low.holds and low.r2 > 0.95
    assert built(x[:1].repeat(2, 0), y[:1].repeat(2, 0), 0, Silent()).trust == 0


def test_whole_groups_lie_in_one_fold():
    groups = np.random.default_rng(2).integers(0, 30, 300)
    folds = split(groups, np.random.default_rng(3))
    assert set(folds) == set(range(FOLDS))
    assert all(len(set(folds[groups == group])) == 1 for group in range(30))
    alone = np.zeros(20, np.int64)
    x, y = _heard(20, 0.1)
    assert not built(x, y, 0, Silent(), groups=alone).holds


def test_the_same_seed_builds_the_same_bridge():
    x, y = _heard(120, 0.5)
    one, two = built(x, y, 7, Silent()), built(x, y, 7, Silent())
    assert np.array_equal(one.weights, two.weights) and (one.r2, one.control) == (two.r2, two.control)
