"""The first likes: ten questions over the whole library, and a search, instead of an empty page."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.catalog.browse import Query
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.pages.discover_state import FIRST_PICKS, picks_line
from musicdesk.gui.pages.question_cards import QuestionCards
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.tables.view import TrackTable
from musicdesk.gui.verbs import Choice
from musicdesk.workflows.questions import questions

FOUND = 200
TYPING_MS = 60
COLUMNS = ("title", "artist", "genre", "length", "rating")


class Picking(QWidget):
    done = Signal()

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__()
        self._shell = shell
        self._seed = 0
        self._asked = -1  # the seed of the questions on show
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search for something you love")
        self.words.setAccessibleName("Search for tracks to like")
        self.words.setClearButtonEnabled(True)
        self.words.setFixedWidth(300)
        self.table = TrackTable(shell, COLUMNS, covers)
        self.table.setAccessibleName("Found")
        self.table.acted.connect(actions.perform)
        self.questions = QuestionCards(shell, covers)
        self.questions.setAccessibleName("Questions")
        self.questions.answered.connect(lambda verb, track: actions.perform(verb, Choice((track,))))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.questions)
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(self.table)
        self.count = label("", "secondary")
        self.ready = button(shell, "Make my first playlist", "sparkle", "primary")
        self.ready.clicked.connect(self.done)
        others = tool(shell, "shuffle", "Other questions")
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
        layout.addWidget(self._stack, 1)

    @property
    def begun(self) -> bool:
        return bool(self.questions.cards)

    def suggest(self) -> None:
        """What was searched for, else ten tracks that stand for the library."""
        desk, text = self._shell.desk, self.words.text()
        self._stack.setCurrentIndex(int(bool(text.strip())))
        if text.strip():
            self.table.tracks.show(desk.catalog.browse.ids(Query(words=text))[:FOUND])
        elif not self.begun or self._asked != self._seed:
            asked = questions(desk, seed=self._seed).questions
            tracks = desk.catalog.tracks.get_many([question.track for question in asked])
            self.questions.ask(tracks, [question.share for question in asked])
            self._asked = self._seed
        self.tell()

    def tell(self) -> None:
        liked = self._shell.desk.catalog.feedback.count()["like"]
        self.count.setText(picks_line(liked))
        self.ready.setEnabled(liked >= FIRST_PICKS)

    def rated(self) -> None:
        self.table.tracks.fetch_again()
        self.questions.rated(self._shell.desk.catalog.tracks.get_many(self.questions.asked))
        self.tell()

    def _others(self) -> None:
        self._seed += 1
        self.words.clear()
        self.suggest()
