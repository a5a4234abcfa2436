"""Logging: a rotating file in the profile. Lines hold ids, not titles or paths."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from musicdesk.core.crashes import trace_of

FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


class Private(logging.Formatter):
    """Traces without what may name music or folders."""

    def formatException(self, ei: Any) -> str:
        return trace_of(ei[1]) if ei[1] is not None else ""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have written the whole trace into it
        try:
            return super().format(record)
        finally:
            record.exc_text = None


def start(folder: Path, name: str, verbose: bool = False) -> Path:
    """Sends the program's log to `folder/name.log` (5 files of 1 MB); returns that path."""
    path = folder / f"{name}.log"
    handler = RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=4, encoding="utf-8", delay=True, errors="backslashreplace"
    )
    handler.setFormatter(Private(FORMAT))
    root = logging.getLogger("musicdesk")
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    return path


def stop() -> None:
    root = logging.getLogger("musicdesk")
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()


def bug(where: str) -> None:
    """Keeps the trace of an error that nobody foresaw."""
    logging.getLogger("musicdesk").exception("bug in %s", where)
