"""A camera that orbits a target: values only, so that every movement is a pure function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, exp, log, pi, sin, tan

import numpy as np

RESTING = 2.9  # distance at which the unit ball fills the view
NEAREST, FARTHEST = 0.02, 40.0
STEEPEST = pi / 2 - 0.02  # looking straight down would make "up" undefined
NEAR_PLANE, FAR_PLANE = 0.01, 100.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks at `target` from `distance`; angles in radians, `fov` is the vertical field of view."""

    target: tuple[float, float, float] = (0.0, 0.0, 0.0)
    distance: float = RESTING
    yaw: float = 0.6
    pitch: float = 0.35
    fov: float = 0.75

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Right, up and back (towards the eye), unit float64 (3,) each."""
        sy, cy, sp, cp = sin(self.yaw), cos(self.yaw), sin(self.pitch), cos(self.pitch)
        return np.array([cy, 0.0, -sy]), np.array([-sp * sy, cp, -sp * cy]), np.array([cp * sy, sp, cp * cy])

    def view(self) -> np.ndarray:
        """World to eye, float32 (4, 4), column vectors."""
        right, up, back = self.axes()
        eye = np.asarray(self.target) + self.distance * back
        matrix = np.eye(4)
        matrix[:3, :3] = (right, up, back)
        matrix[:3, 3] = -matrix[:3, :3] @ eye
        return matrix.astype(np.float32)

    def projection(self, aspect: float) -> np.ndarray:
        """Eye to clip space as OpenGL has it, float32 (4, 4); clip w is the depth. aspect = width/height."""
        f = 1.0 / tan(self.fov / 2)
        span = NEAR_PLANE - FAR_PLANE
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[1, 1] = f / max(aspect, 1e-6), f
        matrix[2, 2], matrix[2, 3] = (FAR_PLANE + NEAR_PLANE) / span, 2 * FAR_PLANE * NEAR_PLANE / span
        matrix[3, 2] = -1.0
        return matrix.astype(np.float32)

    def matrix(self, aspect: float) -> np.ndarray:
        """World to clip space, float32 (4, 4)."""
        product: np.ndarray = self.projection(aspect) @ self.view()
        return product

    def orbited(self, right: float, up: float) -> Camera:
        """Turned around the target by radians; the pitch stops short of the poles."""
        pitch = min(max(self.pitch + up, -STEEPEST), STEEPEST)
        return replace(self, yaw=_wrapped(self.yaw + right), pitch=pitch)

    def panned(self, right_px: float, up_px: float, height_px: float) -> Camera:
        """Moved so that what lies at the target's depth follows the pointer exactly."""
        unit = 2 * self.distance * tan(self.fov / 2) / max(height_px, 1.0)
        right, up, _ = self.axes()
        moved = np.asarray(self.target) - right * right_px * unit - up * up_px * unit
        return replace(self, target=_triple(moved))

    def zoomed(self, steps: float, at: tuple[float, float] = (0.0, 0.0), aspect: float = 1.0) -> Camera:
        """Nearer by `steps` wheel notches; what lies under `at` (-1..1, y up) stays where it is."""
        distance = min(max(self.distance * 0.86**steps, NEAREST), FARTHEST)
        half = tan(self.fov / 2) * (self.distance - distance)
        right, up, _ = self.axes()
        moved = np.asarray(self.target) + right * at[0] * aspect * half + up * at[1] * half
        return replace(self, target=_triple(moved), distance=distance)

    def looking_at(self, target: np.ndarray, distance: float | None = None) -> Camera:
        near = self.distance if distance is None else min(max(distance, NEAREST), FARTHEST)
        return replace(self, target=_triple(target), distance=near)


def between(start: Camera, end: Camera, share: float) -> Camera:
    """The camera on its flight, share 0..1 of the time; starts and ends at rest.

    Distances change by equal factors, yaw takes the shorter way round, and a long flight rises a little
    so that the eye sees where it goes.
    """
    t = min(max(share, 0.0), 1.0)
    if t in (0.0, 1.0):
        return end if t else start
    eased = t * t * t * (t * (6 * t - 15) + 10)
    a, b = np.asarray(start.target), np.asarray(end.target)
    travel = float(np.linalg.norm(b - a))
    lift = 1.0 + 0.35 * sin(pi * eased) * min(travel / max(start.distance, end.distance), 1.0)
    turn = _wrapped(end.yaw - start.yaw)
    return Camera(
        target=_triple(a + (b - a) * eased),
        distance=exp(log(start.distance) + (log(end.distance) - log(start.distance)) * eased) * lift,
        yaw=_wrapped(start.yaw + turn * eased),
        pitch=start.pitch + (end.pitch - start.pitch) * eased,
        fov=start.fov + (end.fov - start.fov) * eased,
    )


def _wrapped(angle: float) -> float:
    """The same angle in (-pi, pi]."""
    turned = (angle + pi) % (2 * pi) - pi
    return pi if turned == -pi else turned


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
