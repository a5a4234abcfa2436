"""The bar at the bottom of the window: what plays, where it is, what you think of it. Signals only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QFont, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from musicdesk.core.types import TrackId
from musicdesk.gui.labels import ElidedLabel, plain_label, tip

from .buttons import PlayButton, tool_button
from .colors import PlayerColors
from .cover import Cover
from .engine import PlayState
from .said import SaidButtons
from .times import clock
from .waveform import Waveform

HEIGHT = 72


@dataclass(frozen=True)
class Now:
    """What the bar shows of a track."""

    track: TrackId
    title: str
    artist: str = ""
    given: frozenset[str] = frozenset()  # the verbs that hold of it


class PlayerBar(QWidget):
    toggle_wanted = Signal()
    next_wanted = Signal()
    previous_wanted = Signal()
    seek_wanted = Signal(int)  # ms
    volume_wanted = Signal(float)  # 0..1
    mute_wanted = Signal(bool)
    said = Signal(object, str)  # TrackId, verb
    weighed = Signal(object, str)  # TrackId, verb: the pointer rests on its sign
    queue_toggled = Signal(bool)
    track_clicked = Signal(object)  # TrackId: the cover or the title was clicked

    def __init__(self, colors: PlayerColors | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors = colors or PlayerColors()
        self._now: Now | None = None
        self._state = PlayState.STOPPED
        self.setAccessibleName("Player")
        self.setFixedHeight(HEIGHT)
        self._build()
        self._connect()
        self.set_colors(self._colors)
        self.show_track(None)

    # What it shows

    def show_track(self, now: Now | None) -> None:
        """Another track, or nothing; cover and waveform are emptied until they are given."""
        self._now = now
        self._title.setText(now.title if now else "Nothing plays")
        self._artist.setText(now.artist if now else "")
        self._artist.setVisible(bool(now and now.artist))  # a title alone stands in the middle
        self.set_cover(None)
        self.set_waveform(None)
        self.set_duration(0)
        self.set_position(0)
        self.signs.setEnabled(now is not None)
        self.signs.tell(now.given if now else frozenset())

    def set_cover(self, cover: QPixmap | None) -> None:
        self._cover.set_cover(cover)

    def set_waveform(self, overview: np.ndarray | None) -> None:
        """uint8 (k,) loudness over time, or None for a plain bar."""
        self._waveform.set_overview(overview)

    def set_state(self, state: PlayState) -> None:
        self._state = state
        playing = state is PlayState.PLAYING
        self._play.set_playing(playing)
        self._play.setAccessibleName("Pause" if playing else "Play")
        self._play.setToolTip(tip("Pause (Space)" if playing else "Play (Space)"))

    def set_position(self, ms: int) -> None:
        self._waveform.set_position(ms)
        self._elapsed.setText(clock(ms))

    def set_duration(self, ms: int) -> None:
        self._waveform.set_duration(ms)
        self._total.setText(clock(ms) if ms else "–:––")

    def set_volume(self, share: float, muted: bool = False) -> None:
        self._volume.blockSignals(True)
        self._volume.setValue(round(share * 100))
        self._volume.blockSignals(False)
        self._mute.setChecked(muted)
        silent = muted or share <= 0
        name = "speaker-slash" if silent else "speaker-low" if share < 0.5 else "speaker-high"
        self._mute.set_face(name, self._colors.text)
        self._mute.setToolTip(tip("Sound on (Ctrl+M)" if muted else "Mute (Ctrl+M)"))

    def set_queue_shown(self, shown: bool) -> None:
        self._queue.setChecked(shown)

    def set_colors(self, colors: PlayerColors) -> None:
        self._colors = colors
        for button, name in ((self._previous, "skip-back-fill"), (self._next, "skip-forward-fill")):
            button.set_face(name, colors.text, colors.disabled)
        self._queue.set_face("queue", colors.text)
        self._play.set_colors(colors)
        self._waveform.set_colors(colors)
        self._cover.set_colors(colors)
        self.signs.set_colors(colors)
        self.set_volume(self._volume.value() / 100, self._mute.isChecked())

    # Building

    def _build(self) -> None:
        self._cover = Cover(48, self)
        self._title, self._artist = ElidedLabel(parent=self), ElidedLabel(parent=self)
        self._title.setProperty("kind", "strong")
        self._artist.setProperty("kind", "secondary")
        self._previous = tool_button(self, "Previous track", "Previous (Ctrl+Left)")
        self._play = PlayButton(self)
        self._next = tool_button(self, "Next track", "Next (Ctrl+Right)")
        self._elapsed, self._total = _time_label(self, "Time played"), _time_label(self, "Length")
        self._waveform = Waveform(self._colors, self)
        self.signs = SaidButtons(self)
        self._mute = tool_button(self, "Mute", "", checkable=True)
        self._volume = QSlider(Qt.Orientation.Horizontal, self)
        self._volume.setRange(0, 100)
        self._volume.setValue(80)
        self._volume.setPageStep(10)
        self._volume.setFixedWidth(88)
        self._volume.setAccessibleName("Volume")
        self._volume.setToolTip(tip("Volume (Ctrl+Up, Ctrl+Down)"))
        self._queue = tool_button(self, "Queue", "Show the queue (Ctrl+U)", checkable=True)
        self._lay_out()
        self.set_state(PlayState.STOPPED)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch()
        words.addWidget(self._title)
        words.addWidget(self._artist)
        words.addStretch()
        holder = QWidget(self)
        holder.setLayout(words)
        words.setContentsMargins(0, 0, 0, 0)
        holder.setMinimumWidth(90)
        holder.setMaximumWidth(260)
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(4)
        row.addWidget(self._cover)
        row.addSpacing(8)
        row.addWidget(holder, 2)
        row.addSpacing(8)
        for widget in (self._previous, self._play, self._next):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self._elapsed)
        row.addWidget(self._waveform, 5)
        row.addWidget(self._total)
        row.addSpacing(8)
        row.addWidget(self.signs)
        row.addWidget(self._mute)
        row.addWidget(self._volume)
        row.addSpacing(4)
        row.addWidget(self._queue)

    def _connect(self) -> None:
        self._previous.clicked.connect(self.previous_wanted)
        self._play.clicked.connect(self.toggle_wanted)
        self._next.clicked.connect(self.next_wanted)
        self._waveform.seek_wanted.connect(self.seek_wanted)
        self.signs.said.connect(lambda verb: self._tell(self.said, verb))
        self.signs.weighed.connect(lambda verb: self._tell(self.weighed, verb))
        self._mute.clicked.connect(self._mute_clicked)
        self._volume.valueChanged.connect(self._volume_moved)
        self._queue.toggled.connect(self.queue_toggled)
        self._cover.clicked.connect(self._ask_for_track)

    def _tell(self, signal: SignalInstance, verb: str) -> None:
        if self._now is not None:
            signal.emit(self._now.track, verb)

    def _mute_clicked(self, muted: bool) -> None:
        self.set_volume(self._volume.value() / 100, muted)
        self.mute_wanted.emit(muted)

    def _volume_moved(self, value: int) -> None:
        self.set_volume(value / 100, False)
        self.volume_wanted.emit(value / 100)  # first, or what was muted would sound as loud as before for a moment
        self.mute_wanted.emit(False)

    def _ask_for_track(self) -> None:
        if self._now is not None:
            self.track_clicked.emit(self._now.track)

    def minimumSizeHint(self) -> QSize:
        return QSize(640, HEIGHT)


def _time_label(parent: QWidget, name: str) -> QLabel:
    """Digits of one width, so that the bar does not tremble every second."""
    label = plain_label("0:00", parent)
    font = label.font()
    font.setFeature(QFont.Tag("tnum"), 1)
    label.setFont(font)
    label.setProperty("kind", "secondary")
    label.setAccessibleDescription(name)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setMinimumWidth(label.fontMetrics().horizontalAdvance("00:00") + 8)
    return label
