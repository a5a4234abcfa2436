"""Drawing the map: what was heard of each track, folded into three dimensions, with its trustworthiness."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Vectors
from musicdesk.space.projection import Block, joined, place

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

# Variance of the descriptors beside the embedding's. Of a real clip's five nearest, so many come from the same
# album: .293 by the embedding alone, .297 with weight .1, .311 with .3 to 1, .206 by descriptors alone.
DESCRIPTOR_WEIGHT = 0.3
SEED = 0


@dataclass(frozen=True)
class Projected:
    points: int
    trustworthiness: float  # 0..1, over 15 neighbours, against the space of embedding and descriptors
    seconds: float
    method: str  # as asked
    placed_by: str = ""  # 'pca' where there are too few tracks for the method asked
    continuity: float = 1.0
    changes: Changes = Changes.MAP


def project(desk: Desk, method: str, monitor: Monitor) -> Projected:
    """Places every track that has an embedding and makes the layout the one shown.

    Raises NotReady when nothing has been listened to, NotFound for an unknown method, Cancelled.
    """
    from musicdesk.space.trust import kept, trust

    began = time.monotonic()
    vectors = desk.vectors()
    if not len(vectors):
        raise NotReady("There is nothing to draw yet; run 'musicdesk analyze' first.")
    monitor.report(0, None, "Collecting what was heard")
    measured = Block(beside(vectors, desk.catalog.sound.descriptors()), DESCRIPTOR_WEIGHT)
    features = joined([Block(vectors.matrix, standardised=False), measured])
    placed = place(features, method, SEED, previous=_where_they_were(desk, vectors.ids), monitor=monitor)
    xyz = placed.xyz
    monitor.report(0, None, "Checking how far the map can be trusted")
    found = trust(features, xyz, monitor=monitor)
    near = kept(features, xyz, monitor=monitor)
    seconds = time.monotonic() - began
    told = (found.trustworthiness, seconds, near, found.continuity, placed.by)
    desk.catalog.layouts.save(method, vectors.encoder, vectors.ids, xyz, *told)
    return Projected(len(xyz), found.trustworthiness, seconds, method, placed.by, found.continuity)


def beside(vectors: Vectors, others: Vectors) -> np.ndarray:
    """float32 (n, dim) rows of `others` for the tracks of `vectors`; those it lacks get the mean row."""
    if not len(others):
        return np.empty((len(vectors), 0), np.float32)
    at = np.minimum(np.searchsorted(others.ids, vectors.ids), len(others) - 1)
    rows = others.matrix[at].copy()
    lacking = others.ids[at] != vectors.ids
    if lacking.any():
        rows[lacking] = rows[~lacking].mean(axis=0) if (~lacking).any() else 0.0
    return rows


def _where_they_were(desk: Desk, ids: np.ndarray) -> np.ndarray | None:
    """float64 (n, 3), NaN for tracks that the shown map lacks; None without a map."""
    layout = desk.catalog.layouts.active()
    if layout is None or not len(layout.ids):
        return None
    at = np.minimum(np.searchsorted(layout.ids, ids), len(layout.ids) - 1)
    places = layout.xyz[at].astype(np.float64)
    places[layout.ids[at] != ids] = np.nan
    return places
