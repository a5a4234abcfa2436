"""The cover in the bar: rounded, with a note where there is none."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from musicdesk.gui.labels import tip
from musicdesk.gui.style import icons

from .colors import PlayerColors

RADIUS = 6


class Cover(QAbstractButton):
    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cover: QPixmap | None = None
        self._scaled: QPixmap | None = None
        self._colors = PlayerColors()
        self.setFixedSize(size, size)
        self.setAccessibleName("Cover")
        self.setToolTip(tip("Show the track in the library"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_cover(self, cover: QPixmap | None) -> None:
        self._cover = None if cover is None or cover.isNull() else cover
        self._scaled = None
        self.update()

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.setClipPath(shape)
        if self._cover is not None:
            painter.drawPixmap(self.rect(), self._fitted(self._cover))
        else:
            painter.fillRect(self.rect(), QColor(self._colors.line))
            note = icons.pixmap("music-note", self._colors.secondary, 22, self.devicePixelRatioF())
            painter.drawPixmap((self.width() - 22) // 2, (self.height() - 22) // 2, note)
        if self.hasFocus():
            painter.setClipping(False)
            painter.setPen(QColor(self._colors.accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _fitted(self, cover: QPixmap) -> QPixmap:
        """Filled and cut to a square, scaled once."""
        if self._scaled is None:
            side = round(self.width() * self.devicePixelRatioF())
            expand = Qt.AspectRatioMode.KeepAspectRatioByExpanding
            scaled = cover.scaled(side, side, expand, Qt.TransformationMode.SmoothTransformation)
            self._scaled = scaled.copy((scaled.width() - side) // 2, (scaled.height() - side) // 2, side, side)
        return self._scaled
