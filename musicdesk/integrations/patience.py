"""How long we wait for what, in seconds; and waiting so that it can be cancelled."""

from __future__ import annotations

import time
from dataclasses import dataclass

from musicdesk.core.progress import Monitor

LOOK_S = 0.1  # between two looks at the monitor


@dataclass(frozen=True)
class Patience:
    connect_s: float = 6.0
    read_s: float = 15.0  # without a byte
    whole_s: float = 60.0  # for one answer
    longest_pause_s: float = 120.0  # that a service may ask for
    backoff_s: float = 1.0  # after the first fault of a server, then twice that, ...
    tries: int = 4
    consent_s: float = 120.0  # for the person, in the browser


USUAL = Patience()


def pause(seconds: float, monitor: Monitor, why: str) -> None:
    """Waits, and says so. Raises Cancelled."""
    end = time.monotonic() + seconds
    monitor.check()
    while (left := end - time.monotonic()) > 0:
        monitor.report(0, None, f"{why}, {left:.0f} s left" if left >= 1 else why)
        time.sleep(min(LOOK_S, left))
        monitor.check()
