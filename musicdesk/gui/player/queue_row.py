"""How a row of the queue is painted: title over artist, a bar of the accent on what plays."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from .colors import PlayerColors

ROW = 44
Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    def __init__(self, current_role: int, artist_role: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current_role, self._artist_role = current_role, artist_role
        self._colors = PlayerColors()

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, box = self._colors, QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        current = bool(index.data(self._current_role))
        ground = QColor(colors.accent)
        if state & QStyle.StateFlag.State_Selected:
            ground.setAlphaF(0.20)
        elif state & QStyle.StateFlag.State_MouseOver:
            ground.setAlphaF(0.08)
        else:
            ground.setAlphaF(0.0)
        painter.setBrush(ground)
        painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 6, 6)
        if current:
            painter.setBrush(QColor(colors.accent))
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 10, 3, box.height() - 20), 1.5, 1.5)
        words = box.adjusted(12, 5, -8, -5)
        self._line(painter, option, words, index.data(), colors.accent if current else colors.text, True)
        self._line(painter, option, words, index.data(self._artist_role), colors.secondary, False)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colors.accent))
            painter.drawRoundedRect(box.adjusted(1, 1.5, -1, -1.5), 6, 6)
        painter.restore()

    def _line(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRectF, text: str, colour: str, upper: bool
    ) -> None:
        font = QFont(option.font)
        if not upper:
            font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        side = Qt.AlignmentFlag.AlignTop if upper else Qt.AlignmentFlag.AlignBottom
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, side | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, shown)
