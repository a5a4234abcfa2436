"""Discs of pixels: written one by one or spread from their middles, they are the same picture."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.space import discs
from musicdesk.space.camera import Camera
from musicdesk.space.discs import Discs
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen
from musicdesk.space.splat import Splat

ALWAYS_WRITTEN, ALWAYS_SPREAD = 0, 10**9
GROUND = (17, 19, 23)


def stamped(size: int, x: np.ndarray, y: np.ndarray, keep: bool, lay: np.ndarray) -> np.ndarray:
    """`lay` after discs of `size` pixels, of rising value, in a picture of 60 x 40 pixels."""
    made = lay.copy()
    Discs(made.shape).stamp(made, x, y, size, np.arange(len(x), dtype=np.int32), keep, 3 * (size // 2 + 3))
    return made


def plainly(size: int, x: np.ndarray, y: np.ndarray, lay: np.ndarray) -> np.ndarray:
    """The same, as it is said: every pixel whose middle is in the disc, which sits on pixels, has the greatest."""
    made, shift = lay.copy(), 3 * (size // 2 + 3)
    for value, (right, down) in enumerate(zip(x, y, strict=True)):
        middle = [int(np.float32(at) + np.float32(shift + (0.0 if size % 2 else 0.5))) for at in (right, down)]
        corner = [at - size // 2 for at in middle]
        for line in range(size):
            for column in range(size):
                if (line + 0.5 - size / 2) ** 2 + (column + 0.5 - size / 2) ** 2 <= (size / 2) ** 2:
                    at = corner[1] + line, corner[0] + column
                    made[at] = max(made[at], value)
    return made


@pytest.mark.parametrize("size", [*range(1, 14), 27])
@pytest.mark.parametrize("way", [ALWAYS_WRITTEN, ALWAYS_SPREAD])
def test_discs_are_the_pixels_whose_middles_they_hold(monkeypatch: pytest.MonkeyPatch, size: int, way: int) -> None:
    monkeypatch.setattr(discs, "WRITING", way)
    rng, margin = np.random.default_rng(size), 3 * (size // 2 + 3)
    empty = np.full((40 + 2 * margin, 60 + 2 * margin), -1, np.int32)
    for n in (0, 1, 25):
        x = rng.uniform(-size / 2, 60 + size / 2, n).astype(np.float32)
        y = rng.uniform(-size / 2, 40 + size / 2, n).astype(np.float32)
        assert (stamped(size, x, y, False, empty) == plainly(size, x, y, empty)).all()
        lay = rng.integers(-1, n + 1, empty.shape, dtype=np.int32)
        assert (stamped(size, x, y, True, lay) == plainly(size, x, y, lay)).all()


@pytest.mark.parametrize("shape", ["of one size", "of sizes", "that shine through"])
def test_a_crowd_has_the_same_picture_either_way(monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    rng, n = np.random.default_rng(3), 4_000
    colours = rng.integers(40, 256, (n, 4), dtype=np.uint8)
    colours[:, 3] = rng.choice([70, 255], n) if shape == "that shine through" else 255
    cloud = clean(rng.normal(size=(n, 3)), colours, rng.uniform(0.3, 3, n) if shape == "of sizes" else None)
    for camera in (Camera(), Camera(distance=0.5, yaw=2.0)):
        pictures = []
        for way in (ALWAYS_WRITTEN, ALWAYS_SPREAD):
            monkeypatch.setattr(discs, "WRITING", way)
            screen = Screen(cloud)
            screen.project(camera, 320, 240)
            pictures.append(Splat(screen).draw(GROUND))
        assert (pictures[0] == pictures[1]).all()


def test_a_picture_drawn_over_an_older_one_keeps_nothing_of_it() -> None:
    rng = np.random.default_rng(4)
    screen = Screen(clean(rng.normal(size=(30_000, 3))))  # so many do not glow
    drawn: list[np.ndarray] = []
    for over in (False, True):
        splat, older = Splat(screen), None
        for yaw in (0.0, 1.0, 2.0):
            screen.project(Camera(yaw=yaw), 320, 240)
            older = splat.draw(GROUND, over=older if over else None)
        drawn.append(older)
    assert (drawn[0] == drawn[1]).all()
    screen.project(Camera(), 200, 100)
    assert splat.draw(GROUND, over=older).shape == (100, 200)
