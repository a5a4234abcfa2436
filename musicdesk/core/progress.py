"""Progress and cancelling: long work takes a `Monitor` and never knows who watches."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from musicdesk.core.errors import Cancelled


class Monitor(Protocol):
    """What long work reports to. `check` raises `Cancelled` when the person wants it to stop."""

    def report(self, done: int, total: int | None, message: str = "") -> None: ...

    def check(self) -> None: ...

    def figure(self, curve: str, step: float, value: float) -> None:
        """One point of a curve that somebody may watch while it grows, such as a loss after an epoch."""
        ...

    def link(self, url: str) -> None:
        """A page that the person has to open in the browser, now."""
        ...

    def part(self, share: float) -> Monitor:
        """A monitor for the next stretch of the work, `share` (0..1] of the whole."""
        ...


@dataclass
class Silent:
    """A monitor nobody looks at; it can still be cancelled."""

    stop: threading.Event = field(default_factory=threading.Event)

    def report(self, done: int, total: int | None, message: str = "") -> None:
        pass

    def check(self) -> None:
        if self.stop.is_set():
            raise Cancelled

    def figure(self, curve: str, step: float, value: float) -> None:
        pass

    def link(self, url: str) -> None:
        pass

    def part(self, share: float) -> Monitor:
        return self


class Brief(Silent):
    """A monitor nobody looks at, of work that is to stop after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._until = time.monotonic() + seconds

    def check(self) -> None:
        if time.monotonic() > self._until:
            raise Cancelled


class Dividing:
    """For monitors at the top: `part(.2)`, then `part(.8)` are stretches of one bar."""

    _given = 0.0

    def report(self, done: int, total: int | None, message: str = "") -> None:
        raise TypeError("a monitor must say what a report does")

    def check(self) -> None:
        raise TypeError("a monitor must say how it is cancelled")

    def figure(self, curve: str, step: float, value: float) -> None:
        """Nobody watches curves unless a monitor says so."""

    def link(self, url: str) -> None:
        """Nobody opens pages unless a monitor says so."""

    def part(self, share: float) -> Monitor:
        inner = Part(self, self._given, share)
        self._given = min(1.0, self._given + share)
        return inner


class Part(Dividing):
    """A stretch of a bigger job: its own 0..total is mapped onto [start, start + share] of the parent.

    The parent is told per mille, so that parts of unlike units (files, epochs) add up to one bar.
    """

    UNITS = 1000

    def __init__(self, parent: Monitor, start: float, share: float) -> None:
        self._parent = parent
        self._start = start
        self._share = share

    def report(self, done: int, total: int | None, message: str = "") -> None:
        inside = min(1.0, done / total) if total else 0.0
        where = self._start + self._share * inside
        self._parent.report(round(where * self.UNITS), self.UNITS, message)

    def check(self) -> None:
        self._parent.check()

    def figure(self, curve: str, step: float, value: float) -> None:
        self._parent.figure(curve, step, value)

    def link(self, url: str) -> None:
        self._parent.link(url)


class Curves(Dividing):
    """Passes everything on to `inner` and keeps the curves: {name: [[step, value], ...]}, fit for JSON."""

    def __init__(self, inner: Monitor) -> None:
        self._inner = inner
        self.points: dict[str, list[list[float]]] = {}

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self._inner.report(done, total, message)

    def check(self) -> None:
        self._inner.check()

    def figure(self, curve: str, step: float, value: float) -> None:
        if math.isfinite(value):
            points = self.points.setdefault(curve, [])
            if points and step <= points[-1][0]:
                points.clear()  # a part that learns once more draws its curve anew
            points.append([float(step), float(value)])
        self._inner.figure(curve, step, value)

    def link(self, url: str) -> None:
        self._inner.link(url)


class WithoutCurves(Dividing):
    """Passes everything on but curves: of many small trainings they would lie over each other."""

    def __init__(self, inner: Monitor) -> None:
        self._inner = inner

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self._inner.report(done, total, message)

    def check(self) -> None:
        self._inner.check()
