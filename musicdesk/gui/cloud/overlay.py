"""What QPainter draws over the points: the selected ring, the pulse of what plays."""

from __future__ import annotations

from math import pi, sin

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from .scene import Scene

PULSE_S = 1.8


def ring(painter: QPainter, scene: Scene, row: int, color: QColor, gap: float, width: float) -> None:
    """A ring around a point, `gap` pixels from its rim."""
    spot = scene.spot(row)
    if spot is None:
        return
    centre, radius = QPointF(spot.x, spot.y), spot.radius
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, width))
    painter.drawEllipse(centre, radius + gap, radius + gap)


def pulse(painter: QPainter, scene: Scene, row: int, seconds: float, still: bool) -> None:
    """Two rings that widen and fade around what plays; a steady double ring when motion is unwanted."""
    accent = QColor(scene.colors.accent)
    ring(painter, scene, row, accent, 2.5, 2.0)
    for offset in (0.0, 0.5):
        share = 0.45 if still else (seconds / PULSE_S + offset) % 1.0
        if still and offset:
            break
        accent.setAlphaF(0.75 * (1 - share) * (0.6 + 0.4 * sin(pi * share)))
        ring(painter, scene, row, accent, 3.0 + 20.0 * share, 1.6)
