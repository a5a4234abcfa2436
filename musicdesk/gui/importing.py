"""Bringing things in: what is dropped or chosen is told apart by content in a thread, then music goes to the library
and histories to the import job."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from musicdesk.gui.background import Background
from musicdesk.gui.shell import Bring, Goto, Shell
from musicdesk.gui.task import Outcome
from musicdesk.gui.welcome import add_folders

if TYPE_CHECKING:
    from pathlib import Path

    from musicdesk.workflows.dropped import Dropped

EXPORTS = (
    ("zip *.json *.jsonl *.csv *.tsv *.xml *.txt *.gz *.dat", "Histories"),
    ("*", "Everything"),
)


def choose_export(shell: Shell, listener: str) -> None:
    path = shell.ask.open_file("Choose a history, as it was exported", EXPORTS)
    if path is not None:
        shell.brought.emit(Bring((path,), listener))


def choose_export_folder(shell: Shell, listener: str) -> None:
    path = shell.ask.folder("Choose the folder of an export")
    if path is not None:
        shell.brought.emit(Bring((path,), listener))


class Importing(QObject):
    """Does what `shell.brought` asks for, and tells how an import has ended."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._background: Background | None = None
        shell.brought.connect(self.take)
        shell.jobs.ended.connect(self._ended)
        shell.closing.connect(self._forget)

    def take(self, wish: Bring) -> None:
        """Looks at what it is, then does what belongs to it."""
        from musicdesk.gui.pages.history_state import looking_line
        from musicdesk.workflows.dropped import sort_out

        if self._background is None:
            self._background = Background(self._shell, self)
        self._shell.notice(looking_line(wish.paths))
        paths = list(wish.paths)
        self._background.ask("dropped", lambda stop: sort_out(paths, stop.is_set), partial(self._sorted, wish))

    def _sorted(self, wish: Bring, found: Dropped) -> None:
        from musicdesk.gui.pages.history_state import unknown_line

        if found.music:
            add_folders(self._shell, found.music)
        if found.histories:
            self._import(found.histories, listener=wish.listener)
        if found.crowds:
            text = "This holds many people's plays. A crowd teaches which music goes together."
            name = self._shell.ask.text("What is this crowd called?", text, found.crowd)
            if name:
                self._import(found.crowds, crowd=name)
        if found.playlists:
            self._shell.went.emit(Goto("discover", "extend", path=found.playlists[0]))
        if found.unknown and not (found.music or found.histories or found.crowds or found.playlists):
            self._shell.trouble(unknown_line(found.unknown))

    def _import(self, paths: list[Path], **more: str) -> None:
        self._shell.jobs.start("import", {"paths": [os.path.abspath(path) for path in paths], **more})
        self._shell.went.emit(Goto("history", "imports"))

    def _ended(self, outcome: Outcome) -> None:
        if outcome.job == "import" and outcome.state == "finished":
            from musicdesk.gui.pages.history_state import account_line

            show = partial(self._shell.went.emit, Goto("history", "account"))
            self._shell.notice(account_line(outcome.result), "Show", show)

    def _forget(self) -> None:
        self._background = None
