"""What one says of tracks: tells what it would move, says it, tells what it moved, takes it back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from musicdesk.core.changes import Changes
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.feedback import NOW, Saying, Scope, of_stars
from musicdesk.core.types import PickId, TrackId, Verdict
from musicdesk.gui import words
from musicdesk.gui.labels import short
from musicdesk.gui.player.queue import Stood
from musicdesk.gui.shell import Shell
from musicdesk.gui.verbs import BY_NAME, SAYS, STARS, Choice

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk
    from musicdesk.workflows.rate import Spoken

AT_ONCE = 200  # tracks that one key press may be about
NO_MIX = "This list is no mix of musicdesk's: 'not in this mix' is for the lists on Discover and what plays from them."
PLAIN = {
    "like": Saying(Verdict.LIKE),
    "dislike": Saying(Verdict.DISLIKE),
    "never": Saying(Verdict.NEVER),
    "clear": Saying(Verdict.CLEAR),
    "not-now": Saying(Verdict.DISLIKE, NOW),
    "now": Saying(Verdict.CLEAR, NOW),
    **{verb.name: of_stars(stars) for stars, verb in enumerate(STARS)},
}
RATINGS = frozenset([*PLAIN, *SAYS, "here"])  # verbs that are said of tracks
Dropped = Sequence[Stood]  # of the queue


class Playing(Protocol):
    """What ratings need of the player."""

    def heard_now(self, track: TrackId) -> tuple[PickId | None, int | None]: ...

    def drop(self, tracks: Sequence[TrackId]) -> Dropped: ...

    def put_back(self, dropped: Dropped) -> None: ...


@dataclass(frozen=True)
class _Told:
    """What one key press said: its events, and what left the queue by it."""

    events: tuple[int, ...]
    dropped: Dropped = ()


@dataclass(frozen=True)
class Signs:
    """What is said of tracks beside their verdicts: those that rest now, those kept out of the list on show."""

    resting: frozenset[TrackId] = frozenset()
    kept_out: frozenset[TrackId] = frozenset()

    @classmethod
    def read(cls, desk: Desk, mix: Scope | None = None) -> Signs:
        from musicdesk.playlists.rest import resting

        feedback = desk.catalog.feedback
        now = resting(feedback.kept_from(NOW), time.time())
        return cls(frozenset(now), frozenset(feedback.kept_from(mix)) if mix is not None else frozenset())

    def of(self, track: TrackId, verdict: Verdict | None) -> frozenset[str]:
        """The verbs that hold of a track."""
        found = [verdict.value] if verdict is not None else []
        found += ["not-now"] if track in self.resting else []
        found += ["not-here"] if track in self.kept_out else []
        return frozenset(found)


class Rating:
    def __init__(self, shell: Shell, player: Playing) -> None:
        self._shell, self._player = shell, player
        self._told: list[_Told] = []
        shell.reopened.connect(self._told.clear)

    def say(self, verb: str, choice: Choice) -> None:
        """Says it and tells what it moved, with the way back."""
        from musicdesk.workflows.rate import rate_all

        tracks = choice.tracks[:AT_ONCE]
        spoken = self._spoken(verb, tracks, choice)
        if not spoken:
            self._shell.notice(NO_MIX)
            return
        done = self._shell.attempt(lambda: rate_all(self._shell.desk, spoken))
        if done is None:
            return
        dropped = self._player.drop(tracks) if verb == "never" else ()
        told = _Told(done.events, dropped)
        self._told.append(told)
        self._shell.tell_next(Changes.FEEDBACK)
        text = summary(spoken[0].said, self._titles([each.track for each in spoken]), done.up, done.down)
        self._shell.notice(text, "Undo", lambda: self._take_back(told))

    def undo(self) -> None:
        """Takes back what was said last, all of it where it was said of several tracks at once."""
        from musicdesk.workflows.rate import newest, undo

        last = newest(self._shell.desk)
        told = next((told for told in reversed(self._told) if last in told.events), None)
        if told is not None:
            self._take_back(told)
        elif (undone := self._shell.attempt(lambda: undo(self._shell.desk))) is None:
            self._shell.notice("There is nothing to take back.")
        else:
            self._tell_back(undone.said, [undone.track])

    def take_back(self, event: int) -> None:
        """One saying, whatever came after it."""
        told = next((told for told in self._told if told.events == (event,)), None)
        self._take_back(told or _Told((event,)))

    def _take_back(self, told: _Told) -> None:
        from musicdesk.workflows.rate import undo_all

        undone = self._shell.attempt(lambda: undo_all(self._shell.desk, told.events))
        if told in self._told:
            self._told.remove(told)
            self._player.put_back(told.dropped)
        if undone:
            self._tell_back(undone[0].said, [each.track for each in undone])

    def _tell_back(self, said: Saying, tracks: Sequence[TrackId]) -> None:
        from musicdesk.workflows.sayings import in_words

        self._shell.tell_next(Changes.FEEDBACK)
        self._shell.notice(f"Taken back: {in_words(said)}, of {_what(self._titles(tracks))}.")

    def _spoken(self, verb: str, tracks: Sequence[TrackId], choice: Choice) -> list[Spoken]:
        from musicdesk.workflows.rate import Spoken

        found = []
        for track in tracks:
            pick, heard_ms = self._player.heard_now(track)
            pick = choice.picks.get(track, pick)
            said = saying(self._shell.desk, verb, pick)
            if said is not None:
                found.append(Spoken(track, said, pick, choice.positions.get(track), heard_ms))
        return found

    def _titles(self, tracks: Sequence[TrackId]) -> list[str]:
        found = self._shell.desk.catalog.tracks.get_many(tracks[:1]) if len(tracks) == 1 else []
        return [found[0].tags.title if found else "A track"] if len(tracks) == 1 else [""] * len(tracks)


def saying(desk: Desk, verb: str, pick: PickId | None) -> Saying | None:
    """What a verb says of a track; None for "not in this mix" where there is no mix."""
    if verb in PLAIN:
        return PLAIN[verb]
    from musicdesk.workflows.sayings import not_in

    out = not_in(desk, pick) if pick is not None else None
    return Saying(Verdict.CLEAR, out.scope) if out is not None and verb == "here" else out


def foretold(desk: Desk, verb: str, choice: Choice) -> str:
    """What saying it of one track would move: '34 up, 212 down in “For you”'; '' where that is not known at once."""
    from musicdesk.workflows.rate import foreseen_at_once

    said = saying(desk, verb, choice.picks.get(choice.tracks[0])) if len(choice.tracks) == 1 else None
    if said is None:
        return ""
    try:
        effect = foreseen_at_once(desk, choice.tracks[0], said)
    except MusicdeskError:  # it will be told when it is said
        return ""
    if effect is None:
        return ""
    return f"It would leave {_mix(said)}" if said.scope.name and effect.down else moved(effect.up, effect.down)


def _mix(said: Saying) -> str:
    from musicdesk.workflows.sayings import where

    return f"“{where(said.scope)}”"


def summary(said: Saying, titles: Sequence[str], up: int, down: int) -> str:
    """What was said, where it holds and what it did: 'More like “Song” · 34 up, 212 down'."""
    effect = moved(up, down) if (up or down) and not said.scope.name else ""
    return " · ".join(part for part in (_said(said, _what(titles), len(titles) > 1), effect) if part)


def moved(up: int, down: int) -> str:
    from musicdesk.workflows.sayings import moved_words

    return f"{moved_words(up, down)} in “For you”" if up or down else "moves nothing in “For you”"


def _what(titles: Sequence[str]) -> str:
    return f"“{short(titles[0], 48)}”" if len(titles) == 1 else words.count(len(titles), "track")


def _said(said: Saying, what: str, many: bool) -> str:
    """With the scope: how long and in which lists it holds."""
    from musicdesk.playlists.rest import REST_DAYS

    back = said.verdict is Verdict.CLEAR
    if said.stars is not None:
        return f"{BY_NAME[f'stars-{said.stars}'].text} for {what}"
    if said.scope == NOW:
        rests = f"{what} {'rest' if many else 'rests'} for {REST_DAYS:.0f} days"
        return f"{what} may come again" if back else f"Not now: {rests}, in all lists"
    if said.scope.name:
        mix = _mix(said)
        stays = f"{what} {'stay' if many else 'stays'} out of it"
        return f"{what} may be in {mix} again" if back else f"Not in {mix}: {stays}, and of it alone"
    return {
        Verdict.LIKE: f"More like {what}, in all lists",
        Verdict.DISLIKE: f"Less like {what}, in all lists",
        Verdict.NEVER: f"Never: {what} {'are' if many else 'is'} not picked or played any more",
        Verdict.CLEAR: f"Nothing is said of {what} any more",
    }[said.verdict]
