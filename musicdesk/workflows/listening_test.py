"""The listening test of one person (after Zhao, Pu): models told of the history up to a day recommend, and are judged.

What a model, popularity and chance would have recommended on that day, none of it played before, is shuffled into one
list, and nobody sees who proposed what. Once every track of it has a verdict that was given since, shares are told by
who proposed it, beside what the history says: which of the tracks were played in the days after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.feedback import Opinion
from musicdesk.core.types import Pick, Playlist, PlaylistId, Reason, TrackId, Verdict
from musicdesk.evaluation.intervals import Interval, wilson
from musicdesk.workflows.recommend import Request, prepare
from musicdesk.workflows.request import said_of

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

KEY = "listening_test"  # of what is kept with the list: until, days, by {who: tracks}
MADE_BY = "listening test"  # stands for the model
EACH = 10  # tracks that each proposes
POPULARITY, CHANCE = "popularity", "random"
BLIND = Reason("Who proposed it is told when all tracks are judged.")


@dataclass(frozen=True)
class Share:
    """What became of one contestant's tracks: the share that is liked, and that was played in the days after."""

    tracks: int
    liked: Interval
    played: Interval


@dataclass(frozen=True)
class Test:
    """tracks: those that are still there; shares: by who proposed, empty until every one of them is judged"""

    playlist: PlaylistId
    name: str
    until: float
    days: float
    tracks: int
    judged: int
    shares: Mapping[str, Share]

    @property
    def sentence(self) -> str:
        if not self.tracks:
            return f"{self.name}: its tracks are no longer in the library."
        if self.judged < self.tracks:
            judged = f"{self.judged} of {self.tracks} tracks are judged"
            return f"{self.name}: {judged}; who proposed what is told when all are."
        told = (f"{who} {_in_words(share)}" for who, share in self.shares.items())
        return f"{self.name}: liked of what each proposed: {', '.join(told)}."


def _in_words(share: Share) -> str:
    if not share.tracks:
        return "–"
    return f"{share.liked.mean:.0%} [{share.liked.low:.0%}, {share.liked.high:.0%}]"


def propose(desk: Desk, model: str, until: float, days: float, seed: int, each: int = EACH) -> Playlist:
    """The list to judge, kept. The one from before where the same was asked. Raises NotReady, Emptied.

    model: a model's name or a run's number, '' for the one in use; until: the moment after which nothing is known
    """
    asked = {"model": model, "until": until, "days": days, "seed": seed}
    for playlist, _made_at, kept in _kept(desk):
        if {name: kept.get(name) for name in asked} == asked:
            return desk.catalog.playlists.get(playlist)
    request = Request("unplayed", n=each, adventure=0.0, as_of=until, memory_days=0.0, seed=seed, model=model)
    prepared = prepare(desk, request)
    mine = prepared.compose(request)[0]
    by = {mine.model: [int(pick.track) for pick in mine.picks]}
    if mine.model != POPULARITY:
        found = prepare(desk, Request(**{**request.kept(), "model": POPULARITY})).compose(request)[0]
        by[POPULARITY] = [int(pick.track) for pick in found.picks]
    draw = np.random.default_rng([seed, int(until)])
    closed = np.any(list(prepared.candidates.blocked.values()), axis=0)  # type: ignore[union-attr]
    free = prepared.candidates.ids[~closed]  # type: ignore[union-attr]
    by[CHANCE] = sorted(draw.choice(free, min(each, len(free)), replace=False).tolist())
    together = np.unique([track for tracks in by.values() for track in tracks])
    picks = tuple(Pick(TrackId(track), 0.0, (BLIND,)) for track in draw.permutation(together).tolist())
    made = Playlist(None, f"Listening test, as of {said_of(until)}", request.kind, picks, seed, MADE_BY)
    return desk.catalog.playlists.save(made, {**request.kept(), KEY: {**asked, "by": by}})


def tests(desk: Desk) -> list[Test]:
    """Every listening test whose list is still kept, the newest first."""
    tracks, moments = desk.catalog.listens.timed()
    found = []
    for playlist, made_at, kept in _kept(desk):
        inside = (moments > kept["until"]) & (moments <= kept["until"] + kept["days"] * 86_400.0)
        found.append(_told(desk, playlist, made_at, kept, frozenset(np.unique(tracks[inside]).tolist())))
    return found


def _kept(desk: Desk) -> list[tuple[PlaylistId, float, dict[str, Any]]]:
    """Number, moment and what is kept of every such list."""
    lists = [row for row in desk.catalog.playlists.all() if row.name.startswith("Listening")]
    asked = ((row, desk.catalog.playlists.request(row.id)) for row in lists)
    return [(row.id, row.made_at, request[KEY]) for row, request in asked if KEY in request]


def _told(desk: Desk, playlist: PlaylistId, made_at: float, kept: Mapping[str, Any], played: frozenset[int]) -> Test:
    every = sorted({track for tracks in kept["by"].values() for track in tracks})
    said = desk.catalog.feedback.said_since(made_at)  # what was said before may have been of a list with a name
    here = [track.id for track in desk.catalog.tracks.get_many([TrackId(t) for t in every])]
    verdicts = {int(track): said[track].verdict if track in said else None for track in here}
    judged = {int(track) for track in here if track in said and _judges(said[track])}
    shares: dict[str, Share] = {}
    if verdicts and judged == set(verdicts):
        shares = {
            who: _share([t for t in tracks if t in verdicts], verdicts, played) for who, tracks in kept["by"].items()
        }
    name = desk.catalog.playlists.get(playlist).name
    return Test(playlist, name, kept["until"], kept["days"], len(verdicts), len(judged), shares)


def _judges(opinion: Opinion) -> bool:
    return opinion.verdict is not None or bool(opinion.stars)  # three stars: heard, and neither liked nor not


def _share(tracks: Sequence[int], verdicts: Mapping[int, Verdict | None], played: frozenset[int]) -> Share:
    liked = sum(verdicts[track] is Verdict.LIKE for track in tracks)
    heard = sum(track in played for track in tracks)
    return Share(len(tracks), wilson(liked, len(tracks)), wilson(heard, len(tracks)))
