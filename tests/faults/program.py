"""The program with its imports done, which forks for every command: python -m tests.faults.program, under bad_disk.c.

Reads one JSON object a line ({"arguments", "nth", "kind", "out"}) and answers with {"code", "writes"}; a command that
was killed has the negative number of its signal for a code, one over `LIMIT_S` has -14.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

LIMIT_S = 400  # machines may be busy


def main() -> None:
    disk = ctypes.CDLL(None)
    disk.fault_arm.argtypes = [ctypes.c_long, ctypes.c_int]
    disk.fault_count.restype = ctypes.c_long
    import numpy  # noqa: F401
    import scipy.sparse  # noqa: F401
    import torch

    from musicdesk.cli.commands import commands
    from musicdesk.cli.main import main as program

    commands()
    torch.set_num_threads(1)
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            out = os.open(asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(out, 1)
            os.dup2(out, 2)
            signal.alarm(LIMIT_S)
            disk.fault_arm(asked["nth"], asked["kind"])
            try:
                code = program(asked["arguments"])
            except SystemExit as end:
                code = int(end.code or 0)
            sys.stdout.flush()
            os.write(writing, str(disk.fault_count()).encode())
            os._exit(code)
        os.close(writing)
        _pid, status = os.waitpid(child, 0)
        writes = os.read(reading, 32)
        os.close(reading)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "writes": int(writes or 0)}), flush=True)


if __name__ == "__main__":
    main()
