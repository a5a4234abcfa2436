"""What the map is painted with: the theme's colours as the cloud wants them, and lines between points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from musicdesk.core.types import TrackId
from musicdesk.gui.style.tokens import CARD_RADIUS, Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudColors, CloudView

LINE_STRENGTH = 0.4


def cloud_colors(tokens: Tokens) -> CloudColors:
    from musicdesk.gui.cloud import CloudColors

    return CloudColors(QColor(tokens.window), QColor(tokens.accent), QColor(tokens.text), QColor(tokens.line))


def paint_star(painter: QPainter, cloud: CloudView, start: TrackId, ends: Sequence[TrackId], accent: str) -> None:
    """Lines from a point to its true neighbours, which may lie elsewhere on the map."""
    middle = cloud.place_of(int(start))
    if middle is None:
        return
    colour = QColor(accent)
    colour.setAlphaF(LINE_STRENGTH)
    painter.setPen(QPen(colour, 1.2))
    for other in ends:
        if (end := cloud.place_of(int(other))) is not None:
            painter.drawLine(middle, end)


def paint_way(painter: QPainter, cloud: CloudView, stations: Sequence[int], colour: str, fades: bool = False) -> None:
    """A line through points in their order, with a bead at each. fades: the last ones are strongest"""
    ink, last = QColor(colour), len(stations) - 1
    painter.setBrush(Qt.BrushStyle.NoBrush)
    before: QPointF | None = None
    for at, station in enumerate(stations):
        place = cloud.place_of(station)
        strength = 0.15 + 0.75 * at / max(last, 1) if fades else 0.85
        ink.setAlphaF(strength)
        painter.setPen(QPen(ink, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if before is not None and place is not None:
            painter.drawLine(before, place)
        if place is not None:
            ends = at in (0, last)
            painter.setBrush(ink if ends else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(place, 4.5 if ends else 3.0, 4.5 if ends else 3.0)
        before = place


def paint_rim(painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
    """The view's rounded edge: the frame around it ends where the points begin."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(tokens.line), 1.0))
    painter.drawRoundedRect(QRectF(cloud.rect()).adjusted(-0.5, -0.5, 0.5, 0.5), CARD_RADIUS - 1, CARD_RADIUS - 1)


def on_screen(cloud: CloudView, xyz: np.ndarray) -> list[QPointF | None]:
    """Places in the space of the points, float (m, 3), in pixels; None behind the eye."""
    return [QPointF(x, y) if radius > 0 else None for x, y, _depth, radius in cloud.spots(xyz).tolist()]
