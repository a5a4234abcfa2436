"""Building blocks of the Models page: the list, the settings of a model, the table of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from musicdesk.catalog.runs import Run
from musicdesk.gui.labels import plain
from musicdesk.gui.page import label
from musicdesk.gui.pages.models_state import COLUMNS, Offer, changed_settings, run_row, setting_text
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import BODY, SMALL, SPACE

OFFER = Qt.ItemDataRole.UserRole
HEIGHT = 56  # of a model in the list


class OfferDelegate(QStyledItemDelegate):
    """Title, a line on its state, and a sign that says the same without words."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        offer: Offer = index.data(OFFER)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.chosen))
            painter.drawRoundedRect(rect.adjusted(0, 2, 0, -2), 8, 8)
        sign, colour = _sign(offer)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            rect.left() + SPACE["m"],
            rect.center().y() - 9,
            icons.pixmap(sign, getattr(tokens, colour), 18, ratio),
        )
        left = rect.left() + SPACE["m"] + 18 + SPACE["m"]
        width = rect.right() - left - SPACE["s"]
        lines = ((offer.title, tokens.text, BODY), (offer.state, tokens.secondary, SMALL))
        for row, (text, ink, size) in enumerate(lines):
            painter.setFont(self._theme.font(size))
            painter.setPen(QColor(ink))
            box = QRect(left, rect.top() + 9 + 20 * row, width, 20)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


def _sign(offer: Offer) -> tuple[str, str]:
    if offer.in_use:
        return "check-circle", "like"
    if offer.why_not:
        return "circle-dashed", "secondary"
    return ("circles-three", "accent") if offer.runs else ("circle", "secondary")


class OfferList(QListWidget):
    picked = Signal(str)  # a model's name

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setItemDelegate(OfferDelegate(shell.theme, self))
        self.setAccessibleName("Models")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.currentItemChanged.connect(lambda now, _before: self.picked.emit(now.data(OFFER).name) if now else None)

    def tell(self, offers: Sequence[Offer], chosen: str) -> None:
        """Shows the models; `chosen` stays chosen, without saying so again."""
        self.blockSignals(True)
        self.clear()
        for offer in offers:
            item = QListWidgetItem()
            item.setData(OFFER, offer)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{offer.title}: {offer.state}")
            item.setToolTip(f"<span>{offer.name}</span>")
            self.addItem(item)
            if offer.name == chosen:
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


class Cells(QTableWidget):
    """A small read-only table; its height follows its rows, up to `most`."""

    def __init__(self, name: str, columns: Sequence[str], stretch: int, most: int = 8) -> None:
        super().__init__(0, len(columns))
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(32)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        self._most = most

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        self.setRowCount(len(rows))
        for at, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(plain(text))
                item.setToolTip("")
                self.setItem(at, column, item)
        shown = min(max(len(rows), 1), self._most)
        self.setFixedHeight(shown * self.verticalHeader().defaultSectionSize() + 36)


class RunTable(Cells):
    """The runs of a model; one or two can be chosen."""

    def __init__(self) -> None:
        super().__init__("Trained runs", COLUMNS, stretch=1)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.runs: list[Run] = []

    def tell(self, runs: Sequence[Run]) -> None:
        kept = {run.id for run in self.chosen()}
        self.blockSignals(True)
        self.runs = list(runs)
        self.fill([run_row(run) for run in runs])
        self.clearSelection()
        for row, run in enumerate(self.runs):
            if run.id in kept or (not kept and row == 0):
                self.selectRow(row)
                break
        self.blockSignals(False)
        self.itemSelectionChanged.emit()

    def chosen(self) -> list[Run]:
        rows = sorted({index.row() for index in self.selectedIndexes()})
        return [self.runs[row] for row in rows if row < len(self.runs)]
