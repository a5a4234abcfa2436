"""Queue and engine together: what the window plays with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from musicdesk.core.types import TrackId

from .engine import Engine, PlayState
from .queue import Picks, Queue, Repeat, Stood

PREPARE_MS = 15_000  # before the end of a track the next one is loaded
RESTART_MS = 3_000  # "previous" later than this begins the track anew
TURN_S = 0.015  # for looking at files that are not there, before the window has a turn
Locate = Callable[[TrackId], bytes | None]


class Player(QObject):
    """`locate(track)` gives the path of a track's file, or None when it has none now.

    A track that cannot be played is told by `failed` and passed over; those whose files are not there are passed over
    together, and told by `absent`. When every track of the queue has failed in a row it stops.
    """

    track_changed = Signal(object)  # TrackId or None
    state_changed = Signal(object)  # PlayState
    position_changed = Signal(int)  # ms
    duration_changed = Signal(int)  # ms
    queue_changed = Signal()
    failed = Signal(object, str)  # TrackId, a sentence
    absent = Signal(object)  # list of TrackId
    idle = Signal()  # play was pressed, and the queue is empty
    heard = Signal(object, int, int, object, object)  # TrackId, heard ms, duration ms, PlayEnd, PickId or None

    def __init__(self, locate: Locate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locate = locate
        self.queue = Queue()
        self.engine = Engine(self)
        self._failed: set[int] = set()  # entries of the queue, in a row
        self._absent: dict[int, TrackId] = {}  # entries that were passed over, and not told yet
        self._retry = QTimer(self, interval=0, singleShot=True)
        self._retry.timeout.connect(self._pass_over)
        self.engine.track_changed.connect(self.track_changed)
        self.engine.state_changed.connect(self.state_changed)
        self.engine.duration_changed.connect(self.duration_changed)
        self.engine.heard.connect(self.heard)
        self.engine.position_changed.connect(self._on_position)
        self.engine.ended.connect(self._on_ended)
        self.engine.failed.connect(self._on_failed)

    @property
    def track(self) -> TrackId | None:
        return self.engine.track

    @property
    def state(self) -> PlayState:
        return self.engine.state

    def play(self, tracks: Sequence[TrackId], at: int = 0, picks: Picks | None = None) -> None:
        """Replaces the queue and plays its entry `at`."""
        self._begin()
        track = self.queue.replace(tracks, at, picks)
        self.queue_changed.emit()
        self._start(track)

    def lay_out(self, tracks: Sequence[TrackId], at: int, picks: Picks, repeat: Repeat) -> None:
        """Replaces the queue and stands on its entry `at`, silent; `toggle` begins with it."""
        self.queue.replace(tracks, at, picks)
        self.queue.repeat = repeat
        self.queue_changed.emit()

    def play_next(self, tracks: Iterable[TrackId], picks: Picks | None = None) -> None:
        """Puts tracks right after the current one."""
        self.queue.insert_next(tracks, picks)
        self._queue_edited()

    def enqueue(self, tracks: Iterable[TrackId], picks: Picks | None = None) -> None:
        self.queue.append(tracks, picks)
        self._queue_edited()

    def remove(self, places: Sequence[int]) -> None:
        """Takes entries out of the queue; when the playing one goes, what follows it plays, or the music stops."""
        plays = self.state is PlayState.PLAYING or self._retry.isActive()
        goes_on = plays and not self.queue.ends_without(places)
        gone = self.queue.remove(places)
        self._failed.intersection_update(self.queue.serials)
        if gone:
            if goes_on and self.queue.current is not None:
                self._start(self.queue.current)
            else:
                self.engine.stop()
        self._queue_edited()

    def put_back(self, gone: Iterable[Stood]) -> None:
        """Entries that were taken out stand where they stood."""
        self.queue.put_back(gone)
        self._queue_edited()

    def move(self, places: Iterable[int], to: int) -> None:
        self.queue.move(places, to)
        self._queue_edited()

    def clear(self) -> None:
        self.engine.stop()
        self.queue.clear()
        self._queue_edited()

    def jump(self, place: int) -> None:
        """Plays the queue's entry `place`."""
        self._begin()
        self._start(self.queue.jump(place))
        self.queue_changed.emit()

    def set_shuffled(self, shuffled: bool, seed: int) -> None:
        if shuffled:
            self.queue.shuffle(seed)
        else:
            self.queue.unshuffle()
        self._queue_edited()

    def set_repeat(self, repeat: Repeat) -> None:
        self.queue.repeat = repeat
        self._queue_edited()

    def toggle(self) -> None:
        """Pauses or goes on; starts the queue when nothing plays."""
        if self.state is PlayState.PLAYING:
            self.engine.pause()
        elif self.state is PlayState.PAUSED:
            self.engine.resume()
        elif len(self.queue):
            self._begin()
            self._start(self.queue.jump(max(self.queue.position, 0)))
            self.queue_changed.emit()
        else:
            self.idle.emit()

    def pause(self) -> None:
        if self._retry.isActive():
            self._give_up()
        self.engine.pause()

    def next(self) -> None:
        """The next track; at the end of the queue the music stops."""
        self._begin()
        self._start(self.queue.advance(asked=True))
        self.queue_changed.emit()

    def previous(self) -> None:
        """Begins the track anew, or, right after its beginning, plays the one before."""
        self._begin()
        first = self.queue.position == 0 and self.queue.repeat is not Repeat.ALL
        if self.track is not None and (first or self.engine.position_ms > RESTART_MS):
            self.engine.seek(0)
            return
        self._start(self.queue.back())
        self.queue_changed.emit()

    def seek(self, ms: int) -> None:
        self.engine.seek(ms)

    def seek_by(self, ms: int) -> None:
        self.engine.seek(self.engine.position_ms + ms)

    def stop(self) -> None:
        if self._retry.isActive():
            self._give_up()
        self.engine.stop()

    def close(self) -> None:
        """Call before the application ends: tells what was heard last and lets the files go."""
        self._retry.stop()
        self.engine.close()

    # Inside

    def _begin(self) -> None:
        """Somebody asked for a track: what failed before does not count."""
        self._failed.clear()
        self._absent.clear()

    def _start(self, track: TrackId | None) -> None:
        self._retry.stop()
        if track is None:
            self.engine.stop()
            return
        path = self._locate(track)
        if path is None:
            self.engine.stop()
            self._note_absent()
            self._retry.start()
        else:
            self._tell_absent()
            self.engine.play(track, path, pick=self.queue.current_pick)

    def _on_position(self, ms: int) -> None:
        if ms > 0:
            self._failed.clear()
        self.position_changed.emit(ms)
        duration = self.engine.duration_ms
        if self.state is PlayState.PLAYING and 0 < duration - ms < PREPARE_MS:
            self._prepare()

    def _prepare(self) -> None:
        following = self.queue.peek()
        if following is None or following == self.engine.prepared:
            return
        path = self._locate(following)
        if path is not None:
            self.engine.prepare(following, path)

    def _on_ended(self, _track: TrackId) -> None:
        following = self.queue.advance()
        if following is not None:
            self._start(following)
        self.queue_changed.emit()

    def _on_failed(self, track: TrackId, sentence: str) -> None:
        self._note_failed()
        self.failed.emit(track, sentence)
        # Later, not now: a thousand missing files in a row must not become a thousand calls deep.
        self._retry.start()

    def _pass_over(self) -> None:
        """Goes on to the next track whose file is there; many that are not take more than one turn."""
        until = monotonic() + TURN_S
        while (following := self._following()) is not None and self._locate(following) is None:
            self._note_absent()
            if monotonic() > until:
                self._retry.start()
                return
        if following is None:
            self._give_up()
        else:
            self._start(following)
            self.queue_changed.emit()

    def _give_up(self) -> None:
        """Nothing plays; it goes on with the first of those that are not there, once they are back."""
        self._retry.stop()
        places = {serial: place for place, serial in enumerate(self.queue.serials)}
        if (first := next((serial for serial in self._absent if serial in places), None)) is not None:
            self.queue.jump(places[first])
        self._tell_absent()
        self._failed.clear()
        self.engine.stop()
        self.track_changed.emit(None)
        self.queue_changed.emit()

    def _following(self) -> TrackId | None:
        return self.queue.advance(asked=True) if len(self._failed) < len(self.queue) else None

    def _note_failed(self) -> None:
        if (serial := self.queue.current_serial) is not None:
            self._failed.add(serial)

    def _note_absent(self) -> None:
        """Of the current entry."""
        self._note_failed()
        if (serial := self.queue.current_serial) is not None and self.queue.current is not None:
            self._absent[serial] = self.queue.current

    def _tell_absent(self) -> None:
        absent, self._absent = self._absent, {}
        if absent:
            self.absent.emit(list(absent.values()))

    def _queue_edited(self) -> None:
        if self.engine.prepared is not None and self.engine.prepared != self.queue.peek():
            self.engine.forget_prepared()
        self.queue_changed.emit()
