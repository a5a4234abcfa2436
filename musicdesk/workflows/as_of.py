"""A day in the past: who the listener was then, what a list could choose from, and what came of it afterwards.

Plays and ratings after the moment are not known. What histories tell without a time, such as likes of a service, is
left out. The library is the one of today: when a track came into it says little of when its owner got to know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.feedback import EVERYWHERE, Opinion
from musicdesk.core.types import Listener, Reason, TrackId, Verdict
from musicdesk.playlists.rules import Candidates
from musicdesk.recommenders.base import Fitted, Timeline
from musicdesk.recommenders.blend_fitted import BlendFitted
from musicdesk.recommenders.own_weights import past
from musicdesk.workflows.request import said_of

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MOST_RATINGS = 1_000_000


def listener_at(desk: Desk, moment: float) -> Listener:
    """By the plays that count and the ratings up to the moment. Raises NotReady when there was nothing yet."""
    found = past(_plays(desk), moment)
    opinions = _opinions(desk, moment)
    liked = {track: each.weight for track, each in opinions.items() if each.verdict is Verdict.LIKE}
    against = (Verdict.DISLIKE, Verdict.NEVER)
    disliked = {track: each.weight for track, each in opinions.items() if each.verdict in against}
    if not (found.plays or liked):
        raise NotReady(f"Nothing is known of what you played or liked before {said_of(moment)}.")
    return replace(found, liked=liked, disliked=disliked)


def _plays(desk: Desk) -> Timeline:
    """Every play that counts, read again only when there are others: a long history takes a while."""
    key = desk.catalog.feedback.stamp()
    if desk.memo.get("plays key") != key:
        desk.memo["plays"], desk.memo["plays key"] = Timeline(*desk.catalog.listens.timed()), key
    found: Timeline = desk.memo["plays"]
    return found


def _opinions(desk: Desk, moment: float) -> dict[TrackId, Opinion]:
    """What held of each track; a rating that was taken back counts as if it had never been given."""
    held: dict[TrackId, Opinion] = {}
    for event in reversed(desk.catalog.feedback.events(MOST_RATINGS)):
        if event.at <= moment and not event.undone and event.said.scope == EVERYWHERE:
            held[event.track] = held.get(event.track, Opinion()).after(event.said, event.at)
    return dict(sorted(held.items()))


def model_at(fitted: Fitted) -> Fitted:
    """The model told no more than what was known then. What it learned from a crowd stays; a blend's parts weigh the
    same, for their weights of today have seen what came later."""
    return fitted.with_weights({}) if isinstance(fitted, BlendFitted) else fitted


def choices_at(now: Candidates, listener: Listener) -> Candidates:
    """What a list could have chosen from: nothing had been shown, and only what was refused by then is refused."""
    nothing = np.zeros(len(now), np.float32)
    refused = np.isin(now.ids, np.fromiter(listener.disliked, np.int64, len(listener.disliked)))
    later = ("refused", "resting", "not here", "heard lately")
    kept = {rule: mask for rule, mask in now.blocked.items() if rule not in later}
    return replace(now, exposure=nothing, rest=nothing, blocked={**kept, "refused": refused})


@dataclass(frozen=True)
class Afterwards:
    """What came after a moment: plays by track, and what is liked by now and was not then."""

    plays: Mapping[TrackId, int]
    liked: frozenset[TrackId]

    @classmethod
    def of(cls, desk: Desk, moment: float, then: Listener) -> Afterwards:
        line = _plays(desk)
        found, counts = np.unique(line.tracks[line.moments > moment], return_counts=True)
        plays = {TrackId(track): n for track, n in zip(found.tolist(), counts.tolist(), strict=True)}
        return cls(plays, frozenset(desk.catalog.feedback.listener().liked) - frozenset(then.liked))

    def reasons(self, track: TrackId) -> tuple[Reason, ...]:
        """What came of a pick; it adds nothing to the score."""
        plays = self.plays.get(track, 0)
        told = [f"played {plays:,} times since" if plays > 1 else "played once since"] if plays else []
        told += ["liked by now"] if track in self.liked else []
        return tuple(Reason(text, 0.0) for text in told)

    def account(self, tracks: Sequence[TrackId]) -> str:
        """'Of these 30 you have played 12 since then, and you like 5 by now.'"""
        played, liked = (sum(track in known for track in tracks) for known in (self.plays, self.liked))
        return f"Of these {len(tracks)} you have played {played} since then, and you like {liked} more by now."
