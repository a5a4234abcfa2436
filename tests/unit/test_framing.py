"""The camera that shows all points: they fill the view, whatever their shape and the view's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from musicdesk.space.camera import Camera
from musicdesk.space.framing import FILL, framed
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen

SHAPES = ((1, 1, 1), (3, 1, 0.3), (0.2, 0.3, 4), (1, 5, 1))


def seen(positions: np.ndarray, camera: Camera, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of the view that the points span, and where their middle is, (2,) each; 0.1 % may stick out."""
    screen = Screen(clean(positions))
    screen.project(camera, width, height)
    places = np.column_stack([screen.x / width, screen.y / height])
    share = 0.1 if len(places) > 400 else 0.0
    low, high = np.percentile(places, [share, 100 - share], axis=0)
    return high - low, (low + high) / 2


@pytest.mark.parametrize("n", [2, 3, 48, 900])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(700, 640), (1400, 700), (300, 700)])
def test_points_fill_the_view(n: int, shape: tuple[float, ...], size: tuple[int, int]) -> None:
    positions = np.random.default_rng(n).normal(size=(n, 3)) * shape
    camera = framed(clean(positions).positions, size[0] / size[1])
    span, middle = seen(positions, camera, *size)
    least = FILL - 0.08 if n > 3 else 0.55  # the camera keeps its distance from the nearest of a few
    assert least <= span.max() <= FILL + 0.06, span
    assert np.abs(middle - 0.5).max() < 0.06, middle


def test_of_many_points_a_few_may_stick_out() -> None:
    positions = np.random.default_rng(0).normal(size=(30_000, 3))
    positions[::9_000] *= 40
    span, _middle = seen(positions, framed(clean(positions).positions, 1.2), 840, 700)
    assert 0.7 <= span.max() <= 1.0


def test_groups_at_the_rim_of_many_points_are_whole() -> None:
    rng = np.random.default_rng(2)
    positions = rng.normal(size=(12, 3))[np.arange(24_000) % 12] + 0.25 * rng.normal(size=(24_000, 3))
    span, middle = seen(positions, framed(clean(positions).positions, 1.2), 840, 700)
    assert 0.78 <= span.max() <= 0.92 and np.abs(middle - 0.5).max() < 0.06, (span, middle)


def test_a_long_cloud_is_seen_from_its_side_unless_somebody_has_turned() -> None:
    positions = np.random.default_rng(1).normal(size=(500, 3)) * (0.2, 0.3, 4)
    cloud = clean(positions)
    by_itself = framed(cloud.positions, 1.2)
    across, above = seen(positions, by_itself, 840, 700)[0]
    assert across > 1.5 * above > 0
    turned = framed(cloud.positions, 1.2, replace(Camera(), yaw=0.1, pitch=-0.4))
    assert (turned.yaw, turned.pitch) == (0.1, -0.4)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_points_at_one_place_are_looked_at_from_afar(n: int) -> None:
    camera = framed(clean(np.full((n, 3), 7.0)).positions, 1.5)
    assert camera.distance == Camera().distance and np.isfinite(camera.target).all()
