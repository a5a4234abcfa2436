"""One QMediaPlayer with its output. The engine has two: one plays, one holds the next track ready."""

from __future__ import annotations

from PySide6.QtCore import QFile, QObject, QTimer, QUrl, Signal, SignalInstance
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

from musicdesk.core.types import TrackId

from .source import Unplayable, load

LAST_MS = 1_000  # of a file
LOADING_MS = 15_000  # a file on a drive that has gone away may never answer
Status = QMediaPlayer.MediaStatus


def _primed(signal: SignalInstance) -> None:
    """Has Python asked, here and now, whether it overrides the object's connectNotify and disconnectNotify.

    The answer is kept. Without it the sound thread would ask when it lets go of the output, and wait for the
    interpreter while it holds Qt's lock that the main thread, inside stop() and holding the interpreter, waits for.
    """
    signal.connect(_nothing)
    signal.disconnect(_nothing)


def _nothing(*_: object) -> None:
    pass


class Deck(QObject):
    ready = Signal()
    ended = Signal()
    broken = Signal(str)  # a sentence
    position = Signal(int)  # ms
    duration = Signal(int)  # ms
    running = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.track: TrackId | None = None
        self._broken = False
        self._sought: int | None = None
        self._device: QFile | None = None
        self._output = QAudioOutput(self)
        self._player = QMediaPlayer(self)
        self._player.setAudioOutput(self._output)
        for signal in (self._output.volumeChanged, self._output.deviceChanged, self._player.errorChanged):
            _primed(signal)
        self._player.mediaStatusChanged.connect(self._status_changed)
        self._player.errorOccurred.connect(self._error_occurred)
        self._player.positionChanged.connect(lambda ms: self.position.emit(int(ms)))
        self._player.durationChanged.connect(lambda ms: self.duration.emit(int(ms)))
        self._player.playbackStateChanged.connect(self._state_changed)
        self._patience = QTimer(self, interval=LOADING_MS, singleShot=True)
        self._patience.timeout.connect(lambda: self._fail("The file does not answer."))

    def load(self, track: TrackId, path: bytes) -> None:
        """Starts loading; `ready` or `broken` follows, `broken` at once when the file is not there."""
        self.eject()
        self.track = track
        self._patience.start()
        try:
            self._device = load(self._player, path)
        except Unplayable as error:
            self._fail(str(error))

    def eject(self) -> None:
        self._patience.stop()
        self.track, self._broken, self._sought = None, False, None
        self._player.stop()
        self._player.setSource(QUrl())
        if self._device is not None:
            self._device.close()
            self._device = None

    @property
    def usable(self) -> bool:
        return self.track is not None and not self._broken

    @property
    def playing(self) -> bool:
        return self._player.playbackState() is QMediaPlayer.PlaybackState.PlayingState

    @property
    def position_ms(self) -> int:
        return self._player.position()

    @property
    def duration_ms(self) -> int:
        return max(self._player.duration(), 0)

    def play(self) -> None:
        self._player.play()

    def pause(self) -> None:
        self._player.pause()

    def seek(self, ms: int) -> None:
        self._sought = ms
        self._player.setPosition(ms)

    def set_gain(self, gain: float, muted: bool) -> None:
        self._output.setVolume(gain)
        self._output.setMuted(muted)

    def _status_changed(self, status: Status) -> None:
        if self.track is None or self._broken:
            return
        if status in (Status.LoadedMedia, Status.BufferedMedia):
            self._patience.stop()
            if not self._player.hasAudio():
                self._fail("The file holds no sound.")
            elif status is Status.LoadedMedia:
                self.ready.emit()
        elif status is Status.EndOfMedia:
            self.ended.emit()
        elif status is Status.InvalidMedia:
            self._fail("The file cannot be played: its sound is damaged or of an unknown kind.")

    def _error_occurred(self, error: QMediaPlayer.Error, detail: str) -> None:
        if error is QMediaPlayer.Error.NoError or self.track is None:
            return
        if self._sought is not None and 0 < self.duration_ms < self._sought + LAST_MS:
            self._sought = None
            self.ended.emit()  # FFmpeg finds no frame of a FLAC behind its last ones
            return
        reasons = {
            QMediaPlayer.Error.FormatError: "its sound is damaged or of an unknown kind",
            QMediaPlayer.Error.AccessDeniedError: "it may not be read by this user",
            QMediaPlayer.Error.NetworkError: "it points to the network, which musicdesk does not follow",
        }
        self._fail(f"The file cannot be played: {reasons.get(error, 'its sound cannot be read')}.")

    def _fail(self, sentence: str) -> None:
        if self.track is None or self._broken:
            return
        self._broken = True
        self._patience.stop()
        self.broken.emit(sentence)

    def _state_changed(self, state: QMediaPlayer.PlaybackState) -> None:
        self.running.emit(state is QMediaPlayer.PlaybackState.PlayingState)
