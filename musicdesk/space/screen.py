"""Where each point falls on the screen: computed once per camera change, into buffers that are reused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .camera import NEAR_PLANE, RESTING, Camera
from .points import Cloud

BLOCK = 1 << 16  # points that are looked through at a time, so that the processor's cache holds them
RADIUS_PX = (0.55, 36.0)  # smallest and largest radius, for a view 700 px high
UNTANGLING = 0.45  # 0: points grow as the gaps do; 1: they keep their size
FOG_DEPTH = (-0.7, 1.9)  # no fog before, full fog after the target's depth plus this
FOG_MOST = 0.78  # share of the background at full fog


class Screen:
    """Projection of a cloud, in struct-of-arrays buffers float32 (n,).

    x, y:   pixels from the left upper corner of a view of `width` x `height`
    depth:  distance along the view axis; points behind the eye have depth < NEAR_PLANE
    radius: pixels; 0 for points behind the eye
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        n = len(cloud)
        self._world = cloud.positions.T
        self.x, self.y, self.depth, self.radius, self._scratch = np.empty((5, n), dtype=np.float32)
        self.width = self.height = 0
        self._widest = -1.0
        self.camera: Camera | None = None

    def project(self, camera: Camera, width: int, height: int) -> None:
        """Fills the buffers; does nothing when neither camera nor size has changed."""
        if self.camera == camera and (self.width, self.height) == (width, height):
            return
        self.camera, self.width, self.height, self._widest = camera, width, height, -1.0
        matrix = camera.matrix(width / max(height, 1))
        self._row(matrix[3], self.depth)
        self._row(matrix[0], self.x)
        self._row(matrix[1], self.y)
        behind = self.depth < NEAR_PLANE
        inverse = self._scratch
        np.maximum(self.depth, NEAR_PLANE, out=inverse)
        np.reciprocal(inverse, out=inverse)
        self.x *= inverse
        self.x += 1.0
        self.x *= width / 2
        self.y *= inverse
        self.y -= 1.0
        self.y *= -height / 2
        np.multiply(self.cloud.sizes, inverse, out=self.radius)
        self.radius *= point_scale(self.cloud, camera, height)
        low, high = radius_range(height)
        np.clip(self.radius, low, high, out=self.radius)
        if behind.any():
            self.radius[behind] = 0.0
            self.x[behind] = self.y[behind] = -1e9

    @property
    def widest(self) -> float:
        """The largest radius, pixels; looked for once for each projection."""
        if self._widest < 0:
            self._widest = float(self.radius.max(initial=0.0))
        return self._widest

    def around(self, x: float, y: float, reach: float) -> np.ndarray:
        """Rows of the points whose middle is no farther than `reach` pixels both ways, ascending int64 (k,)."""
        left, right = np.float32(x - reach), np.float32(x + reach)
        found = []
        for begin in range(0, len(self.x), BLOCK):
            part = self.x[begin : begin + BLOCK]
            near = part >= left
            near &= part <= right
            rows = np.flatnonzero(near)
            rows += begin
            found.append(rows[np.abs(self.y.take(rows) - np.float32(y)) <= np.float32(reach)])
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def _row(self, row: np.ndarray, out: np.ndarray) -> None:
        """out = row . (x, y, z, 1) without temporaries of its own."""
        np.multiply(self._world[0], row[0], out=out)
        for axis in (1, 2):
            np.multiply(self._world[axis], row[axis], out=self._scratch)
            out += self._scratch
        out += row[3]


def at_points(cloud: Cloud, camera: Camera, width: int, height: int, rows: Sequence[int]) -> np.ndarray:
    """x, y, depth and radius of a few points, float32 (k, 4), as `Screen` has them but without all others."""
    places = cloud.positions[list(rows)].reshape(-1, 3)
    clip = np.column_stack([places, np.ones(len(places), np.float32)]) @ camera.matrix(width / max(height, 1)).T
    depth = clip[:, 3]
    inverse = 1.0 / np.maximum(depth, NEAR_PLANE)
    found = np.empty((len(places), 4), dtype=np.float32)
    found[:, 0] = (clip[:, 0] * inverse + 1.0) * (width / 2)
    found[:, 1] = (clip[:, 1] * inverse - 1.0) * (-height / 2)
    found[:, 2] = depth
    found[:, 3] = np.clip(cloud.sizes[list(rows)] * inverse * point_scale(cloud, camera, height), *radius_range(height))
    behind = depth < NEAR_PLANE
    found[behind, :2], found[behind, 3] = -1e9, 0.0
    return found


def point_scale(cloud: Cloud, camera: Camera, height: int) -> float:
    """Radius in pixels of a point of size 1 at depth 1. Coming nearer they grow less than their gaps, so that
    a crowd comes apart."""
    near = float(min(camera.distance / RESTING, 1.0) ** UNTANGLING)
    return cloud.base_px / 2 * RESTING * height / 700 * near


def radius_range(height: int) -> tuple[float, float]:
    factor = max(height / 700, 0.3)
    return RADIUS_PX[0] * min(factor, 1.0), RADIUS_PX[1] * factor


def fog_range(camera: Camera) -> tuple[float, float]:
    """Depths where fog begins and where it is full."""
    return camera.distance + FOG_DEPTH[0], camera.distance + FOG_DEPTH[1]


def fog(screen: Screen, rows: np.ndarray) -> np.ndarray:
    """Share of the background in each point's colour, float32 (k,) in 0..FOG_MOST."""
    assert screen.camera is not None, "project first"
    near, far = fog_range(screen.camera)
    share = np.clip((screen.depth[rows] - np.float32(near)) * np.float32(1 / (far - near)), 0.0, 1.0)
    haze: np.ndarray = share * np.float32(FOG_MOST)
    return haze


def back_to_front(depth: np.ndarray) -> np.ndarray:
    """Order to paint in, int64 (n,). Depths are cut into 65,536 steps: sixteen bits sort by radix."""
    if not len(depth):
        return np.empty(0, dtype=np.int64)
    low, high = float(depth.min()), float(depth.max())
    steps = np.subtract(np.float32(high), depth)
    steps *= np.float32(65_535 / (high - low) if high > low else 0.0)
    return np.argsort(steps.astype(np.uint16), kind="stable")
