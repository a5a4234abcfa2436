"""What a duel shows: one *For you* of two models, in which nobody sees who picked what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from musicdesk.catalog.duels import Duel
from musicdesk.core.types import Pick, Playlist, Side, Track, TrackId
from musicdesk.evaluation.interleaving import Drafted, team_draft
from musicdesk.playlists.assemble import TYPICAL_S, Assembled, places_of
from musicdesk.workflows.duel import lost, name_of, settle

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

KIND = "for-you"
MODEL = "duel"  # the model of such a list, until it is over


class Asked(Protocol):
    """What a duel needs to know of a request."""

    @property
    def kind(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def as_of(self) -> float: ...

    @property
    def n(self) -> int: ...

    @property
    def minutes(self) -> float: ...

    @property
    def stays(self) -> tuple[tuple[int, TrackId], ...]: ...


R = TypeVar("R", bound=Asked)
Draft = Callable[["Desk", R], tuple[Playlist, Assembled]]  # a list by one model


@dataclass(frozen=True, eq=False)
class Interleaved:
    """sides: who made each pick, and in which round; None for what the person keeps in the list, which nobody picked"""

    playlist: Playlist
    assembled: Assembled
    duel: Duel
    sides: tuple[Drafted | None, ...]

    def keep(self, desk: Desk, request: dict[str, Any]) -> Playlist:
        with desk.catalog.write():
            kept = desk.catalog.playlists.save(self.playlist, request)
            both = [(pick.id, drafted) for pick, drafted in zip(kept.picks, self.sides, strict=True)]
            noted = [(pick, drafted.side, drafted.round) for pick, drafted in both if pick is not None and drafted]
            desk.catalog.duels.note(self.duel.id, noted)
        return kept


def duel_of(desk: Desk, request: Asked) -> Duel | None:
    """The duel that this request is a part of: one that runs, where nobody asked for a certain model.

    None as well when it has just come to its end, or one of its models cannot be asked any more.
    """
    if request.kind != KIND or request.model or request.as_of:
        return None
    duel = settle(desk)
    return duel if duel is not None and not lost(desk, duel) else None


def interleaved(desk: Desk, request: R, duel: Duel, draft: Draft[R]) -> Interleaved:
    """Both models make the list, each as if alone, and the team draft makes one of both. The coins of every list of a
    duel are new ones; until a list is kept, asking again gives the same."""
    made = {
        side: draft(desk, replace(request, model=name_of(duel.of(side))))  # type: ignore[type-var]
        for side in (Side.A, Side.B)
    }
    rankings = {side: [pick.track for pick in playlist.picks] for side, (playlist, _account) in made.items()}
    seed = [duel.seed, desk.catalog.duels.shown(duel.id)]
    window = min(account.window for _playlist, account in made.values())
    sides = _drafted(desk, request, rankings, window, seed)
    at = [(side, rankings[side].index(track)) for side, track, _drafted in sides]
    picks = tuple(_blind(made[side][0].picks[place], place, len(rankings[side])) for side, place in at)
    playlist = replace(made[Side.A][0], picks=picks, model=MODEL)
    return Interleaved(playlist, _account(made, at), duel, tuple(drafted for _side, _track, drafted in sides))


def _drafted(
    desk: Desk, request: Asked, rankings: dict[Side, list[TrackId]], window: int, seed: list[int]
) -> list[tuple[Side, TrackId, Drafted | None]]:
    """(whose list it is taken from, track, its pick) in order. What stays is in both lists and is no pick of either:
    the draft goes on around it."""
    either = list(dict.fromkeys(rankings[Side.A] + rankings[Side.B]))
    stays = [(place, track) for place, track in request.stays if track in either]
    fixed = {track for _place, track in stays}
    a, b = ([track for track in rankings[side] if track not in fixed] for side in (Side.A, Side.B))
    known = {track.id: track for track in desk.catalog.tracks.get_many(either)}
    n = len(either) if request.minutes else request.n - len(stays)
    drafted = team_draft(a, b, n, seed, _fits(known, stays, window))
    if request.minutes:
        drafted = _as_long(drafted, fixed, known, 60.0 * request.minutes)
    tracks = [*(pick.track for pick in drafted), *sorted(fixed)]
    places = places_of([(place, int(track)) for place, track in stays], np.array(tracks, np.int64))
    rest = iter(drafted)
    mine = [tracks[places[place]] if place in places else next(rest) for place in range(len(tracks))]
    return [_as_side(one, rankings) for one in mine]


def _as_side(one: TrackId | Drafted, rankings: dict[Side, list[TrackId]]) -> tuple[Side, TrackId, Drafted | None]:
    if isinstance(one, Drafted):
        return one.side, one.track, one
    return (Side.A if one in rankings[Side.A] else Side.B), one, None


def _as_long(
    drafted: list[Drafted], fixed: Collection[TrackId], known: dict[TrackId, Track], target: float
) -> list[Drafted]:
    """So many picks that the length with what stays comes nearest to `target` seconds; one track is the least."""
    lengths = {track: known[track].tags.duration_s for track in known}
    told = [length for length in lengths.values() if length]
    typical = float(np.median(told)) if told else TYPICAL_S
    seconds = [lengths[pick.track] or typical for pick in drafted]
    start = sum(lengths[track] or typical for track in fixed)
    least = 0 if fixed else 1
    totals = start + np.cumsum([0.0, *seconds])[least:]
    return drafted[: least + int(np.argmin(np.abs(totals - target)))] if len(totals) else drafted


def _blind(pick: Pick, place: int, of: int) -> Pick:
    """Scores of two models have no common unit, and would tell who picked: the place in the model's own list stays."""
    return replace(pick, score=1.0 - place / of)


def _account(made: dict[Side, tuple[Playlist, Assembled]], at: Sequence[tuple[Side, int]]) -> Assembled:
    both = {side: account for side, (_playlist, account) in made.items()}
    return replace(
        both[Side.A],
        rows=np.array([both[side].rows[place] for side, place in at], np.int64),
        scores=np.array([both[side].scores[place] for side, place in at], np.float32),
        parts=tuple(both[side].parts[place] for side, place in at),
        window=min(account.window for account in both.values()),
        notices=tuple(dict.fromkeys(notice for account in both.values() for notice in account.notices)),
    )


def _fits(
    known: dict[TrackId, Track], stays: Sequence[tuple[int, TrackId]], window: int
) -> Callable[[TrackId, Sequence[TrackId]], bool]:
    """The rules of one list, over what stays and what two models want: an artist once in `window`, a song once."""
    fixed = dict(stays)
    free = [place for place in range(len(known) + len(stays)) if place not in fixed]

    def fits(track: TrackId, shown: Sequence[TrackId]) -> bool:
        mine, here = known[track], len(shown)
        last = max(0, here - window + 1)
        placed = [*zip(free[last:here], shown[last:], strict=True), *fixed.items()]
        near = {known[other].tags.artist.casefold() for place, other in placed if abs(place - free[here]) < window}
        if mine.tags.artist and mine.tags.artist.casefold() in near:
            return False
        return not mine.version_of or mine.version_of not in {
            known[other].version_of for other in (*shown, *fixed.values())
        }

    return fits
