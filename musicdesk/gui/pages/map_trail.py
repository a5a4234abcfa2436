"""What was played, as a trail over the map: a bar with the time, which can be dragged or left to run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QDate, QEvent, QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QSlider, QWidget

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
WIDTH, BESIDE, LEAST = 460, 190, 60  # pixels of the bar; of all in it but the words; of words that tell anything


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
        # Its own policy is to take what is left, and a slider leaves nothing: it would lie under what stands beside.
        self.words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.close_ = tool(shell, "x", "Hide the trail")
        self.close_.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE["s"], SPACE["xs"], SPACE["xs"], SPACE["xs"])
        row.setSpacing(SPACE["s"])
        for part, stretch in ((self.run, 0), (self.slider, 1), (self.words, 0), (self.close_, 0)):
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
        wide = max(220, min(WIDTH, self._room.width() - left - SPACE["m"]))
        self.setFixedWidth(wide)
        room = min(self._widest(), wide - BESIDE)  # the same at each play, or the slider would jump
        self.words.setFixedWidth(max(room, 1))
        self.words.setVisible(room >= LEAST)
        self.adjustSize()
        self.move(max(left, (self._room.width() - self.width()) // 2), SPACE["m"])
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._room and self.isVisible() and len(self._ids):
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
        self.words.setText(self._told(self.slider.value()))
        self.moved.emit()

    def _told(self, at: int) -> str:
        when = datetime.fromtimestamp(float(self._moments[at]))
        date = QLocale().toString(QDate(when.year, when.month, when.day), QLocale.FormatType.ShortFormat)
        return f"{date} · play {at + 1:,} of {len(self._ids):,}"

    def _widest(self) -> int:
        """Pixels of the words at the last play, with room for wider figures."""
        return self.words.fontMetrics().horizontalAdvance(self._told(len(self._ids) - 1)) + SPACE["s"]
