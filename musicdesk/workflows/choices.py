"""The library as lists choose from it: names, memory of what was shown, and the rules that keep tracks out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.types import Listener
from musicdesk.playlists.rules import Candidates, candidates, exposure
from musicdesk.workflows.kept import held_back, kept_out
from musicdesk.workflows.names import names

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MEMORY_DAYS = 60  # showings older than this weigh nothing
SAME_REQUEST_S = 12 * 3600  # asked again within this, a request is the same list, not a repetition of it
LOVED_PLAYS = 3  # from so many plays on a track counts as loved, as a like does
UNHEARD_DAYS = 60  # a loved track not played for so long is to be found again
NEW_DAYS = 30  # in the library for less is new


def choices(
    desk: Desk,
    listener: Listener,
    scores: np.ndarray,
    request: dict[str, Any],
    only: str = "",
    blocked: Mapping[str, np.ndarray] | None = None,
    name: str = "",
) -> Candidates:
    """The library as the playlist room wants it: one row per track that has a vector.

    only: the rule of a kind that takes a part of the library, see `_kept_by`; blocked: further rules and their rows
    name: what the list is called, for what is kept out of it alone
    """
    vectors = desk.vectors()
    artists, songs = names(desk)
    now = time.time()
    shown = desk.catalog.playlists.exposure(now - MEMORY_DAYS * 86_400, request, now - SAME_REQUEST_S)
    played = np.fromiter(listener.plays, np.int64, len(listener.plays))
    by_facts = desk.catalog.browse.kept_out()
    return candidates(
        vectors.ids,
        scores,
        artists=artists,
        songs=songs,
        vectors=vectors.matrix,
        exposure=exposure(shown, vectors.ids, now),
        fresh=~np.isin(vectors.ids, played),
        rest=held_back(desk),
        blocked={
            **{rule: np.isin(vectors.ids, ids) for rule, ids in by_facts.items()},
            **kept_out(desk, request["kind"], name),
            **({only: ~_kept_by(desk, only, listener)} if only else {}),
            **(blocked or {}),
        },
    )


def _kept_by(desk: Desk, only: str, listener: Listener) -> np.ndarray:
    """bool (n,): the vectors' rows that a kind's own rule leaves, by the rule's name in `playlists.rules.RULES`."""
    ids = desk.vectors().ids
    now = time.time()
    if only == "played":
        return ~np.isin(ids, [track for track, count in listener.plays.items() if count > 0])
    if only == "not new":
        return np.isin(ids, desk.catalog.browse.added_since(now - NEW_DAYS * 86_400))
    loved = {track for track, count in listener.plays.items() if count >= LOVED_PLAYS} | set(listener.liked)
    lately = desk.catalog.browse.played_since(now - UNHEARD_DAYS * 86_400)
    return np.isin(ids, list(loved)) & ~np.isin(ids, lately)
