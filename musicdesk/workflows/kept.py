"""What was said of tracks, as rules of lists: resting after 'not now', kept out of one mix."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.feedback import NOW, Reach, Scope
from musicdesk.core.types import TrackId
from musicdesk.playlists.kinds import OWN, kinds
from musicdesk.playlists.rest import nearest, rest, resting
from musicdesk.workflows.names import names

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def kept_out(desk: Desk, kind: str, name: str) -> dict[str, np.ndarray]:
    """bool (n,) over the vectors, by rule: rows that rest, and those that are not wanted in a list of this kind and
    name."""
    feedback = desk.catalog.feedback
    here = feedback.kept_from(Scope(Reach.KIND, kind), *([Scope(Reach.LIST, name)] if name else []))
    return {"resting": _rows(desk, resting(feedback.kept_from(NOW), time.time())), "not here": _rows(desk, list(here))}


def scope_of(kind: str, name: str) -> Scope:
    """What "not in this mix" means of a list: of this name, where lists of its kind have names of their own."""
    own = kind == OWN or (kind in kinds() and kinds()[kind].needs)
    return Scope(Reach.LIST, name) if own else Scope(Reach.KIND, kind)


def held_back(desk: Desk, since: Mapping[TrackId, float] | None = None) -> np.ndarray:
    """float32 (n,) over the vectors, 0..1: how strongly rests hold each track back, see `playlists.rest`.

    since: tracks told 'not now' and when; those that were, unless given
    """
    told = desk.catalog.feedback.kept_from(NOW) if since is None else since
    vectors = desk.vectors()
    if not told:
        return np.zeros(len(vectors), np.float32)
    key = (desk.catalog.sound.stamp(), desk.encoder)
    known = desk.memo.setdefault("near", {})
    if known.get("key") != key:
        known = desk.memo["near"] = {"key": key}
    near = {track: known[track] for track in told if track in known}
    near |= nearest(vectors, [track for track in told if track not in known])
    known.update(near)
    return rest(vectors.ids, names(desk)[0], near, told, time.time())


def _rows(desk: Desk, tracks: list[TrackId]) -> np.ndarray:
    vectors = desk.vectors()
    mask = np.zeros(len(vectors), bool)
    mask[vectors.rows_of(tracks)] = True
    return mask
