"""The program with its imports done, but for the window, which forks for every command: -m tests.helpers.forks.

Saves what a command spends on imports; all else is as in a process of its own. Reads one JSON object a line
({"arguments", "out", "err", "environment"}; with no environment it keeps its own) and answers with {"code"}; a command
that was killed has the negative number of its signal for a code, one over `LIMIT_S` has -14.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from typing import Any

LIMIT_S = 400  # machines may be busy
LEFT_OUT = ("musicdesk.gui", "musicdesk.integrations")  # Qt; what opens a socket as it is imported
# What commands import when they need it. Not polars, which starts threads at once: they would be missing in a fork; nor
# matplotlib, which writes where the command would tell it.
WANTED = ("implicit.cpu.als", "jinja2", "optuna", "rapidfuzz", "sklearn.metrics")
ROOT = Path(__file__).resolve().parents[2]
Asked = dict[str, Any]


class Forks:
    """Such a process, from outside.

    environment: ours unless told; prepare: done in the process before it is Python
    """

    def __init__(
        self,
        module: str = __name__,
        environment: Mapping[str, str] | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**(environment or os.environ), "OMP_NUM_THREADS": "1"},
            preexec_fn=prepare,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout and self._process.stdout.readline() == "ready\n"

    def say(self, profile: Path, *arguments: str, within: Path | None = None, **asked: Any) -> tuple[int, str, str]:
        """The code that a command ends with, its standard output and its errors; both are files `within` meanwhile."""
        with TemporaryDirectory(dir=within) as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            err.touch()
            given = ["--profile", str(profile), "--device", "cpu", *arguments]
            code = self.run(arguments=given, out=str(out), err=str(err), **asked)["code"]
            said, told = (path.read_text("utf-8", "replace") for path in (out, err))
        return code, said, told

    def run(self, **asked: Any) -> dict[str, int]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate()


@cache
def lasting(prepare: Callable[[], None] | None = None) -> Forks:
    """One for the whole run of the tests."""
    made = Forks(prepare=prepare)
    atexit.register(made.close)
    return made


def serve(arm: Callable[[Asked], None], count: Callable[[], int]) -> None:
    """The process itself. `arm` is called in each child before the command, `count` after it and told as `count`."""
    import torch

    import musicdesk
    from musicdesk.__main__ import main

    for module in walk_packages(musicdesk.__path__, "musicdesk."):
        if not module.name.startswith(LEFT_OUT):
            import_module(module.name)
    for name in WANTED:
        import_module(name)
    torch.set_num_threads(1)
    gc.freeze()  # or the collector would copy every page
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _move_in(asked)
            arm(asked)
            try:
                code = main()
            except SystemExit as end:  # of wrong usage
                code = int(end.code or 0)
            sys.stdout.flush()
            os.write(writing, str(count()).encode())
            os.close(writing)
            atexit._run_exitfuncs()
            sys.stderr.flush()
            os._exit(code)  # what Python itself tidies up at an end takes longer than most commands
        os.close(writing)
        _pid, status = os.waitpid(child, 0)
        counted = os.read(reading, 32)
        os.close(reading)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "count": int(counted or 0)}), flush=True)


def _move_in(asked: Asked) -> None:
    """Streams, environment and arguments of the command instead of those of the process."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    if environment := asked.get("environment"):
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
    sys.argv = ["musicdesk", *asked["arguments"]]
    signal.alarm(LIMIT_S)


if __name__ == "__main__":
    serve(lambda _asked: None, lambda: 0)
