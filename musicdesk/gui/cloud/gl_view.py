"""The map in OpenGL 3.3 core, in a widget of its own."""

from __future__ import annotations

import logging

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from .gl_gear import Gear
from .probe import surface_format
from .scene import Scene

LOG = logging.getLogger(__name__)


class GlCanvas(QOpenGLWidget):
    unusable = Signal(str)  # the driver promised 3.3 and does not keep it

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._scene = scene
        self._gear: Gear | None = None
        self._refused = False

    def refresh(self) -> None:
        self.update()

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
