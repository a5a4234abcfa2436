"""The map as a list, for eyes, keys and screen readers alike: what sounds like a track, what is in view, what was
chosen, and songs that one does not own. The list and the view follow each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.core.rows import places
from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import ElidedLabel, tip
from musicdesk.gui.pages.map_ghost_list import GhostList
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.view import TrackTable

NEAR, VIEW, CHOSEN, GHOSTS = "near", "view", "chosen", "ghosts"
TABS = (
    (NEAR, "Near", "What sounds most like the chosen track"),
    (VIEW, "In view", "What the map shows now, the nearest first"),
    (CHOSEN, "Chosen", "What was enclosed, found or joined"),
    (GHOSTS, "Not yours", "Songs of a crowd that you do not own, those that fit you best first"),
)


class Twin(QWidget):
    moved = Signal(object)  # TrackId of the row that a person went to
    turned = Signal(str)  # which list is on show

    def __init__(self, shell: Shell, covers: Covers) -> None:
        super().__init__()
        self._lists: dict[str, tuple[str, np.ndarray]] = {name: ("", np.empty(0, np.int64)) for name, *_ in TABS}
        self.shown = NEAR
        self.title = ElidedLabel()
        self.title.setProperty("kind", "strong")
        self.table = TrackTable(shell, ("both",), covers)
        self.table.setProperty("kind", "bare")
        self.table.horizontalHeader().hide()
        self.table.selectionModel().currentRowChanged.connect(lambda _now, _before: self._row_changed())
        self.ghosts = GhostList(shell)
        self._lists_shown = QStackedWidget()
        for part in (self.table, self.ghosts):
            self._lists_shown.addWidget(part)
        self._silent = False
        self._tabs = {name: self._tab(name, text, hint) for name, text, hint in TABS}
        self._rows = tabs = QGridLayout()
        tabs.setContentsMargins(0, 0, SPACE["s"], 0)
        tabs.setSpacing(SPACE["xs"])
        tabs.setColumnStretch(len(TABS), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE["xs"])
        column.addLayout(tabs)
        column.addWidget(self.title)
        column.addWidget(self._lists_shown, 1)
        self._tabs[NEAR].setChecked(True)
        self._offered = {NEAR, VIEW}  # the others where there are any
        self._arrange()

    def _tab(self, name: str, text: str, hint: str) -> QPushButton:
        if not hasattr(self, "_group"):
            self._group = QButtonGroup(self)
        made = QPushButton(text, self)  # or it would be a window of its own where it is shown before it has its place
        made.setProperty("kind", "tab")
        made.setCheckable(True)
        made.setToolTip(tip(hint))
        made.setAccessibleName(f"{text}: {hint.lower()}")
        made.clicked.connect(lambda: self.turn(name))
        self._group.addButton(made)
        return made

    def fill(self, name: str, title: str, ids: Sequence[int] | np.ndarray) -> None:
        """What one of the lists holds; it is shown when its turn comes."""
        self._lists[name] = (title, np.asarray(ids, np.int64))
        if name == CHOSEN:
            self._offer(CHOSEN, bool(title))
            if not title and self.shown == CHOSEN:
                self.turn(NEAR)
                return
        if name == self.shown:
            self._show()

    def leave_out(self, known: np.ndarray) -> None:
        """Rows of tracks that have gone from the library go. known: int64 (n,), all that are there, ascending"""
        for name, (title, ids) in list(self._lists.items()):
            there = places(known, ids) >= 0
            if not there.all():
                self.fill(name, title, ids[there])

    def fill_ghosts(self, names: Sequence[tuple[str, str]]) -> None:
        """(artist, title) of the songs that are on the map and not owned; none where none are shown."""
        title = words.count(len(names), "song") + " you do not own"
        self._lists[GHOSTS] = (title, np.empty(0, np.int64))
        self.ghosts.show_ghosts(title, names)
        self._offer(GHOSTS, bool(names))
        if self.shown == GHOSTS:
            self.turn(GHOSTS if names else NEAR)

    def _offer(self, name: str, there: bool) -> None:
        self._offered = self._offered | {name} if there else self._offered - {name}
        self._arrange()

    def _arrange(self) -> None:
        """The tabs in a row, or two in each where that would cut them."""
        for name, tab in self._tabs.items():
            tab.setVisible(name in self._offered)
        tabs = [tab for name, tab in self._tabs.items() if name in self._offered]
        need = sum(tab.sizeHint().width() + SPACE["xs"] for tab in tabs) + SPACE["s"]
        across = len(tabs) if need <= self.width() else 2
        for at, tab in enumerate(tabs):
            self._rows.addWidget(tab, at // across, at % across, Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def turn(self, name: str) -> None:
        self._tabs[name].setChecked(True)
        changed, self.shown = name != self.shown, name
        self._show()
        if changed:
            self.turned.emit(name)

    def ids_of(self, name: str) -> np.ndarray:
        return self._lists[name][1]

    def point_at(self, track: TrackId) -> None:
        """Selects the row of a track, where there is one, without telling anybody."""
        row = self.table.tracks.row_of(track)
        if row != self.table.currentIndex().row() and row >= 0:
            self._silent = True
            self.table.select_track(track)
            self._silent = False

    def _show(self) -> None:
        title, ids = self._lists[self.shown]
        self.title.setText(title)
        self._lists_shown.setCurrentWidget(self.ghosts if self.shown == GHOSTS else self.table)
        if self.shown == GHOSTS:
            return
        self.table.setAccessibleName(f"Map as a list: {title}" if title else "Map as a list")
        if np.array_equal(ids, self.table.tracks.ids):
            return
        kept = self.table.currentIndex()
        current = self.table.tracks.id_at(kept.row()) if kept.isValid() else None
        focused = self.table.hasFocus()
        self._silent = True
        self.table.tracks.show(ids)
        if current is not None and self.table.tracks.row_of(current) >= 0:
            self.table.select_track(current)
        elif focused and len(ids):
            self.table.setCurrentIndex(self.table.tracks.index(0, 0))
        self._silent = False

    def _row_changed(self) -> None:
        index = self.table.currentIndex()
        if not self._silent and index.isValid():
            self.moved.emit(self.table.tracks.id_at(index.row()))

    def focus(self) -> None:
        (self.ghosts if self.shown == GHOSTS else self.table).setFocus(Qt.FocusReason.OtherFocusReason)
