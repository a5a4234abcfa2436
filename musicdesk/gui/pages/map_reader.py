"""Reads for the Map in a thread, with a desk beside the window's, which goes on while 100,000 places are fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from musicdesk.gui.background import Background, Failed, Stop
from musicdesk.gui.shell import Shell
from musicdesk.workflows.desk import Desk

Work = Callable[[Desk, Stop], Any]


class Reader(QObject):
    """The newest wish of each kind is answered. What was read of the whole library the window's desk goes on with."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self._background = Background(shell, self)

    def ask(self, kind: str, work: Work, done: Callable[[Any], object], failed: Failed | None = None) -> None:
        """`work` gets a desk that is open for it alone; `done` its answer, in the window's thread, or `failed` none."""
        desk = self._shell.desk

        def run(stop: Stop) -> tuple[Desk, Any]:
            with desk.beside() as own:
                return own, work(own, stop)

        def take(found: tuple[Desk, Any]) -> None:
            desk.adopt(found[0])
            done(found[1])

        self._background.ask(kind, run, take, failed)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._background.busy()
