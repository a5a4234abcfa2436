"""The sliders over a playlist: adventure, sound against taste, and the era. Each says what its place means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from musicdesk.catalog.axes import Axis
from musicdesk.gui.labels import tip
from musicdesk.gui.page import label
from musicdesk.gui.pages.discover_state import adventure_words, axis_words
from musicdesk.gui.pages.playlist_state import era_words, surprise_words, taste_words
from musicdesk.gui.style.tokens import SPACE
from musicdesk.workflows.request import Request

AXIS = "lean"
WIDEST = 240  # pixels of a slider
WHAT = (  # field of a request, what a screen reader says, what a tool tip says
    ("adventure", "Adventure: from close to what you know to far afield", "How far the list may go from what you know"),
    ("sound_taste", "Sound or taste: from likeness in sound alone to your taste", "What the list goes by"),
    ("surprise", "Surprise me: how many rows are tried out", "Rows that are drawn, to learn what you like"),
    ("era", "Era: from any time to close to one year", "How much it weighs that music is of one time"),
    (AXIS, "Your axis: from its one end to its other", "Where on an axis that you named the list lies"),
)


class Levers(QWidget):
    moved = Signal(object)  # the Request with the levers as they stand

    def __init__(self) -> None:
        super().__init__()
        self._request = Request()
        self._year: float | None = None
        self.sliders: dict[str, QSlider] = {}
        self._axes: list[Axis] = []
        self._words: dict[str, QLabel] = {}
        self._columns: dict[str, QWidget] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE["xl"])
        for name, spoken, hint in WHAT:
            row.addWidget(self._lever(name, spoken, hint), 1)
        row.addStretch(0)

    def _lever(self, name: str, spoken: str, hint: str) -> QWidget:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(-100 if name == AXIS else 0, 100)
        slider.setPageStep(20)
        slider.setSingleStep(5)
        slider.setAccessibleName(spoken)
        slider.setToolTip(tip(hint))
        slider.valueChanged.connect(lambda value, name=name: self._slid(name, value))
        words = label("", "small")
        self.sliders[name], self._words[name] = slider, words
        holder = self._columns[name] = QWidget()
        holder.setMaximumWidth(WIDEST)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._axis_head(words) if name == AXIS else words)
        column.addWidget(slider)
        return holder

    def _axis_head(self, words: QLabel) -> QWidget:
        """The words, and a button to go on to the next axis where there are several."""
        self.next_axis = QToolButton()
        self.next_axis.setText("Another")
        self.next_axis.setAccessibleName("Another axis")
        self.next_axis.clicked.connect(self._go_on)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words, 1)
        row.addWidget(self.next_axis)
        return head

    def show_axes(self, axes: Sequence[Axis]) -> None:
        """The axes that the person has named; the lever of them is there when there is one."""
        self._axes = list(axes)
        self._columns[AXIS].setVisible(bool(axes))
        self.next_axis.setVisible(len(axes) > 1)

    @property
    def _axis(self) -> Axis | None:
        """The one that the request names, else the newest."""
        newest = self._axes[-1] if self._axes else None
        return next((axis for axis in self._axes if axis.id == self._request.axis), newest)

    def _go_on(self) -> None:
        """To the next axis, on which the list does not lean yet."""
        if self._axis is not None:
            after = self._axes[(self._axes.index(self._axis) + 1) % len(self._axes)]
            self._request = replace(self._request, axis=after.id, lean=0.0)
            self.sliders[AXIS].blockSignals(True)
            self.sliders[AXIS].setValue(0)
            self.sliders[AXIS].blockSignals(False)
            self._tell()
            self.moved.emit(self._request)

    def show_request(self, request: Request, year: float | None, by_taste: bool, tries: bool) -> None:
        """Where the levers stand, without telling it. by_taste: whether taste is in this list at all; tries: whether
        rows of it may be tried out."""
        if request.axis not in {axis.id for axis in self._axes}:
            request = replace(request, axis=0, lean=0.0)  # it was removed: the next move of a lever leaves it out
        self._request, self._year = request, year if request.year is None else float(request.year)
        self._columns["sound_taste"].setVisible(by_taste)
        self._columns["surprise"].setVisible(tries)
        self._columns["era"].setVisible(self._year is not None)
        for name, slider in self.sliders.items():
            slider.blockSignals(True)
            slider.setValue(round(100 * float(getattr(request, name))))
            slider.blockSignals(False)
        self._tell()

    def take(self, request: Request) -> None:
        """What else the request has changed in, for the next move of a lever."""
        self._request = request

    def _slid(self, name: str, value: int) -> None:
        self._request = replace(self._request, **{name: value / 100})  # type: ignore[arg-type]
        if name == AXIS and self._axis is not None:
            self._request = replace(self._request, axis=self._axis.id)
        self._tell()
        self.moved.emit(self._request)

    def _tell(self) -> None:
        told = {
            "adventure": adventure_words(self._request.adventure),
            "sound_taste": taste_words(self._request.sound_taste),
            "surprise": surprise_words(self._request.surprise, self._request.n),
            "era": era_words(self._request.era, self._year),
            AXIS: "" if self._axis is None else axis_words(self._request.lean, self._axis.low, self._axis.high),
        }
        for name, text in told.items():
            self._words[name].setText(text)
            self.sliders[name].setAccessibleDescription(text)
