"""One job in a worker process, told over pipes, from being asked for to its end.

The outcome is told once, after the process has really gone.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal

from musicdesk.core.changes import Changes, from_names
from musicdesk.workflows.protocol import Request

KILL_AFTER_MS = 3_000
LONGEST_LINE = 1 << 20  # bytes; more than this is no event of ours
GONE = "The worker process ended unexpectedly. What was finished before is kept; you can start it again."


def worker_command() -> list[str]:
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "musicdesk"]
    return [*start, "--worker"]


@dataclass(frozen=True)
class Progress:
    done: int = 0
    total: int | None = None
    message: str = ""
    rate: float | None = None  # units per second
    eta: float | None = None  # seconds


@dataclass(frozen=True)
class Outcome:
    state: str  # finished, cancelled, failed, paused (it goes on by itself)
    job: str
    text: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    changes: Changes = Changes.NOTHING
    bug: bool = False
    damaged: bool = False  # the library file is
    code: int = 0  # exit code of the process, or the number of the signal that ended it
    crashed: bool = False
    began: float = 0.0  # epoch seconds


class Task(QObject):
    """One job, from being asked for to its end."""

    progressed = Signal(object)  # Progress
    figured = Signal(str, float, float)  # curve, step, value
    linked = Signal(str)  # a page that the person has to open in the browser
    changed = Signal(object)  # Changes
    ended = Signal(object)  # Outcome, once

    def __init__(self, request: Request, command: list[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.request = request
        self.progress = Progress()
        self.curves: dict[str, list[tuple[float, float]]] = {}  # (step, value) of every curve so far
        self._command = command
        self._rest = b""
        self._said: Outcome | None = None
        self._over = False
        self._cancelled = False
        self._began = time.time()
        self._process = QProcess(self)
        self._process.setProcessEnvironment(QProcessEnvironment.systemEnvironment())
        self._process.started.connect(self._hand_over)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._drop_chatter)
        self._process.finished.connect(self._finished)
        # Queued: a program that is not there fails inside start(), before anybody knows of the task.
        self._process.errorOccurred.connect(self._trouble, Qt.ConnectionType.QueuedConnection)
        self._killer = QTimer(self, singleShot=True, interval=KILL_AFTER_MS)
        self._killer.timeout.connect(self._process.kill)

    @property
    def running(self) -> bool:
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def pid(self) -> int:
        return self._process.processId()

    @property
    def stopping(self) -> bool:
        return self._cancelled

    def start(self) -> None:
        self._process.start(self._command[0], self._command[1:])

    def cancel(self) -> None:
        """Asks the worker to stop; kills it when it has not within 3 s."""
        if self._over or self._cancelled:
            return
        self._cancelled = True
        if not self.running:
            self._end(Outcome("cancelled", self.request.job))
            return
        if self._process.state() == QProcess.ProcessState.Starting:
            self._process.kill()  # it was not told yet what to do, so there is nothing to stop
            return
        self._process.write(b"cancel\n")
        self._killer.start()

    def wait_gone(self, ms: int) -> None:
        """Blocks until the process has gone; for closing the program."""
        if self.running and not self._process.waitForFinished(ms):
            self._process.kill()
            self._process.waitForFinished(ms)

    def _hand_over(self) -> None:
        self._process.write(self.request.line().encode())

    def _read(self) -> None:
        self._rest += bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = self._rest.split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
        for line in lines:
            self._take(line)

    def _drop_chatter(self) -> None:
        self._process.readAllStandardError()  # the worker keeps its own log

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            kind = event["event"]
            if kind == "progress":
                self.progress = Progress(*(event.get(name) for name in ("done", "total", "message", "rate", "eta")))
                self.progressed.emit(self.progress)
            elif kind == "figure":
                point = (float(event["step"]), float(event["value"]))
                points = self.curves.setdefault(str(event["curve"]), [])
                if points and point[0] <= points[-1][0]:
                    points.clear()  # it learns once more
                points.append(point)
                self.figured.emit(str(event["curve"]), *point)
            elif kind == "link":
                self.linked.emit(str(event["url"]))
            elif kind == "changed":
                self.changed.emit(from_names(event["what"]))
            elif kind in ("finished", "cancelled", "failed"):
                changes = from_names(event.get("what", []))
                bug, damaged = (event.get("kind") == name for name in ("bug", "damaged"))
                result = event.get("result", {})
                self._said = Outcome(kind, self.request.job, event.get("text", ""), result, changes, bug, damaged)
        except (ValueError, KeyError, TypeError):
            return  # not an event of ours

    def _trouble(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(Outcome("failed", self.request.job, "The worker process could not be started.", bug=True))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        crashed = status == QProcess.ExitStatus.CrashExit
        if self._said is None:
            state = "cancelled" if self._cancelled else "failed"
            text = "Stopped." if self._cancelled else GONE
            self._said = Outcome(state, self.request.job, text, changes=Changes.EVERYTHING, bug=not self._cancelled)
        self._end(replace(self._said, code=code, crashed=crashed, began=self._began))

    def _end(self, outcome: Outcome) -> None:
        if self._over:
            return
        self._over = True
        self._killer.stop()
        self.ended.emit(outcome)
