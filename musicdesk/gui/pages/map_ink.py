"""What the map is painted with: the theme's colours as the cloud wants them, and the lines to true neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPainter, QPen

from musicdesk.core.types import TrackId
from musicdesk.gui.style.tokens import Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudColors, CloudView

LINE_STRENGTH = 0.4


def rgb(colour: str) -> tuple[int, int, int]:
    shade = QColor(colour)
    return shade.red(), shade.green(), shade.blue()


def cloud_colors(tokens: Tokens) -> CloudColors:
    from musicdesk.gui.cloud import CloudColors

    return CloudColors(QColor(tokens.window), QColor(tokens.accent), QColor(tokens.text), QColor(tokens.line))


def paint_lines(painter: QPainter, cloud: CloudView, lines: tuple[TrackId, list[TrackId]], accent: str) -> None:
    """From the chosen point to its true neighbours. `lines` is (id, neighbours' ids)."""
    start = cloud.place_of(int(lines[0]))
    if start is None:
        return
    colour = QColor(accent)
    colour.setAlphaF(LINE_STRENGTH)
    painter.setPen(QPen(colour, 1.2))
    for other in lines[1]:
        end = cloud.place_of(int(other))
        if end is not None:
            painter.drawLine(start, end)
