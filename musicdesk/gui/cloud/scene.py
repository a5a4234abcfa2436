"""What a canvas draws: shared by the two renderers, so that they cannot drift apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QPainter

from musicdesk.space.camera import Camera
from musicdesk.space.points import Cloud, clean
from musicdesk.space.screen import Screen, at_points

from .colors import CloudColors

Overlay = Callable[[QPainter], None]


class Spot(NamedTuple):
    """Where a point is on the screen, pixels; its depth in the cloud's unit."""

    x: float
    y: float
    depth: float
    radius: float


class Scene:
    """The cloud, the camera and the colours of one view; `version` counts clouds."""

    def __init__(self, colors: CloudColors) -> None:
        self.colors = colors
        self.camera = Camera()
        self.moving = False
        self.width, self.height = 1, 1  # logical pixels
        self.version = 0
        self.cloud: Cloud = clean(np.empty((0, 3)))
        self.screen = Screen(self.cloud)
        self.overlay: Overlay | None = None
        self._coarse: Screen | None = None

    def show(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.forget()
        self.version += 1

    def forget(self) -> None:
        """Gives back what can be reckoned anew."""
        self.screen = Screen(self.cloud)
        self._coarse = None

    def drawn(self, step: int) -> Screen:
        """The projection that a frame needs which draws every step-th point; not projected yet."""
        if step <= 1:
            return self.screen
        if self._coarse is None or self._coarse.cloud.thinning != step:
            self._coarse = Screen(self.cloud.thinned(step))
        return self._coarse

    def project(self) -> Screen:
        """All points as they are seen now."""
        self.screen.project(self.camera, self.width, self.height)
        return self.screen

    def spot(self, row: int) -> Spot | None:
        """One point as it is seen now, without projecting the others; None behind the eye."""
        x, y, depth, radius = at_points(self.cloud, self.camera, self.width, self.height, [row])[0].tolist()
        return Spot(x, y, depth, radius) if radius > 0 else None
