"""The event loop's longest turn, for benchmarks of the window."""

from __future__ import annotations

import time
from collections.abc import Callable


def longest_turn(process: Callable[[], None], until: float, over: Callable[[], bool] = lambda: False) -> float:
    """Seconds between two looks at the clock, at the most, while the loop runs `until` a time or until it is `over`."""
    last, longest = time.perf_counter(), 0.0
    while time.monotonic() < until and not over():
        process()
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0.001)
    return longest
