"""The imports of the History page: every file with its account, row by row, and how to get more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from musicdesk.catalog.listens import SourceRow
from musicdesk.gui import words
from musicdesk.gui.labels import ElidedLabel, plain, tip
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.history_spotify import SpotifyCard
from musicdesk.gui.pages.history_state import (
    HOW,
    forget_all_question,
    forget_question,
    format_title,
    listener_name,
    state_word,
    sum_line,
)
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.plain import PlainTable
from musicdesk.workflows.forget import together

HEADS = ("What", "Whose", "When", ">Rows", ">New", ">Known", ">Not usable")
WIDTHS = (0, 104, 104, 88, 88, 68, 88)
NARROW = 620  # pixels of the table; below it the columns that the account below tells too go
PART = 200  # rows that the table gets at once
MOST_ROWS = 6  # of the table, before it scrolls
LINE, MOST_LINES = 26, 14  # of the reasons: pixels of one, and how many are in sight at once


class Account(QFrame):
    """What became of the rows of one file."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName("Account of the chosen import")
        self._shell = shell
        self._source: SourceRow | None = None
        self._together: Sequence[SourceRow] = ()  # what came in one go with it
        self.forget = button(shell, "Take this import back", "trash", "danger")
        self.forget.clicked.connect(self._forget)
        self.forget_all = button(shell, "", "trash", "danger")
        self.forget_all.clicked.connect(self._forget_all)
        self.title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.title.setProperty("kind", "card-title")
        self.sum = label("", "secondary", wrap=True)
        self.notes = label("", "small", wrap=True)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(1)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName("Rows that are not usable, by reason")
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.itemExpanded.connect(self._fit)
        self.tree.itemCollapsed.connect(self._fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["m"], SPACE["l"], SPACE["m"])
        layout.setSpacing(SPACE["xs"])
        for widget in (self.title, self.sum, self.notes, self.tree):
            layout.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.forget)
        row.addWidget(self.forget_all)
        row.addStretch()
        layout.addLayout(row)

    def tell(self, source: SourceRow, together: Sequence[SourceRow]) -> None:
        """together: all that came in one go with it, and itself"""
        self._source, self._together = source, together
        self.forget_all.setVisible(len(together) > 1 and not source.crowd)
        self.forget_all.setText(f" Take all {len(together):,} back")
        self.forget_all.setAccessibleName(f"Take back all {len(together):,} that came in one go with this import")
        self.forget_all.setToolTip(tip(self.forget_all.accessibleName()))
        self.forget.setText(" Remove this crowd" if source.crowd else " Take this import back")
        rejected: dict[str, int] = source.account.get("rejected", {})
        state = state_word(source.state)
        self.title.setText(f"{source.name} ({state})" if state else source.name)
        self.sum.setText(sum_line(source.rows, source.imported, source.duplicates, rejected))
        notes = [plain(note) for note in source.account.get("notes", [])]
        self.notes.setText("\n".join(notes[:8]))
        self.notes.setVisible(bool(notes))
        self.tree.clear()
        for reason, count in sorted(rejected.items(), key=lambda item: -item[1]):
            head = QTreeWidgetItem([f"{words.count(count, 'row')}: {plain(reason)}"])
            for example in source.account.get("examples", {}).get(reason, []):
                line = QTreeWidgetItem([plain(str(example))])
                line.setToolTip(0, tip(plain(str(example))))
                head.addChild(line)
            self.tree.addTopLevelItem(head)
        self.tree.setVisible(bool(rejected))
        self._fit()

    def _forget(self) -> None:
        source = self._source
        if source is None:
            return
        title, text = forget_question(source.name, source.crowd, source.imported)
        if self._shell.ask.sure(title, text, "Remove it" if source.crowd else "Take it back", danger=True):
            request = {"crowd": source.crowd} if source.crowd else {"source": source.id}
            self._shell.jobs.start("forget", request)

    def _forget_all(self) -> None:
        imported = sum(source.imported for source in self._together)
        title, text = forget_all_question(len(self._together), imported)
        if self._shell.ask.sure(title, text, "Take them back", danger=True):
            self._shell.jobs.start("forget", {"sources": [(source.id, source.id) for source in self._together]})

    def _fit(self, _item: QTreeWidgetItem | None = None) -> None:
        """As high as what is unfolded."""
        heads = [self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount())]
        lines = sum(1 + (head.childCount() if head.isExpanded() else 0) for head in heads if head is not None)
        self.tree.setFixedHeight(min(lines, MOST_LINES) * LINE + 6)


class Sources(QScrollArea):
    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sources: Sequence[SourceRow] = ()
        self.table = PlainTable(shell, HEADS, "Imports")
        self.table.widths(*WIDTHS)
        self.table.gives_way(NARROW, 1, 4, 5)
        self.table.currentCellChanged.connect(lambda row, *_rest: self._choose(row))
        self.table.verticalScrollBar().valueChanged.connect(self._reached)
        self.none = label("Nothing has been imported yet.", "secondary")
        self.account = Account(shell)
        holder = QWidget()
        self.column = QVBoxLayout(holder)
        self.column.setContentsMargins(0, SPACE["xs"], SPACE["s"], SPACE["l"])
        self.column.setSpacing(SPACE["l"])
        self.spotify = SpotifyCard(shell)
        for widget in (self.none, self.table, self.account, self.spotify, HowTo()):
            self.column.addWidget(widget)
        self.column.addStretch(1)  # or the account, whose tree would grow, takes half
        self.setWidget(holder)
        self.show_sources(())

    def show_sources(self, sources: Sequence[SourceRow]) -> None:
        """The newest first; one that has come since is chosen."""
        new = bool(sources) and (not self.sources or sources[0].id != self.sources[0].id)
        self.sources = sources
        self.table.fill([_cells(source) for source in sources[: max(PART, self.table.rowCount())]])
        rows = min(max(len(sources), 1), MOST_ROWS)
        self.table.setFixedHeight(self.table.verticalHeader().defaultSectionSize() * rows + 40)
        for widget in (self.table, self.account):
            widget.setVisible(bool(sources))
        self.none.setVisible(not sources)
        if new:
            self.table.setCurrentCell(0, 0)
        self._choose(self.table.currentRow())

    def _reached(self, place: int) -> None:
        """Older ones come when one has scrolled to the end: an archive of years makes an import of every month."""
        start = self.table.rowCount()
        if place == self.table.verticalScrollBar().maximum() and start < len(self.sources):
            self.table.append([_cells(source) for source in self.sources[start : start + PART]])

    def show_newest(self) -> None:
        if self.sources:
            self.table.setCurrentCell(0, 0)
            self.table.setFocus()

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.sources):
            self.account.tell(self.sources[row], together(self.sources, self.sources[row]))


def _cells(source: SourceRow) -> tuple[str, ...]:
    refused = sum(source.account.get("rejected", {}).values())
    whose = source.crowd or listener_name(source.listener)
    numbers = (source.rows, source.imported, source.duplicates, refused)
    what = f"{format_title(source.format)} · {source.name.rsplit('/', 1)[-1]}"
    return (what, whose, words.when(source.started_at), *(f"{number:,}" for number in numbers))


class HowTo(QFrame):
    """Where each service hides its export."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName("How to get your history")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["m"], SPACE["l"], SPACE["m"])
        layout.setSpacing(SPACE["s"])
        layout.addWidget(label("How to get your history", "card-title"))
        for name, text in HOW:
            line = QHBoxLayout()
            line.setSpacing(SPACE["m"])
            head = label(name, "strong")
            head.setFixedWidth(112)
            head.setAlignment(Qt.AlignmentFlag.AlignTop)
            line.addWidget(head)
            line.addWidget(label(text, "secondary", wrap=True), 1)
            layout.addLayout(line)
