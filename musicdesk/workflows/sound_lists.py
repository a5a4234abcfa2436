"""Lists that ask about sound alone: a path from one track to another, worlds apart, more of this and less of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.types import Reason, TrackId
from musicdesk.playlists.alike import Card, add_subtract, far_alike
from musicdesk.playlists.assemble import Assembled
from musicdesk.playlists.hubs import Space, without_hubs
from musicdesk.playlists.kinds import Kind
from musicdesk.playlists.paths import way
from musicdesk.playlists.rules import Candidates, allowed
from musicdesk.workflows.choices import choices
from musicdesk.workflows.names import written
from musicdesk.workflows.prepared import Explain, Prepared
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

TELLING_YEARS = 5.0  # years that are worth a word
SOUND = "sound"  # what stands for the model's name in such a list


def by_sound(desk: Desk, kind: Kind, request: Request) -> Prepared:
    """The library scored for such a kind. Raises NotReady, or Unusable where a track is named twice."""
    if not request.seed_tracks or (kind.name == "path" and request.to is None and len(request.seed_tracks) < 2):
        raise NotReady(kind.ask)
    end = [request.to] if kind.name == "path" and request.to is not None else []
    _different(kind, [*request.seed_tracks, *end], request.minus)
    rows = _rows(desk, [*request.seed_tracks, *end])
    make = {"path": _path, "far-alike": _far_alike, "add-subtract": _add_subtract}[kind.name]
    name = f"{kind.title}: {_named(desk, kind, request)}"
    made = make(desk, request, rows, name)
    start = () if kind.seeds_stay else (*request.seed_tracks, *request.minus)
    subject = request.subject()
    return Prepared(
        *(desk, kind, subject, name, SOUND, None, made.candidates, made.explain), leave_out=start, path=made.path
    )


def _different(kind: Kind, named: Sequence[TrackId], minus: Sequence[TrackId]) -> None:
    if kind.name == "path" and len(set(named)) < len(named):
        raise Unusable("A path leads from one track to another; name no track twice.")
    if kind.name == "add-subtract" and set(named) & set(minus):
        raise Unusable("More and less of the same track is nothing; name different ones.")


@dataclass(frozen=True, eq=False)
class _Scored:
    candidates: Candidates
    explain: Explain
    path: Assembled | None = None


def sound_space(desk: Desk) -> Space:
    """Where likeness in sound is told: the vectors, freed of hubs where they have many. Kept until they change."""
    key = (desk.catalog.sound.stamp(), desk.encoder)
    if desk.memo.get("sound space key") != key:
        desk.memo["sound space"], desk.memo["sound space key"] = without_hubs(desk.vectors().matrix), key
    found: Space = desk.memo["sound space"]
    return found


def _rows(desk: Desk, tracks: Sequence[TrackId]) -> np.ndarray:
    """Rows of the vectors, one per track in their order. Raises NotReady when one has not been heard."""
    vectors = desk.vectors()
    found = np.concatenate([vectors.rows_of([track]) for track in tracks]) if len(vectors) else np.empty(0, np.int64)
    if len(found) < len(tracks):
        raise NotReady("What this list would start from has not been listened to yet; run 'musicdesk analyze' first.")
    return found


def _named(desk: Desk, kind: Kind, request: Request) -> str:
    plus = [desk.catalog.tracks.get(track).tags.title for track in request.seed_tracks]
    if kind.name == "path":
        end = [desk.catalog.tracks.get(request.to).tags.title] if request.to is not None else []
        return " → ".join([*plus, *end])
    minus = [desk.catalog.tracks.get(track).tags.title for track in request.minus]
    return " + ".join(plus) + "".join(f" − {title}" for title in minus)


def _path(desk: Desk, request: Request, through: np.ndarray, name: str) -> _Scored:
    vectors = desk.vectors()
    library = _choices(desk, request, np.zeros(len(vectors), np.float32), {}, name)
    passed = allowed(library, request.without, request.relaxed)
    usable = np.zeros(len(vectors), bool)
    usable[passed.rows] = True
    found = way(vectors.matrix, through.tolist(), request.n, usable, library.artists)
    order = {int(row): place for place, row in enumerate(found.rows)}
    stops = set(through.tolist())

    def explain(row: int) -> list[Reason]:
        place = order[row]
        if row in stops:
            where = "starts" if place == 0 else "ends" if place == len(found.rows) - 1 else "leads through"
            return [Reason(f"the way {where} here")]
        before = int(found.rows[place - 1])
        alike = float(vectors.matrix[before] @ vectors.matrix[row])
        track = TrackId(int(vectors.ids[before]))
        return [
            Reason(
                f"{alike:.0%} like the track before, {found.nearness[place]:.0%} like its place on the way", 1.0, track
            )
        ]

    parts = tuple({"quality": float(near)} for near in found.nearness)
    missing = request.n - len(found.rows)
    notices = (f"Only {len(found.rows)} tracks lie on this way.",) if missing > 0 else ()
    made = Assembled(found.rows, found.nearness, parts, 1, notices, passed.dropped)
    return _Scored(library, explain, made)


def _far_alike(desk: Desk, request: Request, starts: np.ndarray, name: str) -> _Scored:
    told = written(desk)
    genre, year = told.genres, told.years.astype(np.float64)
    found = far_alike(sound_space(desk).vectors, starts, Card(told.artists, genre, year))

    def explain(row: int) -> list[Reason]:
        apart = float(1.0 - found.card[row])
        total = float(found.sound[row]) + apart or 1.0
        words = _apart(int(row), starts, genre, year)
        return [
            Reason(f"{found.sound[row]:.0%} alike in sound", float(found.sound[row]) / total, request.seed_tracks[0]),
            Reason(f"by another artist{words}", apart / total),
        ]

    return _Scored(_choices(desk, request, found.scores, {"far": found.scores <= 0}, name), explain)


def _apart(row: int, starts: np.ndarray, genre: np.ndarray, year: np.ndarray) -> str:
    words = ", of another genre" if genre[row] >= 0 and genre[row] not in genre[starts] else ""
    years = np.abs(year[starts] - year[row])
    nearest = float(np.nanmin(years)) if np.isfinite(years).any() else 0.0
    return f"{words}, {nearest:.0f} years apart" if nearest >= TELLING_YEARS else words


def _add_subtract(desk: Desk, request: Request, plus: np.ndarray, name: str) -> _Scored:
    minus = _rows(desk, request.minus) if request.minus else np.empty(0, np.int64)
    space = sound_space(desk).vectors
    scores = add_subtract(space, plus, minus)

    def explain(row: int) -> list[Reason]:
        alike = space[[*plus, *minus]] @ space[row]
        total = float(np.abs(alike).sum()) or 1.0
        named = [desk.catalog.tracks.get(track) for track in (*request.seed_tracks, *request.minus)]
        return [
            Reason(_said(float(value), place < len(plus), track.tags.title), abs(float(value)) / total, track.id)
            for place, (track, value) in enumerate(zip(named, alike, strict=True))
        ]

    return _Scored(_choices(desk, request, scores, {}, name), explain)


def _said(alike: float, wanted: bool, title: str) -> str:
    if wanted:
        return f"{alike:.0%} like '{title}'" if alike > 0 else f"hardly like '{title}'"
    return f"and only {alike:.0%} like '{title}'" if alike > 0 else f"and not like '{title}'"


def _choices(
    desk: Desk, request: Request, scores: np.ndarray, blocked: Mapping[str, np.ndarray], name: str
) -> Candidates:
    return choices(desk, desk.catalog.feedback.listener(), scores, request, blocked=blocked, name=name)
