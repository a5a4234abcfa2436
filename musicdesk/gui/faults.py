"""What happens to an error that nobody foresaw: its trace goes to the log, a plain sentence to the person."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from musicdesk.core.errors import MusicdeskError

log = logging.getLogger("musicdesk")


class Faults:
    """Takes the place of sys.excepthook while the window is open; Qt hands slots' exceptions to it."""

    def __init__(self, log_file: Path, say: Callable[[str], None]) -> None:
        self._log_file = log_file
        self._say = say
        self._saying = False
        self._before = sys.excepthook

    def watch(self) -> None:
        sys.excepthook = self._caught

    def release(self) -> None:
        sys.excepthook = self._before

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, MusicdeskError):
            self._tell(str(error))
            return
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        log.error("bug in the window", exc_info=(kind, error, trace))
        self._tell(f"musicdesk made a mistake. What was saved before is safe. The details are in {self._log_file}.")

    def _tell(self, sentence: str) -> None:
        """Never twice at once: a fault while painting would come back with every paint."""
        if self._saying:
            return
        self._saying = True
        try:
            self._say(sentence)
        finally:
            self._saying = False
