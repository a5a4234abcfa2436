"""The table widget that every list of tracks is: the same keys, menu and rating everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QToolTip

from musicdesk.core.changes import Changes
from musicdesk.core.feedback import Scope
from musicdesk.core.types import Analysis, Track, TrackId
from musicdesk.gui.covers import Covers
from musicdesk.gui.keys import verb_of
from musicdesk.gui.labels import short, tip
from musicdesk.gui.rating import RATINGS, Signs, foretold
from musicdesk.gui.selection import select_rows, selected_rows
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.tokens import Tokens
from musicdesk.gui.tables.columns import Column
from musicdesk.gui.tables.delegate import TrackDelegate
from musicdesk.gui.tables.model import TrackModel
from musicdesk.gui.verbs import BACK, BY_NAME, MENU, SAYS, STARS, Choice, keys_of, verb_after, with_keys

LEAST = {1: 88, 2: 160, 3: 128, 4: 184, 5: 128}  # pixels of a column, by its share of the room
FOLLOWING = 500  # tracks that go into the queue behind the one that was chosen


class TrackTable(QTableView):
    acted = Signal(str, object)  # verb, Choice
    sorted_by = Signal(str, bool)  # column name, descending

    def __init__(self, shell: Shell, columns: Sequence[str], covers: Covers | None = None) -> None:
        super().__init__()
        self._shell = shell
        self.tracks = TrackModel(lambda ids: shell.desk.catalog.tracks.get_many(ids), columns)
        self._delegate = TrackDelegate(
            shell.theme, self._clicked_sign, covers.picture if covers else None, self._clicked_pin
        )
        self.setModel(self.tracks)
        self.setItemDelegate(self._delegate)
        self._shape()
        if covers is not None:
            covers.arrived.connect(self.viewport().update)
        self.doubleClicked.connect(lambda index: self.act("play") if self._plays_on(index) else None)
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        self._order = ("", False)  # by which column, descending
        self.mix: Scope | None = None  # what "not in this mix" means here, in lists that are one
        self.tracks.modelReset.connect(self._fit)
        self.tracks.modelReset.connect(self._read_signs)
        shell.changed.connect(self._note)
        shell.current.connect(self.tracks.set_playing)
        shell.theme.repaint(self)

    def _shape(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setAccessibleName("Tracks")
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self._delegate.height)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        header.setSectionsClickable(True)
        header.setStretchLastSection(False)

    def sort_by_headers(self, column: str, descending: bool) -> None:
        """Headers become clickable and tell by `sorted_by`; shows the order that is in use."""
        header = self.horizontalHeader()
        self.mark_order(column, descending)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._header_clicked)

    def mark_order(self, column: str, descending: bool) -> None:
        self._order = (column, descending)
        names = [known.name for known in self.tracks.columns]
        side = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(names.index(column) if column in names else -1, side)

    def _header_clicked(self, section: int) -> None:
        column = self.tracks.columns[section]
        header = self.horizontalHeader()
        if not column.order:
            self.mark_order(*self._order)  # Qt has put its arrow there
            return
        self.sorted_by.emit(column.name, header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder)

    # which tracks

    def rows(self) -> list[int]:
        return [int(row) for row in selected_rows(self.selectionModel())]

    def show_again(self, ids: np.ndarray, columns: Sequence[str] | None = None) -> None:
        """The list was read anew, or gets other columns: what is selected and still there stays selected, and the
        place in the list too."""
        before, at, top = self.tracks.ids, self.currentIndex().row(), self.verticalScrollBar().value()
        chosen = before[selected_rows(self.selectionModel())]
        if columns is not None:
            self.tracks.show_columns(columns)
        self.tracks.show(ids)
        rows = np.flatnonzero(np.isin(self.tracks.ids, chosen))
        current = self.tracks.row_of(TrackId(int(before[at]))) if at >= 0 else -1
        select_rows(self.selectionModel(), rows, current if current >= 0 or not len(rows) else int(rows[0]))
        self.verticalScrollBar().setValue(top)

    def choice(self) -> Choice:
        """The selected rows, or the current one."""
        rows = self.rows() or ([self.currentIndex().row()] if self.currentIndex().isValid() else [])
        rows = [row for row in rows if self.tracks.ids[row] >= 0]  # skeletons are no tracks yet
        ids = [self.tracks.id_at(row) for row in rows]
        following = [TrackId(int(i)) for i in self.tracks.ids[rows[0] : rows[0] + FOLLOWING]] if rows else []
        positions = dict(zip(ids, rows, strict=True)) if self.tracks.reasons else {}
        return Choice(tuple(ids), tuple(following), positions, dict(self.tracks.reasons), dict(self.tracks.picks))

    def act(self, verb: str) -> None:
        self.acted.emit(verb, self.choice())

    def select_track(self, track: TrackId) -> bool:
        row = self.tracks.row_of(track)
        if row < 0:
            return False
        self.selectRow(row)
        self.scrollTo(self.tracks.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        return True

    def _clicked_sign(self, track: TrackId, verb: str) -> None:
        self._shell.tell_now()  # a quick second click is about what the first one did
        shown = self.tracks.track_at(self.tracks.row_of(track))
        if shown is None:
            return
        given = self.tracks.given(shown) | ({f"stars-{shown.stars}"} if shown.stars else set())
        now = "stars-0" if verb in given and verb not in BACK else verb_after(given, verb)
        self.acted.emit(now, self._of_sign(track))

    def _of_sign(self, track: TrackId) -> Choice:
        positions = {track: self.tracks.row_of(track)} if self.tracks.reasons else {}
        return Choice((track,), positions=positions, picks=dict(self.tracks.picks))

    def _read_signs(self) -> None:
        self.tracks.signs = Signs.read(self._shell.desk, self.mix)
        self.tracks.in_mix = self.mix is not None
        self.tracks.stars = self._shell.desk.settings.stars
        self.viewport().update()

    def _note(self, changes: Changes) -> None:
        if changes & (Changes.FEEDBACK | Changes.SETTINGS):
            self._read_signs()

    def viewportEvent(self, event: QEvent) -> bool:
        """The tool tip of a sign tells what it would move; the rest is Qt's."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            if index.isValid() and self.tracks.columns[index.column()].name == "rating":
                verb = self._delegate.sign_at(
                    self.visualRect(index), event.pos(), self.tracks.stars, self.tracks.in_mix
                )
                if verb is not None:
                    told = self._foretold(verb, self._of_sign(self.tracks.id_at(index.row())))
                    QToolTip.showText(event.globalPos(), tip(told), self.viewport())
                    return True
        return super().viewportEvent(event)

    def _foretold(self, verb: str, choice: Choice) -> str:
        told = foretold(self._shell.desk, verb, choice)
        return "\n".join(part for part in (with_keys(verb, self.tracks.stars), told) if part)

    def _clicked_pin(self, track: TrackId) -> None:
        self.acted.emit("pin", Choice((track,)))

    def _plays_on(self, index: QModelIndex) -> bool:
        return self.tracks.columns[index.column()].name not in ("rating", "pin")

    def _row_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._shell.set_selected(self.tracks.id_at(current.row()))

    # keys, menu, pointer

    def keyPressEvent(self, event: QKeyEvent) -> None:
        verb = verb_of(event, self._shell.desk.settings.stars)
        if verb is not None:
            self.act(verb.name)
        elif event.text().strip() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()  # no search by typing: letters are verbs
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if index.isValid() and index.row() not in self.rows():
            self.selectRow(index.row())
        if self.rows():
            menu = self.menu()
            place = event.globalPos() if index.isValid() else self.mapToGlobal(QPoint(40, 40))
            menu.popup(place)

    def menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        tokens = self._shell.theme.tokens
        track: Track | None = self.tracks.track_at(self.rows()[0])
        pins = any(column.name == "pin" for column in self.tracks.columns)
        given = self.tracks.given(track) if track is not None else frozenset()
        failed = track is not None and (track.analysis is Analysis.FAILED or track.id in self.tracks.failures)
        for group in MENU:
            for name in group:
                if track is not None and not _fits(name, track, given, failed):
                    continue
                if name in ("pin", "hear") and not pins:
                    continue
                if name == "not-here" and self.mix is None:
                    continue
                self._add(menu, name, tokens)
            if self.tracks.stars and group is SAYS:
                stars = menu.addMenu(icons.icon("star", tokens.secondary), "Stars")
                for verb in STARS:
                    self._add(stars, verb.name, tokens)
            menu.addSeparator()
        return menu

    def _add(self, menu: QMenu, name: str, tokens: Tokens) -> None:
        """The entry of a verb; being looked at, it tells what it would move."""
        verb = BY_NAME[name]
        text = f"Not in “{self._mix_name()}”" if name == "not-here" else verb.text
        keys = keys_of(name, self.tracks.stars)
        action = menu.addAction(icons.icon(verb.icon, tokens.secondary), f"{text.replace('&', '&&')}\t{keys}")
        action.triggered.connect(self._doing(name))
        if name in RATINGS:
            action.hovered.connect(lambda: self._shell.weighed.emit(name, self.choice()))

    def _mix_name(self) -> str:
        from musicdesk.workflows.sayings import where

        return short(where(self.mix)) if self.mix is not None else ""

    def _doing(self, verb: str) -> Callable[[], None]:
        return lambda: self.act(verb)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)  # type: ignore[arg-type]
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered_row:
            self._delegate.hovered_row = row
            self.viewport().update()

    # widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Fixed columns keep their width, the others share what is left."""
        widths = fitted(self.tracks.columns, self.viewport().width())
        for at, width in enumerate(widths):
            self.setColumnHidden(at, not width)
            if width:
                self.setColumnWidth(at, width)


def fitted(columns: Sequence[Column], room: int) -> list[int]:
    """Pixels of each column, 0 for those that gave way; together `room` wherever that is possible."""
    shown = fitting(columns, room)
    left = max(room - sum(_least(column) for column in shown), 0)
    shares = sum(column.stretch for column in shown) or 1
    widths = [_least(c) + left * c.stretch // shares if c in shown else 0 for c in columns]
    if widths and shares > 1:  # what rounding left over
        widths[0] += max(room - sum(widths), 0)
    return widths


def fitting(columns: Sequence[Column], room: int) -> list[Column]:
    """The columns that have room; those that give way go one by one, and come back with the room."""
    shown = list(columns)
    while sum(_least(column) for column in shown) > room:
        going = max(shown, key=lambda column: column.gives_way)
        if not going.gives_way:
            break
        shown.remove(going)
    return shown


def _least(column: Column) -> int:
    return LEAST[column.stretch] if column.stretch else column.width


def _fits(verb: str, track: Track, given: frozenset[str], failed: bool) -> bool:
    """Verbs that make no sense for this track are left out of its menu."""
    if verb == "exclude":
        return not track.excluded
    if verb == "include":
        return bool(track.excluded)
    if verb == "again":
        return failed
    if verb in ("artist", "album"):
        return bool(getattr(track.tags, verb))
    if verb == "clear":
        return bool(given or track.stars)
    return True
