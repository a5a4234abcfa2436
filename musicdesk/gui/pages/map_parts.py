"""Parts of the Map page: the legend, and the card that follows the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from musicdesk.core.types import Track
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import ElidedLabel, plain, tip
from musicdesk.gui.page import label
from musicdesk.gui.pages.map_state import Entry, card
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.delegate import paint_cover

PICTURE = 64
CARD_WIDTH = 320
DOT = 10


class Legend(QScrollArea):
    """A button for every label: its colour, its name, how many; clicking shows only what was clicked."""

    toggled = Signal(str)

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Legend")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._holder = QWidget()
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setWidget(self._holder)

    def tell(self, entries: Sequence[Entry]) -> None:
        focused = self._holder.focusWidget()
        keep = focused.property("label") if focused is not None else None
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for entry in entries:
            line = self._line(entry)
            self._column.addWidget(line)
            if entry.label == keep:
                line.setFocus()
        self._column.addStretch()
        self._holder.setMinimumHeight(30 * len(entries))

    def _line(self, entry: Entry) -> QPushButton:
        name = plain(entry.label)
        made = QPushButton()
        made.setProperty("kind", "legend")
        made.setProperty("label", entry.label)
        made.setIcon(_dot(entry, self.devicePixelRatioF()))
        made.setIconSize(QSize(DOT + 4, DOT + 4))
        made.setAccessibleName(f"{name}, {entry.count:,} tracks" + ("" if entry.shown else ", faded"))
        made.setToolTip(tip(f"Show only {name}; click again for all"))
        row = QHBoxLayout(made)
        row.setContentsMargins(SPACE["xl"] + 6, 0, SPACE["s"], 0)
        text, count = ElidedLabel(name), label(f"{entry.count:,}", "small")
        text.setProperty("kind", "" if entry.shown else "secondary")
        for words in (text, count):
            words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(text, 1)
        row.addWidget(count)
        made.clicked.connect(lambda: self.toggled.emit(entry.label))
        return made


def _dot(entry: Entry, ratio: float) -> QIcon:
    """A disc; only a ring where the filter leaves the label out."""
    side = DOT + 4
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(*entry.colour)
    painter.setPen(colour)
    painter.setBrush(colour if entry.shown else Qt.GlobalColor.transparent)
    painter.drawEllipse(2, 2, DOT, DOT)
    painter.end()
    return QIcon(picture)


class CoverLabel(QLabel):
    """A square cover that arrives when it is read."""

    def __init__(self, shell: Shell, covers: Covers, side: int = PICTURE) -> None:
        super().__init__()
        self._shell, self._covers, self._side = shell, covers, side
        self._track: Track | None = None
        self.setFixedSize(side, side)
        covers.arrived.connect(self.update)

    def show_track(self, track: Track | None) -> None:
        self._track = track
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._covers.picture(self._track) if self._track is not None else None
        box = QRect(0, 0, self._side, self._side)
        paint_cover(QPainter(self), box, picture, self._shell.theme.tokens, 6)


class HoverCard(QFrame):
    """Cover, title, artist and neighbours of the point under the pointer."""

    def __init__(self, shell: Shell, covers: Covers, parent: QWidget) -> None:
        super().__init__(parent)
        self._home = parent
        self.setProperty("kind", "float")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedWidth(CARD_WIDTH)
        self.cover = CoverLabel(shell, covers)
        self.title, self.facts = ElidedLabel(), ElidedLabel()
        self.title.setProperty("kind", "strong")
        self.facts.setProperty("kind", "small")
        self.near = label("", "small", wrap=True)
        column = QVBoxLayout()
        column.setSpacing(2)
        for words in (self.title, self.facts, self.near):
            column.addWidget(words)
        column.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE["m"], SPACE["m"], SPACE["m"], SPACE["m"])
        row.setSpacing(SPACE["m"])
        row.addWidget(self.cover, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.hide()

    def tell(self, track: Track, near: Sequence[Track], place: QPointF) -> None:
        title, facts, close = card(track, near)
        self.cover.show_track(track)
        self.title.setText(title)
        self.facts.setText(facts)
        self.near.setText(plain(close))
        self.near.setVisible(bool(close))
        self.adjustSize()
        self.move(self._beside(place.toPoint()))
        self.show()
        self.raise_()

    def _beside(self, place: QPoint) -> QPoint:
        """Right of the point and below it, or on the other side where the room ends."""
        home, gap = self._home, SPACE["l"]
        x = place.x() + gap if place.x() + gap + self.width() < home.width() else place.x() - gap - self.width()
        y = place.y() + gap if place.y() + gap + self.height() < home.height() else place.y() - gap - self.height()
        return QPoint(max(4, x), max(4, y))
