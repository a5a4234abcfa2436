"""Trustworthiness against scikit-learn's, and its properties."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.space import trust as module
from musicdesk.space.trust import kept, trust, trustworthiness


@pytest.mark.parametrize(("n", "k"), [(40, 5), (200, 15), (333, 15)])
def test_equal_to_scikit_learn(n: int, k: int) -> None:
    from sklearn.manifold import trustworthiness as reference

    rng = np.random.default_rng(n)
    truth, layout = rng.normal(size=(n, 20)), rng.normal(size=(n, 3))
    layout[: n // 2] = truth[: n // 2, :3]
    found = trust(truth, layout, k)
    assert found.trustworthiness == pytest.approx(reference(truth, layout, n_neighbors=k), abs=1e-9)
    assert found.continuity == pytest.approx(reference(layout, truth, n_neighbors=k), abs=1e-9)


def test_a_faithful_map_is_trusted_and_a_shuffled_one_is_not() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 30))
    flat = np.linalg.svd(truth - truth.mean(0), full_matrices=False)
    layout = flat[0][:, :3] * flat[1][:3]
    assert trustworthiness(truth, layout) == pytest.approx(1.0)
    assert trustworthiness(truth, rng.permutation(layout)) < 0.6


def test_a_torn_point_is_named() -> None:
    rng = np.random.default_rng(0)
    truth = np.concatenate([rng.normal(size=(100, 3)), rng.normal(size=(100, 3)) + 20])
    layout = truth.copy()
    layout[0] = truth[150]  # it now lies among strangers
    trusted = kept(truth, layout)
    assert np.argmin(trusted) == 0 and trusted[0] == 0
    assert trusted[150] > 0.9


@pytest.mark.parametrize("n", range(6))
def test_few_points(n: int) -> None:
    points = np.random.default_rng(0).normal(size=(n, 4))
    found = trust(points, points[:, :3])
    assert 0 <= found.trustworthiness <= 1 and 0 <= found.continuity <= 1
    assert kept(points, points[:, :3]).tolist() == [1.0] * n


def test_equal_points_stay_finite() -> None:
    found = trust(np.ones((50, 4)), np.zeros((50, 3)))
    assert 0 <= found.trustworthiness <= 1
    trusted = kept(np.ones((50, 4)), np.zeros((50, 3)))
    assert trusted.shape == (50,) and trusted.min() >= 0 and trusted.max() <= 1


def test_a_sample_is_near_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(1_500, 10))
    layout = truth[:, :3] + 0.3 * rng.normal(size=(1_500, 3))
    whole = trust(truth, layout)
    monkeypatch.setattr(module, "EXACT", 1_000)
    monkeypatch.setattr(module, "SAMPLE", 400)
    part = trust(truth, layout)
    assert part.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)
    assert part.continuity == pytest.approx(whole.continuity, abs=0.02)
