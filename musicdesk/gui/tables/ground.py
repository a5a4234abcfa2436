"""What lies under a row in any list: chosen, under the pointer, and where the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from musicdesk.gui.style.tokens import Tokens

MARK = 3  # pixels


def paint_ground(painter: QPainter, rect: QRect, tokens: Tokens, chosen: bool, hovered: bool, focus: bool) -> None:
    """`focus`: the keyboard stands here; a mark at the left tells it, not the colour alone."""
    if chosen or hovered:
        painter.fillRect(rect, QColor(tokens.chosen if chosen else tokens.hover))
    if focus:
        painter.fillRect(QRect(rect.left(), rect.top(), MARK, rect.height()), QColor(tokens.accent))
