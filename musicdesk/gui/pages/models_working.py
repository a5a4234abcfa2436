"""How a training goes: in words, with its curves, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QMetaObject, QObject
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from musicdesk.gui import words
from musicdesk.gui.curves import CurveView
from musicdesk.gui.jobs import Progress, Task
from musicdesk.gui.page import button, label
from musicdesk.gui.shell import Shell


class Working(QWidget):
    """Seen only while a task is followed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.task: Task | None = None
        self._figures: QMetaObject.Connection | None = None  # the task's, as long as it is followed
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
        self._let_go()
        self.task = task
        self.curves.show_curves(task.curves)
        self._figures = task.figured.connect(self.curves.add)
        self.tell(task.progress)
        self.show()

    def finish(self) -> None:
        self._let_go()
        self.hide()

    def _let_go(self) -> None:
        """Followed twice, a task tells each point twice, and to the curves a step that comes again is a new start."""
        if self._figures is not None:
            QObject.disconnect(self._figures)
        self.task = self._figures = None

    def tell(self, progress: Progress) -> None:
        share = f"{progress.done / progress.total:.0%}" if progress.total else ""
        parts = [progress.message or "Learning", share, words.eta(progress.eta)]
        self.state.setText(" · ".join(part for part in parts if part))
