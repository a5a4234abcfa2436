"""Memory of this process. The C library of Linux keeps what was freed, for each thread apart, unless it is told."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

POOLS = 2  # for all threads; usually there are eight for each processor
LARGE_BYTES = 8 << 20  # from here on memory is the system's own, and goes back to it at once
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of malloc.h


def spare() -> None:
    """Called before there are threads: what many of them use one after the other is used again, not kept by each."""
    if (allot := _of_libc("mallopt")) is not None:
        for what, value in ((M_ARENA_MAX, POOLS), (M_MMAP_THRESHOLD, LARGE_BYTES), (M_TRIM_THRESHOLD, LARGE_BYTES)):
            allot(what, value)


def give_back() -> None:
    """What was freed goes back to the system (80 MB after ten million plays). It takes some milliseconds."""
    if (trim := _of_libc("malloc_trim")) is not None:
        trim(0)


def _of_libc(name: str) -> Any:
    """A function of the GNU C library; None where there is another one."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
