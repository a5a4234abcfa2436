"""Naming an axis: a search, tracks for either end, and what the axis is worth."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.labels import plain
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.view import TrackTable

FOUND = 200
TYPING_MS = 60
EXAMPLES = ("calm", "wild")
HINT = "Put two to five tracks at each end; the whole library then finds its place between them."


class AxisPage(QWidget):
    left = Signal()
    named = Signal(int)  # number of the axis that was kept

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__()
        self._shell = shell
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search titles, artists, albums")
        self.words.setAccessibleName("Search for tracks of an axis")
        self.words.setClearButtonEnabled(True)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.search)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        self.table = TrackTable(shell, ("both", "genre", "length"), covers)
        self.table.setAccessibleName("Found tracks")
        self.table.acted.connect(actions.perform)
        self.ends = [End(shell, self.table, example) for example in EXAMPLES]
        for end in self.ends:
            end.changed.connect(self._tell)
        self.line = label(HINT, "secondary", wrap=True)
        self.keep = button(shell, "Keep this axis", "check", "primary")
        self.keep.clicked.connect(self._keep)
        self.known = QListWidget()
        self.known.setAccessibleName("Axes that you named")
        self.known.setFixedHeight(96)
        self.remove = button(shell, "Remove the axis", "trash")
        self.remove.clicked.connect(self._remove)
        self._arrange()

    def _arrange(self) -> None:
        back = tool(self._shell, "arrow-left", "Back to Discover")
        back.clicked.connect(self.left)
        head = QHBoxLayout()
        head.setSpacing(SPACE["s"])
        head.addWidget(back)
        head.addWidget(label("An axis that you name", "title"))
        head.addStretch()
        head.addWidget(self.keep)
        found = QVBoxLayout()
        found.addWidget(self.words)
        found.addWidget(self.table, 1)
        sides = QVBoxLayout()
        for end in self.ends:
            sides.addWidget(end, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.known, 1)
        foot.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        sides.addLayout(foot)
        body = QHBoxLayout()
        body.setSpacing(SPACE["l"])
        body.addLayout(found, 3)
        body.addLayout(sides, 2)
        self.setFocusProxy(self.words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE["m"])
        layout.addLayout(head)
        layout.addWidget(self.line)
        layout.addLayout(body, 1)

    def begin(self) -> None:
        """An empty axis."""
        for end in self.ends:
            end.clear()
        self.line.setText(HINT)
        self.search()
        self._tell_known()
        self._tell()

    def search(self) -> None:
        order = "artist" if self.words.text().strip() else "plays"
        query = Query(words=self.words.text(), order=order, descending=order == "plays")
        self.table.tracks.show(self._shell.desk.catalog.browse.ids(query)[:FOUND])

    def _tell(self) -> None:
        from musicdesk.workflows.axes import LEAST

        self.keep.setEnabled(all(len(end.tracks) >= LEAST and end.name.text().strip() for end in self.ends))

    def _tell_known(self) -> None:
        self.known.clear()
        for axis in self._shell.desk.catalog.axes.all():
            examples = words.count(len(axis.lows) + len(axis.highs), "track")
            item = QListWidgetItem(f"{plain(axis.title)} · {examples}")
            item.setData(Qt.ItemDataRole.UserRole, axis.id)
            self.known.addItem(item)
        self.known.setCurrentRow(0)
        for control in (self.known, self.remove):
            control.setVisible(self.known.count() > 0)

    def _keep(self) -> None:
        from musicdesk.workflows.axes import name_axis

        low, high = self.ends
        made = self._shell.attempt(
            lambda: name_axis(self._shell.desk, low.name.text(), high.name.text(), low.tracks, high.tracks)
        )
        if made is None:
            return
        self.begin()
        kept = f"“{plain(made.low)} – {plain(made.high)}” is kept: {made.sentence}"
        self.line.setText(f"{kept} It is a lever of every list, and a colour of the map.")
        self._shell.changed.emit(made.changes)
        self.named.emit(made.number)

    def _remove(self) -> None:
        item = self.known.currentItem()
        if item is not None:
            self._shell.attempt(lambda: self._shell.desk.catalog.axes.remove(item.data(Qt.ItemDataRole.UserRole)))
            self._tell_known()
            self._shell.tell(Changes.FEEDBACK)


class End(QWidget):
    """One end: its name, and the tracks that stand there. Delete takes the chosen one away."""

    changed = Signal()

    def __init__(self, shell: Shell, table: TrackTable, example: str) -> None:
        super().__init__()
        self._shell, self._table = shell, table
        self.tracks: list[TrackId] = []
        self.name = QLineEdit()
        self.name.setPlaceholderText(f"A name, such as {example}")
        self.name.setAccessibleName(f"Name of the end such as {example}")
        self.name.setMaxLength(40)
        self.name.textChanged.connect(lambda _text: self.changed.emit())
        self.put: QPushButton = button(shell, "Put here", "plus", tip_text="The tracks that are selected in the list")
        self.put.setAccessibleName(f"Put the selected tracks at the end such as {example}")
        self.put.clicked.connect(lambda: self.add(table.choice().tracks))
        self.list = _Deletable(self.take_away)
        self.list.setAccessibleName(f"Tracks at the end such as {example}")
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        row.addWidget(self.name, 1)
        row.addWidget(self.put)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE["s"])
        layout.addLayout(row)
        layout.addWidget(self.list, 1)

    def add(self, tracks: tuple[TrackId, ...]) -> None:
        self.tracks += [track for track in tracks if track not in self.tracks]
        self._show()

    def take_away(self, row: int) -> None:
        del self.tracks[row]
        self._show()

    def clear(self) -> None:
        self.tracks = []
        self.name.clear()
        self._show()

    def _show(self) -> None:
        known = {track.id: track.tags for track in self._shell.desk.catalog.tracks.get_many(self.tracks)}
        self.tracks = [track for track in self.tracks if track in known]
        self.list.clear()
        for track in self.tracks:
            tags = known[track]
            self.list.addItem(
                " · ".join(part for part in (plain(tags.title), plain(tags.artist)) if part) or "Untitled"
            )
        self.changed.emit()


class _Deletable(QListWidget):
    def __init__(self, delete: Callable[[int], None]) -> None:
        super().__init__()
        self._delete = delete

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentRow() >= 0:
            self._delete(self.currentRow())
        else:
            super().keyPressEvent(event)
