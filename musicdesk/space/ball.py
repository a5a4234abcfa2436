"""A ball around one point of the cloud: who lies in it, how wide it is on the screen, and its outline."""

from __future__ import annotations

from math import hypot, tan

import numpy as np

from .camera import NEAR_PLANE, Camera

LEAST = 0.02  # radius in the cloud's unit: a ball that holds nothing can still be seen and made larger
CORNERS = 64  # of a circle


def within(positions: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """Rows of `positions`, float32 (n, 3), no farther from `centre` than `radius`: int64 (m,), the nearest first."""
    away = _squares(positions, centre)
    rows = np.flatnonzero(away <= np.float32(radius) ** 2)
    found: np.ndarray = rows[np.argsort(away[rows], kind="stable")]
    return found


def reach_of(positions: np.ndarray, centre: np.ndarray, count: int) -> float:
    """The radius of a ball around `centre` that holds `count` of `positions`, or all where there are fewer."""
    away = _squares(positions, centre)
    if not len(away):
        return LEAST
    at = min(max(count, 1), len(away)) - 1
    # A little more: the farthest shall not fall out by rounding.
    return max(LEAST, 1.0001 * float(np.sqrt(np.partition(away, at)[at])))


def pixel(camera: Camera, depth: float, height: int) -> float:
    """What one pixel of a view `height` pixels high is at `depth`, in the cloud's unit."""
    return 2.0 * max(depth, NEAR_PLANE) * tan(camera.fov / 2) / max(height, 1)


def radius_at(camera: Camera, depth: float, height: int, across: float, down: float) -> float:
    """The radius of the ball whose middle is at `depth` and whose edge lies (across, down) pixels beside it."""
    return max(LEAST, hypot(across, down) * pixel(camera, depth, height))


def circles(centre: np.ndarray, radius: float) -> list[np.ndarray]:
    """The ball's equator and two meridians, float64 (CORNERS + 1, 3) each: they turn as the cloud does."""
    turn = np.linspace(0, 2 * np.pi, CORNERS + 1)
    once, other, none = radius * np.cos(turn), radius * np.sin(turn), np.zeros(CORNERS + 1)
    return [centre + np.column_stack(axes) for axes in ((once, none, other), (once, other, none), (none, other, once))]


def _squares(positions: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Squared distances, float32 (n,), without an array of three columns on the way."""
    away = np.zeros(len(positions), np.float32)
    for axis in range(3):
        step = positions[:, axis] - np.float32(centre[axis])
        step *= step
        away += step
    return away
