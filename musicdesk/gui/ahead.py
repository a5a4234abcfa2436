"""Reads in a thread what lists wait for, as soon as the window is there and whenever it has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from musicdesk.catalog.connection import Moment
from musicdesk.core.changes import Changes
from musicdesk.gui.background import Background, Stop
from musicdesk.gui.shell import Shell
from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)

SOON_MS = 200  # after the first paint
AGAIN_MS = 2_000  # after a change, and while a job is at work
CHANGED = Changes.TRACKS | Changes.EMBEDDINGS | Changes.RUNS | Changes.FEEDBACK


class Ahead(QObject):
    table_read = Signal()  # what the Library shows first

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._background = Background(shell, self)
        self._waiting: list[Callable[[], object]] = []
        self._reading = False
        self._table_read = False  # once at least
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._look)
        shell.changed.connect(self._changed)
        shell.reopened.connect(self._begin_anew)
        shell.when_at_hand = self.when_at_hand

    def start(self) -> None:
        self._soon.start(SOON_MS)

    def _changed(self, changes: Changes) -> None:
        if changes & CHANGED:
            self._soon.start(AGAIN_MS)

    def when_at_hand(self, doing: Callable[[], object]) -> bool:
        """Does it now, or once everything for it is read; False when it has to wait. Of several wishes that wait each
        is done, in their order."""
        from musicdesk.workflows.ahead import at_hand

        if at_hand(self._shell.desk):
            doing()
            return True
        self._waiting.append(doing)
        self._read()
        return False

    def _look(self) -> None:
        """Not beside a job: it takes the processor, and changes what would be read. But the Library is what one opens
        while a first one runs, and is read in a tenth of a second."""
        from musicdesk.workflows.ahead import at_hand, plays_at_hand, table_at_hand

        if self._background.stop.is_set():
            return  # the window was closed before its first paint was told
        busy = bool(self._shell.jobs.running())
        if not (busy and self._table_read) and not table_at_hand(self._shell.desk):
            self._read_table()
        elif busy:
            self._soon.start(AGAIN_MS)
        elif not at_hand(self._shell.desk):
            self._read()
        elif not plays_at_hand(self._shell.desk):
            self._read_plays()

    def _read_table(self) -> None:
        desk = self._shell.desk
        self._table_read, since = True, desk.catalog.store.moment()

        def take(beside: Desk) -> None:
            desk.adopt(beside, since)
            self.table_read.emit()
            self._soon.start(SOON_MS)  # there is more to read

        self._background.ask("table", lambda _stop: _read_table(desk), take)

    def _read(self) -> None:
        if not self._reading:
            self._reading = True
            desk = self._shell.desk
            since = desk.catalog.store.moment()
            self._background.ask("ahead", lambda _stop: _read(desk, _stop), partial(self._has_read, since))

    def _has_read(self, since: Moment, beside: Desk | None) -> None:
        self._reading = False
        if beside is not None:
            self._shell.desk.adopt(beside, since)
        waiting, self._waiting = self._waiting, []
        for doing in waiting:  # what has changed meanwhile is read as it is asked for
            doing()

    def _read_plays(self) -> None:
        desk = self._shell.desk
        since = desk.catalog.store.moment()
        self._background.ask("plays", lambda _stop: _read_plays(desk), lambda beside: desk.adopt(beside, since))

    def _begin_anew(self) -> None:
        self._waiting.clear()
        self._reading = False
        self._background = Background(self._shell, self)
        self._soon.start(SOON_MS)


def _read(desk: Desk, _stop: Stop) -> Desk | None:
    """Called in a thread. None where it failed: who waits then meets the same fault, and is told of it."""
    from musicdesk.workflows.ahead import read_ahead

    try:
        with desk.beside() as beside:
            read_ahead(beside)
    except Exception:
        log.warning("reading ahead failed", exc_info=True)
        return None
    return beside


def _read_table(desk: Desk) -> Desk:
    """Called in a thread."""
    from musicdesk.workflows.ahead import read_table

    with desk.beside() as beside:
        read_table(beside)
    return beside


def _read_plays(desk: Desk) -> Desk:
    """Called in a thread."""
    with desk.beside() as beside:
        beside.catalog.feedback.listener()
    return beside
