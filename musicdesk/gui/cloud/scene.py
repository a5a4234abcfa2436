"""What a canvas draws: shared by the two renderers, so that they cannot drift apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QPainter

from musicdesk.space.camera import Camera
from musicdesk.space.points import Cloud, clean
from musicdesk.space.screen import Screen

from .colors import CloudColors

Overlay = Callable[[QPainter], None]


class Scene:
    """The cloud, the camera and the colours of one view; `version` counts clouds."""

    def __init__(self, colors: CloudColors) -> None:
        self.colors = colors
        self.camera = Camera()
        self.moving = False
        self.version = 0
        self.cloud: Cloud = clean(np.empty((0, 3)))
        self.screen = Screen(self.cloud)
        self.overlay: Overlay | None = None

    def show(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.screen = Screen(cloud)
        self.version += 1
