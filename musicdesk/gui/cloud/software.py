"""The map without OpenGL: numpy draws, a plain widget shows."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musicdesk.space.screen import Screen
from musicdesk.space.splat import Splat

from .scene import Scene

QUICK_MOVING = 30_000  # above this many points edges are simpler while the view moves


class SoftwareCanvas(QWidget):
    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._splat: Splat | None = None
        self._screen: Screen | None = None
        self._pixels: np.ndarray | None = None  # keeps the image's memory alive
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def refresh(self) -> None:
        self.update()

    def release(self) -> None:
        self._splat = self._screen = self._pixels = None

    def picture(self) -> QImage:
        """The points alone at device resolution, 32-bit RGB."""
        ratio = self.devicePixelRatioF()
        width, height = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        scene = self._scene
        if self._splat is None or self._screen is None or self._screen.cloud is not scene.cloud:
            # At ratio 1 the view's own projection serves; else the picture needs one in device pixels.
            self._screen = scene.screen if ratio == 1.0 else Screen(scene.cloud)
            self._splat = Splat(self._screen)
        self._screen.project(scene.camera, width, height)
        self._pixels = self._splat.draw(scene.colors.ground, scene.moving and len(scene.cloud) > QUICK_MOVING)
        image = QImage(self._pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(0, 0, self.picture())
        if self._scene.overlay is not None:
            self._scene.overlay(painter)
        painter.end()
