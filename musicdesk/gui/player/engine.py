"""Plays files one after the other and tells what was really heard."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from musicdesk.core.types import PickId, PlayEnd, TrackId

from .deck import Deck
from .listening import Listening


class PlayState(StrEnum):
    STOPPED = "stopped"
    PLAYING = "playing"
    PAUSED = "paused"


class Engine(QObject):
    """Two decks: `prepare` loads the next track on the idle one, so that `play` of it starts at once."""

    state_changed = Signal(object)  # PlayState
    track_changed = Signal(object)  # TrackId, or None when stopped
    position_changed = Signal(int)  # ms
    duration_changed = Signal(int)  # ms
    volume_changed = Signal(float, bool)  # 0..1, whether it is muted; whoever asked for it
    ended = Signal(object)  # TrackId that ran to its end; comes before `heard` so that no gap opens
    failed = Signal(object, str)  # TrackId, a sentence
    heard = Signal(object, int, int, object, object)  # TrackId, heard ms, duration ms, PlayEnd, PickId or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = PlayState.STOPPED
        self._volume, self._muted = 0.8, False
        self._made: list[Deck] = []
        self._listening: Listening | None = None
        self._start_ms = 0

    @property
    def track(self) -> TrackId | None:
        return self._active.track if self._made else None

    @property
    def prepared(self) -> TrackId | None:
        """The track that waits on the idle deck and is still good."""
        return self._idle.track if self._made and self._idle.usable else None

    @property
    def position_ms(self) -> int:
        return self._active.position_ms if self._made else 0

    @property
    def duration_ms(self) -> int:
        return self._active.duration_ms if self._made else 0

    @property
    def pick(self) -> PickId | None:
        """Of the track that is on, where it came from a list."""
        return self._listening.pick if self._listening is not None else None

    @property
    def heard_ms(self) -> int:
        """Of the track that is on, so far."""
        return round(self._listening.heard_ms) if self._listening is not None else 0

    def play(self, track: TrackId, path: bytes, start_ms: int = 0, pick: PickId | None = None) -> None:
        """Plays from the beginning or `start_ms`; what played before counts as skipped."""
        account = self._close(PlayEnd.SKIPPED)
        if self.prepared == track and start_ms == 0:
            self._decks.reverse()
            self._idle.eject()
        else:
            self._active.eject()
            self._start_ms = start_ms
        self._listening = Listening(track, pick)
        self._listening.place(start_ms)
        self._set_state(PlayState.PLAYING)
        if self._active.track is None:
            self._active.load(track, path)
        if self._active.track == track and self._active.usable:
            self._active.play()
            self.track_changed.emit(track)
            self.duration_changed.emit(self._active.duration_ms)
            self.position_changed.emit(start_ms)
        if account is not None:
            self.heard.emit(*account)

    def prepare(self, track: TrackId, path: bytes) -> None:
        """Loads what will probably come next; a broken file is noticed when its turn comes."""
        if self.prepared != track:
            self._idle.load(track, path)

    def forget_prepared(self) -> None:
        self._idle.eject()

    def pause(self) -> None:
        if self.state is PlayState.PLAYING:
            self._tick(self._active.position_ms)
            self._active.pause()
            self._set_state(PlayState.PAUSED)

    def resume(self) -> None:
        if self.state is PlayState.PAUSED:
            self._tick(self._active.position_ms)
            self._active.play()
            self._set_state(PlayState.PLAYING)

    def stop(self) -> None:
        """Ends the track here; what was heard of it is told."""
        account = self._close(PlayEnd.STOPPED)
        for deck in self._made:
            deck.eject()
        if self.state is not PlayState.STOPPED:
            self._set_state(PlayState.STOPPED)
            self.track_changed.emit(None)
        if account is not None:
            self.heard.emit(*account)

    def seek(self, ms: int) -> None:
        target = min(max(ms, 0), max(self.duration_ms - 1, 0))
        if self._listening is not None:
            self._tick(self._active.position_ms)
            self._listening.place(target)
        self._active.seek(target)
        self.position_changed.emit(target)

    @property
    def volume(self) -> float:
        return self._volume

    @property
    def muted(self) -> bool:
        return self._muted

    def set_volume(self, share: float) -> None:
        """share 0..1 as the ear has it: the gain is its cube."""
        self._volume = min(max(share, 0.0), 1.0)
        self._apply_volume()

    def set_muted(self, muted: bool) -> None:
        self._muted = muted
        self._apply_volume()

    def close(self) -> None:
        """Stops and lets the files go; call before the application ends."""
        self.stop()

    # Inside

    @property
    def _decks(self) -> list[Deck]:
        """Made when something is to be played: opening the sound system takes longer than opening a page."""
        if not self._made:
            self._made += [Deck(self), Deck(self)]
            for deck in self._made:
                self._wire(deck)
            self._apply_volume()
        return self._made

    @property
    def _active(self) -> Deck:
        return self._decks[0]

    @property
    def _idle(self) -> Deck:
        return self._decks[1]

    def _wire(self, deck: Deck) -> None:
        def if_active(slot: Callable[..., object]) -> Callable[..., None]:
            def pass_on(*values: object) -> None:
                if deck is self._active:
                    slot(*values)

            return pass_on

        deck.ready.connect(if_active(self._on_ready))
        deck.ended.connect(if_active(self._on_ended))
        deck.broken.connect(if_active(self._on_broken))
        deck.position.connect(if_active(self._on_position))
        deck.duration.connect(if_active(self.duration_changed.emit))

    def _on_ready(self) -> None:
        if self._start_ms:
            self._active.seek(self._start_ms)
            self._start_ms = 0
        if self.state is PlayState.PLAYING:
            self._active.play()

    def _on_position(self, ms: int) -> None:
        if self._listening is None:
            return
        self._tick(ms)
        self.position_changed.emit(ms)

    def _tick(self, ms: int) -> None:
        if self._listening is None:
            return
        if self.state is PlayState.PLAYING:
            self._listening.tick(ms)
        else:
            self._listening.place(ms)

    def _on_ended(self) -> None:
        track = self.track
        self._tick(self.duration_ms)
        account = self._close(PlayEnd.FINISHED)
        self.ended.emit(track)
        if account is not None:
            self.heard.emit(*account)
        if self._listening is None:  # nobody asked for another track
            self.stop()

    def _on_broken(self, sentence: str) -> None:
        track = self.track
        account = self._close(PlayEnd.STOPPED)
        self._active.eject()
        self._set_state(PlayState.STOPPED)
        if account is not None and account[1] > 0:
            self.heard.emit(*account)
        self.failed.emit(track, sentence)

    def _close(self, end: PlayEnd) -> tuple[TrackId, int, int, PlayEnd, PickId | None] | None:
        """Ends the account of the current track."""
        listening, self._listening = self._listening, None
        if listening is None:
            return None
        if end is not PlayEnd.FINISHED and self.state is PlayState.PLAYING:
            listening.tick(self._active.position_ms)
        duration = self.duration_ms
        heard = round(listening.heard_ms)
        heard = min(heard, duration) if end is PlayEnd.FINISHED else heard
        return listening.track, heard, duration, end, listening.pick

    def _set_state(self, state: PlayState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)

    def _apply_volume(self) -> None:
        for deck in self._made:
            deck.set_gain(self._volume**3, self._muted)
        self.volume_changed.emit(self._volume, self._muted)
