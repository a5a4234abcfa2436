"""The player's buttons: icons without words, so each has a name, a tip with its key, and a focus ring."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolButton, QWidget

from musicdesk.gui.labels import tip
from musicdesk.gui.style import icons

from .colors import PlayerColors

ICON = 18


class IconButton(QToolButton):
    def set_face(self, name: str, colour: str, disabled: str = "") -> None:
        """`name` as in `style.icons`, colours as #RRGGBB; the same face again costs nothing."""
        self.setIcon(icons.icon(name, colour, disabled or colour, colour))


def tool_button(parent: QWidget, name: str, hint: str, checkable: bool = False) -> IconButton:
    button = IconButton(parent)
    button.setAutoRaise(True)
    button.setCheckable(checkable)
    button.setIconSize(QSize(ICON, ICON))
    button.setFixedSize(34, 34)
    button.setAccessibleName(name)
    button.setToolTip(tip(hint))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


class PlayButton(QToolButton):
    """A filled circle in the accent: the one thing everyone looks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = PlayerColors()
        self._playing = False
        self.setFixedSize(40, 40)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors
        self.update()

    def set_playing(self, playing: bool) -> None:
        self._playing = playing
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc, accent = QRectF(self.rect()).adjusted(3, 3, -3, -3), QColor(self._colors.accent)
        if self.isDown():
            accent = accent.darker(112)
        elif self.underMouse():
            accent = accent.lighter(108)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(disc)
        painter.setBrush(QColor(self._colors.on_accent))
        middle = disc.center()
        if self._playing:
            for x in (-5.5, 1.5):
                painter.drawRoundedRect(QRectF(middle.x() + x, middle.y() - 7, 4, 14), 1, 1)
        else:
            corners = ((-4.5, -7.0), (-4.5, 7.0), (7.5, 0.0))
            painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in corners]))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._colors.text), 2))
            painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
