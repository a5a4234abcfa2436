"""The map without OpenGL: numpy draws, a plain widget shows."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from musicdesk.space.detail import Detail
from musicdesk.space.screen import Screen
from musicdesk.space.splat import Splat

from .scene import Scene

QUICK_MOVING = 5_000  # above this many points edges are hard while the view moves
FAIR = 150_000  # points that numpy paints in time while they move


class SoftwareCanvas(QWidget):
    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self.detail = Detail(FAIR)
        self._splat: Splat | None = None
        self._screen: Screen | None = None  # in device pixels, where these are not logical ones
        self._of = (-1, 1)  # version and step of the cloud that this screen is of
        self._pixels: np.ndarray | None = None  # keeps the image's memory alive
        self._image: QImage | None = None
        self._drawn: tuple[object, ...] = ()  # what the image is of
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def refresh(self) -> None:
        self.update()

    def release(self) -> None:
        self._splat = self._screen = self._pixels = self._image = None

    def picture(self) -> QImage:
        """The points alone at device resolution, 32-bit RGB. What has not changed is not drawn again: rings, labels
        and the pulse of what plays lie over it."""
        began = perf_counter()
        scene, ratio = self._scene, self.devicePixelRatioF()
        width, height = max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)
        self.detail.begin(len(scene.cloud))
        step = self.detail.step if scene.moving else 1
        quick = scene.moving and len(scene.cloud) > QUICK_MOVING
        wanted = (scene.version, step, quick, scene.camera, width, height, ratio, scene.colors.ground)
        if self._image is not None and self._drawn == wanted:
            return self._image
        screen = self._projection(step, ratio)
        screen.project(scene.camera, width, height)
        if self._splat is None or self._splat.screen is not screen:
            self._splat = Splat(screen)
        self._pixels = self._splat.draw(scene.colors.ground, quick, self._pixels)
        self._image = QImage(self._pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(ratio)
        self._drawn = wanted
        if scene.moving:
            self.detail.took(perf_counter() - began)
        return self._image

    def _projection(self, step: int, ratio: float) -> Screen:
        """At ratio 1 the view's own projection serves; else the picture needs one in device pixels."""
        if ratio == 1.0:
            return self._scene.drawn(step)
        wanted = (self._scene.version, step)
        if self._screen is None or self._of != wanted:
            self._screen, self._of = Screen(self._scene.cloud.thinned(step)), wanted
        return self._screen

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(0, 0, self.picture())
        if self._scene.overlay is not None:
            self._scene.overlay(painter)
        painter.end()
