"""Building blocks of the Models and Evaluation pages: lists, settings of a model or study, the table of runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from musicdesk.catalog.runs import Run
from musicdesk.gui.labels import tip
from musicdesk.gui.page import label
from musicdesk.gui.pages.models_state import COLUMNS, changed_settings, run_row, setting_text
from musicdesk.gui.selection import select_rows
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import BODY, SMALL, SPACE
from musicdesk.gui.tables.cells import Cells

LINE = Qt.ItemDataRole.UserRole
HEIGHT = 56  # of a line in the list whose title is one row
ROW = 20
LEFT = SPACE["m"] + 18 + SPACE["m"]  # where the words begin
HEAD = 36  # of a heading in it


class LineDelegate(QStyledItemDelegate):
    """Title, a line on its state, and a sign that says the same without words."""

    def __init__(self, theme: Theme, parent: QListWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._list = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line: Line = index.data(LINE)
        return QSize(200, HEIGHT - ROW + self._title_height(line.title) if line.name else HEAD)

    def _title_height(self, title: str) -> int:
        """A title is never cut: several begin with the same words."""
        room = QRect(0, 0, self._room(), 200)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
        return max(ROW, QFontMetrics(self._theme.font(BODY)).boundingRect(room, flags, title).height())

    def _room(self) -> int:
        """Pixels of a title, the same with and without a scroll bar, or rows would be measured by one and painted by
        the other."""
        bar, frame = self._list.verticalScrollBar().sizeHint().width(), 2 * self._list.frameWidth()
        return self._list.width() - bar - frame - LEFT - SPACE["s"]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line: Line = index.data(LINE)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if not line.name:
            self._paint_heading(painter, rect, line.title)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.chosen))
            painter.drawRoundedRect(rect.adjusted(0, 2, 0, -2), 8, 8)
        sign, colour = line.sign
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            rect.left() + SPACE["m"],
            rect.center().y() - 9,
            icons.pixmap(sign, getattr(tokens, colour), 18, ratio),
        )
        high = self._title_height(line.title)
        title = QRect(rect.left() + LEFT, rect.top() + 9, self._room(), high)
        painter.setFont(self._theme.font(BODY))
        painter.setPen(QColor(tokens.text))
        painter.drawText(title, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), line.title)
        painter.setFont(self._theme.font(SMALL))
        painter.setPen(QColor(tokens.secondary))
        shown = painter.fontMetrics().elidedText(line.state, Qt.TextElideMode.ElideRight, title.width())
        below = QRect(title.left(), title.top() + high, title.width(), ROW)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, title: str) -> None:
        painter.save()
        painter.setFont(self._theme.font(SMALL))
        painter.setPen(QColor(self._theme.tokens.secondary))
        box = rect.adjusted(SPACE["m"], 0, -SPACE["s"], -SPACE["xs"])
        painter.drawText(box, Qt.AlignmentFlag.AlignBottom, title)
        painter.restore()


class Line(Protocol):
    """What the list shows of something: a title, a line on its state, and a sign with its colour's token; without a
    name it is a heading."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def sign(self) -> tuple[str, str]: ...


class LineList(QListWidget):
    picked = Signal(str)  # the name of a line

    def __init__(self, shell: Shell, name: str) -> None:
        super().__init__()
        self.setItemDelegate(LineDelegate(shell.theme, self))
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.currentItemChanged.connect(lambda now, _before: self.picked.emit(now.data(LINE).name) if now else None)

    def tell(self, lines: Sequence[Line], chosen: str) -> None:
        """Shows the lines; `chosen` stays chosen, without saying so again."""
        self.blockSignals(True)
        self.clear()
        for line in lines:
            item = QListWidgetItem()
            item.setData(LINE, line)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{line.title}: {line.state}" if line.name else line.title)
            item.setToolTip(tip(f"{line.title} ({line.name})" if line.name else ""))
            if not line.name:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(item)
            if line.name == chosen:
                self.setCurrentItem(item)
        self.blockSignals(False)


class SettingsForm(QWidget):
    """The settings of a model as fields; what is not a number is refused by the model, in a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE["m"])
        self._grid.setVerticalSpacing(SPACE["s"])
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self._defaults: dict[str, Any] = {}
        self.fields: dict[str, QLineEdit] = {}

    def tell(self, defaults: Mapping[str, Any]) -> None:
        if dict(defaults) == self._defaults:
            return
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._defaults, self.fields = dict(defaults), {}
        for number, (name, value) in enumerate(defaults.items()):
            field = QLineEdit()
            field.setMinimumWidth(72)
            field.setPlaceholderText(setting_text(value))
            title = name.replace("_", " ").capitalize()
            field.setAccessibleName(title)
            told = label(title, "secondary")
            told.setBuddy(field)
            row, side = divmod(number, 2)
            self._grid.addWidget(told, row, 2 * side)
            self._grid.addWidget(field, row, 2 * side + 1)
            self.fields[name] = field

    def values(self) -> dict[str, str]:
        """What differs from the defaults, as typed."""
        return changed_settings(self._defaults, {name: field.text() for name, field in self.fields.items()})


class RunTable(Cells):
    """The runs of a model; one or two can be chosen."""

    def __init__(self) -> None:
        super().__init__("Trained runs", COLUMNS, stretch=1)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.runs: list[Run] = []

    def tell(self, runs: Sequence[Run], fighting: Collection[int] = (), lost: bool = False) -> None:
        kept = {run.id for run in self.chosen()}
        self.blockSignals(True)
        self.runs = list(runs)
        self.fill([run_row(run, fighting, lost) for run in runs])
        rows = [row for row, run in enumerate(self.runs) if run.id in kept] or [0][: len(runs)]
        select_rows(self.selectionModel(), np.array(rows, np.int64), rows[0] if rows else -1)
        self.blockSignals(False)
        self.itemSelectionChanged.emit()

    def chosen(self) -> list[Run]:
        rows = sorted({index.row() for index in self.selectedIndexes()})
        return [self.runs[row] for row in rows if row < len(self.runs)]
