"""Evaluation: how good the models are on what was hidden from them, and the published studies beside ours."""

from __future__ import annotations

import os
from collections.abc import Iterator

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.core.types import PlaylistId
from musicdesk.gui.actions import Actions
from musicdesk.gui.covers import Covers
from musicdesk.gui.page import Page, button, label, scrolling
from musicdesk.gui.pages.evaluation_duel import DuelCard
from musicdesk.gui.pages.evaluation_start import StartCard
from musicdesk.gui.pages.evaluation_state import DUEL, MODELS, Topic, grouped, heading, topics
from musicdesk.gui.pages.models_parts import LineList
from musicdesk.gui.report_view import ReportView
from musicdesk.gui.shell import Goto, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome, Progress, Task
from musicdesk.gui.welcome import Welcome

LIST = 264


class EvaluationPage(Page):
    NAME, TITLE = "evaluation", "Evaluation"
    INTERESTS = Changes.REPORTS | Changes.LISTENS | Changes.TRACKS | Changes.FEEDBACK | Changes.RUNS

    def __init__(self, shell: Shell, actions: Actions, covers: Covers) -> None:
        super().__init__(shell)
        self.topics: dict[str, Topic] = {}
        self.chosen = MODELS

    def parts(self) -> Iterator[None]:
        shell = self.shell
        self.open = button(shell, "Open in the browser", "arrow-square-out")
        self.open.clicked.connect(self._open)
        self.save = button(shell, "Save a copy", "floppy-disk", tip_text="The page, its text and its pictures")
        self.save.clicked.connect(self._save)
        self.stack, full = QStackedWidget(), QWidget()
        body = self.body()
        body.addLayout(self.heading(self.open, self.save))
        body.addWidget(self.stack, 1)
        self._at = {"full": self.stack.addWidget(full)}
        self.list = LineList(shell, "Evaluations and studies")
        self.list.setFixedWidth(LIST)
        self.list.picked.connect(self._choose)
        self.room, column = scrolling()
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE["l"])
        row.addWidget(self.list)
        row.addWidget(self.room, 1)
        yield
        yield from self._cards(column)
        self._at["welcome"] = self.stack.addWidget(Welcome(shell))
        shell.jobs.began.connect(self._began)
        shell.jobs.progressed.connect(self._progressed)
        shell.jobs.ended.connect(self._ended)

    def _cards(self, column: QVBoxLayout) -> Iterator[None]:
        self.name = label("", "card-title", wrap=True)
        self.about = label("", "secondary", wrap=True)
        column.addWidget(self.name)
        column.addWidget(self.about)
        self.start = StartCard(self.shell)
        self.start.wanted.connect(self._start)
        column.addWidget(self.start)
        yield
        self.duel = DuelCard(self.shell)
        self.report = ReportView(self.shell)
        column.addWidget(self.duel)
        column.addWidget(self.report)
        column.addStretch()
        yield

    def primary(self) -> QWidget | None:
        return self.list

    # reading

    def showEvent(self, event: QShowEvent) -> None:
        """A duel that another process has begun or ended is told of by nobody."""
        if self.built and self.duel.behind:
            self._stale |= Changes.RUNS
        super().showEvent(event)

    def refresh(self, changes: Changes) -> None:
        from musicdesk.workflows.reports import reports
        from musicdesk.workflows.reproduce import offered

        desk = self.shell.desk
        empty = not desk.catalog.tracks.count()["total"] and not desk.catalog.crowds.all()
        kept = reports(desk)
        self.duel.read()
        found = topics(offered(), kept, {DUEL: self.duel.note})
        self.topics = {topic.name: topic for topic in found}
        self.subtitle.setText(heading(found))
        self.stack.setCurrentIndex(self._at["welcome" if empty and not kept else "full"])
        self.list.tell(grouped(found), self.chosen)
        self._show()

    def go(self, wish: Goto) -> None:
        """`what` is the name of a topic."""
        if wish.what in self.topics:
            self.chosen = wish.what
            self.refresh(Changes.REPORTS)

    def _choose(self, name: str) -> None:
        self.chosen = name
        self._show()
        self.room.verticalScrollBar().setValue(0)

    def _show(self) -> None:
        topic = self.topics[self.chosen]
        crowds = [crowd.name for crowd in self.shell.desk.catalog.crowds.all() if crowd.folder]
        self.name.setText(topic.whole or topic.title)
        self.about.setText(topic.text)
        task = next((task for task in self.shell.jobs.running() if self._is_chosen(task)), None)
        self.duel.setVisible(topic.name == DUEL)
        self.start.setVisible(bool(topic.job))
        if topic.job:
            self.start.tell(topic, crowds, task)
        self.report.tell(topic.kept)
        for control in (self.open, self.save):
            control.setEnabled(topic.kept is not None)
            control.setVisible(bool(topic.job))

    def _is_chosen(self, task: Task) -> bool:
        topic = self.topics.get(self.chosen)
        if topic is None or task.request.job != topic.job:
            return False
        return not topic.is_study or task.request.request.get("study") == self.chosen

    # what happens

    def _start(self) -> None:
        job, request = self.start.request()
        task = self.shell.jobs.start(job, request)
        if self.shell.jobs.waits(task):
            self.shell.notice("It is measured as soon as what is running now has finished.")

    def _began(self, task: Task) -> None:
        if self._is_chosen(task):
            self.start.follow(task)

    def _progressed(self, task: Task, progress: Progress) -> None:
        if self._is_chosen(task):
            self.start.tell_progress(progress)

    def _ended(self, outcome: Outcome) -> None:
        if outcome.job in {topic.job for topic in self.topics.values()}:
            self.start.finish()
        test = outcome.result.get("test") if outcome.job == MODELS else None
        if test is not None:
            wish = Goto("discover", "kept", playlist=PlaylistId(int(test)))
            self.shell.notice("A list waits for your verdicts.", "Open it", lambda: self.shell.went.emit(wish))

    def _open(self) -> None:
        kept = self.topics[self.chosen].kept
        if kept is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(kept.page)))

    def _save(self) -> None:
        from musicdesk.workflows.reports import copy_report

        folder = self.shell.ask.folder("Save a copy of the report in")
        if folder is not None:
            done = self.shell.attempt(lambda: copy_report(self.shell.desk, self.chosen, folder))
            if done is not None:
                self.shell.notice(f"Saved in {done.folder}.")
