"""What every page is given: the open desk and the window's services. Pages talk to it, never to each other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from musicdesk.core.changes import Changes
from musicdesk.core.errors import LibraryDamaged, MusicdeskError
from musicdesk.core.paths import Profile
from musicdesk.core.types import PlaylistId, Reason, TrackId
from musicdesk.gui.ask import Ask
from musicdesk.gui.jobs import JobRunner
from musicdesk.gui.style.theme import Theme
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.request import Request
from musicdesk.workflows.troubles import told

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """A sentence at the bottom of the window, perhaps with one thing to do about it."""

    text: str
    action: str = ""
    run: Callable[[], Any] | None = None
    trouble: bool = False


@dataclass(frozen=True)
class Goto:
    """A wish to see something: a page, and what it should show."""

    page: str  # discover, library, map, settings, or ledger
    # "radio", "similar", "apart", "path", "extend", "list", "show", "artist", "album", "failed", "search"
    what: str = ""
    track: TrackId | None = None
    tracks: tuple[TrackId, ...] = ()  # where it is about several
    path: Path | None = None  # a file that it is about
    request: Request | None = None  # a list that is wanted
    playlist: PlaylistId | None = None  # a list that was made before


@dataclass(frozen=True)
class Why:
    """A wish to know why a track is where it is."""

    track: TrackId
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Bring:
    """Files and folders that somebody wants in here: music, or histories of `listener`."""

    paths: tuple[Path, ...]
    listener: str = "me"


def _at_once(doing: Callable[[], object]) -> bool:
    doing()
    return True


class Shell(QObject):
    changed = Signal(object)  # Changes
    noticed = Signal(object)  # Notice
    went = Signal(object)  # Goto
    wondered = Signal(object)  # Why
    weighed = Signal(str, object)  # verb, Choice: looked at and not done yet
    brought = Signal(object)  # Bring
    current = Signal(object)  # TrackId that plays, or None
    queued = Signal(object)  # the tracks of the queue, a tuple of TrackId
    chosen = Signal(object)  # TrackId last selected in a list
    closing = Signal()  # the desk is about to be closed: threads that read beside it stop
    reopened = Signal()  # another catalog lies on the desk
    left = Signal(str)  # the window is to close, and then: "restart", "recover"

    def __init__(self, desk: Desk, theme: Theme, jobs: JobRunner, ask: Ask) -> None:
        super().__init__()
        self.desk = desk
        self.theme = theme
        self.jobs = jobs
        self.ask = ask
        self.playing: TrackId | None = None
        self.queue: tuple[TrackId, ...] = ()
        self.selected: TrackId | None = None
        self.listed: Request | None = None  # the list shown last
        self.when_at_hand: Callable[[Callable[[], object]], bool] = _at_once  # see `Ahead`
        self._untold = Changes(0)
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self.tell_now)
        self.closing.connect(self._telling.stop)  # whoever opens another desk tells everything
        jobs.changed.connect(self.tell)

    def tell(self, changes: Changes) -> None:
        """Every mutation ends here; pages that are interested read again."""
        if changes:
            self.changed.emit(changes)

    def tell_next(self, changes: Changes) -> None:
        """In the next turn of the event loop: what was done is one turn, what the pages read after it another."""
        self._untold |= changes
        self._telling.start()

    def tell_now(self) -> None:
        """What waits for the next turn."""
        untold, self._untold = self._untold, Changes(0)
        self._telling.stop()
        self.tell(untold)

    def notice(self, text: str, action: str = "", run: Callable[[], Any] | None = None) -> None:
        self.noticed.emit(Notice(text, action, run))

    def trouble(self, error: MusicdeskError | str) -> None:
        """An explained error, shown as its sentence; a damaged library with the way to repair it."""
        if isinstance(error, LibraryDamaged):
            self.noticed.emit(Notice(str(error), "Repair it", lambda: self.leave("recover"), True))
        else:
            self.noticed.emit(Notice(str(error), trouble=True))

    def leave(self, then: str) -> None:
        """Closes the window, to be opened again: after a restart of the program, or once the library is repaired."""
        self.left.emit(then)

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Runs something that may raise an explained error; None when it did, after saying so."""
        try:
            return work()
        except Exception as error:
            if (found := told(error)) is None:
                raise
            self.trouble(found)
            return None

    def set_playing(self, track: TrackId | None) -> None:
        self.playing = track
        self.current.emit(track)

    def set_queue(self, tracks: Sequence[TrackId]) -> None:
        self.queue = tuple(tracks)
        self.queued.emit(self.queue)

    def set_selected(self, track: TrackId | None) -> None:
        if track != self.selected:
            self.selected = track
            self.chosen.emit(track)

    def change_settings(self, **values: Any) -> None:
        self.tell(self.desk.save_settings(replace(self.desk.settings, **values)))

    def keep_settings(self, **values: Any) -> None:
        """As the window closes and nobody reads a sentence any more: a full disk keeps nothing from being closed."""
        try:
            self.change_settings(**values)
        except (OSError, MusicdeskError) as error:
            log.warning("not kept at the end: %s: %s", ", ".join(values), error)

    def with_desk_closed(self, work: Callable[[Profile], Any]) -> Any:
        """For work on the catalog file itself: jobs are stopped, those that wait are let go, the desk is closed and
        opened again."""
        profile, device = self.desk.profile, self.jobs.device
        self.jobs.hold()
        self.closing.emit()
        self.desk.close()
        try:
            return self.attempt(lambda: work(profile))
        finally:
            self.desk = open_desk(Path(profile.folder), device)
            self.reopened.emit()
            self.jobs.release()
            self.tell(Changes.EVERYTHING)
