"""What QPainter draws over the points: labels, the selected ring, the pulse of what plays."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, sin

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from musicdesk.space.camera import NEAR_PLANE

from .colors import CloudColors
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


def labels(painter: QPainter, scene: Scene, places: np.ndarray, texts: Sequence[str]) -> list[QRectF]:
    """Writes each text at its place, float32 (m, 3) in the cloud's ball; those that would overlap an
    earlier one are left out. Returns the boxes of those written."""
    if not texts:
        return []
    width, height = scene.width, scene.height
    clip = np.column_stack([places, np.ones(len(places))]) @ scene.camera.matrix(width / max(height, 1)).T
    metrics = QFontMetricsF(painter.font())
    taken: list[QRectF] = []
    for text, (x, y, _, depth) in zip(texts, clip, strict=True):
        if depth < NEAR_PLANE * 5:
            continue
        size = metrics.boundingRect(text).size()
        box = QRectF(0, 0, size.width() + 8, size.height() + 4)
        box.moveCenter(QPointF((x / depth + 1) * width / 2, (1 - y / depth) * height / 2))
        if not QRectF(0, 0, width, height).contains(box) or any(box.intersects(other) for other in taken):
            continue
        taken.append(box)
        _written(painter, scene.colors, box, text)
    return taken


def _written(painter: QPainter, colors: CloudColors, box: QRectF, text: str) -> None:
    """Text with a halo of the background, so that it reads over points of any colour."""
    halo = QColor(colors.background)
    halo.setAlphaF(0.75)
    painter.setPen(halo)
    for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
        painter.drawText(box.translated(across, down), Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(colors.text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
