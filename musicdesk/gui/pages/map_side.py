"""The side of the map: what colours and sizes mean, as a choice and as a legend that filters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from musicdesk.gui.controls import DropDown
from musicdesk.gui.labels import ElidedLabel, plain, tip
from musicdesk.gui.page import label
from musicdesk.gui.pages.map_reading import Offer
from musicdesk.gui.pages.map_state import Choice, Entry, Look, lines
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.workflows.layers import PLAIN

DOT, LINE = 10, 30
RAMP_HEIGHT = 8
ROOMY = 190  # pixels from which what is to be chosen has its name beside it


class Side(QWidget):
    coloured = Signal(str)  # layer
    sized = Signal(str)  # layer, or 'none'
    toggled = Signal(str)  # label of the legend

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.colours, self.sizes = DropDown(shell.theme), DropDown(shell.theme)
        self.ramp, self.legend = Ramp(), Legend(shell)
        self.note = label("", "small", wrap=True)
        for box, name, signal in ((self.colours, "Colour by", self.coloured), (self.sizes, "Size by", self.sized)):
            box.setAccessibleName(name)
            box.activated.connect(lambda _at, box=box, signal=signal: signal.emit(str(box.currentData())))
        self.legend.toggled.connect(self.toggled)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE["s"])
        grid.setVerticalSpacing(SPACE["xs"])
        self._heads = label("Colour", "small"), label("Size", "small")
        for row, (head, box) in enumerate(zip(self._heads, (self.colours, self.sizes), strict=True)):
            grid.addWidget(head, row, 0)
            grid.addWidget(box, row, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["s"])
        for part in (self.ramp, self.note):
            part.setContentsMargins(0, 0, SPACE["s"], 0)
        grid.setContentsMargins(0, 0, SPACE["s"], 0)
        column.addLayout(grid)
        column.addWidget(self.ramp)
        column.addWidget(self.note)
        column.addWidget(self.legend, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for head in self._heads:  # what is chosen tells more than that it is a colour
            head.setVisible(self.width() >= ROOMY)

    def tell(self, choice: Choice, offers: Sequence[Offer], look: Look) -> None:
        _fill(self.colours, [(offer.name, offer.title) for offer in offers], look.colour)
        sizes = [(offer.name, offer.title) for offer in offers if offer.is_number]
        _fill(self.sizes, [(PLAIN, "All alike"), *sizes], look.size)
        legend, sized = look.painted.legend, look.sized
        self.ramp.tell(legend.ramp, legend.low, legend.high)
        big = " to ".join(what for what, _size in sized.steps)
        self.note.setText(legend.note or (f"Size: {sized.title.lower()}, {big}" if big else ""))
        self.note.setVisible(bool(self.note.text()))
        self.legend.tell(lines(legend, choice.only))


def _fill(box: DropDown, entries: list[tuple[str, str]], chosen: str) -> None:
    if [(box.itemData(at), box.itemText(at)) for at in range(box.count())] != entries:
        box.clear()
        for name, title in entries:
            box.addItem(title, name)
    box.setCurrentIndex(max(0, box.findData(chosen)))


class Ramp(QWidget):
    """The scale of numbers: its colours from low to high, with the ends in words."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: Sequence[tuple[int, int, int]] = ()
        self._low, self._high = ElidedLabel(), ElidedLabel()  # of an axis that somebody named they may be long
        for words in (self._low, self._high):
            words.setProperty("kind", "small")
        self._high.setAlignment(Qt.AlignmentFlag.AlignRight)
        ends = QHBoxLayout(self)
        ends.setContentsMargins(0, RAMP_HEIGHT + 2, 0, 0)
        ends.setSpacing(SPACE["m"])
        ends.addWidget(self._low, 1)
        ends.addWidget(self._high, 1)

    def tell(self, colours: Sequence[tuple[int, int, int]], low: str, high: str) -> None:
        self._colours = colours
        self._low.setText(low)
        self._high.setText(high)
        self.setAccessibleName(f"Colours from {low} to {high}" if colours else "")
        self.setVisible(bool(colours))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        right = self.width() - self.contentsMargins().right()
        shades = QLinearGradient(0, 0, right, 0)
        for at, colour in enumerate(self._colours):
            shades.setColorAt(at / max(len(self._colours) - 1, 1), QColor(*colour))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shades)
        painter.drawRoundedRect(0, 0, right, RAMP_HEIGHT, RAMP_HEIGHT / 2, RAMP_HEIGHT / 2)


class Legend(QScrollArea):
    """A button for every label: its colour, its name, how many; clicking shows only what was clicked."""

    toggled = Signal(str)

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._entries: list[Entry] = []
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
        if entries == self._entries:
            return
        self._entries = list(entries)
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
        self._holder.setMinimumHeight(LINE * len(entries))

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
