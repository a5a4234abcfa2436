"""The queue beside the page: what plays, what follows; drag to reorder, Delete removes, Enter plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListView, QVBoxLayout, QWidget

from musicdesk.core.types import TrackId
from musicdesk.gui.dragging import TRACKS_MIME, unpacked
from musicdesk.gui.labels import plain, plain_label, tip
from musicdesk.gui.selection import select_rows, selected_rows

from .buttons import tool_button
from .colors import PlayerColors
from .queue import Queue, Repeat
from .queue_row import ROW, RowDelegate

ROWS_MIME = "application/x-musicdesk-queue-rows"
CURRENT_ROLE = Qt.ItemDataRole.UserRole + 1
ARTIST_ROLE = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Words:
    """What a row says of a track."""

    title: str
    artist: str = ""
    length: str = ""  # "4:12"


Describe = Callable[[TrackId], Words]


class QueueModel(QAbstractListModel):
    """Shows a `Queue` without changing it; moves are only asked for. Words are fetched per shown row."""

    move_wanted = Signal(object, int)  # rows, to
    dropped = Signal(object, object, int)  # tracks and their picks that were dragged here, to

    def __init__(self, describe: Describe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._describe = describe
        self._tracks: list[TrackId] = []
        self.serials: list[int] = []  # of the entries that are shown
        self._current = -1
        self._words: dict[TrackId, Words] = {}

    def show(self, queue: Queue) -> None:
        tracks, self.serials = queue.tracks, queue.serials
        if tracks != self._tracks:
            self.beginResetModel()
            self._tracks, self._current = tracks, queue.position
            self._words.clear()
            self.endResetModel()
        else:
            self._current = queue.position

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._tracks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        words = self._words_of(self._tracks[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return plain(words.title)
        if role == ARTIST_ROLE:
            return plain(" · ".join(part for part in (words.artist, words.length) if part))
        if role == CURRENT_ROLE:
            return index.row() == self._current
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(f"{words.title}\n{words.artist}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            now = ", plays now" if index.row() == self._current else ""
            return plain(f"{words.title}, {words.artist}{now}")
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [ROWS_MIME, TRACKS_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        rows = sorted({index.row() for index in indexes})
        data.setData(ROWS_MIME, ",".join(map(str, rows)).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if data.hasFormat(TRACKS_MIME):
            tracks, picks = unpacked(data)
            self.dropped.emit(tracks, picks, len(self._tracks) if row < 0 else row)
            return True
        if not data.hasFormat(ROWS_MIME):
            return False
        text = data.data(ROWS_MIME).toStdString()
        rows = [int(part) for part in text.split(",") if part.isdigit()]
        self.move_wanted.emit(rows, len(self._tracks) if row < 0 else row)
        return False  # the queue moves its own entries; Qt must not remove rows afterwards

    def _words_of(self, track: TrackId) -> Words:
        if track not in self._words:
            self._words[track] = self._describe(track)
        return self._words[track]


class QueuePanel(QWidget):
    play_wanted = Signal(int)  # row
    remove_wanted = Signal(object)  # rows
    move_wanted = Signal(object, int)  # rows, the row before which they shall stand
    shuffle_wanted = Signal(bool)
    repeat_wanted = Signal(object)  # Repeat
    clear_wanted = Signal()
    close_wanted = Signal()
    endless_stopped = Signal()
    dropped = Signal(object, object, int)  # tracks and their picks, the row before which they shall stand

    def __init__(self, describe: Describe, colors: PlayerColors | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = QueueModel(describe, self)
        self._repeat = Repeat.OFF
        self._delegate = RowDelegate(CURRENT_ROLE, ARTIST_ROLE, self)
        self.list = _List(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self._count = plain_label("", self)
        self._count.setProperty("kind", "secondary")
        self._shuffle = tool_button(self, "Shuffle", "Shuffle what follows", checkable=True)
        self._repeat_button = tool_button(self, "Repeat", "")
        self._endless = tool_button(self, "Stop the radio", "")
        self._endless.setVisible(False)
        self._clear = tool_button(self, "Clear the queue", "Clear the queue")
        self._close = tool_button(self, "Close the queue", "Close the queue (Ctrl+U)")
        self.setMinimumWidth(240)
        self._lay_out()
        self._connect()
        self.set_colors(colors or PlayerColors())

    def show_queue(self, queue: Queue) -> None:
        """Brings list and buttons in step with the queue; call it after every change."""
        moved = queue.position != self.model._current
        self._renew(queue)
        self._empty.setVisible(not len(queue))
        self._count.setText(f"{len(queue):,} track{'' if len(queue) == 1 else 's'}")
        self._shuffle.setChecked(queue.shuffled)
        self._repeat = queue.repeat
        self._dress_repeat()
        if moved:  # painted only: a list of Qt lays out every row again for one that is said to have changed
            self.list.viewport().update()
        if moved and queue.current is not None:
            self.list.scrollTo(self.model.index(queue.position))

    def _renew(self, queue: Queue) -> None:
        """Entries that are still there stay selected, and the place in the list stays."""
        selection, before = self.list.selectionModel(), self.model.serials
        chosen = {before[row] for row in selected_rows(selection)}
        at, top = self.list.currentIndex().row(), self.list.verticalScrollBar().value()
        self.model.show(queue)
        now = self.model.serials
        if now == before or set(before).isdisjoint(now):
            return
        rows = np.array([row for row, serial in enumerate(now) if serial in chosen], np.int64)
        current = now.index(before[at]) if at >= 0 and before[at] in now else -1
        select_rows(selection, rows, current if current >= 0 or not len(rows) else int(rows[0]))
        self.list.verticalScrollBar().setValue(top)

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors
        self._delegate.set_colors(colors)
        self._shuffle.set_face("shuffle", colors.text)
        self._endless.set_face("infinity", colors.accent)
        self._clear.set_face("trash", colors.text)
        self._close.set_face("x", colors.text)
        self._dress_repeat()
        self.list.viewport().update()

    def show_endless(self, name: str) -> None:
        """`name` of the radio that fills the queue, or "" when none does."""
        self._endless.setVisible(bool(name))
        self._endless.setToolTip(tip(f"{name} goes on without end; click to let it stop after these tracks"))

    def selected_rows(self) -> list[int]:
        return [int(row) for row in selected_rows(self.list.selectionModel())]

    def _lay_out(self) -> None:
        title = plain_label("Queue", self)
        title.setProperty("kind", "card-title")
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(title)
        head.addSpacing(8)
        head.addWidget(self._count)
        head.addStretch()
        for button in (self._endless, self._shuffle, self._repeat_button, self._clear, self._close):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 8, 8)
        column.addLayout(head)
        self._empty = plain_label("Nothing is queued. Double-click a track, or press Q in any list.", self)
        self._empty.setProperty("kind", "secondary")
        self._empty.setWordWrap(True)
        column.addWidget(self._empty)
        column.addWidget(self.list)

    def _connect(self) -> None:
        self.model.move_wanted.connect(self.move_wanted)
        self.list.activated.connect(lambda index: self.play_wanted.emit(index.row()))
        self.list.delete_pressed.connect(self._remove)
        self._shuffle.clicked.connect(self.shuffle_wanted)
        self._repeat_button.clicked.connect(self._next_repeat)
        self._clear.clicked.connect(self.clear_wanted)
        self._close.clicked.connect(self.close_wanted)
        self._endless.clicked.connect(self.endless_stopped)
        self.model.dropped.connect(self.dropped)

    def _remove(self) -> None:
        rows = self.selected_rows()
        if not rows:
            return
        self.remove_wanted.emit(rows)
        left = self.model.rowCount()
        if left:
            self.list.setCurrentIndex(self.model.index(min(rows[0], left - 1)))

    def _next_repeat(self) -> None:
        kinds = list(Repeat)
        self.repeat_wanted.emit(kinds[(kinds.index(self._repeat) + 1) % len(kinds)])

    def _dress_repeat(self) -> None:
        on = self._repeat is not Repeat.OFF
        name = "repeat-once" if self._repeat is Repeat.ONE else "repeat"
        self._repeat_button.set_face(name, self._colors.accent if on else self._colors.text)
        words = {
            Repeat.OFF: "Repeat is off",
            Repeat.ALL: "The queue repeats",
            Repeat.ONE: "This track repeats",
        }
        self._repeat_button.setToolTip(tip(words[self._repeat]))
        self._repeat_button.setAccessibleName(words[self._repeat])


class _List(QListView):
    delete_pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bare")
        self.setAccessibleName("Queue")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(280, 10 * ROW)
