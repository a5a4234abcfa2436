"""The first three likes: a search and suggestions that lie far apart, instead of an empty page."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.pages.discover_state import FIRST_PICKS, diverse, picks_line
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.view import TrackTable

SUGGESTED = 24
FOUND = 200
SAMPLE = 1_000  # tracks that suggestions are chosen from
TYPING_MS = 60
COLUMNS = ("title", "artist", "genre", "length", "rating")


class Picking(QWidget):
    done = Signal()

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__()
        self._shell = shell
        self._seed = 0
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search for something you love")
        self.words.setAccessibleName("Search for tracks to like")
        self.words.setClearButtonEnabled(True)
        self.words.setFixedWidth(300)
        self.table = TrackTable(shell, COLUMNS, covers)
        self.table.setAccessibleName("Suggestions")
        self.table.acted.connect(actions.perform)
        self.count = label("", "secondary")
        self.ready = button(shell, "Make my first playlist", "sparkle", "primary")
        self.ready.clicked.connect(self.done)
        others = tool(shell, "shuffle", "Other suggestions")
        others.clicked.connect(self._others)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.suggest)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        row.addWidget(self.words)
        row.addWidget(others)
        row.addStretch()
        row.addWidget(self.count)
        row.addWidget(self.ready)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE["m"])
        layout.addLayout(row)
        layout.addWidget(self.table, 1)

    def suggest(self) -> None:
        desk, text = self._shell.desk, self.words.text()
        if text.strip():
            self.table.tracks.show(desk.catalog.browse.ids(Query(words=text))[:FOUND])
        else:
            vectors = desk.catalog.sound.sample(desk.encoder, SAMPLE, self._seed)
            rows = diverse(vectors.matrix, SUGGESTED, self._seed)
            self.table.tracks.show(vectors.ids[rows])
        self.tell()

    def tell(self) -> None:
        liked = self._shell.desk.catalog.feedback.count()["like"]
        self.count.setText(picks_line(liked))
        self.ready.setEnabled(liked >= FIRST_PICKS)

    def rated(self) -> None:
        self.table.tracks.fetch_again()
        self.tell()

    def _others(self) -> None:
        self._seed += 1
        self.words.clear()
        self.suggest()
