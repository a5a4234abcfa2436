"""The worker: one job in a process of its own, told over pipes.

File descriptor 1 is claimed first, so that a library's print cannot break the protocol. `cancel` on
stdin, or a closed stdin (the window is gone), stops the job between batches.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import IO, Any

from musicdesk.core import crashes, logs
from musicdesk.core.changes import Changes, to_names
from musicdesk.core.errors import Cancelled, LibraryDamaged, MusicdeskError
from musicdesk.core.paths import Profile, keep_in
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.jobs import run_job
from musicdesk.workflows.protocol import Request, Told
from musicdesk.workflows.troubles import damage_behind, told

OK, FAILED, CANCELLED, BUG = 0, 1, 3, 70


class Wire:
    """The event lines; after the window has gone they go nowhere."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def send(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(json.dumps(event).encode() + b"\n")
            self._stream.flush()


def main(_arguments: list[str]) -> int:
    wire = Wire(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    line = _read_line()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()
    try:
        request = Request.parse(line.decode("utf-8", "replace"))
        return _work(request, wire, stop)
    except MusicdeskError as error:
        kind = "damaged" if isinstance(error, LibraryDamaged) else "explained"
        wire.send({"event": "failed", "kind": kind, "text": str(error), "what": []})
        return FAILED


def _read_line() -> bytes:
    """One line of stdin, read without a buffer: a thread that waits in `sys.stdin` when the interpreter
    ends would abort it."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    return line


def _listen(stop: threading.Event) -> None:
    while (line := _read_line()) and line.strip() != b"cancel":
        pass
    stop.set()


def _work(request: Request, wire: Wire, stop: threading.Event) -> int:
    monitor = Told(wire.send, stop.is_set)
    wire.send({"event": "started"})
    keep_in(Profile(Path(request.profile)))
    with open_desk(Path(request.profile), request.device) as desk:
        log = logs.start(desk.profile.logs, "worker")
        watch = crashes.Watch(desk.profile.crashes, "worker")
        try:
            done = run_job(desk, request.job, request.request, monitor)
        except Cancelled as error:
            return _ended(wire, CANCELLED, {"event": "cancelled", "text": str(error)})
        except Exception as error:
            found = told(error) or damage_behind(desk.profile)
            if found is not None:
                kind = "damaged" if isinstance(found, LibraryDamaged) else "explained"
                return _ended(wire, FAILED, {"event": "failed", "kind": kind, "text": str(found)})
            logs.bug(f"job {request.job}")
            crashes.keep(desk.profile.crashes, "worker", f"the job {request.job}", crashes.trace_of(error))
            text = f"musicdesk made a mistake in this job. What was done before is kept. The details are in {log}."
            return _ended(wire, BUG, {"event": "failed", "kind": "bug", "text": text})
        finally:
            watch.end()
            logs.stop()
    wire.send({"event": "finished", "result": done.result, "what": to_names(done.changes)})
    return OK


def _ended(wire: Wire, code: int, event: dict[str, Any]) -> int:
    """An end that was not the wished one may still have changed anything."""
    wire.send({**event, "what": to_names(Changes.EVERYTHING)})
    return code
