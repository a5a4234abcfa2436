"""What a duel shows: one *For you* of two models, in which nobody sees who picked what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from musicdesk.catalog.duels import Contestant, Duel
from musicdesk.core.types import Pick, Playlist, Side, TrackId
from musicdesk.evaluation.interleaving import Drafted, team_draft
from musicdesk.playlists.assemble import Assembled
from musicdesk.workflows.duel import settle
from musicdesk.workflows.taste import standing

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


R = TypeVar("R", bound=Asked)
Draft = Callable[["Desk", R], tuple[Playlist, Assembled]]  # a list by one model


def name_of(contestant: Contestant) -> str:
    """As `standing` takes it."""
    return contestant.model if contestant.run is None else str(int(contestant.run))


@dataclass(frozen=True, eq=False)
class Interleaved:
    """sides: who made each pick, and in which round"""

    playlist: Playlist
    assembled: Assembled
    duel: Duel
    sides: tuple[Drafted, ...]

    def keep(self, desk: Desk, request: dict[str, Any]) -> Playlist:
        with desk.catalog.write():
            kept = desk.catalog.playlists.save(self.playlist, request)
            noted = [
                (pick.id, drafted.side, drafted.round) for pick, drafted in zip(kept.picks, self.sides, strict=True)
            ]
            desk.catalog.duels.note(
                self.duel.id, [(pick, side, turn) for pick, side, turn in noted if pick is not None]
            )
        return kept


def duel_of(desk: Desk, request: Asked) -> Duel | None:
    """The duel that this request is a part of: one that runs, where nobody asked for a certain model.

    None as well when it has just come to its end, or one of its models cannot be asked any more.
    """
    if request.kind != KIND or request.model or request.as_of:
        return None
    duel = settle(desk)
    return duel if duel is not None and all(_stands(desk, side) for side in (duel.a, duel.b)) else None


def _stands(desk: Desk, contestant: Contestant) -> bool:
    return standing(desk, name_of(contestant)).run == contestant.run


def interleaved(desk: Desk, request: R, duel: Duel, draft: Draft[R]) -> Interleaved:
    """Both models make the list, each as if alone, and the team draft makes one of both. The coins of every list of a
    duel are new ones; until a list is kept, asking again gives the same."""
    made = {
        side: draft(desk, replace(request, model=name_of(duel.of(side))))  # type: ignore[type-var]
        for side in (Side.A, Side.B)
    }
    rankings = {side: [pick.track for pick in playlist.picks] for side, (playlist, _account) in made.items()}
    fits = _fits(desk, rankings[Side.A] + rankings[Side.B], min(account.window for _playlist, account in made.values()))
    seed = [duel.seed, desk.catalog.duels.shown(duel.id)]
    drafted = team_draft(rankings[Side.A], rankings[Side.B], request.n, seed, fits)
    at = [(pick.side, rankings[pick.side].index(pick.track)) for pick in drafted]
    picks = tuple(_blind(made[side][0].picks[place], place, len(rankings[side])) for side, place in at)
    playlist = replace(made[Side.A][0], picks=picks, model=MODEL)
    return Interleaved(playlist, _account(made, at), duel, tuple(drafted))


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


def _fits(desk: Desk, tracks: list[TrackId], window: int) -> Callable[[TrackId, Sequence[TrackId]], bool]:
    """The rules of one list, over what two models want: an artist once in `window` tracks, a song once."""
    known = {track.id: track for track in desk.catalog.tracks.get_many(list(dict.fromkeys(tracks)))}

    def fits(track: TrackId, shown: Sequence[TrackId]) -> bool:
        mine = known[track]
        lately = [known[other].tags.artist.casefold() for other in shown[len(shown) - min(window - 1, len(shown)) :]]
        if mine.tags.artist and mine.tags.artist.casefold() in lately:
            return False
        return not mine.version_of or mine.version_of not in {known[other].version_of for other in shown}

    return fits
