"""How a training goes: in words, with its curves, and a way to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from musicdesk.gui import words
from musicdesk.gui.curves import CurveView
from musicdesk.gui.page import button, label
from musicdesk.gui.shell import Shell
from musicdesk.gui.task import Progress, Task


class Working(QWidget):
    """Seen only while a task is followed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.task: Task | None = None
        self.state = label("", "secondary", wrap=True)
        self.curves = CurveView(shell)
        self.stop = button(shell, "Stop", "x", tip_text="What a checkpoint holds is kept; learning goes on from there")
        self.stop.clicked.connect(lambda: self.task.cancel() if self.task else None)
        line = QHBoxLayout()
        line.addWidget(self.state, 1)
        line.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(line)
        column.addWidget(self.curves)
        self.hide()

    def follow(self, task: Task) -> None:
        if task is self.task:
            return
        self.task = task
        self.curves.follow(task)
        self.tell(task.progress)
        self.show()

    def finish(self) -> None:
        self.task = None
        self.curves.follow(None)
        self.hide()

    def tell(self, progress: Progress) -> None:
        share = f"{progress.done / progress.total:.0%}" if progress.total else ""
        parts = [progress.message or "Learning", share, words.eta(progress.eta)]
        self.state.setText(" · ".join(part for part in parts if part))
