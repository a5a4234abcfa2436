"""The sphere on the map: begun at a point, drawn outward with the pointer or put there by a key, larger and smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF, QRadialGradient

from musicdesk.core.types import TrackId
from musicdesk.gui.style.tokens import Tokens
from musicdesk.space.ball import LEAST, circles, pixel, radius_at, reach_of, within

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

USUAL, SHARE = 24, 1 / 8  # tracks in a sphere that nobody has drawn, of few tracks this share
STEP = 1.15  # how much larger or smaller by a key
DRAG_PX = 5.0  # less is a click
KEYS = {Qt.Key.Key_PageUp: STEP, Qt.Key.Key_PageDown: 1 / STEP}


class Sphere:
    """Its middle is a point; radius in the unit of the cloud. Without a middle there is no sphere."""

    def __init__(self) -> None:
        self.middle: TrackId | None = None
        self.radius = LEAST
        self._pressed: QPointF | None = None  # while it is being drawn

    @property
    def drawing(self) -> bool:
        return self._pressed is not None

    def drop(self) -> None:
        self.middle = self._pressed = None

    def put(self, track: TrackId, cloud: CloudView) -> None:
        """Around a point, so large that a usual number lies in it."""
        self.middle, self._pressed = track, None
        row, positions = self._row(cloud), cloud.seen().cloud.positions
        usual = min(USUAL, max(4, round(SHARE * len(positions))))
        self.radius = reach_of(positions, positions[row], usual) if row >= 0 else LEAST

    def grow(self, factor: float) -> None:
        self.radius = max(LEAST, self.radius * factor)

    def ids(self, cloud: CloudView) -> np.ndarray:
        """Of the points in it, int64 (m,), the nearest to its middle first."""
        row, positions = self._row(cloud), cloud.seen().cloud.positions
        if row < 0:
            return np.empty(0, np.int64)
        return np.asarray(cloud.ids[within(positions, positions[row], self.radius)], np.int64)

    def press(self, event: QMouseEvent, cloud: CloudView) -> bool:
        """Begins where the pointer is on a point; beside all points the map is turned as ever."""
        track = cloud.id_at(event.position())
        if track < 0:
            return False
        self.put(TrackId(track), cloud)
        self._pressed = event.position()
        return True

    def stretch(self, event: QMouseEvent, cloud: CloudView) -> None:
        """Draws it as far as the pointer has come."""
        row = self._row(cloud)
        if self._pressed is None or row < 0:
            return
        step = event.position() - self._pressed
        if step.manhattanLength() >= DRAG_PX:
            seen = cloud.seen()
            across, down = event.position().x() - float(seen.x[row]), event.position().y() - float(seen.y[row])
            self.radius = radius_at(cloud.camera, float(seen.depth[row]), cloud.height(), across, down)

    def _row(self, cloud: CloudView) -> int:
        """Of its middle among the points; -1 where it has none, or that is not on the map."""
        return -1 if self.middle is None else cloud.row_of(int(self.middle))

    def release(self) -> None:
        self._pressed = None

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
        row = self._row(cloud)
        place = cloud.place_of(int(self.middle)) if self.middle is not None else None
        if row < 0 or place is None:
            return
        seen, accent = cloud.seen(), QColor(tokens.accent)
        wide = self.radius / pixel(cloud.camera, float(seen.depth[row]), cloud.height())
        painter.setPen(QPen(accent, 1.4, Qt.PenStyle.DashLine if self.drawing else Qt.PenStyle.SolidLine))
        painter.setBrush(_glass(place, wide, accent))
        painter.drawEllipse(place, wide, wide)
        accent.setAlphaF(0.4)
        painter.setPen(QPen(accent, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        shown = seen.cloud
        for circle in circles(shown.positions[row], self.radius):
            spots = cloud.spots(circle * shown.radius + shown.centre)
            if (spots[:, 3] > 0).all():  # one that reaches behind the eye would be drawn across the view
                painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in spots[:, :2].tolist()]))


def is_press(event: QMouseEvent) -> bool:
    return event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton


def _glass(place: QPointF, wide: float, colour: QColor) -> QRadialGradient:
    """Clear in the middle, so that the points in it keep their colours."""
    shades = QRadialGradient(place, max(wide, 1.0))
    for at, strength in ((0.0, 0.02), (0.7, 0.06), (1.0, 0.2)):
        shade = QColor(colour)
        shade.setAlphaF(strength)
        shades.setColorAt(at, shade)
    return shades
