"""The card of an encoder: what it is, how much it has heard, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from musicdesk.gui.labels import tip
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.models_encoders_state import MARK, EncoderLine
from musicdesk.gui.pages.models_learn import Missing
from musicdesk.gui.pages.models_working import Working
from musicdesk.gui.pages.settings_parts import Section
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome, Progress, Task

LESSON = (
    "Your artists and albums are the lesson. It takes ten minutes at most, then the library is listened to anew. It is "
    "kept only if it is surely better at finding tracks of artists that it was not taught by."
)
JOBS = ("teach", "encoder", "remove-encoder")


class EncoderCard(Section):
    def __init__(self, shell: Shell) -> None:
        super().__init__("What hears your music")
        self._shell = shell
        self._line: EncoderLine | None = None
        self._why_not = ""
        self.missing = Missing(shell)
        self.column.addWidget(self.missing)
        facts = QWidget()
        self._facts = QGridLayout(facts)
        self._facts.setContentsMargins(0, 0, 0, 0)
        self._facts.setHorizontalSpacing(SPACE["l"])
        self._facts.setVerticalSpacing(SPACE["s"])
        self._facts.setColumnStretch(1, 1)
        self.column.addWidget(facts)
        self.use = button(shell, "Use it", "check", "primary")
        self.teach = button(shell, "Teach it my library", "brain", "primary")
        self.back = button(shell, "Back to the one before", "arrow-u-up-left")
        self.remove = button(shell, "Remove", "trash", "danger")
        for made, act in (
            (self.use, self._use),
            (self.teach, self._teach),
            (self.back, self._back),
            (self.remove, self._remove),
        ):
            made.clicked.connect(act)
        self.buttons(self.use, self.teach, self.back, self.remove)
        self.lesson = label("", "small", wrap=True)
        self.column.addWidget(self.lesson)
        self.working = Working(shell)
        self.column.addWidget(self.working)
        self.said = label("", "secondary", wrap=True)
        self.said.hide()
        self.column.addWidget(self.said)

    def tell(self, line: EncoderLine, why_not: str, back: str) -> None:
        """why_not: why the one in use cannot be taught now; back: the name of the one that was in use before, ''"""
        self._line = line
        self.missing.setVisible(bool(line.trouble))
        self.missing.tell(line.trouble)
        self._show_facts(line)
        self.use.setVisible(not line.in_use)
        self.use.setAccessibleName(f"Use the encoder {line.encoder}")
        self.teach.setVisible(line.in_use)
        self.lesson.setVisible(line.in_use)
        self.lesson.setText(why_not or LESSON)
        self.back.setVisible(line.in_use and bool(back))
        self.back.setToolTip(tip(f"{back} is in use again at once, with all that it has heard"))
        self.remove.setVisible(line.removable)
        self.remove.setAccessibleName(f"Remove the encoder {line.encoder}")
        task = next((task for task in self._shell.jobs.running() if task.request.job == "teach"), None)
        if line.in_use and task is not None:
            self.working.follow(task)
        else:
            self.working.finish()
        self._why_not = why_not
        self._enable()

    def _show_facts(self, line: EncoderLine) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, (what, value) in enumerate(line.rows()):
            told = label(value, wrap=True)
            told.setAccessibleName(f"{what}: {value}")
            self._facts.addWidget(label(what, "secondary"), row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(told, row, 1)

    def _enable(self) -> None:
        """One thing at a time with encoders: what is asked for twice would be done twice."""
        idle, line = not self._shell.jobs.busy_with(*JOBS), self._line
        self.use.setEnabled(idle and line is not None and not line.trouble)
        self.teach.setEnabled(idle and not self._why_not)
        self.back.setEnabled(idle)
        self.remove.setEnabled(idle)

    # what happens

    def _start(self, job: str, request: dict[str, object]) -> None:
        self.said.hide()
        task = self._shell.jobs.start(job, request)
        self._enable()
        if self._shell.jobs.waits(task):
            self._shell.notice("It begins as soon as what is running now has finished.")

    def _use(self) -> None:
        if self._line is not None:
            self._start("encoder", {"name": self._line.encoder})

    def _back(self) -> None:
        self._start("encoder", {"name": ""})

    def _teach(self) -> None:
        self._start("teach", {"adapt": True})

    def _remove(self) -> None:
        if self._line is None:
            return
        name = self._line.encoder
        text = "Its files in the profile are deleted, and everything that it has heard. This cannot be taken back."
        if self._shell.ask.sure(f"Remove the encoder {name}?", text, "Remove it", danger=True):
            self._start("remove-encoder", {"name": name})

    def began(self, task: Task) -> None:
        if task.request.job == "teach" and self._line is not None and self._line.in_use:
            self.working.follow(task)
        self._enable()

    def progressed(self, task: Task, progress: Progress) -> None:
        if task is self.working.task:
            self.working.tell(progress)

    def ended(self, outcome: Outcome) -> str:
        """Says how it ended; returns the line of the encoder that came to use by it, ''."""
        if outcome.job not in JOBS:
            return ""
        if outcome.job == "teach":
            self.working.finish()
        self._enable()
        if outcome.state != "finished":
            return ""
        name = str(outcome.result.get("name", ""))
        if outcome.job == "remove-encoder":
            self._shell.notice(f"The encoder {name} is removed.")
            return ""
        if outcome.job == "teach":
            self.said.setText(str(outcome.result["sentence"]))
            self.said.show()
            if not outcome.result["kept"]:
                self._shell.notice("It was no sure gain, so nothing was changed.")
                return ""
        if outcome.result["state"] != "in use":
            self._shell.notice(f"{name} comes to use when it has heard {outcome.result['remaining']:,} more tracks.")
            return ""
        before = str(outcome.result["before"])
        self._shell.notice(f"{name} hears your music now.", f"Back to {before}" if before else "", self._back)
        return MARK + name
