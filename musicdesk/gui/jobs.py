"""Jobs in worker processes, one after the other, so that the window never waits for them."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

from musicdesk.core.changes import Changes
from musicdesk.gui.task import KILL_AFTER_MS, Outcome, Progress, Task, worker_command
from musicdesk.workflows.protocol import Request

GROWTH_MS = (2_000, 30_000)  # between two looks at what a running job has committed, at first and later
GROWTH = Changes.TRACKS | Changes.EMBEDDINGS | Changes.FAILURES
# Jobs the person did not ask for: no strip, no sentence when they fail.
QUIET = ("waveform", "offers", "look-through", "lanes")
BESIDE = ("spotify-connect", "spotify-playlist")  # they wait for people and servers, so they wait for no other job
# Hours of work that goes on where it was: it steps aside for what the person asks for meanwhile, then goes on.
GIVES_WAY = ("settle", "analyze")
STRIPLESS = (*QUIET, "spotify-connect")  # what they do is shown where they were started


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
