"""Does what a verb says. Lists and menus only name the verb and the tracks."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from musicdesk.core.changes import Changes
from musicdesk.core.paths import shown
from musicdesk.core.types import Reason, TrackId
from musicdesk.gui.player.queue import Picks
from musicdesk.gui.player.snippets import Snippet
from musicdesk.gui.rating import RATINGS, Playing, Rating, foretold
from musicdesk.gui.shell import Goto, Shell, Why
from musicdesk.gui.task import Outcome
from musicdesk.gui.verbs import BY_NAME, Choice
from musicdesk.workflows.request import Request

PREVIEW_MS, PREVIEW_FROM = 8_000, 0.35  # how long, and from which share of the track
STOPS = 8  # tracks that a path may lead through


class PlayerFace(Playing, Protocol):
    """What the actions need of the player."""

    def play(self, tracks: Sequence[TrackId], picks: Picks | None = None) -> None: ...

    def play_next(self, tracks: Sequence[TrackId], picks: Picks | None = None) -> None: ...

    def enqueue(self, tracks: Sequence[TrackId], picks: Picks | None = None) -> None: ...

    def play_without_end(
        self, request: Request, name: str, tracks: Sequence[TrackId], picks: Picks | None = None
    ) -> None: ...

    def hear(self, snippets: Sequence[Snippet]) -> None: ...

    def toggle(self) -> None: ...


class Actions(QObject):
    """`player` is told what to play; everything else goes to workflows or to a page."""

    def __init__(self, shell: Shell, player: PlayerFace) -> None:
        super().__init__(shell)
        self._shell = shell
        self._player = player
        self.rating = Rating(shell, player)
        shell.weighed.connect(self._weigh)
        shell.jobs.ended.connect(self._job_ended)

    def perform(self, verb: str, choice: Choice) -> None:
        if verb == "pause":
            self._player.toggle()
        elif choice.tracks and (choice := self._there(choice)).tracks:
            if verb in RATINGS:
                self._shell.when_at_hand(lambda: self.rating.say(verb, choice))
            else:
                self._other(verb, choice)

    def _there(self, choice: Choice) -> Choice:
        """Without tracks that have gone from the library since they were listed; says so where none is left."""
        there = self._shell.desk.catalog.tracks.existing((*choice.tracks, *choice.following))
        tracks, following = (
            tuple(track for track in part if track in there) for part in (choice.tracks, choice.following)
        )
        if not tracks:
            what = "None of these tracks is" if len(choice.tracks) > 1 else "This track is not"
            self._shell.trouble(f"{what} in the library any more.")
        return replace(choice, tracks=tracks, following=following)

    def _other(self, verb: str, choice: Choice) -> None:
        first = choice.tracks[0]
        doings: dict[str, Callable[[], object]] = {
            "play": lambda: self._play(choice),
            "next": lambda: self._enqueue(choice, after_current=True),
            "queue": lambda: self._enqueue(choice, after_current=False),
            "radio": lambda: self._shell.went.emit(Goto("discover", "radio", first)),
            "similar": lambda: self._shell.went.emit(Goto("discover", "similar", first)),
            "apart": lambda: self._shell.went.emit(Goto("discover", "apart", first)),
            "path": lambda: self._path(choice.tracks),
            "map": lambda: self._shell.went.emit(Goto("map", "show", first)),
            "why": lambda: self._shell.wondered.emit(Why(first, choice.reasons.get(first, ()))),
            "hear": lambda: self.hear(first, choice.reasons.get(first, ())),
            "pin": lambda: self._shell.notice("Tracks are pinned in a playlist: make one on Discover."),
            "exclude": lambda: self._exclude(choice.tracks, True),
            "include": lambda: self._exclude(choice.tracks, False),
            "again": lambda: self.try_again(choice.tracks),
            "artist": lambda: self._shell.went.emit(Goto("library", "artist", first)),
            "album": lambda: self._shell.went.emit(Goto("library", "album", first)),
            "file": lambda: self._show_file(first),
        }
        doings[verb]()

    def _weigh(self, verb: str, choice: Choice) -> None:
        """A verb is looked at and not yet said: what it would move."""
        if text := foretold(self._shell.desk, verb, choice):
            self._shell.notice(f"{BY_NAME[verb].text}: {text}. Nothing is said yet.")

    def radio(self, request: Request, name: str, choice: Choice) -> None:
        """Plays what was chosen, and then more of the same without end."""
        self._player.play_without_end(request, name, choice.tracks, choice.picks)

    def hear(self, track: TrackId, reasons: Sequence[Reason]) -> None:
        """Plays the six seconds in which a track is most like what it was picked for, and those of the other; where
        no reason names another track, of what the person likes."""
        from musicdesk.workflows.hear_why import likest

        named = next((reason.track for reason in reasons if reason.track not in (None, track)), None)
        other = named if named is not None else likest(self._shell.desk, track)
        if other is None:
            self._shell.notice("Like a track or two first: then you can hear what this one has in common with them.")
            return
        self._shell.jobs.start("hear-why", {"track": int(track), "other": int(other)})

    def preview(self, track: TrackId | None) -> None:
        """Plays a few seconds from within a track, in between what plays; None ends that."""
        found = self._shell.desk.catalog.tracks.get_many([track]) if track is not None else []
        long_ms = round(1000 * (found[0].tags.duration_s or 0.0)) if found else 0
        start = max(0, min(round(PREVIEW_FROM * long_ms), long_ms - PREVIEW_MS))
        self._player.hear([Snippet(one.id, start, PREVIEW_MS) for one in found])

    def _job_ended(self, outcome: Outcome) -> None:
        if (outcome.job, outcome.state) == ("hear-why", "finished") and "spans" in outcome.result:
            spans = [(span["track"], span["start_s"], span["end_s"]) for span in outcome.result["spans"]]
            self._player.hear(
                [Snippet(TrackId(t), round(1000 * start), round(1000 * (end - start))) for t, start, end in spans]
            )

    def _path(self, tracks: Sequence[TrackId]) -> None:
        if len(tracks) < 2:
            self._shell.notice("A path needs two tracks or more: choose them with Ctrl, then P.")
        else:
            self._shell.went.emit(Goto("discover", "path", tracks[0], tuple(tracks[:STOPS])))

    def _play(self, choice: Choice) -> None:
        many = len(choice.tracks) > 1
        self._player.play(choice.tracks if many or not choice.following else choice.following, choice.picks)

    def _enqueue(self, choice: Choice, after_current: bool) -> None:
        if after_current:
            self._player.play_next(choice.tracks, choice.picks)
        else:
            self._player.enqueue(choice.tracks, choice.picks)
        what = self._title(choice.tracks[0]) if len(choice.tracks) == 1 else f"{len(choice.tracks):,} tracks"
        self._shell.notice(f"{what} plays next." if after_current else f"{what} added to the queue.")

    def undo(self) -> None:
        """Takes back what was said last."""
        self.rating.undo()

    def _exclude(self, tracks: Sequence[TrackId], out: bool) -> None:
        with self._shell.desk.catalog.write():
            for track in tracks:
                choice, reason = ("always", "by your choice") if out else ("never", "")
                self._shell.desk.catalog.tracks.exclude(track, choice, reason)
        self._shell.tell(Changes.TRACKS)
        what = self._title(tracks[0]) if len(tracks) == 1 else f"{len(tracks):,} tracks"
        self._shell.notice(f"{what} {'stays out of' if out else 'may be in'} playlists.")

    def try_again(self, tracks: Sequence[TrackId] | None = None) -> None:
        """Files that could not be read, these or all, are read once more."""
        count = self._shell.desk.catalog.sound.try_again(tracks)
        if not count:
            return
        self._shell.tell(Changes.TRACKS | Changes.FAILURES)
        self._shell.jobs.start("settle", {"roots": []})
        self._shell.notice("The file is read again." if count == 1 else f"{count:,} files are read again.")

    def _show_file(self, track: TrackId) -> None:
        path = self._shell.desk.catalog.tracks.get(track).path
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            self._shell.trouble(f"The folder {shown(folder)} is not there now.")
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(os.fsdecode(folder)))

    def _title(self, track: TrackId) -> str:
        found = self._shell.desk.catalog.tracks.get_many([track])
        return found[0].tags.title if found else "A track"
