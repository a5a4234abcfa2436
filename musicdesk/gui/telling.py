"""Tells the person what went wrong: in this window, in a worker, or the last time the program ran."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from musicdesk.core import crashes
from musicdesk.core.crashes import Report
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.mounts import network_words
from musicdesk.gui.crash_page import CrashPage
from musicdesk.gui.crash_state import ended, happened
from musicdesk.gui.jobs import QUIET
from musicdesk.gui.shell import Shell
from musicdesk.gui.task import Outcome
from musicdesk.gui.window import MainWindow

CHECK = "look-through"  # the job after an end that was no proper one, where the library is large


class Telling(QObject):
    """`say` and `show` may be called from any thread."""

    _said = Signal(object)  # MusicdeskError
    _shown = Signal(object)  # Report

    def __init__(self, shell: Shell, window: MainWindow) -> None:
        super().__init__(window)
        self._shell = shell
        self._window = window
        self._open = False
        self._told = 0
        kind = Qt.ConnectionType.AutoConnection
        self._said.connect(shell.trouble, kind)
        self._shown.connect(self._report, kind)
        shell.jobs.ended.connect(self._job_ended)

    def say(self, error: MusicdeskError) -> None:
        self._said.emit(error)

    def show(self, report: Report) -> None:
        self._shown.emit(report)

    def greet(self, words: str) -> None:
        """After the first paint: what was recovered, and how the last time ended."""
        found = crashes.collect(self._shell.desk.profile.crashes)
        if words:
            self._shell.notice(words)
        elif found:
            self._offer(found[0])
        elif warning := network_words(self._shell.desk.profile.folder):
            self._shell.trouble(warning)
        if self._shell.desk.catalog.store.traces.pending:
            self._shell.jobs.start(CHECK)

    def _report(self, report: Report) -> None:
        """The page the first time; later a sentence with a way to it, so that it does not come again and again."""
        self._told += 1
        if self._told == 1:
            self._see(report)
        else:
            self._offer(report)

    def _offer(self, report: Report) -> None:
        self._shell.notice(happened(report), "What happened", lambda: self._see(report))

    def _see(self, report: Report) -> None:
        if self._open:
            return
        self._open = True
        page = CrashPage(self._shell, report, self._window)
        page.finished.connect(self._closed)
        page.open()

    def _closed(self) -> None:
        self._open = False

    def _job_ended(self, outcome: Outcome) -> None:
        if outcome.job == CHECK and outcome.state == "finished":
            self._shell.desk.catalog.store.traces.settle()
        if not outcome.bug or outcome.job in QUIET:
            return
        folder = self._shell.desk.profile.crashes
        crashes.collect(folder)
        newest = next((r for r in crashes.kept(folder) if r.process == "worker" and r.at >= outcome.began - 1), None)
        if newest is None:
            why = f"The process of the job ended: {ended(outcome.code, outcome.crashed)}."
            newest = crashes.keep(folder, "worker", f"the job {outcome.job}", why)
        report = newest
        self._shell.notice(outcome.text, "What happened", lambda: self._see(report))
