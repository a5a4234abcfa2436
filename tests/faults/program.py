"""The program whose writes can fail: python -m tests.faults.program, under bad_disk.c.

Each command comes with "nth" and "kind", the write that fails and how; "count" is how many there were.
"""

from __future__ import annotations

import ctypes

from tests.helpers.forks import serve

if __name__ == "__main__":
    disk = ctypes.CDLL(None)
    disk.fault_arm.argtypes = [ctypes.c_long, ctypes.c_int]
    disk.fault_count.restype = ctypes.c_long
    serve(lambda asked: disk.fault_arm(asked["nth"], asked["kind"]), disk.fault_count)
