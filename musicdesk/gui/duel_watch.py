"""Says when a duel has come to its end, whatever page is open."""

from __future__ import annotations

from PySide6.QtCore import QObject

from musicdesk.core.changes import Changes
from musicdesk.gui.shell import Goto, Shell


class DuelWatch(QObject):
    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        shell.changed.connect(self._look)

    def _look(self, changes: Changes) -> None:
        """A play or a rating may have been the last decision."""
        if not changes & Changes.FEEDBACK:
            return
        running = self._shell.desk.catalog.duels.running()
        if running is None:
            return
        from musicdesk.workflows.duel import settle, told

        if settle(self._shell.desk) is None:
            done = told(self._shell.desk, self._shell.desk.catalog.duels.get(running.id))
            self._shell.tell(done.changes)
            self._shell.notice(done.sentence, "See it", lambda: self._shell.went.emit(Goto("evaluation", "duel")))
