"""Looks after the folders while the window is open: a change in one starts a scan and what follows it; covers that
lie beside the music are looked at again."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from musicdesk.core.changes import Changes
from musicdesk.core.paths import absolute
from musicdesk.gui.shell import Shell

AGAIN_MS = 2_000  # when a scan is at work already
WRITTEN_MS = 500  # covers come one after the other, and some programs write them twice


class Watching(QObject):
    pictured = Signal()  # covers beside the music are others now
    _moved = Signal(object)  # folders (bytes), from the watcher's thread
    _drawn = Signal()  # from the watcher's thread

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shell = shell
        self._watcher: Any = None
        self._roots: list[bytes] = []
        self._started = False
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._scan)
        self._written = QTimer(self, singleShot=True, interval=WRITTEN_MS)
        self._written.timeout.connect(self.pictured)
        self._drawn.connect(self._written.start)
        self._moved.connect(lambda _folders: self._scan())
        shell.changed.connect(self._changed)

    def start(self) -> None:
        self._started = True
        self._follow()

    def stop(self) -> None:
        self._again.stop()
        self._written.stop()
        self._started = False
        self._drop()

    def _changed(self, changes: Changes) -> None:
        if self._started and changes & (Changes.SETTINGS | Changes.TRACKS):
            self._follow()

    def _follow(self) -> None:
        """Watches the folders that are known and there; starts anew only when these are others."""
        wanted = self._shell.desk.settings.watch_folders
        roots = [root.path for root in self._shell.desk.catalog.roots.all() if root.online] if wanted else []
        if roots == self._roots:
            return
        self._drop()
        self._roots = roots
        if roots:
            from musicdesk.library.watch import Watcher

            profile = absolute(self._shell.desk.profile.folder)
            self._watcher = Watcher(roots, self._moved.emit, avoid=[profile], pictured=self._drawn.emit)
            self._watcher.start()

    def _drop(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher, self._roots = None, []

    def _scan(self) -> None:
        if self._shell.jobs.busy_with("settle", "scan"):
            self._again.start()
        elif self._started:
            self._shell.jobs.start("settle", {"roots": []})
