"""What a child process may do to us."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import numpy as np


def misbehave(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    do = request["do"]
    if do == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if do == "hang":
        time.sleep(60)
    if do == "work":
        os.sched_setaffinity(0, {request["core"]})
        begun = time.process_time()
        while time.process_time() - begun < request["seconds"]:
            pass
    if do == "raise":
        raise ValueError("no such sound")
    if do == "eat":
        return {"bytes": len(bytearray(4 << 30))}, {}
    if do == "print":
        print("a library chats")
        return {"printed": True}, {}
    if do == "garbage":
        for handle in range(3, 20):
            try:
                os.write(handle, b"\xff" * 64)
            except OSError:
                continue
        time.sleep(60)
    if do == "pid":
        return {"pid": os.getpid()}, {}
    n = request["n"]
    return {"square": n * n}, {"row": np.array([n, n], np.float32)}
