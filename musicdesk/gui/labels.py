"""Labels that show text as it is. Tags are untrusted: Qt would take `a<b and c>d` for rich text."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def plain(text: str) -> str:
    """One line without characters that would break a layout: control characters become spaces."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def short(text: str, most: int = 32) -> str:
    """A name for a menu or a sentence: one line, cut after `most` letters."""
    line = plain(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def tip(text: str) -> str:
    """A tool tip that shows `text` literally, lines kept; empty stays empty."""
    if not text:
        return ""
    return f"<span>{escape(text).replace(chr(10), '<br/>')}</span>"


def plain_label(text: str = "", parent: QWidget | None = None) -> QLabel:
    """A label that never interprets its text; it may wrap if the caller says so."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    return label


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where room runs out; the whole text is then in the tool tip."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._whole = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._whole = plain(text)
        self.setAccessibleName(self._whole)
        self._fit()
        self.updateGeometry()

    def whole_text(self) -> str:
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._fit()  # the font may have changed since
        super().paintEvent(event)

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(self.width(), 0))
        if shown != super().text():
            super().setText(shown)
            self.setToolTip(tip(self._whole) if shown != self._whole else "")
