"""A map of one song's neighbourhood alone: three dimensions for a few tracks show more of them than for all."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.layouts import Layout
from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId
from musicdesk.space.features import joined
from musicdesk.space.graph import nearest
from musicdesk.space.projection import DEFAULT, place, scaled
from musicdesk.workflows.project import SEED, heard, where_they_were

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

COUNT = 200


@dataclass(frozen=True)
class Around:
    """ids: the song and its nearest, ascending; xyz: their places, the song at (0, 0, 0); trust: see `Layout`"""

    track: int
    ids: list[int]
    xyz: list[list[float]]
    trust: list[float]
    trustworthiness: float
    seconds: float
    changes: Changes = field(default=Changes.NOTHING)


def around(desk: Desk, track: TrackId, count: int, monitor: Monitor) -> Around:
    """As values that travel from a worker; see `local_layout`."""
    begun = time.monotonic()
    found = local_layout(desk, track, monitor, count)
    told = (found.ids.tolist(), found.xyz.tolist(), found.trust.tolist(), found.trustworthiness)
    return Around(int(track), *told, time.monotonic() - begun)


def local_layout(desk: Desk, track: TrackId, monitor: Monitor, count: int = COUNT) -> Layout:
    """The `count` nearest of a song in sound and itself, laid out for themselves; kept nowhere, its id is 0.

    The song is at the origin, the others lie about it as they do on the map shown, as nearly as they can.
    Raises NotReady for a song that has not been heard, Cancelled.
    """
    from musicdesk.space.trust import kept, trust

    vectors, blocks = heard(desk, monitor)
    at = vectors.rows_of([track])
    if not len(at):
        raise NotReady("This track has not been listened to yet; run 'musicdesk analyze' first.")
    truth = joined(blocks)
    near = nearest(truth, max(1, count), asked=at, monitor=monitor)[0][0]
    rows = np.sort(np.append(near, at[0]))
    part, ids = truth[rows], vectors.ids[rows]
    before = where_they_were(desk, ids)
    if before is not None:
        known = np.isfinite(before).all(axis=1)
        before[known] = scaled(before[known])
    xyz = place(part, DEFAULT, SEED, before, monitor).xyz
    xyz = xyz - xyz[np.searchsorted(rows, at[0])]
    found = trust(part, xyz, monitor=monitor)
    told = kept(part, xyz, monitor=monitor)
    return Layout(0, DEFAULT, vectors.encoder, found.trustworthiness, ids, xyz, told, found.continuity)
