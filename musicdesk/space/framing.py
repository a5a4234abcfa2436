"""Where the camera stands to show all points: as near as it can, so that they fill the view."""

from __future__ import annotations

from dataclasses import replace
from math import pi, tan

import numpy as np

from musicdesk.space.camera import FARTHEST, RESTING, Camera

FILL = 0.85  # share of the view that the points span, in the direction in which they fill it first
ENOUGH = 2_000  # points that are looked at
MANY, OUTSIDE = 400, 0.1  # per cent of many points, at each side, that may be left out of view
CENTRED = 1e-3  # how far from the middle, as a share of the distance, counts as in the middle
ROOM = 0.5  # least depth of the nearest point, in the cloud's unit
TURNS = tuple(pi * step / 12 for step in range(12))  # radians about the upright axis that are tried
PITCHES = (0.35, 0.2, 0.6)
WORTH = 1.15  # how much better another side must be for the camera to turn there


def framed(positions: np.ndarray, aspect: float, camera: Camera | None = None, fill: float = FILL) -> Camera:
    """`camera` moved, not turned, until the points span `fill` of a view of width / height `aspect`.

    positions: float (n, 3) in the cloud's unit ball; without two places that differ it stands where it rests.
    Without a `camera` it also turns to the side from which the cloud fits the view best.
    """
    few = len(positions) <= ENOUGH
    # Some of many by chance, always the same: every n-th could be all of one kind.
    rows = np.arange(len(positions)) if few else np.random.default_rng(0).integers(0, len(positions), ENOUGH)
    seen = positions[rows].astype(np.float64)
    turned = replace(camera or _fitting(seen, aspect), target=(0.0, 0.0, 0.0), distance=RESTING)
    if not len(seen) or not np.ptp(seen, axis=0).any():
        middle = seen[0] if len(seen) else np.zeros(3)
        return replace(turned, target=_triple(middle), distance=RESTING * max(1.0, 1.0 / max(aspect, 1e-6)))
    axes = np.stack(turned.axes())
    share = OUTSIDE if len(seen) > MANY else 0.0
    placed = seen @ axes.T
    middle = np.mean(np.percentile(placed, [share, 100 - share], axis=0), axis=0)
    placed -= middle
    half = np.array([aspect, 1.0]) * tan(turned.fov / 2)  # of the view at depth 1
    near = max(float(np.percentile(placed[:, 2], 100 - share)) + ROOM, ROOM)
    far = FARTHEST
    at = np.zeros(2)
    for _ in range(16):  # to a thousandth of the distance
        distance = (near * far) ** 0.5
        at, span = _extent(placed, distance, share, half, at)
        near, far = (distance, far) if span > fill else (near, distance)
    at, _span = _extent(placed, far, share, half, at)
    target = (middle + np.array([*at, 0.0])) @ axes
    return replace(turned, target=_triple(target), distance=far)


def _extent(
    placed: np.ndarray, distance: float, share: float, half: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, float]:
    """Where the middle of the view has to be, (2,), and what share of it is spanned, at a distance.

    at: (2,) where to look first; that of a distance near by saves most of the work
    """
    inverse = 1.0 / np.maximum(distance - placed[:, 2], ROOM / 2)[:, None]
    for _ in range(8):  # nearer points spread more, so the middle moves a little with the distance
        low, high = np.percentile((placed[:, :2] - at) * inverse, [share, 100 - share], axis=0)
        moved = (low + high) / 2 * distance
        at = at + moved
        if np.abs(moved).max() < CENTRED * distance:
            break
    return at, float(((high - low) / 2 / half).max())


def _fitting(seen: np.ndarray, aspect: float) -> Camera:
    """Turned so that the cloud covers much of a view of this shape, without hiding its length in the depth."""
    resting = Camera()
    if len(seen) < 2:
        return resting
    sides = [replace(resting, yaw=resting.yaw + turn, pitch=pitch) for turn in TURNS for pitch in PITCHES]
    worth = _worth(seen[:: max(1, len(seen) // MANY)], [resting, *sides], aspect, OUTSIDE if len(seen) > MANY else 0.0)
    best = int(worth.argmax())
    return sides[best - 1] if best and worth[best] > WORTH * worth[0] else resting


def _worth(some: np.ndarray, cameras: list[Camera], aspect: float, share: float) -> np.ndarray:
    """float64 (cameras,): the share of the view that is covered, and how much of the spread is across it."""
    across_up = np.stack([np.stack(camera.axes()[:2]) for camera in cameras])
    placed = np.einsum("ni,cki->cnk", some, across_up)  # (cameras, n, 2)
    low, high = np.percentile(placed, [share, 100 - share], axis=1)
    across, above = np.maximum(high - low, 1e-9).T
    covered = across * above * np.minimum(aspect / across, 1.0 / above) ** 2 / aspect
    spread = float(some.var(axis=0).sum()) or 1.0
    worth: np.ndarray = covered**0.5 * placed.var(axis=1).sum(axis=1) / spread
    return worth


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
