"""Jobs in worker processes, told over pipes, so that the window never waits for them.

One `QProcess` per job. The outcome is told once, after the process has really gone.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QProcess, QProcessEnvironment, Qt, QTimer, Signal

from musicdesk.core.changes import Changes, from_names
from musicdesk.workflows.protocol import Request

KILL_AFTER_MS = 3_000
GROWTH_MS = (2_000, 30_000)  # between two looks at what a running job has committed, at first and later
GROWTH = Changes.TRACKS | Changes.EMBEDDINGS | Changes.FAILURES
LONGEST_LINE = 1 << 20  # bytes; more than this is no event of ours
# Jobs the person did not ask for: no strip, no sentence when they fail.
QUIET = ("waveform", "offers", "look-through", "lanes")
BESIDE = ("spotify-connect", "spotify-playlist")  # they wait for people and servers, so they wait for no other job
# Hours of work that goes on where it was: it steps aside for what the person asks for meanwhile, then goes on.
GIVES_WAY = ("settle", "analyze")
STRIPLESS = (*QUIET, "spotify-connect")  # what they do is shown where they were started
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


def _lane(task: Task) -> str:
    return "quiet" if task.request.job in QUIET else "beside" if task.request.job in BESIDE else "main"


def _gives_way(task: Task) -> bool:
    return task.request.job in GIVES_WAY


class JobRunner(QObject):
    """Starts jobs one after the other; small ones (waveforms), and those that wait for others, have their own lanes.

    Listening steps aside: whatever else is asked for is done first.
    """

    began = Signal(object)  # Task
    progressed = Signal(object, object)  # Task, Progress
    ended = Signal(object)  # Outcome
    changed = Signal(object)  # Changes

    def __init__(self, profile: str, device: str | None, command: list[str] | None = None) -> None:
        super().__init__()
        self._profile = profile
        self.device = device
        self._command = command or worker_command()
        self._waiting: deque[Task] = deque()
        self._running: list[Task] = []
        self._aside: Task | None = None  # what is being stopped for another job, and goes on after it
        self._held = False  # nothing starts: the desk is closed, or the window is
        self._grown = False  # progress was told since the pages last read
        self._growing = QTimer(self, singleShot=True)
        self._growing.timeout.connect(self._tell_growth)

    def start(self, job: str, request: dict[str, Any] | None = None) -> Task:
        """Queues a job; the same request twice in the queue is one."""
        wanted = Request(self._profile, job, request or {}, self.device)
        for task in self._waiting:
            if task.request == wanted:
                return task
        task = Task(wanted, self._command, self)
        task.progressed.connect(lambda progress, task=task: self._progressed(task, progress))
        task.changed.connect(self.changed)
        task.ended.connect(lambda outcome, task=task: self._ended(task, outcome))
        if job in QUIET:
            self._waiting = deque(other for other in self._waiting if other.request.job != job)
        self._waiting.append(task)
        self._make_way(task)
        self._next()
        return task

    def running(self) -> list[Task]:
        return list(self._running)

    def waiting(self) -> int:
        return sum(task.request.job not in QUIET for task in self._waiting)

    @property
    def at_work(self) -> bool:
        """Whether a job runs that the person waits for or may watch."""
        return any(_lane(task) == "main" for task in self._running)

    def busy_with(self, *jobs: str) -> bool:
        return any(task.request.job in jobs for task in (*self._running, *self._waiting))

    def waits(self, task: Task) -> bool:
        """Whether it begins only when another job has finished; one that steps aside for it keeps nobody waiting."""
        return task in self._waiting and self._aside is None

    def cancel(self, task: Task) -> None:
        """Stops one job, also one that still waits for its turn."""
        if task in self._waiting:
            self._waiting.remove(task)
        if task is self._aside:
            self._aside = None  # stopped for good
        task.cancel()

    def cancel_all(self) -> None:
        for task in [*self._waiting, *self._running]:
            self.cancel(task)

    def hold(self) -> None:
        """Stops everything, waits for the processes to go, and starts nothing until `release`."""
        self._held = True
        self.cancel_all()
        for task in self.running():
            task.wait_gone(KILL_AFTER_MS)
        self._waiting.clear()  # what was asked for because another had ended

    def release(self) -> None:
        self._held = False
        self._next()

    def close(self) -> None:
        """Stops everything for good."""
        self.hold()
        # Ended tasks wait for their deletion; a runner that goes before them would take Qt down.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _next(self) -> None:
        if self._held:
            return
        for task in sorted(self._waiting, key=_gives_way):
            lane = _lane(task)
            if any(_lane(other) == lane for other in self._running):
                continue
            self._waiting.remove(task)
            self._running.append(task)
            task.start()
            self.began.emit(task)

    def _make_way(self, wanted: Task) -> None:
        """Stops what gives way, when `wanted` would have to wait for it."""
        if _lane(wanted) != "main" or _gives_way(wanted):
            return
        for task in self._running:
            if _gives_way(task) and _lane(task) == "main" and not task.stopping:  # stopped by hand it stays stopped
                self._aside = task
                task.cancel()

    def _progressed(self, task: Task, progress: Progress) -> None:
        """What a worker commits is shown while it works: soon at first, then ever less often."""
        self.progressed.emit(task, progress)
        if task.request.job in (*QUIET, *BESIDE) or self._held:
            return
        self._grown = True
        if not self._growing.isActive():
            self._growing.start(GROWTH_MS[0])

    def _tell_growth(self) -> None:
        if self._grown and self.waiting() + len(self._running):
            self._grown = False
            self._growing.start(min(round(self._growing.interval() * 1.5), GROWTH_MS[1]))
            self.changed.emit(GROWTH)

    def _ended(self, task: Task, outcome: Outcome) -> None:
        if task in self._running:
            self._running.remove(task)
        if task in self._waiting:  # it was told to stop before its turn
            self._waiting.remove(task)
        self._growing.stop()
        if task is self._aside:
            self._aside = None
            if outcome.state == "cancelled" and not self._held:
                self.start(task.request.job, task.request.request)
                outcome = replace(outcome, state="paused")
        self.ended.emit(outcome)
        if outcome.changes:
            self.changed.emit(outcome.changes)
        task.deleteLater()
        self._next()
