"""Why an owned track is not in a list, and the one step that lets it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from musicdesk.core.types import Analysis, Presence, Track, TrackId, Verdict
from musicdesk.playlists import why_not as room
from musicdesk.playlists.assemble import assemble
from musicdesk.playlists.kinds import kinds
from musicdesk.workflows.contest import Contest
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.prepared import Prepared
from musicdesk.workflows.recommend import prepare
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

# What takes a rule away: of the track itself, or of the list. What is not here is relaxed by its name.
STEPS = {
    "excluded": "allow",
    "refused": "clear",
    "missing": "",
    "left out": "",
    "version": "",
    room.MEMORY: "memory",
    room.VARIETY: "adventure",
    room.TRIAL: "surprise",
    room.LENGTH: "pin",
    "unheard": "analyze",
}
WORDS = {
    "allow": "Allow this track",
    "clear": "Take the verdict back",
    "memory": "Forget what was shown",
    "adventure": "Draw without chance",
    "surprise": "Try nothing out",
    "pin": "Put it in anyway",
    "analyze": "Listen to it",
    "relax": "Relax this rule",
}


@dataclass(frozen=True)
class Hindrance:
    """rule, text, enough: see `playlists.why_not.Obstacle`; step: of WORDS, what takes it away, '' for nothing"""

    rule: str
    text: str
    enough: bool
    step: str

    @property
    def offer(self) -> str:
        return WORDS.get(self.step, "")


@dataclass(frozen=True)
class Account:
    """Of one track and one list. place: from 0, None: it is not in it; rank: from 1, 0 where it has none"""

    track: TrackId
    list: str
    place: int | None
    rank: int = 0
    of: int = 0
    score: float = 0.0
    parts: dict[str, float] | None = None
    hindrances: tuple[Hindrance, ...] = ()

    @property
    def sentence(self) -> str:
        if self.place is not None:
            return f"It is number {self.place + 1} of “{self.list}”, by rank number {self.rank:,} of {self.of:,}."
        if not self.rank:
            return f"It cannot be in “{self.list}”."
        return f"It is not in “{self.list}”: by rank it is number {self.rank:,} of {self.of:,}."


@at_one_moment
def why_not(desk: Desk, track: TrackId, request: Request) -> Account:
    """Makes the list of `request` and looks for the track. Raises NotFound, and what `recommend` does."""
    found = desk.catalog.tracks.get(track)
    prepared = _one_model(desk, request)
    title = prepared.name
    if not len(desk.vectors().rows_of([track])):
        return Account(track, title, None, hindrances=(_unheard(found),))
    if prepared.path is not None:
        return _of_path(prepared, track)
    made = assemble(prepared.weighed(request), prepared.wish(request), request.seed, prepared.steps)
    told = room.why_not(prepared.weighed(request), prepared.wish(request), request.seed, made, track)
    hindrances = tuple(
        Hindrance(each.rule, _text(each, found), each.enough, STEPS.get(each.rule, "relax")) for each in told.obstacles
    )
    return Account(track, title, told.place, told.rank, told.of, told.score, told.parts, hindrances)


def _one_model(desk: Desk, request: Request) -> Prepared:
    """In a duel nobody sees who picks what: the model in use stands for both."""
    made = prepare(desk, request)
    if isinstance(made, Contest):
        from musicdesk.workflows.taste import standing

        made = prepare(desk, replace(request, model=standing(desk).model))
        assert isinstance(made, Prepared)
    return made


def _unheard(track: Track) -> Hindrance:
    if track.analysis is Analysis.FAILED:
        return Hindrance("unheard", "It could not be listened to; the Library says why.", True, "")
    return Hindrance("unheard", "It has not been listened to yet.", True, "analyze")


def _of_path(prepared: Prepared, track: TrackId) -> Account:
    assert prepared.path is not None
    ids = prepared.candidates.ids[prepared.path.rows].tolist()
    if track in ids:
        return Account(track, prepared.name, ids.index(track), 1 + ids.index(track), len(ids))
    text = "Other tracks lie nearer to this way, or keep it from turning back."
    return Account(track, prepared.name, None, hindrances=(Hindrance("way", text, False, ""),))


def _text(obstacle: room.Obstacle, track: Track) -> str:
    if obstacle.rule == "excluded":
        return f"It is kept out of playlists: {track.excluded}."
    if obstacle.rule == "refused" and track.verdict is not None:
        return "You disliked it." if track.verdict is Verdict.DISLIKE else "You never want to hear it."
    if obstacle.rule == "missing":
        return "Its folder is not connected." if track.presence is Presence.OFFLINE else "Its file is gone."
    return obstacle.text


def without(request: Request, hindrance: Hindrance, track: TrackId) -> Request:
    """The request with this hindrance taken away; the same where that is no matter of the list."""
    if hindrance.step == "relax":
        return replace(request, relaxed=(*request.relaxed, hindrance.rule))
    if hindrance.step == "memory":
        return replace(request, memory_days=0.0)
    if hindrance.step == "adventure":
        return replace(request, adventure=0.0)
    if hindrance.step == "surprise":
        return replace(request, surprise=0.0)
    if hindrance.step == "pin":
        taken = {place for place, _ in request.pinned}
        last = request.n - 1
        while last in taken and last > 0:
            last -= 1
        return replace(request, pinned=(*request.pinned, (last, track)))
    return request


def lets_in(desk: Desk, hindrance: Hindrance, track: TrackId) -> bool:
    """Does what is a matter of the track itself: allows it, or takes its verdict back. False where it is not that."""
    if hindrance.step == "allow":
        desk.catalog.tracks.exclude(track, "never", "")
        return True
    if hindrance.step == "clear":
        from musicdesk.workflows.rate import rate

        rate(desk, track, Verdict.CLEAR)
        return True
    return False


def titles() -> dict[str, str]:
    """Kinds of lists by name, for choosing one to look at."""
    return {name: kind.title for name, kind in kinds().items()}
