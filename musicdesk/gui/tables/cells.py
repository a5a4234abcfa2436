"""A small read-only table of words and figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from musicdesk.gui.labels import plain, tip

ROW, HEAD, BAR = 32, 36, 12  # pixels
WHOLE = 24  # letters from which a cell shows itself whole in a tool tip


class Cells(QTableWidget):
    """Its height follows its rows, up to `most`. The column `stretch` takes the room that is left and gives way where
    there is none; without one all cells are whole, and a narrow table scrolls sideways."""

    def __init__(self, name: str, columns: Sequence[str], stretch: int | None = None, most: int = 8) -> None:
        super().__init__(0, len(columns))
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels([plain(column) for column in columns])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if stretch is not None:
            header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(stretch is None)
        header.setMinimumSectionSize(40)
        self._most = most
        self._foot = BAR if stretch is None else 0

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        self.setRowCount(len(rows))
        for at, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(plain(text))
                item.setToolTip(tip(text) if len(text) > WHOLE else "")
                self.setItem(at, column, item)
        self.setFixedHeight(min(max(len(rows), 1), self._most) * ROW + HEAD + self._foot)
