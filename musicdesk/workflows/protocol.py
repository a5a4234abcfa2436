"""How a worker and its window talk: one JSON object per line.

In: a request line, then perhaps `cancel`. Out: `started`, any number of `progress`, `figure` and `link`, and exactly
one of `finished`, `cancelled`, `failed`.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Dividing

LEAST_GAP_S = 0.05  # between two progress lines


@dataclass(frozen=True)
class Request:
    profile: str
    job: str
    request: dict[str, Any] = field(default_factory=dict)
    device: str | None = None

    def line(self) -> str:
        return json.dumps(self.__dict__) + "\n"

    @classmethod
    def parse(cls, line: str) -> Request:
        try:
            values = json.loads(line)
            return cls(str(values["profile"]), str(values["job"]), dict(values["request"]), values.get("device"))
        except (ValueError, KeyError, TypeError) as error:
            raise Unusable("The worker was given a request that it cannot read.") from error


class Pace:
    """Rate and time left, from the progress of the last half minute."""

    WINDOW_S = 30.0

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def note(self, done: int, now: float | None = None) -> None:
        moment = time.monotonic() if now is None else now
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((moment, done))
        while len(self._seen) > 2 and moment - self._seen[0][0] > self.WINDOW_S:
            self._seen.pop(0)

    def rate(self) -> float | None:
        """Units per second, or None while there is too little to tell."""
        if len(self._seen) < 2:
            return None
        (t0, d0), (t1, d1) = self._seen[0], self._seen[-1]
        return (d1 - d0) / (t1 - t0) if t1 - t0 > 0.5 and d1 > d0 else None

    def eta(self, done: int, total: int | None) -> float | None:
        """Seconds left, or None."""
        rate = self.rate()
        return (total - done) / rate if rate and total else None


class Told(Dividing):
    """A monitor that hands progress events to `emit`, at most one per 50 ms, and asks `stopped`."""

    def __init__(self, emit: Callable[[dict[str, Any]], None], stopped: Callable[[], bool]) -> None:
        self._emit = emit
        self._stopped = stopped
        self._pace = Pace()
        self._last = 0.0

    def report(self, done: int, total: int | None, message: str = "") -> None:
        self._pace.note(done)
        now = time.monotonic()
        if now - self._last < LEAST_GAP_S and done != total:
            return
        self._last = now
        event = {"event": "progress", "done": done, "total": total, "message": message}
        self._emit({**event, "rate": self._pace.rate(), "eta": self._pace.eta(done, total)})

    def figure(self, curve: str, step: float, value: float) -> None:
        if math.isfinite(value):
            self._emit({"event": "figure", "curve": curve, "step": float(step), "value": float(value)})

    def link(self, url: str) -> None:
        self._emit({"event": "link", "url": url})

    def check(self) -> None:
        if self._stopped():
            raise Cancelled
