"""The seek bar: the track's loudness over time, played part in the accent."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from .colors import PlayerColors
from .times import clock, spoken

STEP_MS, LEAP_MS = 5_000, 30_000
BAR, GAP = 2, 1  # pixels


class Waveform(QWidget):
    """Click or drag seeks when the button is let go; Left and Right 5 s, Page 30 s, Home and End."""

    seek_wanted = Signal(int)  # ms

    def __init__(self, colors: PlayerColors | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = colors or PlayerColors()
        self._overview = np.empty(0, dtype=np.uint8)
        self._bars = np.empty(0)
        self._position = self._duration = 0
        self._hover: float | None = None
        self._drag: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Position in the track")
        self.setToolTipDuration(2_000)

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors
        self.update()

    def set_overview(self, overview: np.ndarray | None) -> None:
        """uint8 (k,), loudness 0..255 in even steps over the track; None or empty shows a plain bar."""
        self._overview = np.empty(0, dtype=np.uint8) if overview is None else np.asarray(overview, dtype=np.uint8)
        self._bars = np.empty(0)
        self.update()

    def set_duration(self, ms: int) -> None:
        self._duration = max(ms, 0)
        self._describe()
        self.update()

    def set_position(self, ms: int) -> None:
        before, self._position = self._position, max(ms, 0)
        if before // 1000 != self._position // 1000:
            self._describe()
        # Only the strip between the two places has changed.
        left, right = sorted((self._x(before), self._x(self._position)))
        self.update(int(left) - BAR - 3, 0, int(right - left) + 2 * BAR + 6, self.height())

    @property
    def shown_ms(self) -> int:
        """The position on show: where the drag is, else where the track is."""
        return self._position if self._drag is None else self._drag

    def sizeHint(self) -> QSize:
        return QSize(320, 36)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 24)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        played = self._x(self.shown_ms)
        if len(self._overview):
            self._paint_bars(painter, played)
        else:
            self._paint_line(painter, played)
        if self._hover is not None and self._duration:
            painter.setPen(QPen(QColor(self._colors.secondary), 1))
            painter.drawLine(QPointF(self._hover, 2), QPointF(self._hover, self.height() - 2))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._colors.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_bars(self, painter: QPainter, played: float) -> None:
        count = max(self.width() // (BAR + GAP), 1)
        if len(self._bars) != count:
            self._bars = _resampled(self._overview, count)
        middle, most = self.height() / 2, self.height() / 2 - 4
        accent, ahead = QColor(self._colors.accent), QColor(self._colors.secondary)
        ahead.setAlphaF(0.55)
        for at, level in enumerate(self._bars):
            x, half = at * (BAR + GAP), max(level * most, 1.0)
            painter.fillRect(QRectF(x, middle - half, BAR, 2 * half), accent if x < played else ahead)

    def _paint_line(self, painter: QPainter, played: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(0, self.height() / 2 - 2, self.width(), 4)
        painter.setBrush(QColor(self._colors.line))
        painter.drawRoundedRect(bar, 2, 2)
        if self._duration:
            painter.setBrush(QColor(self._colors.accent))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), played, 4), 2, 2)
            painter.drawEllipse(QPointF(min(max(played, 6), self.width() - 6), self.height() / 2), 6, 6)

    # Hand and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._duration:
            self._drag = self._time(event.position().x())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position().x()
        if self._drag is not None:
            self._drag = self._time(self._hover)
        if self._duration:
            QToolTip.showText(event.globalPosition().toPoint(), clock(self._time(self._hover)), self)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is None or event.button() != Qt.MouseButton.LeftButton:
            return
        target, self._drag = self._time(event.position().x()), None
        self._seek(target)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: self._position - STEP_MS,
            Qt.Key.Key_Right: self._position + STEP_MS,
            Qt.Key.Key_PageDown: self._position - LEAP_MS,
            Qt.Key.Key_PageUp: self._position + LEAP_MS,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._duration - 1,
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.update()
        elif key in steps and self._duration:
            self._seek(steps[key])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Inside

    def _seek(self, ms: int) -> None:
        target = min(max(ms, 0), max(self._duration - 1, 0))
        self.set_position(target)
        self.update()
        self.seek_wanted.emit(target)

    def _x(self, ms: int) -> float:
        return self.width() * min(ms / self._duration, 1.0) if self._duration else 0.0

    def _time(self, x: float) -> int:
        return round(min(max(x / max(self.width(), 1), 0.0), 1.0) * self._duration)

    def _describe(self) -> None:
        text = f"{spoken(self._position)} of {spoken(self._duration)}" if self._duration else "Nothing plays"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))


def _resampled(overview: np.ndarray, count: int) -> np.ndarray:
    """The loudest value in each of `count` even parts, as 0..1."""
    edges = np.linspace(0, len(overview), count + 1)
    starts = np.minimum(edges[:-1].astype(np.int64), len(overview) - 1)
    return np.maximum.reduceat(overview, starts) / 255.0
