"""Mouse and keys of the map, turned into camera movements and clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from .pilot import Pilot

if TYPE_CHECKING:
    from .view import CloudView

RADIANS_PER_PX = 0.0065
KEY_TURN, KEY_PAN_PX, KEY_ZOOM = 0.12, 40.0, 1.0
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Hand(QObject):
    def __init__(self, view: CloudView, pilot: Pilot) -> None:
        super().__init__(view)
        self._view, self._pilot = view, pilot
        self._last: QPointF | None = None  # while a button is down
        self._pressed_at = QPointF()
        self._dragged = self._doubled = False
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self._view.leave()
        elif isinstance(event, QMouseEvent):
            return self._mouse(kind, event)
        elif isinstance(event, QWheelEvent):
            self._wheel(event)
            return True
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _mouse(self, kind: QEvent.Type, event: QMouseEvent) -> bool:
        if kind == QEvent.Type.MouseButtonPress:
            self._last = self._pressed_at = event.position()
            self._dragged = self._doubled = False
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self._last, self._doubled = event.position(), True
            if event.button() == Qt.MouseButton.LeftButton:
                self._view.click_at(event.position(), twice=True)
        elif kind == QEvent.Type.MouseMove:
            self._move(event)
        elif kind == QEvent.Type.MouseButtonRelease:
            still = not self._dragged and not self._doubled
            self._last = None
            if still and event.button() == Qt.MouseButton.LeftButton:
                self._view.click_at(event.position())
        else:
            return False
        return True

    def _move(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._last is None or event.buttons() == Qt.MouseButton.NoButton:
            self._view.hover_at(place)
            return
        away = (place - self._pressed_at).manhattanLength()
        if not self._dragged and away < QApplication.startDragDistance() / 2:
            return
        if not self._dragged:
            self._dragged = True
            self._view.leave()
        step, self._last = place - self._last, place
        camera = self._pilot.camera
        pans = event.buttons() & (Qt.MouseButton.RightButton | Qt.MouseButton.MiddleButton)
        if pans or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pilot.turn(camera.panned(step.x(), -step.y(), self._view.height()))
        else:
            self._pilot.turn(camera.orbited(-step.x() * RADIANS_PER_PX, step.y() * RADIANS_PER_PX))

    def _wheel(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if not notches:
            return
        width, height = max(self._view.width(), 1), max(self._view.height(), 1)
        at = (2 * event.position().x() / width - 1, 1 - 2 * event.position().y() / height)
        self._pilot.turn(self._pilot.camera.zoomed(notches, at, width / height))

    def _key(self, event: QKeyEvent) -> bool:
        key, camera = Qt.Key(event.key()), self._pilot.camera
        if key in ARROWS:
            right, up = ARROWS[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                height = self._view.height()
                self._pilot.turn(camera.panned(-right * KEY_PAN_PX, -up * KEY_PAN_PX, height))
            else:
                self._pilot.turn(camera.orbited(right * KEY_TURN, up * KEY_TURN))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._pilot.turn(camera.zoomed(KEY_ZOOM))
        elif key == Qt.Key.Key_Minus:
            self._pilot.turn(camera.zoomed(-KEY_ZOOM))
        elif key == Qt.Key.Key_Home:
            self._view.reset_camera()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._view.activate_current()
        else:
            return False
        return True
