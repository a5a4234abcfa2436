"""Rating and playing: one event, its effect on what would be picked, and its undoing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import Unusable
from musicdesk.core.feedback import Reach, Saying
from musicdesk.core.types import PickId, PlayEnd, TrackId, Verdict
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.taste import keep_ranks, ranks_of, standing_ranks

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Effect:
    """Tracks that rise and fall in "for you"; for what holds in one list only, `down` is the track that leaves it."""

    up: int
    down: int


@dataclass(frozen=True)
class Rated:
    event: int
    up: int  # tracks that rose in "for you"
    down: int
    changes: Changes = Changes.FEEDBACK


@dataclass(frozen=True)
class Spoken:
    """A saying and where it was said: the pick that showed the track, its place, and what was heard of it by then."""

    track: TrackId
    said: Saying
    pick: PickId | None = None
    position: int | None = None
    heard_ms: int | None = None


@dataclass(frozen=True)
class RatedAll:
    events: tuple[int, ...]
    up: int  # tracks that all of it together moved in "for you"
    down: int
    changes: Changes = Changes.FEEDBACK


@dataclass(frozen=True)
class Undone:
    track: TrackId
    said: Saying  # what was taken back
    event: int
    changes: Changes = Changes.FEEDBACK

    @property
    def verdict(self) -> Verdict:
        return self.said.verdict


def preview(desk: Desk, track: TrackId, said: Saying | Verdict) -> Effect:
    """What a rating would move; nothing is written. Raises NotFound for an unknown track."""
    return _foreseen(desk, track, said)[0]


def foreseen_at_once(desk: Desk, track: TrackId, said: Saying) -> Effect | None:
    """As `preview`; None while the model has not been read, which would take a moment."""
    return preview(desk, track, said) if "ranks key" in desk.memo else None


@at_one_moment
def _foreseen(desk: Desk, track: TrackId, said: Saying | Verdict) -> tuple[Effect, np.ndarray]:
    """The effect, and the ranks that will stand then."""
    said = said if isinstance(said, Saying) else Saying(said)
    desk.catalog.tracks.get(track)
    feedback = desk.catalog.feedback
    if said.scope.reach in (Reach.KIND, Reach.LIST):
        leaves = said.verdict is Verdict.DISLIKE and said.scope not in feedback.opinion(track).scoped
        return Effect(0, int(leaves)), standing_ranks(desk)
    before = standing_ranks(desk)
    after = ranks_of(desk, feedback.listener_after(track, said), feedback.resting_after(track, said))
    return _moved(before, after), after


def rate(
    desk: Desk,
    track: TrackId,
    said: Saying | Verdict,
    *,
    pick: PickId | None = None,
    position: int | None = None,
    heard_ms: int | None = None,
) -> Rated:
    """Keeps the verdict and tells how many tracks it moves. Raises NotFound for an unknown track."""
    heard = desk.catalog.sound.stamp()
    effect, ranks = _foreseen(desk, track, said)
    moved = (effect.up, effect.down)
    event = desk.catalog.feedback.rate(track, said, pick=pick, position=position, heard_ms=heard_ms, effect=moved)
    if desk.catalog.sound.stamp() == heard:  # else there are more tracks by now, and all are ranked when asked for
        keep_ranks(desk, ranks)
    return Rated(event, *moved)


def rate_all(desk: Desk, spoken: Sequence[Spoken]) -> RatedAll:
    """As `rate`, of several tracks at once: all of it is kept or nothing, and the effect is told of the whole; single
    ones have none. Raises NotFound for an unknown track."""
    if len(spoken) == 1:
        one = spoken[0]
        done = rate(desk, one.track, one.said, pick=one.pick, position=one.position, heard_ms=one.heard_ms)
        return RatedAll((done.event,), done.up, done.down)
    with desk.catalog.write():  # in one transaction, or a track that is heard meanwhile is in one ranking alone
        before = standing_ranks(desk)
        events = tuple(_keep(desk, each) for each in spoken)
        effect = _moved(before, standing_ranks(desk))
    return RatedAll(events, effect.up, effect.down)


def _keep(desk: Desk, one: Spoken) -> int:
    desk.catalog.tracks.get(one.track)
    return desk.catalog.feedback.rate(one.track, one.said, pick=one.pick, position=one.position, heard_ms=one.heard_ms)


def undo(desk: Desk, event: int | None = None) -> Undone | None:
    """Takes back one rating, the newest unless named; None when there is nothing left to take back.

    Raises NotFound for an unknown event, Unusable for one that is taken back already.
    """
    gone = desk.catalog.feedback.undo(event)
    return Undone(gone.track, gone.said, gone.id) if gone else None


def undo_all(desk: Desk, events: Sequence[int]) -> list[Undone]:
    """Takes these ratings back, the newest first; those that are taken back already are passed over."""
    undone = []
    with desk.catalog.write():
        for event in sorted(events, reverse=True):
            with suppress(Unusable):
                gone = undo(desk, event)
                undone += [gone] if gone is not None else []
    return undone


def newest(desk: Desk) -> int | None:
    """The rating that `undo` would take back."""
    return desk.catalog.feedback.newest()


def log_play(
    desk: Desk, track: TrackId, heard_ms: int, duration_ms: int, ended: PlayEnd, *, pick: PickId | None = None
) -> Changes:
    desk.catalog.feedback.played(track, heard_ms, duration_ms, ended, pick=pick)
    return Changes.FEEDBACK


def _moved(before: np.ndarray, after: np.ndarray) -> Effect:
    """How many rise and how many fall. With no standing before, all that stand now have risen."""
    if len(before) != len(after):
        return Effect(len(after), 0) if not len(before) else Effect(0, len(before))
    return Effect(int((after < before).sum()), int((after > before).sum()))
