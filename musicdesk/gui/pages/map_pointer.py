"""What the pointer does on the map besides turning it: encloses points, joins two by a path, adds and takes away."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF

from musicdesk.core.types import TrackId
from musicdesk.gui.pages.map_sphere import Sphere, is_press
from musicdesk.gui.style.tokens import Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

STEP_PX = 4.0  # between two corners of a line that is drawn
CORNERS = 160  # of it that are kept
MARK_PX = 7.0


class Tool(Enum):
    """Told by `hint` in a line above the map while it is at work."""

    LOOK = ""
    LASSO = "Draw a line around tracks; Shift adds to those chosen. Esc ends it."
    BOX = "Draw a box around tracks; Shift adds to those chosen. Esc ends it."
    SPHERE = "Drag outward from a track, or click it; Shift adds. Page Up and Page Down change the size. Esc ends it."
    PATH = "Click where the path begins, then where it ends. Esc ends it."
    MIX = "Click what it should sound like; Shift-click what to take away. Esc ends it."

    @property
    def hint(self) -> str:
        return self.value


class Pointer(QObject):
    """Watches a view; what it does not need goes on to the view's own hand."""

    changed = Signal(object)  # Tool
    enclosed = Signal(object, bool)  # ids int64 (m,); whether they come to those chosen before
    resized = Signal(object)  # ids int64 (m,) of the last sphere, which has another size now
    counted = Signal(int)  # tracks in a sphere that is being drawn
    joined = Signal(object, object)  # the ends of a path
    mixed = Signal(object, object)  # tracks to be like, tracks to be unlike
    menu_wanted = Signal(object, object)  # TrackId, where on the screen

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.tool = Tool.LOOK
        self.plus: list[TrackId] = []
        self.minus: list[TrackId] = []
        self.sphere = Sphere()
        self._cloud: CloudView | None = None
        self._line: list[QPointF] = []
        self._took = False  # the press of the click that is under way
        self._right: QPointF | None = None  # where the right button went down
        self._start: TrackId | None = None  # of a path whose end is still to come

    def watch(self, cloud: CloudView) -> None:
        self._cloud = cloud
        cloud.installEventFilter(self)

    def take(self, tool: Tool) -> None:
        """Another tool; what the one before had begun is dropped."""
        self._line, self._start, self.plus, self.minus = [], None, [], []
        self.sphere.drop()
        if self._cloud is not None:
            cross = tool in (Tool.LASSO, Tool.BOX, Tool.SPHERE)
            self._cloud.setCursor(Qt.CursorShape.CrossCursor if cross else Qt.CursorShape.ArrowCursor)
            self._cloud.redraw()
        if tool is not self.tool:
            self.tool = tool
            self.changed.emit(tool)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent) or self._cloud is None:
            return False
        self._watch_right(event, self._cloud)
        if self.tool is Tool.LOOK:
            return False
        if self.tool in (Tool.LASSO, Tool.BOX):
            return self._draw(event, self._cloud)
        if self.tool is Tool.SPHERE:
            return self._inflate(event, self._cloud)
        return self._click(event, self._cloud)

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
        accent = QColor(tokens.accent)
        self.sphere.paint(painter, cloud, tokens)
        if len(self._line) > 1:
            inner = QColor(accent)
            inner.setAlphaF(0.12)
            painter.setBrush(inner)
            painter.setPen(QPen(accent, 1.4, Qt.PenStyle.DashLine))
            painter.drawPolygon(QPolygonF(self._line))
        marks = [(track, "+", tokens.like) for track in self.plus] + [(t, "−", tokens.dislike) for t in self.minus]
        if self._start is not None:
            marks.append((self._start, "", tokens.accent))
        for track, sign, colour in marks:
            if (place := cloud.place_of(int(track))) is not None:
                _mark(painter, place, sign, QColor(colour), QColor(tokens.window))

    def _watch_right(self, event: QMouseEvent, cloud: CloudView) -> None:
        """A right click that is no drag asks for the menu of a point; a drag moves the map."""
        if event.button() != Qt.MouseButton.RightButton:
            return
        if event.type() == QEvent.Type.MouseButtonPress:
            self._right = event.position()
        elif event.type() == QEvent.Type.MouseButtonRelease and self._right is not None:
            still = (event.position() - self._right).manhattanLength() < STEP_PX
            self._right = None
            if still and (id_ := cloud.id_at(event.position())) >= 0:
                self.menu_wanted.emit(TrackId(id_), event.globalPosition().toPoint())

    def _draw(self, event: QMouseEvent, cloud: CloudView) -> bool:
        kind, place = event.type(), event.position()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            cloud.setFocus(Qt.FocusReason.MouseFocusReason)
            cloud.leave()
            self._line = [place]
        elif kind == QEvent.Type.MouseMove and self._line:
            if self.tool is Tool.BOX:
                box = QRectF(self._line[0], place)
                self._line = [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]
            elif (place - self._line[-1]).manhattanLength() >= STEP_PX:
                self._line.append(place)
            cloud.redraw()
        elif kind == QEvent.Type.MouseButtonRelease and self._line:
            line, self._line = self._line, []
            corners = np.array([(corner.x(), corner.y()) for corner in line], float)
            corners = corners[:: max(1, len(corners) // CORNERS)]
            found = cloud.enclosed(corners)
            cloud.redraw()
            if len(line) > 2:
                self.enclosed.emit(found, _adds(event))
        else:
            return kind == QEvent.Type.MouseButtonDblClick or bool(event.buttons() & Qt.MouseButton.LeftButton)
        return True

    def _inflate(self, event: QMouseEvent, cloud: CloudView) -> bool:
        """A sphere grows from the point that was pressed; beside all points the map is turned."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            return True
        if is_press(event):
            cloud.setFocus(Qt.FocusReason.MouseFocusReason)
            cloud.leave()
            if not self.sphere.press(event, cloud):
                return False
        elif not self.sphere.drawing:
            return False
        elif event.type() == QEvent.Type.MouseMove:
            self.sphere.stretch(event, cloud)
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self.sphere.release()
            self.enclosed.emit(self.sphere.ids(cloud), _adds(event))
        if self.sphere.drawing:
            self.counted.emit(len(self.sphere.ids(cloud)))
        cloud.redraw()
        return True

    def resize(self, factor: float) -> bool:
        """Makes the sphere larger or smaller; False where there is none."""
        if self._cloud is None or self.sphere.middle is None:
            return False
        self.sphere.grow(factor)
        self.resized.emit(self.sphere.ids(self._cloud))
        return True

    def _click(self, event: QMouseEvent, cloud: CloudView) -> bool:
        """Only a click on a point is taken; dragging still turns the map."""
        if event.type() == QEvent.Type.MouseButtonDblClick:
            return True
        if event.type() == QEvent.Type.MouseButtonRelease and self._took:
            self._took = False  # the view's own hand must not take it for a click
            return True
        if event.type() != QEvent.Type.MouseButtonPress or event.button() != Qt.MouseButton.LeftButton:
            return False
        id_ = cloud.id_at(event.position())
        if id_ < 0:
            return False
        self._took = True
        cloud.setFocus(Qt.FocusReason.MouseFocusReason)
        self.point(TrackId(id_), _adds(event))
        cloud.redraw()
        return True

    def point(self, track: TrackId, away: bool = False) -> None:
        """A point for the sphere, the path or the mixture; also by Enter, for those who have no pointer."""
        if self.tool is Tool.SPHERE and self._cloud is not None:
            self.sphere.put(track, self._cloud)
            self.enclosed.emit(self.sphere.ids(self._cloud), away)
        elif self.tool is Tool.PATH:
            start, self._start = self._start, track
            if start is not None and start != track:
                self._start = None
                self.joined.emit(start, track)
        elif self.tool is Tool.MIX:
            mine, others = (self.minus, self.plus) if away else (self.plus, self.minus)
            known = track in mine
            for side in (mine, others):
                if track in side:
                    side.remove(track)
            if not known:
                mine.append(track)
            self.mixed.emit(tuple(self.plus), tuple(self.minus))


def _adds(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def _mark(painter: QPainter, place: QPointF, sign: str, colour: QColor, ground: QColor) -> None:
    painter.setPen(QPen(ground, 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(place, MARK_PX, MARK_PX)
    painter.setPen(QPen(ground, 2.0))
    if sign:
        painter.drawLine(place - QPointF(3.5, 0), place + QPointF(3.5, 0))
    if sign == "+":
        painter.drawLine(place - QPointF(0, 3.5), place + QPointF(0, 3.5))
