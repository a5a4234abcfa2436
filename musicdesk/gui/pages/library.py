"""The Library: every track, found as you type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.controls import DropDown
from musicdesk.gui.covers import Covers
from musicdesk.gui.empty import EmptyState
from musicdesk.gui.jobs import GROWTH
from musicdesk.gui.page import Page, button, tool
from musicdesk.gui.pages.library_state import (
    STATUSES,
    LibraryState,
    column_line,
    counts_line,
    failed_line,
    nothing_found,
    nothing_sounds,
    sounding,
)
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.columns import CHOOSABLE, COLUMNS
from musicdesk.gui.tables.view import TrackTable
from musicdesk.gui.welcome import Welcome
from musicdesk.workflows import sounds_like

TYPING_MS = 60
NARROWEST = 104  # pixels of a filter; in a narrow window they give way before anything overlaps


class LibraryPage(Page):
    NAME, TITLE = "library", "Library"
    INTERESTS = Changes.TRACKS | Changes.FEEDBACK | Changes.EMBEDDINGS | Changes.FAILURES

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self._actions = actions
        self.state = LibraryState(wanted=shell.desk.settings.library_columns)
        self._total = 0  # tracks that are known
        self._filled = (0, 0)  # and were when the filters were filled, with the state of their tags
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._typed)

    # layout

    def parts(self) -> Iterator[None]:
        shell = self.shell
        self.outer = QStackedWidget()
        self.body().addWidget(self.outer)
        full = QWidget()
        self.outer.addWidget(full)
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE["m"])
        self.stack = QStackedWidget()
        self.table = TrackTable(shell, self.state.columns)
        self.table.acted.connect(self._actions.perform)
        self.table.sorted_by.connect(self._sort)
        self.table.sort_by_headers(self.state.sorted_column, self.state.query.descending)
        self.words = self._search_field()
        inner.addLayout(self.heading(self.words))
        yield
        self.failed = button(shell, "", kind="link")
        self.failed.clicked.connect(lambda: self._filter("status", "failed"))
        self.again = button(shell, "Try all again", "arrow-clockwise", tip_text="Read once more what could not be read")
        self.again.clicked.connect(lambda: self._actions.try_again())
        self.genre, self.artist, self.sounds, self.status = self._filters()
        yield
        self.clear = button(shell, "Clear", "x", tip_text="Show everything again")
        self.clear.clicked.connect(self._clear)
        inner.addLayout(self._filter_row())
        inner.addWidget(self.stack, 1)
        yield
        self.nothing = EmptyState(shell, "magnifying-glass", "", "")
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.nothing)
        yield
        self.outer.addWidget(Welcome(shell))

    def _search_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText("Search titles, artists, albums")
        field.setAccessibleName("Search the library")
        field.setClearButtonEnabled(True)
        field.setMaxLength(200)
        field.setFixedWidth(300)
        field.textChanged.connect(lambda _text: self._typing.start())
        field.returnPressed.connect(self.table.setFocus)
        return field

    def _filters(self) -> list[QComboBox]:
        """Genre, artist, sound (where what hears tells tags) and status."""
        made: list[QComboBox] = []
        for name, width in (("genre", 168), ("artist", 216), ("sound", 176), ("status", 176)):
            box = DropDown(self.shell.theme)
            box.setAccessibleName(f"Filter by {name}")
            box.setMinimumWidth(NARROWEST)
            box.setMaximumWidth(width)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.activated.connect(lambda _at, name=name, box=box: self._filter(name, box.currentData() or ""))
            made.append(box)
        for value, text in STATUSES:
            made[-1].addItem(text, value)
        return made

    def _filter_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        for box in (self.genre, self.artist, self.sounds, self.status):
            row.addWidget(box, 8)
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(self.failed)
        row.addWidget(self.again)
        row.addWidget(self._columns_button())
        return row

    def _columns_button(self) -> QWidget:
        made = tool(self.shell, "columns", "Choose columns")
        menu = QMenu(made)
        for name in CHOOSABLE:
            action = menu.addAction(COLUMNS[name].title)
            action.setCheckable(True)
            action.setChecked(name in self.state.columns)
            action.toggled.connect(lambda _on: self._choose_columns(menu))
            action.setData(name)
        menu.aboutToShow.connect(lambda: self._tell_room(menu))
        made.setMenu(menu)
        made.setPopupMode(made.ToolButtonPopupMode.InstantPopup)
        return made

    def _tell_room(self, menu: QMenu) -> None:
        """A column that is wanted and gave way is told, or the person looks for it in vain."""
        shown = [column.name for column in self.table.tracks.columns]
        for action in menu.actions():
            name = str(action.data())
            squeezed = name in shown and self.table.isColumnHidden(shown.index(name))
            action.setText(column_line(COLUMNS[name].title, squeezed))

    # what happens

    def refresh(self, changes: Changes) -> None:
        total = self.shell.desk.catalog.tracks.count()
        known = total["total"] - total["missing"]
        self.outer.setCurrentIndex(0 if total["total"] else 1)
        if changes & Changes.TRACKS:
            self._fill_filters(known)
        if changes & Changes.EMBEDDINGS:
            self._fill_sounds()
        if changes & (Changes.TRACKS | Changes.EMBEDDINGS | Changes.FAILURES):
            failures = self.shell.desk.catalog.sound.failures()
            self.table.tracks.failures = {TrackId(failure.track): failure.reason for failure in failures}
            self.failed.setText(failed_line(len(self.table.tracks.failures)))
        self._tell_failures()
        same, self._total = known == self._total, known
        if self._rated_alone(changes) or (same and changes == GROWTH):  # the same rows: a job at work has added none
            self.table.tracks.fetch_again()
        else:
            self._show()

    def _rated_alone(self, changes: Changes) -> bool:
        """Whether ratings and plays changed alone, and neither the order nor the filter goes by them."""
        query = self.state.query
        by_them = query.order in ("verdict", "plays", "played") or query.status == "liked"
        return changes == Changes.FEEDBACK and not by_them

    def go(self, wish: Goto) -> None:
        if wish.what == "failed":
            self._filter("status", "failed")
        elif wish.what == "search":
            self.search()
        elif wish.what in ("artist", "album") and wish.track is not None:
            self._show_all_of(wish.what, wish.track)
        elif wish.what == "show" and wish.track is not None and not self.table.select_track(wish.track):
            self._clear()
            self.table.select_track(wish.track)

    def _show_all_of(self, what: str, track: TrackId) -> None:
        """The track's album or all of its artist, with the track chosen, so that Enter plays on from it."""
        found = self.shell.desk.catalog.tracks.get_many([track])
        if not found or not getattr(found[0].tags, what):
            self.shell.notice(f"No {what} is known of this track.")
            return
        self._empty_words()
        self._change(self.state.all_of(what, found[0].tags))
        self.table.select_track(track)

    def search(self) -> None:
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def primary(self) -> QWidget:
        return self.table

    def _typed(self) -> None:
        self._change(self.state.search(self.words.text()))

    def _filter(self, name: str, value: str) -> None:
        if name == "sound":
            self.words.setText(sounding(self.words.text(), value))  # where it can be read, changed and learned
        else:
            self._change(self.state.filter(name, value))

    def _sort(self, column: str, descending: bool) -> None:
        self._change(self.state.sort(column, descending))

    def _clear(self) -> None:
        self._empty_words()
        self._change(self.state.cleared())

    def _empty_words(self) -> None:
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)

    def _change(self, state: LibraryState) -> None:
        if state == self.state:
            return
        columns = state.columns if state.columns != self.state.columns else None
        self.state = state
        self._show(columns)

    def _choose_columns(self, menu: QMenu) -> None:
        wanted = tuple(str(action.data()) for action in menu.actions() if action.isChecked())
        self.shell.change_settings(library_columns=("title", *wanted))
        self._change(replace(self.state, wanted=("title", *wanted)))

    def _show(self, columns: Sequence[str] | None = None) -> None:
        """Asks for the ids again and keeps the place in the list where that is possible."""
        self.table.show_again(self._found(), columns)
        self.table.mark_order(self.state.sorted_column, self.state.query.descending)
        self._tell()

    def _found(self) -> np.ndarray:
        ids = self.shell.desk.catalog.browse.ids(self.state.query)
        return sounds_like.sounding(self.shell.desk, ids, self.state.sounds, self.state.ranked)

    def _tell(self) -> None:
        shown, state = len(self.table.tracks.ids), self.state
        self.subtitle.setText(counts_line(shown, self._total, state.filtered, state.query.album, state.ranked))
        self.clear.setVisible(self.state.filtered)
        self._tell_failures()
        for box, value in ((self.genre, self.state.query.genre), (self.artist, self.state.query.artist)):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.status.setCurrentIndex(max(0, self.status.findData(self.state.query.status)))
        self.sounds.setCurrentIndex(max(0, self.sounds.findData(state.sounds[0])) if len(state.sounds) == 1 else 0)
        if not shown:
            self.nothing.say(*self._nothing())
        self.stack.setCurrentIndex(0 if shown else 1)

    def _nothing(self) -> tuple[str, str]:
        sounds = self.state.sounds
        if not sounds:
            return nothing_found(self.state.query)
        names = [name for name, _kind in sounds_like.tag_names(self.shell.desk)]
        return nothing_sounds(sounds, [word for word in sounds if not sounds_like.columns(names, word)], names)

    def _tell_failures(self) -> None:
        """A link to what could not be read, and there a button that tries it again."""
        some, shown = bool(self.table.tracks.failures), self.state.query.status == "failed"
        self.failed.setVisible(some and not shown)
        self.again.setVisible(some and shown)

    def _fill_filters(self, known: int) -> None:
        """Only where there are others than before: of a large library that takes a moment."""
        named = (known, self.shell.desk.catalog.browse.names_stamp())
        if named == self._filled:
            return
        self._filled = named
        for box, column, all_text in ((self.genre, "genre", "All genres"), (self.artist, "artist", "All artists")):
            box.clear()
            box.addItem(all_text, "")
            for value, count in self.shell.desk.catalog.browse.values(column):
                box.addItem(f"{value}  ({count:,})", value)

    def _fill_sounds(self) -> None:
        """Only where what hears tells tags; a menu of nothing would be a riddle."""
        names = [name for name, _kind in sounds_like.tag_names(self.shell.desk)]
        if names != [self.sounds.itemData(at) for at in range(1, self.sounds.count())]:  # or a list that is open closes
            self.sounds.clear()
            self.sounds.addItem("Any sound", "")
            for name in names:
                self.sounds.addItem(name, name)
        self.sounds.setVisible(bool(names))
