"""Work in a thread of its own for what would make the window stand still: the newest wish of each kind is answered.

The work gets nothing of the window and nothing of the desk but values; it opens its own connection if it needs one.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from musicdesk.core.errors import MusicdeskError
from musicdesk.core.memory import give_back
from musicdesk.gui.shell import Shell

Stop = threading.Event
Work = Callable[[Stop], Any]  # looks at the event where it takes long
Done = Callable[[Any], object]
Failed = Callable[[], object]
LONG_S = 0.3  # work that took longer has read much; what it needed on the way goes back to the system


class Background(QObject):
    """`ask` and go on; `done` is called in the window's thread. Stops when the desk or the window is closed."""

    _came = Signal(str, int, object)

    def __init__(self, shell: Shell, parent: QObject | None = None) -> None:
        super().__init__(parent or shell)
        self._shell = shell
        self._lock = threading.Lock()
        self._wishes: OrderedDict[str, tuple[int, Work]] = OrderedDict()
        self._done: dict[str, tuple[int, Done, Failed | None]] = {}
        self._number = 0
        self._working = False
        self.stop = Stop()
        self._threads = QThreadPool(self)
        self._threads.setMaxThreadCount(1)
        self._came.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        shell.closing.connect(self.close)

    def ask(self, kind: str, work: Work, done: Done, failed: Failed | None = None) -> None:
        """An older wish of the same kind is forgotten, also when it is being worked on.

        Trouble is told here; `failed` is called before, for what shows that one waits.
        """
        self._number += 1
        self._done[kind] = (self._number, done, failed)
        with self._lock:
            if self.stop.is_set():
                return
            self._wishes[kind] = (self._number, work)
            start, self._working = not self._working, True
        if start:
            self._threads.start(_Working(self))

    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._done)

    def close(self) -> None:
        """Waits for the work in hand, which is asked to stop."""
        self.stop.set()
        with self._lock:
            self._wishes.clear()
        self._done.clear()
        self._threads.waitForDone()

    def next(self) -> tuple[str, int, Work] | None:
        """The oldest wish, for the working thread; None ends it."""
        with self._lock:
            self._working = bool(self._wishes)
            if not self._wishes:
                return None
            kind, (number, work) = self._wishes.popitem(last=False)
            return kind, number, work

    def give(self, kind: str, number: int, answer: Any) -> None:
        """Called in the working thread."""
        if not self.stop.is_set():
            self._came.emit(kind, number, answer)

    def _tell(self, kind: str, number: int, answer: Any) -> None:
        wanted, done, failed = self._done.get(kind, (0, None, None))
        if wanted != number or done is None:
            return
        del self._done[kind]
        if isinstance(answer, BaseException) and failed is not None:
            failed()
        if isinstance(answer, MusicdeskError):
            self._shell.trouble(answer)
        elif isinstance(answer, BaseException):
            raise answer  # a bug, told where all are
        else:
            done(answer)


class _Working(QRunnable):
    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background

    def run(self) -> None:
        while (wish := self._background.next()) is not None:
            kind, number, work = wish
            begun = time.monotonic()
            try:
                answer = work(self._background.stop)
            except Exception as error:  # handed to the window's thread
                answer = error
            self._background.give(kind, number, answer)
            if time.monotonic() - begun > LONG_S:
                give_back()
