"""The card that starts an evaluation or a study, and shows how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from musicdesk.gui import words
from musicdesk.gui.controls import DropDown
from musicdesk.gui.curves import CurveView
from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.evaluation_state import (
    MINE,
    MODELS,
    SPLITS,
    WINDOWS,
    Topic,
    crowd_choices,
    evaluation_request,
)
from musicdesk.gui.pages.models_parts import SettingsForm
from musicdesk.gui.pages.settings_parts import Section
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE
from musicdesk.gui.task import Progress, Task

JUDGED = (
    "What would have been recommended before that time is also put into a list, shuffled with what popularity and"
    " chance would have chosen. Judge it without knowing which is which; then the report on your lists tells."
)
ANY_FILE = (("*", "Data"),)


class StartCard(Section):
    wanted = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__("Measure")
        self._shell = shell
        self._topic: Topic | None = None
        self._task: Task | None = None
        self._data: dict[str, Path] = {}  # by study
        self.needs = label("", "secondary", wrap=True)
        self.column.addWidget(self.needs)
        self.hidden = self._drop_down("What is hidden", "What is hidden and asked for")
        self.hidden[1].activated.connect(lambda _at: self._show_splits())
        self.split = self._drop_down("How it is hidden", "How it is hidden")
        for name, text in SPLITS:
            self.split[1].addItem(text, name)
        self.days = self._drop_down("What is asked for", "Which part of your history is asked for")
        for days, text in WINDOWS:
            self.days[1].addItem(text, days)
        self.days[1].activated.connect(lambda _at: self._show_splits())
        self.judged = label(JUDGED, "secondary", wrap=True)
        self.column.addWidget(self.judged)
        self.data_row = self._data_row()
        self.form = SettingsForm()
        self.form.hide()
        self.start = button(shell, "Measure", "scales", "primary")
        self.start.clicked.connect(self.wanted)
        self.more = button(shell, "Settings", "sliders-horizontal")
        self.more.setCheckable(True)
        self.more.toggled.connect(self.form.setVisible)
        self.buttons(self.start, self.more)
        self.column.addWidget(self.form)
        self.working = self._working()

    def _drop_down(self, title: str, name: str) -> tuple[QWidget, DropDown]:
        box = DropDown(self._shell.theme)
        box.setAccessibleName(name)
        box.setMinimumWidth(200)
        box.setSizeAdjustPolicy(DropDown.SizeAdjustPolicy.AdjustToContents)
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label(title), 1)
        line.addWidget(box)
        self.column.addWidget(holder)
        return holder, box

    def _data_row(self) -> QWidget:
        self.path = ElidedLabel("No data chosen", mode=Qt.TextElideMode.ElideMiddle)
        self.path.setProperty("kind", "secondary")
        self.file = button(self._shell, "Choose a file", "file")
        self.file.clicked.connect(lambda: self._choose(self._shell.ask.open_file("Data of the study", ANY_FILE)))
        self.folder = button(self._shell, "Choose a folder", "folder-open")
        self.folder.setAccessibleName("Choose a folder of data")
        self.folder.clicked.connect(lambda: self._choose(self._shell.ask.folder("Data of the study")))
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE["s"])
        line.addWidget(self.path, 1)
        line.addWidget(self.file)
        line.addWidget(self.folder)
        self.column.addWidget(holder)
        return holder

    def _working(self) -> QWidget:
        self.state = label("", "secondary", wrap=True)
        self.stop = button(self._shell, "Stop", "x", tip_text="What a checkpoint holds is kept")
        self.stop.clicked.connect(lambda: self._task.cancel() if self._task else None)
        self.curves = CurveView(self._shell)
        line = QHBoxLayout()
        line.addWidget(self.state, 1)
        line.addWidget(self.stop)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(line)
        column.addWidget(self.curves)
        holder.hide()
        self.column.addWidget(holder)
        return holder

    def tell(self, topic: Topic, crowds: Sequence[str], task: Task | None) -> None:
        self._topic = topic
        own = topic.name == MODELS
        study = topic.is_study
        self.start.setText(f" {topic.action}")
        self.start.setAccessibleName(topic.action)
        self.needs.setVisible(study)
        self.needs.setText(topic.needs)
        box = self.hidden[1]
        if [box.itemData(at) for at in range(box.count())] != [name for name, _ in crowd_choices(crowds)]:
            before = box.currentData()
            box.clear()
            for name, text in crowd_choices(crowds):
                box.addItem(text, name)
            first = crowds[0] if crowds and self._shell.desk.catalog.listens.span() is None else MINE
            box.setCurrentIndex(max(0, box.findData(first if before is None else before)))
        self.hidden[0].setVisible(own)
        self._show_splits()
        self.data_row.setVisible(study)
        self._show_path()
        self.form.tell(topic.settings)
        self.more.setVisible(bool(topic.settings))
        self.form.setVisible(self.more.isChecked() and bool(topic.settings))
        if task is not None:
            self.follow(task)
        else:
            self.finish()

    def request(self) -> tuple[str, dict[str, Any]]:
        """The job and what it is asked."""
        assert self._topic is not None
        if self._topic.name == MODELS:
            chosen = (str(self.hidden[1].currentData()), str(self.split[1].currentData()))
            return MODELS, evaluation_request(*chosen, float(self.days[1].currentData()))
        if not self._topic.is_study:
            return self._topic.job, {}
        data = self._data.get(self._topic.name)
        asked = {"study": self._topic.name, "data": str(data) if data else None, "set": self.form.values()}
        return self._topic.job, asked

    def follow(self, task: Task) -> None:
        if task is self._task:
            return
        had = self.start.hasFocus()
        self._task = task
        self.curves.setVisible(bool(task.curves))
        self.curves.follow(task)
        self.tell_progress(task.progress)
        self.working.show()
        if had:
            self.stop.setFocus()  # before the button goes, or the keyboard is back at the first of the window
        self.start.setEnabled(False)

    def finish(self) -> None:
        had = self.stop.hasFocus()
        self._task = None
        self.curves.follow(None)
        self._show_path()
        if had:
            self.start.setFocus()
        self.working.hide()

    def tell_progress(self, progress: Progress) -> None:
        share = f"{progress.done / progress.total:.0%}" if progress.total else ""
        parts = [progress.message or "Measuring", share, words.eta(progress.eta)]
        self.state.setText(" · ".join(part for part in parts if part))

    def _show_splits(self) -> None:
        own = self._topic is not None and self._topic.name == MODELS
        mine = own and self.hidden[1].currentData() == MINE
        self.split[0].setVisible(own and not mine)
        self.days[0].setVisible(mine)
        self.judged.setVisible(mine and bool(self.days[1].currentData()))

    def _choose(self, path: Path | None) -> None:
        if path is not None and self._topic is not None:
            self._data[self._topic.name] = path
            self._show_path()

    def _show_path(self) -> None:
        topic = self._topic
        path = self._data.get(topic.name) if topic else None
        nothing = "Your library, unless you choose data" if topic and topic.library else "No data chosen yet"
        self.path.setText(str(path) if path else nothing)
        self.start.setEnabled(self._task is None and topic is not None and (topic.library or path is not None))
