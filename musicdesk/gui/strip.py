"""The strip above the player: what is being worked on, how fast, how long still; and notices."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from musicdesk.gui import words
from musicdesk.gui.jobs import STRIPLESS, JobRunner
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import button, label, tool
from musicdesk.gui.shell import Notice, Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Outcome, Progress, Task
from musicdesk.workflows.jobs import JOBS

SHOWN_MS = 8_000
MOST_PX = 16_777_215  # as wide as Qt lets a widget be


def told(title: str, progress: Progress, waiting: int = 0) -> str:
    """'Listening to your music · 1,204 of 8,310 · 640/min · 11 min left'."""
    parts = [progress.message or title]
    # Jobs of several parts count in thousandths; that is a share, not a number of tracks.
    if progress.total and progress.total != 1000:
        parts.append(f"{progress.done:,} of {progress.total:,}")
        parts.append(words.rate(progress.rate))
    elif progress.total:
        parts.append(f"{100 * progress.done // progress.total}%")  # whole only when it is
    elif progress.done:
        parts.append(f"{progress.done:,}")
    if progress.done != progress.total:
        parts.append(words.eta(progress.eta))
    if waiting:
        parts.append(f"{waiting} more after this")
    return " · ".join(part for part in parts if part)


class JobStrip(QFrame):
    """Seen only while a job runs."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setProperty("kind", "strip")
        self._jobs: JobRunner = shell.jobs
        self._task: Task | None = None
        self.text = ElidedLabel()
        self.text.setProperty("kind", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setAccessibleName("Progress")
        self.cancel = tool(shell, "x", "Stop; what is finished is kept")
        self.cancel.clicked.connect(self._cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE["xl"], SPACE["xs"], SPACE["l"], SPACE["xs"])
        layout.setSpacing(SPACE["m"])
        layout.addWidget(self.text, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.cancel)
        self.hide()
        self._jobs.began.connect(self._began)
        self._jobs.progressed.connect(self._progressed)
        self._jobs.ended.connect(self._ended)

    def _began(self, task: Task) -> None:
        if task.request.job not in STRIPLESS:
            self._watch(task)

    def _watch(self, task: Task) -> None:
        self._task = task
        self.cancel.setEnabled(True)
        self._progressed(task, task.progress)
        self.show()

    def _progressed(self, task: Task, progress: Progress) -> None:
        if task is not self._task:
            return
        job = task.request.job
        title = JOBS[job].title if job in JOBS else job
        self.text.setText(told(title, progress, self._jobs.waiting()))
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    def _cancel(self) -> None:
        if self._task is not None:
            self.cancel.setEnabled(False)
            self.text.setText("Stopping …")
            self._jobs.cancel(self._task)

    def _ended(self, outcome: Outcome) -> None:
        if self._task is not None and outcome.job == self._task.request.job:
            self._task = None
            self.hide()
            for task in self._jobs.running():  # one that ran beside it
                self._began(task)


class NoticeBar(QFrame):
    """One sentence over the page, gone after a while; a click on its button acts on it."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "float")
        self._shell = shell
        self._notice: Notice | None = None
        self.text = label("")
        self.text.setWordWrap(False)
        self.action = button(shell, "", kind="link")
        self.action.clicked.connect(self._act)
        close = tool(shell, "x", "Close this notice")
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE["l"], SPACE["s"], SPACE["s"], SPACE["s"])
        layout.setSpacing(SPACE["s"])
        layout.addWidget(self.text)
        layout.addWidget(self.action)
        layout.addWidget(close)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()
        shell.noticed.connect(self.tell)
        if parent is not None:
            parent.installEventFilter(self)

    def tell(self, notice: Notice) -> None:
        self._notice = notice
        self.text.setText(notice.text)
        self.setAccessibleName(notice.text)
        self.action.setText(notice.action)
        self.action.setVisible(bool(notice.action))
        self.place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS * (2 if notice.trouble else 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What it floats on grows and shrinks, with the window and with the strip below."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return False

    def place(self) -> None:
        """Centred over the bottom of what it floats on."""
        home = self.parentWidget()
        if home is None:
            return
        room = home.width() - 2 * SPACE["xl"]
        self.text.setWordWrap(False)
        self.setMinimumWidth(0)
        self.setMaximumWidth(MOST_PX)  # what the notice before had as its width is no measure of this one
        if self.sizeHint().width() > room:
            self.text.setWordWrap(True)
            self.setFixedWidth(room)
        self.adjustSize()
        self.move((home.width() - self.width()) // 2, home.height() - self.height() - SPACE["l"])

    def _act(self) -> None:
        notice = self._notice
        self.hide()
        if notice is not None and notice.run is not None:
            notice.run()
