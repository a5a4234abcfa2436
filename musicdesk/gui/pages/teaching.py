"""Five questions that teach most, worked out beside the window, and answered on cards."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from musicdesk.core.types import TrackId
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.pages.discover_state import answered_line, changes_list
from musicdesk.gui.pages.question_cards import QuestionCards
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome
from musicdesk.gui.verbs import Choice

JOB = "lessons"


class Teaching(QWidget):
    left = Signal()  # back to the front
    done = Signal()  # a list is wanted

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__()
        self._shell = shell
        self._seed = 0
        self.questions = QuestionCards(shell, covers, changes_list)
        self.questions.setAccessibleName("Five questions that teach most")
        self.questions.answered.connect(lambda verb, track: actions.perform(verb, Choice((track,))))
        self.line = label("", "secondary", wrap=True)
        self.back = tool(shell, "arrow-left", "Back to Discover")
        self.back.clicked.connect(self.left)
        self.others = button(shell, "Ask five others", "arrows-clockwise")
        self.others.clicked.connect(self.ask)
        self.ready = button(shell, "Make a playlist", "sparkle", "primary")
        self.ready.clicked.connect(self.done)
        self._arrange()
        shell.jobs.ended.connect(self._ended)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE["s"])
        row.addWidget(self.back)
        row.addWidget(label("Five questions that teach most", "title"))
        row.addStretch()
        row.addWidget(self.others)
        row.addWidget(self.ready)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.questions)
        self.setFocusProxy(self.back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE["m"])
        layout.addLayout(row)
        layout.addWidget(self.line)
        layout.addWidget(scroll, 1)

    def ask(self) -> None:
        """Asks for questions by what is known now; what has been answered is not asked again."""
        self._seed += 1
        self.questions.ask([], [])
        self.others.setEnabled(False)
        self.line.setText("Working out what to ask: both answers to many tracks are tried on your list …")
        self._shell.jobs.start(JOB, {"seed": self._seed})

    def rated(self) -> None:
        """Shows the verdicts as they are now."""
        if self.questions.asked:
            self.questions.rated(self._shell.desk.catalog.tracks.get_many(self.questions.asked))
            self.line.setText(answered_line(self.questions.answers, len(self.questions.cards)))

    def _ended(self, outcome: Outcome) -> None:
        if outcome.job != JOB:
            return
        self.others.setEnabled(True)
        if outcome.state != "finished":
            self.line.setText(outcome.text or "The questions could not be worked out.")
            return
        lessons: dict[TrackId, dict[str, Any]] = {TrackId(each["track"]): each for each in outcome.result["questions"]}
        tracks = self._shell.desk.catalog.tracks.get_many(list(lessons))
        self.questions.ask(tracks, [lessons[track.id]["change"] for track in tracks])
        self.line.setText(answered_line(0, len(tracks)))
        if self.questions.cards and self.isVisible():
            self.questions.cards[0].play.setFocus()
