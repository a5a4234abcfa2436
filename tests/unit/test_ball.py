"""A ball around one point of the cloud."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.space.ball import LEAST, circles, radius_at, reach_of, within
from musicdesk.space.camera import Camera
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen


def test_a_ball_holds_what_lies_in_it_the_nearest_first() -> None:
    places = clean(np.random.default_rng(0).normal(size=(5_000, 3))).positions
    found = within(places, places[40], 0.3)
    away = np.linalg.norm(places - places[40], axis=1)
    assert found[0] == 40 and set(found.tolist()) == set(np.flatnonzero(away <= 0.3).tolist())
    assert (np.diff(away[found]) >= -1e-6).all()


@pytest.mark.parametrize("count", [1, 24, 5_000, 9_000])
def test_a_ball_reaches_as_many_as_it_shall_hold(count: int) -> None:
    places = clean(np.random.default_rng(1).normal(size=(5_000, 3))).positions
    held = within(places, places[3], reach_of(places, places[3], count))
    assert len(held) >= min(count, 5_000) and (count == 1 or len(held) == min(count, 5_000))


def test_points_at_one_place_and_no_points_are_no_trouble() -> None:
    places = clean(np.ones((30, 3))).positions
    assert reach_of(places, places[0], 24) == LEAST and len(within(places, places[0], LEAST)) == 30
    none = clean(np.empty((0, 3))).positions
    assert reach_of(none, np.zeros(3), 24) == LEAST and not len(within(none, np.zeros(3), 1.0))


def test_its_edge_lies_under_the_pointer() -> None:
    screen, camera = Screen(clean(np.random.default_rng(2).normal(size=(400, 3)))), Camera()
    screen.project(camera, 800, 600)
    row, right = 17, camera.axes()[0]
    radius = radius_at(camera, float(screen.depth[row]), 600, 90.0, 0.0)
    edge = Screen(clean(np.zeros((1, 3))))
    edge._world = (screen.cloud.positions[row] + radius * right).reshape(3, 1).astype(np.float32)
    edge.project(camera, 800, 600)
    assert edge.x[0] - screen.x[row] == pytest.approx(90.0, abs=0.05)
    assert edge.y[0] == pytest.approx(screen.y[row], abs=0.05)


def test_its_circles_lie_on_it() -> None:
    middle = np.array([0.2, -0.1, 0.4])
    for circle in circles(middle, 0.3):
        assert np.linalg.norm(circle - middle, axis=1) == pytest.approx(0.3) and (circle[0] - circle[-1]) @ circle[
            0
        ] == pytest.approx(0, abs=1e-9)
