"""Radio without end: as the queue runs low, more of the same is put behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui.player.player import Player
from musicdesk.gui.player.queue import Picks
from musicdesk.gui.shell import Shell
from musicdesk.workflows.request import Request

LOW = 5  # tracks still to come, at which the queue is filled again
MORE = 15  # tracks put behind it at a time
REMEMBERED = 300  # tracks that do not come again


class Radio(QObject):
    changed = Signal(str)  # what it is called while it plays, else ""

    def __init__(self, shell: Shell, player: Player) -> None:
        super().__init__(shell)
        self._shell, self._player = shell, player
        self._request: Request | None = None
        self._been: list[TrackId] = []
        self._waits = False  # for what more is made from to be read
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fill)
        player.track_changed.connect(lambda _track: self._look())
        player.queue_changed.connect(self._look)

    @property
    def on(self) -> bool:
        return self._request is not None

    def start(self, request: Request, name: str, tracks: Sequence[TrackId], picks: Picks | None = None) -> None:
        """Plays `tracks`, and then what the request gives when it is asked again and again."""
        self.stop()
        self._player.play(tracks, picks=picks)
        self._request, self._been = replace(request, pinned=(), held=(), minutes=0.0), list(tracks)
        self.changed.emit(name)
        self._look()

    def stop(self) -> None:
        """The queue stays as it is."""
        self._soon.stop()
        self._waits = False
        if self._request is not None:
            self._request = None
            self.changed.emit("")

    def _look(self) -> None:
        queue = self._player.queue
        if self._request is None:
            return
        if not len(queue):
            self.stop()
        elif self._low and not self._waits and not self._soon.isActive():
            self._soon.start()

    @property
    def _low(self) -> bool:
        queue = self._player.queue
        return len(queue) - queue.position - 1 < LOW

    def _fill(self) -> None:
        self._waits = True
        self._shell.when_at_hand(self._put_more)

    def _put_more(self) -> None:
        from musicdesk.workflows.recommend import recommend

        self._waits = False
        request = self._request
        if request is None or not self._low:
            return
        been = tuple(dict.fromkeys(reversed([*self._been, *self._player.queue.tracks])))[:REMEMBERED]
        self._request = request = replace(request.again(), n=MORE, without=been)
        made = self._shell.attempt(lambda: recommend(self._shell.desk, request))
        if made is None or not made.picks:
            self.stop()
            return
        tracks = [pick.track for pick in made.picks]
        self._been += tracks
        self._shell.tell(Changes.PLAYLISTS)
        self._player.enqueue(tracks, {pick.track: pick.id for pick in made.picks if pick.id is not None})
