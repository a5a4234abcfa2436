"""What pages are made of is imported in a thread once the window is seen.

Importing is most of the first opening of a page; a click would wait for it.
"""

from __future__ import annotations

import gc
import linecache
from importlib import import_module

from PySide6.QtCore import QTimer, Signal

from musicdesk.gui.background import Background, Stop
from musicdesk.gui.pages import PAGES
from musicdesk.gui.shell import Shell

AFTER_MS = 400  # the first page has its own reading to do
# What pages import when they are first used. Nothing that is heavy: torch and its like stay out of the window.
USED = ("recommend", "listening_read", "reproduce", "questions", "lanes", "ladder", "trail", "own_list")


class Warming(Background):
    """Started after the first paint; over in a second or two."""

    over = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._later = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._later.timeout.connect(lambda: self.ask("warm", _warm, lambda _done: self.over.emit()))

    def start(self) -> None:
        self._later.start()


def _warm(stop: Stop) -> None:
    """Called in a thread."""
    names = (
        [place.module for place in PAGES] + [f"musicdesk.workflows.{name}" for name in USED] + ["musicdesk.gui.cloud"]
    )
    for name in names:
        if stop.is_set():
            return
        import_module(name)
    gc.freeze()  # what was imported stays: the collector looks at it no more, which stops every thread meanwhile
    linecache.clearcache()  # PySide looks into the source of every module, and would keep it: ten megabytes
