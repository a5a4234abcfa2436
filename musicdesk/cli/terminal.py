"""Progress on a terminal: a bar on stderr when somebody looks, nothing when nobody does."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

from musicdesk.workflows.protocol import Told

WIDTH = 24


class Bar:
    """Draws progress events as one line that is written over."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._length = 0

    def draw(self, event: dict[str, Any]) -> None:
        if not self._live or event["event"] != "progress":
            return
        text = line(event)
        sys.stderr.write("\r" + text.ljust(self._length))
        sys.stderr.flush()
        self._length = len(text)

    def clear(self) -> None:
        if self._length:
            sys.stderr.write("\r" + " " * self._length + "\r")
            sys.stderr.flush()
            self._length = 0


def line(event: dict[str, Any]) -> str:
    done, total, rate, eta = event["done"], event["total"], event["rate"], event["eta"]
    count = f"{done:,}"
    if total:
        filled = round(WIDTH * min(done, total) / total)
        count = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done:,} of {total:,}"
    pace = f", {rate * 60:,.0f} a minute" if rate else ""
    left = f", {span(eta)} left" if eta else ""
    return f"{event['message']}: {count}{pace}{left}"


def span(seconds: float) -> str:
    """Seconds as `40 s`, `11 min` or `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Interrupted:
    """Turns Ctrl+C and termination into a cancel between batches; a second Ctrl+C ends at once."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def arm(self) -> None:
        signal.signal(signal.SIGINT, self._note)
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():
            raise KeyboardInterrupt
        self.stop.set()


def monitor(bar: Bar, interrupted: Interrupted) -> Told:
    return Told(bar.draw, interrupted.stop.is_set)
