"""What happens to an error that nobody foresaw: a report is kept, a plain sentence told, the report can be seen."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from musicdesk.core import crashes
from musicdesk.core.crashes import Report
from musicdesk.core.errors import MusicdeskError
from musicdesk.workflows.troubles import told

log = logging.getLogger("musicdesk")


class Faults:
    """Takes the place of Python's hooks while the window is open; Qt hands slots' exceptions to them."""

    def __init__(self, folder: Path, say: Callable[[MusicdeskError], None], show: Callable[[Report], None]) -> None:
        """`folder` is where reports are kept. `say` tells an explained error, `show` a report; both may be called
        from any thread."""
        self._folder = folder
        self._say = say
        self._show = show
        self._saying = False
        self._before = (sys.excepthook, threading.excepthook)

    def watch(self) -> None:
        sys.excepthook = self._caught
        threading.excepthook = self._in_thread

    def release(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            self._caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        found = told(error)
        if found is not None:
            self._once(lambda: self._say(found))
            return
        log.error("bug in the window", exc_info=(kind, error, trace))
        report = crashes.keep(self._folder, "window", "the window was open", crashes.trace_of(error))
        self._once(lambda: self._show(report))

    def _once(self, tell: Callable[[], None]) -> None:
        """Never twice at once: a fault while painting would come back with every paint."""
        if self._saying:
            return
        self._saying = True
        try:
            tell()
        finally:
            self._saying = False
