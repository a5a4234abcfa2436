"""Unfolding neighbourhoods: its slopes against differences, and new tracks beside those they are like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import Cancelled
from musicdesk.core.progress import Silent
from musicdesk.space.compare import compared
from musicdesk.space.graph import nearest
from musicdesk.space.newcomers import LEAST, placed_among
from musicdesk.space.pca import pca
from musicdesk.space.unfold import Unfolding, gradients, unfolded
from tests.unit.test_projection import styles


def loss(mine: np.ndarray, his: np.ndarray) -> float:
    """As the docstring of `unfold` has it, term by term."""
    total = 0.0
    for i, (point, neighbour) in enumerate(zip(mine, his, strict=True)):
        near = 1 / (1 + np.sum((point - neighbour) ** 2))
        others = sum(1 / (1 + np.sum((point - other) ** 2)) for k, other in enumerate(mine) if k != i)
        total -= np.log(near / (near + others))
    return float(total)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 6), st.integers(0, 1_000), st.floats(0.1, 3.0))
def test_the_slopes_are_those_of_the_loss(n: int, seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    mine, his = size * rng.normal(size=(n, 3)), size * rng.normal(size=(n, 3))
    by_me, by_him = gradients(mine.copy(), his.copy())
    for which, slope in ((0, by_me), (1, by_him)):
        for row in range(n):
            for axis in range(3):
                ends = []
                for shift in (1e-5, -1e-5):
                    both = [mine.copy(), his.copy()]
                    both[which][row, axis] += shift
                    ends.append(loss(*both))
                assert slope[row, axis] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-4)


def test_neighbours_end_together_and_equal_starts_part() -> None:
    features = styles(200)
    near = nearest(features, 10)[0]
    how = Unfolding(neighbours=10, steps=200)
    places = unfolded(np.zeros((200, 3)), near, 3, how=how)  # even from one point
    assert places.dtype == np.float32 and np.isfinite(places).all()
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert np.take_along_axis(away, near.astype(np.int64), 1).mean() < 0.6 * away.mean()
    assert np.array_equal(places, unfolded(np.zeros((200, 3)), near, 3, how=how))
    stopped = Silent()
    stopped.stop.set()
    with pytest.raises(Cancelled):
        unfolded(np.zeros((200, 3)), near, 3, stopped)


def test_many_points_are_taken_in_parts() -> None:
    """A batch smaller than the points: every point is still moved, none runs away."""
    features = styles(600)
    near = nearest(features, 15)[0]
    start = pca(features) * 5
    places = unfolded(start, near, 0, how=Unfolding(batch=64, steps=100, passes=12))
    assert (np.linalg.norm(places - start, axis=1) > 0).all() and np.abs(places).max() < 100


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_to_unfold(n: int) -> None:
    points = np.arange(3.0 * n).reshape(n, 3)
    assert unfolded(points, nearest(points, 2)[0]) == pytest.approx(points)


def test_those_who_come_later_are_placed_as_well() -> None:
    features = styles(420)
    for method in ("neighbours", "pca"):
        found = compared(features, features, method, 0, Silent())
        assert found.out_of_sample > 0.95 * found.in_sample
        assert found.placed_by == method and 0 < found.overlap <= 1 and found.seconds > 0
    alone = compared(features, features, "pca", 0, Silent(), later=False)
    assert np.isnan(alone.out_of_sample)


def test_a_track_that_is_there_already_gets_its_own_place() -> None:
    features = styles(100)
    places = pca(features).astype(np.float32)
    assert placed_among(features, places, features[[3, 50]]) == pytest.approx(places[[3, 50]], abs=1e-5)
    assert placed_among(features, places, features[:0]).shape == (0, 3)
    together = placed_among(features[:LEAST], np.zeros((LEAST, 3), np.float32), features[LEAST : LEAST + 3])
    assert np.isfinite(together).all()  # a map whose points are all one
    far = placed_among(features, places, 1e3 * np.ones((1, features.shape[1])))
    assert np.isfinite(far).all() and np.abs(far).max() < 10 * np.abs(places).max()
