"""One holder at a time, across processes. The lock goes with its process, also when that is killed."""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path

TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # what a lock that somebody holds answers
LONGEST_NAP_S = 0.025


class FileLock:
    """An advisory lock on a small file; `take` never waits, `wait` does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """True when this process now holds the lock; False, too, on a disk that knows no locks."""
        return self._handle is not None or self._try() is None

    def wait(self, seconds: float) -> bool:
        """As `take`, for at most `seconds`. Raises OSError where there are no locks: nothing would come of waiting."""
        end, nap = time.monotonic() + seconds, 0.001
        while self._handle is None and (refusal := self._try()) is not None:
            if refusal.errno not in TAKEN:
                raise refusal
            if time.monotonic() >= end:
                return False
            time.sleep(nap)
            nap = min(2 * nap, LONGEST_NAP_S)
        return True

    def _try(self) -> OSError | None:
        """Takes the lock; what was answered where that was not possible."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _lock(handle)
        except OSError as refusal:
            os.close(handle)
            return refusal
        self._handle = handle
        return None

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
