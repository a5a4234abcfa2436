"""New tracks find their place on the map that stands; nothing else moves."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.core.types import Vectors
from musicdesk.space.newcomers import LEAST, placed_among
from musicdesk.workflows.project import SEED, features_by, unpacked

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.workflows.desk import Desk

log = logging.getLogger(__name__)

MOST = 0.25  # more new tracks than this share of those it was drawn from want a map of their own


@dataclass(frozen=True)
class Grown:
    placed: int
    waiting: int  # heard, but not on the map: it is to be drawn anew


def grow(desk: Desk, monitor: Monitor) -> Grown:
    """Places tracks that were heard since the map was drawn. Raises Cancelled.

    Without a map, with one of another encoder, or with too many of them nothing is done.
    """
    layout, vectors = desk.catalog.layouts.active(), desk.vectors()
    new = vectors.ids if layout is None else np.setdiff1d(vectors.ids, layout.ids, assume_unique=True)
    if layout is None or not len(new) or layout.encoder != vectors.encoder:
        return Grown(0, len(new))
    blob, drawn = desk.catalog.layouts.drawn_from(layout.id)
    there = np.isin(layout.ids, vectors.ids)
    too_many = len(layout.ids) + len(new) - drawn > MOST * drawn
    if not blob or too_many or there.sum() < LEAST:
        return Grown(0, len(new))
    truth = _features(desk, vectors, blob)
    if truth is None:
        return Grown(0, len(new))
    _place(desk, layout, np.flatnonzero(there), vectors, new, truth, monitor)
    return Grown(len(new), 0)


def _place(
    desk: Desk,
    layout: Layout,
    there: np.ndarray,
    vectors: Vectors,
    new: np.ndarray,
    truth: np.ndarray,
    monitor: Monitor,
) -> None:
    from musicdesk.space.trust import kept

    known, asked = vectors.rows_of(layout.ids[there]), vectors.rows_of(new)
    xyz = np.empty((len(vectors), 3), np.float32)
    xyz[known] = layout.xyz[there]
    xyz[asked] = placed_among(truth[known], layout.xyz[there], truth[asked], SEED, monitor)
    desk.catalog.layouts.add(layout.id, new, xyz[asked], kept(truth, xyz, monitor=monitor, asked=asked))


def _features(desk: Desk, vectors: Vectors, blob: bytes) -> np.ndarray | None:
    """What was heard of every track, by the standard that the map was drawn with; None where that does not fit."""
    from safetensors import SafetensorError

    try:
        return features_by(unpacked(blob), vectors, desk.catalog.sound.descriptors())
    except (SafetensorError, KeyError, ValueError) as error:
        log.warning("new tracks wait for a new map: %s", error)
        return None
