"""A kept report as a column of words, tables and pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from musicdesk.gui.page import label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import ICON, SPACE, Tokens
from musicdesk.gui.tables.cells import Cells
from musicdesk.reports.kept import Kept, KeptPlot, KeptTable

MOST_ROWS = 24  # of a table before it scrolls by itself


class ReportView(QWidget):
    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE["m"])
        self._shown: tuple[Path, float] | None = None

    def tell(self, kept: Kept | None) -> None:
        """Shows a report, or nothing; the same report is not built again."""
        shown = (kept.folder, kept.made_at) if kept else None
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for note in kept.notes if kept else ():
            self._column.addWidget(_Note(self._shell, note))
        for part in kept.parts if kept else ():
            self._add(part)

    def _add(self, part: KeptTable | KeptPlot | str) -> None:
        if isinstance(part, str):
            self._column.addWidget(label(part, "secondary", wrap=True))
        elif isinstance(part, KeptPlot):
            self._column.addWidget(Picture(self._shell.theme, part))
            self._column.addWidget(label(part.caption, "small", wrap=True))
        else:
            self._column.addSpacing(SPACE["s"])
            self._column.addWidget(label(part.title, "strong", wrap=True))
            if part.note:
                self._column.addWidget(label(part.note, "small", wrap=True))
            table = Cells(part.title, part.columns, most=MOST_ROWS)
            table.setSelectionMode(Cells.SelectionMode.NoSelection)
            table.fill(part.rows)
            self._column.addWidget(table)


class Picture(QWidget):
    """A plot as wide as there is room, in the theme's version; never larger than it was drawn."""

    def __init__(self, theme: Theme, plot: KeptPlot) -> None:
        super().__init__()
        self._plot = plot
        self._picture = QPixmap()
        self.setAccessibleName(plot.caption)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.on_change(self, self._choose)

    def _choose(self, tokens: Tokens) -> None:
        self._picture = QPixmap(str(self._plot.dark if tokens.dark else self._plot.light))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self._picture.size() if not self._picture.isNull() else QSize(200, 40)

    def heightForWidth(self, width: int) -> int:
        if self._picture.isNull():
            return 40
        shown = min(width, self._picture.width())
        return round(self._picture.height() * shown / self._picture.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._picture.isNull():
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "(picture missing)"
            )
            return
        ratio = self.devicePixelRatioF()
        width = min(self.width(), self._picture.width())
        shown = self._picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(ratio)
        painter.drawPixmap(0, 0, shown)


class _Note(QWidget):
    """What must be read first."""

    def __init__(self, shell: Shell, text: str) -> None:
        super().__init__()
        self._sign = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE["m"])
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label(text, wrap=True), 1)
        shell.theme.on_change(self, self._tint)

    def _tint(self, tokens: Tokens) -> None:
        self._sign.setPixmap(icons.pixmap("info", tokens.accent, ICON, self.devicePixelRatioF()))
