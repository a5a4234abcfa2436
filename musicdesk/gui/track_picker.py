"""Choosing one track: a search over the library in a small window. Enter or a double click takes the track."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.core.types import TrackId
from musicdesk.gui.covers import Covers
from musicdesk.gui.page import label
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.view import TrackTable

SIZE = (560, 480)
FOUND = 200
TYPING_MS = 60


class TrackPicker(QDialog):
    picked = Signal(object)  # TrackId

    def __init__(self, shell: Shell, covers: Covers, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search titles, artists, albums")
        self.words.setAccessibleName(title)
        self.words.setClearButtonEnabled(True)
        self.words.returnPressed.connect(self._take)
        self.table = TrackTable(shell, ("both", "length"), covers)
        self.table.setAccessibleName("Found tracks")
        self.table.acted.connect(lambda verb, _choice: self._take() if verb == "play" else None)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._search)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.take = buttons.addButton("Take this track", QDialogButtonBox.ButtonRole.AcceptRole)
        self.take.setProperty("kind", "primary")
        self.take.clicked.connect(self._take)
        buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["l"], SPACE["l"], SPACE["l"])
        layout.setSpacing(SPACE["m"])
        layout.addWidget(label(text, "secondary", wrap=True))
        layout.addWidget(self.words)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        self._search()

    def _search(self) -> None:
        order = "artist" if self.words.text().strip() else "plays"
        query = Query(words=self.words.text(), order=order, descending=order == "plays")
        self.table.tracks.show(self._shell.desk.catalog.browse.ids(query)[:FOUND])
        if len(self.table.tracks.ids):
            self.table.selectRow(0)
        self.take.setEnabled(bool(len(self.table.tracks.ids)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through what was found while the words are being typed."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.words.hasFocus():
            self.table.setFocus()
        super().keyPressEvent(event)

    def _take(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._search()
        chosen = self.table.choice().tracks
        if chosen:
            self.picked.emit(chosen[0])
            self.accept()


def pick_track(
    shell: Shell, covers: Covers, parent: QWidget, title: str, text: str, then: Callable[[TrackId], object]
) -> TrackPicker:
    """Opens the window; `then` is called with what was taken."""
    made = TrackPicker(shell, covers, title, text, parent)
    made.picked.connect(then)
    made.open()
    return made
