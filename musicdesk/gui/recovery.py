"""The window in place of the main one when the library cannot be opened: what happened, what is safe, the ways out.

What takes long is done by the command line in a process of its own, so that this window never stands still.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from musicdesk.core.errors import MusicdeskError
from musicdesk.core.paths import Profile
from musicdesk.gui.labels import plain_label
from musicdesk.gui.recovery_state import Situation, backup_line, outcome, preview_text, situation
from musicdesk.gui.style.theme import Theme
from musicdesk.gui.style.tokens import SPACE
from musicdesk.workflows.recovery import Kept, kept, preview

WIDTH = 640


def command(profile: Path) -> list[str]:
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "musicdesk"]
    return [*start, "--profile", str(profile), "restore", "--json"]


class RecoveryWindow(QWidget):
    recovered = Signal(str)  # a sentence; the library can be opened now
    again = Signal()  # the person wants it tried once more

    def __init__(self, profile: Profile, error: MusicdeskError) -> None:
        super().__init__()
        self._profile = profile
        self.situation: Situation = situation(error)
        self.setWindowTitle("musicdesk")
        self.setMinimumWidth(WIDTH)
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._not_started)
        self.title, self.text = _text(self.situation.title, "title"), _text(self.situation.text)
        self.safe, self.said = _text(self.situation.safe, "secondary"), _text("", "secondary")
        self.list = QListWidget()
        self.list.setAccessibleName("Backups")
        self.list.currentItemChanged.connect(lambda item, _before: self._look(item))
        self.about = _text("", "secondary")
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.repair = _button("Repair", "primary", lambda: self._run("--repair"))
        self.bring = _button("Bring this backup back", "", self._bring)
        self.anew = _button("Begin with an empty library", "", lambda: self._run("--empty"))
        self.retry = _button("Try again", "", self.again.emit)
        self.quit = _button("Quit", "", self.close)
        self._arrange()
        self._fill()
        self._work(False)

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE["xl"], SPACE["xl"], SPACE["xl"], SPACE["l"])
        layout.setSpacing(SPACE["m"])
        for part in (self.title, self.text, self.safe):
            layout.addWidget(part)
        self.heading = _text("Or bring an older state back", "card-title")
        for below in (self.heading, self.list, self.about):
            layout.addWidget(below)
        layout.addWidget(self.bring, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch()
        layout.addWidget(self.busy)
        layout.addWidget(self.said)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE["s"])
        foot.addWidget(self.anew)
        foot.addStretch()
        for made in (self.quit, self.retry, self.repair):
            foot.addWidget(made)
        layout.addLayout(foot)

    def _fill(self) -> None:
        here = self.situation
        found = kept(self._profile) if here.backups else []
        for entry in found:
            item = QListWidgetItem(backup_line(entry))
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        for part in (self.heading, self.list, self.about, self.bring):
            part.setVisible(bool(found))
        self.repair.setVisible(here.repair)
        self.anew.setVisible(here.anew)
        (self.repair if here.repair else self.retry).setFocus()

    def _look(self, item: QListWidgetItem | None) -> None:
        entry: Kept | None = item.data(Qt.ItemDataRole.UserRole) if item else None
        sound = False
        if entry is not None:
            try:
                self.about.setText(preview_text(preview(self._profile, Path(entry.file))))
                sound = True
            except MusicdeskError as error:
                self.about.setText(str(error))
        self.bring.setEnabled(sound)

    def _bring(self) -> None:
        entry: Kept = self.list.currentItem().data(Qt.ItemDataRole.UserRole)
        self._run(entry.file)

    def _run(self, way: str) -> None:
        start = [*command(self._profile.folder), way]
        self._work(True)
        self.said.setText("Working on it …")
        self._process.start(start[0], start[1:])

    def _work(self, on: bool) -> None:
        self.busy.setVisible(on)
        for made in (self.repair, self.anew, self.retry, self.quit, self.list):
            made.setEnabled(not on)
        self.bring.setEnabled(not on and self.list.currentItem() is not None)
        self.said.setVisible(on or bool(self.said.text()))

    def _finished(self, code: int, _status: QProcess.ExitStatus) -> None:
        told = bytes(self._process.readAllStandardOutput().data())
        if code == 0:
            self.recovered.emit(outcome(json.loads(told)))
            return
        error = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self.said.setText(error.removeprefix("musicdesk: ") or "That did not work.")
        self._work(False)

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.said.setText("The program could not start a process of its own.")
            self._work(False)

    def stop(self) -> None:
        """Waits for what is under way, so that no process outlives the window."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(5_000)


def recover(app: QApplication, profile: Profile, error: MusicdeskError) -> str | None:
    """Shows the window until the library can be tried again; None when the person gave up."""
    theme = Theme(app, "system")
    window = RecoveryWindow(profile, error)
    answers: list[str] = []
    window.recovered.connect(answers.append)
    window.again.connect(lambda: answers.append(""))
    for signal in (window.recovered, window.again):
        signal.connect(window.close)
    window.show()
    app.exec()
    window.stop()
    window.deleteLater()
    theme.release()
    return answers[0] if answers else None


def _text(text: str, kind: str = "") -> QLabel:
    made = plain_label(text)
    made.setWordWrap(True)
    if kind:
        made.setProperty("kind", kind)
    return made


def _button(text: str, kind: str, press) -> QPushButton:  # type: ignore[no-untyped-def]
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    made.clicked.connect(lambda _checked=False: press())
    return made
