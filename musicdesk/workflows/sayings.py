"""The ledger of feedback: all that was said of tracks, in words, with what it moved and whether it counts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from musicdesk.core.feedback import Reach, Saying, Scope
from musicdesk.core.types import PickId, Verdict
from musicdesk.playlists.kinds import kinds
from musicdesk.workflows.kept import scope_of

if TYPE_CHECKING:
    from musicdesk.catalog.feedback import Event
    from musicdesk.workflows.desk import Desk

EVERYWHERE_WORDS = {
    Verdict.LIKE: "more like this",
    Verdict.DISLIKE: "less like this",
    Verdict.NEVER: "never",
    Verdict.CLEAR: "nothing said",
}


@dataclass(frozen=True)
class Entry:
    event: Event
    title: str
    artist: str
    path: bytes

    @property
    def words(self) -> str:
        return in_words(self.event.said)

    @property
    def moved(self) -> str:
        """'34 up, 212 down', '' where it moved nothing or nobody looked."""
        return moved_words(*self.event.effect) if self.event.effect else ""

    def row(self) -> dict[str, Any]:
        """With the keys that the command line promises."""
        event = self.event
        up, down = event.effect or (None, None)
        return {
            "feedback": event.id,
            "at": datetime.fromtimestamp(event.at, UTC).isoformat(),
            "track": int(event.track),
            "path": os.fsdecode(self.path),
            "title": self.title,
            "artist": self.artist,
            "verdict": event.verdict.value,
            "scope": str(event.said.scope),
            "stars": event.said.stars,
            "words": self.words + (" (taken back)" if event.undone else ""),
            "position": event.position,
            "heard_ms": event.heard_ms,
            "effect": {"up": up, "down": down},
            "moved": self.moved,
            "undone": event.undone,
        }


def entries(desk: Desk, limit: int = 200) -> list[Entry]:
    """The newest first."""
    events = desk.catalog.feedback.events(limit)
    tracks = {track.id: track for track in desk.catalog.tracks.get_many(list({event.track for event in events}))}
    return [
        Entry(event, found.tags.title, found.tags.artist, found.path)
        for event in events
        if (found := tracks.get(event.track))
    ]


def in_words(said: Saying) -> str:
    """'more like this', 'not now', 'not in “For you”', '4 stars'."""
    if said.stars is not None:
        return "1 star" if said.stars == 1 else f"{said.stars} stars"
    if said.scope.reach is Reach.EVERYWHERE:
        return EVERYWHERE_WORDS[said.verdict]
    back = said.verdict is Verdict.CLEAR
    if said.scope.reach is Reach.NOW:
        return "now again" if back else "not now"
    return f"{'again' if back else 'not'} in “{where(said.scope)}”"


def where(scope: Scope) -> str:
    """What the lists of a scope are called."""
    if scope.reach is Reach.KIND:
        return kinds()[scope.name].title if scope.name in kinds() else scope.name
    return scope.name


def moved_words(up: int, down: int) -> str:
    return f"{up:,} up, {down:,} down" if up or down else ""


def not_in(desk: Desk, pick: PickId) -> Saying | None:
    """What "not in this mix" says of a pick; None when its list is gone."""
    found = desk.catalog.playlists.of_pick(pick)
    return Saying(Verdict.DISLIKE, scope_of(*found)) if found else None
