"""What was played, as a trail over the map: a bar with the time, which can be dragged or left to run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QDate, QEvent, QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QWidget

from musicdesk.gui.labels import ElidedLabel
from musicdesk.gui.page import tool
from musicdesk.gui.pages.map_ink import paint_way
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import SPACE, Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView
    from musicdesk.workflows.trail import Trail

TAIL = 30  # plays that are seen at once
STEP_MS = 140  # of the animation
WIDTH = 460


class TrailBar(QFrame):
    """Stands at the head of the view. `moved`: other plays are to be seen."""

    moved, closed = Signal(), Signal()

    def __init__(self, shell: Shell, room: QWidget) -> None:
        super().__init__(room)
        self.setProperty("kind", "float")
        self.setAccessibleName("Trail of plays")
        self._shell, self._room = shell, room
        self._ids = np.empty(0, np.int64)
        self._moments = np.empty(0)
        self.run = tool(shell, "play", "Let the trail run", "text")
        self.run.setCheckable(True)
        self.run.toggled.connect(self._run)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("When")
        self.slider.valueChanged.connect(lambda _at: self._tell())
        self.words = ElidedLabel()
        self.words.setProperty("kind", "small")
        self.words.setMinimumWidth(150)
        close = tool(shell, "x", "Hide the trail")
        close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE["s"], SPACE["xs"], SPACE["xs"], SPACE["xs"])
        row.setSpacing(SPACE["s"])
        for part, stretch in ((self.run, 0), (self.slider, 1), (self.words, 0), (close, 0)):
            row.addWidget(part, stretch)
        self._beat = QTimer(self, interval=STEP_MS)
        self._beat.timeout.connect(self._step)
        room.installEventFilter(self)
        self.hide()

    def show_trail(self, found: Trail, ids: np.ndarray) -> None:
        """`found` with rows of `ids`; begins at the last play."""
        self._ids, self._moments = ids[found.rows], found.moments
        last = max(len(self._ids) - 1, 0)
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setPageStep(max(1, last // 20))
        self.slider.setValue(last)
        self.slider.blockSignals(False)
        self.show()
        self.place()
        self._tell()

    def drop(self) -> None:
        self.run.setChecked(False)
        self._ids, self._moments = np.empty(0, np.int64), np.empty(0)
        self.hide()

    @property
    def stations(self) -> list[int]:
        """The plays that are seen, oldest first, up to the moment of the slider."""
        end = self.slider.value() + 1
        return [int(track) for track in self._ids[max(0, end - TAIL) : end]]

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
        if len(self._ids):
            paint_way(painter, cloud, self.stations, tokens.accent, fades=True)

    def place(self) -> None:
        left = 72  # beside the tools
        self.setFixedWidth(max(220, min(WIDTH, self._room.width() - left - SPACE["m"])))
        self.adjustSize()
        self.move(max(left, (self._room.width() - self.width()) // 2), SPACE["m"])
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._room and self.isVisible():
            self.place()
        return False

    def _run(self, on: bool) -> None:
        self._shell.theme.dress(self.run, "pause" if on else "play", "text")
        if on and self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        (self._beat.start if on else self._beat.stop)()

    def _step(self) -> None:
        if self.slider.value() >= self.slider.maximum():
            self.run.setChecked(False)
        else:
            self.slider.setValue(self.slider.value() + 1)

    def _tell(self) -> None:
        if not len(self._moments):
            return
        at = self.slider.value()
        when = datetime.fromtimestamp(float(self._moments[at]))
        date = QLocale().toString(QDate(when.year, when.month, when.day), QLocale.FormatType.ShortFormat)
        self.words.setText(f"{date} · play {at + 1:,} of {len(self._ids):,}")
        self.moved.emit()
