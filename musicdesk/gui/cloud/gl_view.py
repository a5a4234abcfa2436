"""The map in OpenGL 3.3 core or OpenGL ES 3, in a widget of its own."""

from __future__ import annotations

import logging
from time import perf_counter

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from .gl_gear import Gear
from .probe import surface_format
from .scene import Scene

LOG = logging.getLogger(__name__)


class GlCanvas(QOpenGLWidget):
    unusable = Signal(str)  # the driver promised what it does not keep

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._scene = scene
        self._gear: Gear | None = None
        self._refused = False
        self._asked: float | None = None  # when the frame that is being waited for was asked for
        self.frameSwapped.connect(self._swapped)

    def refresh(self) -> None:
        if self._asked is None and self._scene.moving:
            self._asked = perf_counter()
        self.update()

    def _swapped(self) -> None:
        """A frame of the movement is on the screen: how long it took decides how many points the next one has."""
        asked, self._asked = self._asked, None
        if asked is not None and self._gear is not None and self._scene.moving:
            self._gear.detail.took(perf_counter() - asked)

    def release(self) -> None:
        """Gives the card's memory back; the next frame builds it anew."""
        if self._gear is not None:
            self._gear.drop()
            self._gear = None

    def paintGL(self) -> None:
        # A context may be lost and replaced at any time; what was built in the old one is gone with it.
        if self._gear is None or self._gear.dropped:
            self._gear = self._built()
        if self._gear is None:
            return
        self._gear.draw(max(self.width(), 1), max(self.height(), 1), self.devicePixelRatioF())
        if self._scene.overlay is not None:
            painter = QPainter(self)
            self._scene.overlay(painter)
            painter.end()

    def _built(self) -> Gear | None:
        if self._refused:
            return None
        try:
            return Gear(self._scene)
        except RuntimeError as error:
            self._refused = True
            LOG.warning("OpenGL cannot draw the map: %s", error)
            self.unusable.emit(str(error))
            return None
