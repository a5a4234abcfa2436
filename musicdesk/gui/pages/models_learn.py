"""The card in which a model learns: what it needs, with which settings, and how it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from musicdesk.gui.controls import DropDown
from musicdesk.gui.page import button, label
from musicdesk.gui.pages.models_parts import SettingsForm
from musicdesk.gui.pages.models_state import Offer
from musicdesk.gui.pages.models_working import Working
from musicdesk.gui.pages.settings_parts import Section
from musicdesk.gui.shell import Shell
from musicdesk.gui.style import icons
from musicdesk.gui.style.tokens import ICON, SPACE, Tokens
from musicdesk.gui.task import Progress, Task

MOST_SEED = 1_000_000


class LearnCard(Section):
    wanted = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__("Learn")
        self._shell = shell
        self.missing = Missing(shell)
        self.column.addWidget(self.missing)
        self.crowd = DropDown(shell.theme)
        self.crowd.setAccessibleName("The crowd to learn from")
        self.crowd.setMinimumWidth(160)
        self.crowd.setMaximumWidth(320)
        self.crowd.setSizeAdjustPolicy(DropDown.SizeAdjustPolicy.AdjustToContents)  # crowds come after the first show
        self.crowd_row = QWidget()
        line = QHBoxLayout(self.crowd_row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label("Learns from the crowd"), 1)
        line.addWidget(self.crowd)
        self.column.addWidget(self.crowd_row)
        self.form = SettingsForm()
        self.seed = QSpinBox()
        self.seed.setRange(0, MOST_SEED)
        self.seed.setAccessibleName("Seed")
        self.seed.lineEdit().setTextMargins(SPACE["xs"], 0, 0, 0)
        self.details = QWidget()
        inner = QVBoxLayout(self.details)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(SPACE["s"])
        inner.addWidget(self.form)
        seeds = QHBoxLayout()
        seeds.addWidget(label("Seed", "secondary"), 1)
        seeds.addWidget(self.seed)
        inner.addLayout(seeds)
        self.details.hide()
        self.start = button(shell, "Learn my taste", "brain", "primary")
        self.start.clicked.connect(self.wanted)
        self.more = button(shell, "Settings", "sliders-horizontal")
        self.more.setCheckable(True)
        self.more.toggled.connect(self.details.setVisible)
        self.buttons(self.start, self.more)
        self.column.addWidget(self.details)
        self.working = Working(shell)
        self.column.addWidget(self.working)

    def tell(self, offer: Offer, settings: Mapping[str, Any], crowds: Sequence[str], task: Task | None) -> None:
        self.missing.setVisible(bool(offer.why_not))
        self.missing.tell(offer.why_not)
        self.start.setEnabled(not offer.why_not)
        self.crowd_row.setVisible(offer.needs_crowd and bool(crowds))
        before = self.crowd.currentText()
        if [self.crowd.itemText(at) for at in range(self.crowd.count())] != list(crowds):
            self.crowd.clear()
            self.crowd.addItems(list(crowds))
            self.crowd.setCurrentIndex(max(0, self.crowd.findText(before)))
        self.form.tell(settings)
        if task is not None:
            self.follow(task)
        else:
            self.finish()

    def values(self) -> dict[str, Any]:
        """The request, without the model's name."""
        crowd = self.crowd.currentText() if not self.crowd_row.isHidden() else ""
        return {"set": self.form.values(), "seed": self.seed.value(), "crowd": crowd}

    def follow(self, task: Task) -> None:
        """Shows a training that runs."""
        had = self.start.hasFocus()
        self.working.follow(task)
        if had:
            self.working.stop.setFocus()  # before the button goes, or the keyboard is back at the first of the window
        self.start.setEnabled(False)

    def finish(self) -> None:
        had = self.working.stop.hasFocus()
        self.start.setEnabled(self.missing.isHidden())
        if had:
            self.start.setFocus()
        self.working.finish()

    def tell_progress(self, progress: Progress) -> None:
        self.working.tell(progress)


class Missing(QWidget):
    """Why a model cannot learn yet, or an encoder not be used, and the way to what is missing."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._sign = QLabel()
        self.text = label("", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE["m"])
        row.addWidget(self._sign)
        row.addWidget(self.text, 1)
        shell.theme.on_change(self, self._tint)

    def tell(self, reason: str) -> None:
        self.text.setText(reason)

    def _tint(self, tokens: Tokens) -> None:
        self._sign.setPixmap(icons.pixmap("warning-circle", tokens.warning, ICON, self.devicePixelRatioF()))
