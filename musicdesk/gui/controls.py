"""Two controls that style sheets cannot draw: a drop-down with our arrow, and a switch."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QListView, QStyle, QStyleOptionComboBox, QStylePainter

from musicdesk.gui.style import icons
from musicdesk.gui.style.theme import Theme

ARROW = 14
POPUP_RIM = 12  # pixels beside the entries of a list that opens, with its scroll bar
WIDTH, HEIGHT, GAP = 40, 22, 3  # of a switch


class DropDown(QComboBox):
    """What does not fit ends in an ellipsis; the style itself would cut it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setMaxVisibleItems(16)
        self.setView(QListView())  # the default popup cannot be styled

    def showPopup(self) -> None:
        """The list is as wide as its longest entry, where the box is narrower."""
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * POPUP_RIM)
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        kind, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(kind, option, field, self).width()
        option.currentText = option.fontMetrics.elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(kind, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        colour = tokens.secondary if self.isEnabled() else tokens.disabled
        arrow = icons.pixmap("caret-down", colour, ARROW, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - ARROW - 10, (self.height() - ARROW) // 2, arrow)


class Switch(QCheckBox):
    """On: the knob is right, on the accent. Off: left, on the line. The place tells it too, not only the colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH + 4, HEIGHT + 4)

    def hitButton(self, place) -> bool:  # type: ignore[no-untyped-def]
        return self.rect().contains(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(2, (self.height() - HEIGHT) / 2, WIDTH, HEIGHT)
        painter.setPen(QPen(QColor(tokens.accent if self.isChecked() else tokens.disabled), 1.5))
        painter.setBrush(QColor(tokens.accent if self.isChecked() else tokens.raised))
        painter.drawRoundedRect(body, HEIGHT / 2, HEIGHT / 2)
        side = HEIGHT - 2 * GAP
        left = body.right() - GAP - side if self.isChecked() else body.left() + GAP
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_accent if self.isChecked() else tokens.secondary))
        painter.drawEllipse(QRectF(left, body.top() + GAP, side, side))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.text), 2))
            painter.drawRoundedRect(body.adjusted(-1, -1, 1, 1), HEIGHT / 2 + 1, HEIGHT / 2 + 1)
