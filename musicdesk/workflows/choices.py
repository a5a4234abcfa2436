"""The library as lists choose from it: names, memory of what was shown, and the rules that keep tracks out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import Listener, TrackId
from musicdesk.playlists.rules import Candidates, candidates, exposure
from musicdesk.workflows.kept import held_back, kept_out
from musicdesk.workflows.names import written
from musicdesk.workflows.request import LEVERS, Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MEMORY = 12  # half-lives after which a showing weighs nothing
DAY_S = 86_400
SAME_REQUEST_S = 12 * 3600  # asked again within this, a request is the same list, not a repetition of it
LOVED_PLAYS = 3  # from so many plays on a track counts as loved, as a like does
UNHEARD_DAYS = 60  # a loved track not played for so long is to be found again
NEW_DAYS = 30  # in the library for less is new


def choices(
    desk: Desk,
    listener: Listener,
    scores: np.ndarray,
    request: Request,
    only: str = "",
    blocked: Mapping[str, np.ndarray] | None = None,
    name: str = "",
) -> Candidates:
    """The library as the playlist room wants it: one row per track that has a vector.

    only: the rule of a kind that takes a part of the library, see `_kept_by`; blocked: further rules and their rows
    name: what the list is called, for what is kept out of it alone
    """
    vectors = desk.vectors()
    told = written(desk)
    now = time.time()
    memory = now - MEMORY * request.memory_days * DAY_S
    shown = desk.catalog.playlists.exposure(memory, request.kept(), now - SAME_REQUEST_S, LEVERS)
    by_facts = desk.catalog.browse.kept_out()
    return candidates(
        vectors.ids,
        scores,
        artists=told.artists,
        albums=told.albums,
        songs=told.songs,
        seconds=told.seconds,
        years=told.years,
        vectors=vectors.matrix,
        exposure=exposure(shown, vectors.ids, now, request.memory_days),
        fresh=_fresh(desk, listener),
        rest=held_back(desk),
        known=_known(desk, listener),
        blocked={
            **{rule: np.isin(vectors.ids, ids) for rule, ids in by_facts.items()},
            **kept_out(desk, request.kind, name),
            **({only: ~_kept_by(desk, only, listener)} if only else {}),
            **_heard_lately(desk, request.rest_days, now),
            **(blocked or {}),
        },
    )


def _fresh(desk: Desk, listener: Listener) -> np.ndarray:
    """bool (n,): which of the vectors' tracks were never played."""
    ids = desk.vectors().ids

    def look() -> np.ndarray:
        return ~np.isin(ids, np.fromiter(listener.plays, np.int64, len(listener.plays)))

    return _while_plays_stay(desk, "fresh", listener.plays, look)


def _known(desk: Desk, listener: Listener) -> np.ndarray:
    """float32 (n,): how much is known of each track: 1 where something was said of it, up to 1 by its plays."""
    vectors, heard = desk.vectors(), listener.heard

    def look() -> np.ndarray:
        found = np.zeros(len(vectors), np.float32)
        rows = vectors.rows_of(np.fromiter(heard, np.int64, len(heard)))
        weights = np.array([heard[TrackId(track)] for track in vectors.ids[rows].tolist()], np.float32)
        found[rows] = np.minimum(weights / LOVED_PLAYS, 1.0)
        return found

    found = _while_plays_stay(desk, "known", heard, look).copy()
    found[vectors.rows_of([*listener.liked, *listener.disliked])] = 1.0
    return found


def _while_plays_stay(
    desk: Desk, name: str, plays: Mapping[TrackId, float], look: Callable[[], np.ndarray]
) -> np.ndarray:
    """What `look` finds, kept as long as the very same plays and vectors are asked about: a rating leaves them as they
    are, and the list after it is waited for."""
    ids = desk.vectors().ids
    kept = desk.memo.get(name)
    if kept is None or kept[0] is not plays or kept[1] is not ids:
        kept = desk.memo[name] = (plays, ids, look())
    found: np.ndarray = kept[2]
    return found


def _heard_lately(desk: Desk, rest_days: float, now: float) -> dict[str, np.ndarray]:
    if not rest_days:
        return {}
    heard = desk.catalog.browse.played_since(now - rest_days * DAY_S)
    return {"heard lately": np.isin(desk.vectors().ids, heard)}


def _kept_by(desk: Desk, only: str, listener: Listener) -> np.ndarray:
    """bool (n,): the vectors' rows that a kind's own rule leaves, by the rule's name in `playlists.rules.RULES`."""
    ids = desk.vectors().ids
    now = time.time()
    if only == "played":
        return ~np.isin(ids, [track for track, count in listener.plays.items() if count > 0])
    if only == "not new":
        return np.isin(ids, desk.catalog.browse.added_since(now - NEW_DAYS * DAY_S))
    loved = {track for track, count in listener.plays.items() if count >= LOVED_PLAYS} | set(listener.liked)
    lately = desk.catalog.browse.played_since(now - UNHEARD_DAYS * DAY_S)
    return np.isin(ids, list(loved)) & ~np.isin(ids, lately)
