"""Short pieces of tracks, one after the other: for hearing what two tracks have in common. They are no plays."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from musicdesk.core.types import TrackId

from .engine import Engine, PlayState
from .player import Player

GAP_MS = 350  # of silence between two pieces


@dataclass(frozen=True)
class Snippet:
    track: TrackId
    start_ms: int
    length_ms: int


class Snippets(QObject):
    """Pauses the player, and lets it go on afterwards if it was playing."""

    began = Signal(object)  # Snippet
    ended = Signal()
    failed = Signal(str)  # a sentence

    def __init__(self, player: Player, locate: Callable[[TrackId], bytes | None], parent: QObject) -> None:
        super().__init__(parent)
        self._player, self._locate = player, locate
        self._engine: Engine | None = None  # made when it is first wanted: it opens the sound system
        self._waiting: deque[Snippet] = deque()
        self._resumes = False
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self._pause)
        self._gap = QTimer(self, singleShot=True, interval=GAP_MS)
        self._gap.timeout.connect(self._next)

    @property
    def playing(self) -> bool:
        return bool(self._waiting) or self._over.isActive() or self._gap.isActive()

    def play(self, snippets: Sequence[Snippet]) -> None:
        """A new wish ends the one before."""
        resumes = self._resumes if self.playing else self._player.state is PlayState.PLAYING
        self._halt()
        self._resumes = resumes
        self._player.pause()
        self._waiting.extend(snippets)
        self._next()

    def stop(self) -> None:
        """Ends here; the player goes on where it was."""
        if not self.playing:
            return
        self._halt()
        self._done()

    def close(self) -> None:
        self._resumes = False
        self._halt()

    def _next(self) -> None:
        if not self._waiting:
            self._done()
            return
        snippet = self._waiting.popleft()
        path = self._locate(snippet.track)
        if path is None:
            self._fail("Its file is not within reach.")
            return
        engine = self._made()
        engine.set_volume(self._player.engine.volume)
        engine.set_muted(self._player.engine.muted)
        engine.play(snippet.track, path, snippet.start_ms)
        self._over.start(snippet.length_ms)
        self.began.emit(snippet)

    def _made(self) -> Engine:
        if self._engine is None:
            self._engine = Engine(self)
            self._engine.failed.connect(lambda _track, sentence: self._fail(sentence))
        return self._engine

    def _pause(self) -> None:
        if self._engine is not None:
            self._engine.stop()
        if self._waiting:
            self._gap.start()
        else:
            self._done()

    def _fail(self, sentence: str) -> None:
        self._halt()
        self.failed.emit(sentence)
        self._done()

    def _halt(self) -> None:
        self._over.stop()
        self._gap.stop()
        self._waiting.clear()
        if self._engine is not None:
            self._engine.stop()

    def _done(self) -> None:
        resumes, self._resumes = self._resumes, False
        self.ended.emit()
        if resumes and self._player.state is PlayState.PAUSED:
            self._player.toggle()
