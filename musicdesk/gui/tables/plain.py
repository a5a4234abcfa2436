"""A table of plain text: for lists that are not of tracks. Rows are chosen as wholes, nothing is edited."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from musicdesk.gui.labels import plain, tip
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import ROW


class PlainTable(QTableWidget):
    """`heads`: column titles; one that begins with '>' holds numbers. Column `stretch` takes the room that is left."""

    def __init__(self, shell: Shell, heads: Sequence[str], name: str, stretch: int = 0, row: int = ROW - 12) -> None:
        super().__init__(0, len(heads))
        self._below = 0
        self._giving: tuple[int, ...] = ()
        self._right = [head.startswith(">") for head in heads]
        self.setHorizontalHeaderLabels([head.removeprefix(">") for head in heads])
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(40)
        for at, right in enumerate(self._right):
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            if (item := self.horizontalHeaderItem(at)) is not None:
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)

    def widths(self, *pixels: int) -> None:
        """Of each column; 0 shares what is left."""
        header = self.horizontalHeader()
        for at, width in enumerate(pixels):
            mode = QHeaderView.ResizeMode.Fixed if width else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(at, mode)
            if width:
                self.setColumnWidth(at, width)

    def gives_way(self, below: int, *columns: int) -> None:
        """Columns that are hidden while the table is narrower than `below` pixels."""
        self._below, self._giving = below, columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column in self._giving:
            self.setColumnHidden(column, self.width() < self._below)

    def fill(self, rows: Sequence[Sequence[str]], at: int | None = None) -> None:
        """Keeps the chosen row and the place in the list where that is possible; `at`: where that row is now, or -1."""
        before, top = self.currentRow() if at is None else at, self.verticalScrollBar().value()
        self.setUpdatesEnabled(False)
        self.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                self.setItem(row, column, self._cell(text, column))
        if 0 <= before < len(rows):
            self.setCurrentCell(before, 0)
        elif at is not None:
            self.setCurrentCell(-1, 0)
        self.verticalScrollBar().setValue(top)
        self.setUpdatesEnabled(True)

    def append(self, rows: Sequence[Sequence[str]]) -> None:
        """More rows at the end."""
        start = self.rowCount()
        self.setRowCount(start + len(rows))
        for row, cells in enumerate(rows, start):
            for column, text in enumerate(cells):
                self.setItem(row, column, self._cell(text, column))

    def _cell(self, text: str, column: int) -> QTableWidgetItem:
        shown = plain(text)
        made = QTableWidgetItem(shown)
        made.setToolTip(tip(shown) if len(shown) > 12 else "")
        side = Qt.AlignmentFlag.AlignRight if self._right[column] else Qt.AlignmentFlag.AlignLeft
        made.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
        return made

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters are for whoever owns the table, and Space pauses: no search by typing, no choosing by Space."""
        if event.text() and event.text().isprintable() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)
