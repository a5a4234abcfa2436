"""The event loop's longest turn, for benchmarks of the window."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEventLoop, QTimer

CALM, CALM_S = 5, 0.0015  # so many turns in which nothing happened end what was done


@dataclass
class Time:
    """Milliseconds by the clock and of the thread's processor time, until all is done and painted, and those of the
    longest turn."""

    clock: float
    worked: float
    turn: float

    def told(self) -> str:
        return f"{self.clock:.0f} ms, {self.worked:.0f} ms of work, {self.turn:.0f} in its longest turn"


def in_turns(doing: Callable[[], object]) -> Time:
    """Does it in a running event loop. A turn ends where the loop could have looked at the keyboard again: what was
    asked for, and the painting that follows, are two."""
    loop, beat = QEventLoop(), QTimer(interval=0)
    turns: list[float] = []

    def look() -> None:
        nonlocal at
        now = time.thread_time()
        turns.append(now - at)
        at = now
        if len(turns) > CALM and max(turns[-CALM:]) < CALM_S:
            loop.quit()

    beat.timeout.connect(look)
    QTimer.singleShot(0, doing)
    beat.start()
    clock, worked = time.perf_counter(), time.thread_time()
    at = worked
    loop.exec()
    beat.stop()
    spent = (time.perf_counter() - clock, time.thread_time() - worked, max(turns))
    return Time(*(1_000 * seconds for seconds in spent))


def longest_turn(process: Callable[[], None], until: float, over: Callable[[], bool] = lambda: False) -> float:
    """Seconds between two looks at the clock, at the most, while the loop runs `until` a time or until it is `over`."""
    last, longest = time.perf_counter(), 0.0
    while time.monotonic() < until and not over():
        process()
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0.001)
    return longest
