"""Drawing the map: what was heard of each track, folded into three dimensions, with its trustworthiness."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Vectors
from musicdesk.space.features import Block, Standard, joined, side_by_side
from musicdesk.space.projection import place

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
    placed_by: str = ""  # 'pca' where there are too few tracks for the method asked, or where it does as well
    continuity: float = 1.0
    changes: Changes = Changes.MAP


def project(desk: Desk, method: str, monitor: Monitor) -> Projected:
    """Places every track that has an embedding and makes the layout the one shown.

    Raises NotReady when nothing has been listened to, NotFound for an unknown method, Cancelled.
    """
    from musicdesk.space.trust import kept, trust

    began = time.monotonic()
    vectors, blocks = heard(desk, monitor)
    truth, standard = joined(blocks), Standard.of(blocks)
    features = chosen(blocks, method)
    placed = place(features, method, SEED, previous=where_they_were(desk, vectors.ids), monitor=monitor)
    xyz = placed.xyz
    monitor.report(0, None, "Checking how far the map can be trusted")
    found = trust(truth, xyz, monitor=monitor)
    near = kept(truth, xyz, monitor=monitor)
    seconds = time.monotonic() - began
    told = (found.trustworthiness, seconds, near, found.continuity, placed.by, packed(standard))
    desk.catalog.layouts.save(method, vectors.encoder, vectors.ids, xyz, *told)
    return Projected(len(xyz), found.trustworthiness, seconds, method, placed.by, found.continuity)


def heard(desk: Desk, monitor: Monitor) -> tuple[Vectors, list[Block]]:
    """All embeddings, and the blocks of features in their order: embedding, descriptors.

    Raises NotReady when nothing has been listened to.
    """
    vectors = desk.vectors()
    if not len(vectors):
        raise NotReady("There is nothing to draw yet; run 'musicdesk analyze' first.")
    monitor.report(0, None, "Collecting what was heard")
    measured = beside(vectors, desk.catalog.sound.descriptors())
    return vectors, [Block(vectors.matrix, standardised=False), Block(measured, DESCRIPTOR_WEIGHT)]


def chosen(blocks: Sequence[Block], method: str) -> np.ndarray:
    """The features that a method is given: the embedding or the descriptors alone where its name says so."""
    part = {"embedding": 0, "descriptors": 1}.get(method.partition("-")[2])
    return joined(blocks if part is None else blocks[part : part + 1])


def packed(standard: Standard) -> bytes:
    """As safetensors, which a layout keeps."""
    from safetensors.numpy import save

    return save({name: getattr(standard, name) for name in Standard.__slots__})


def unpacked(blob: bytes) -> Standard:
    """Raises SafetensorError, KeyError for bytes that are none."""
    from safetensors.numpy import load

    found = load(blob)
    return Standard(*(found[name] for name in Standard.__slots__))


def features_by(standard: Standard, vectors: Vectors, others: Vectors) -> np.ndarray:
    """float32 (n, d) of tracks by a standard that stands; what was not measured is taken for the mean.

    Raises ValueError when there are more or fewer columns than the standard knows.
    """
    mean = standard.mean[vectors.matrix.shape[1] :]
    return standard.features(side_by_side([Block(vectors.matrix), Block(beside(vectors, others, mean))]))


def beside(vectors: Vectors, others: Vectors, mean: np.ndarray | None = None) -> np.ndarray:
    """float32 (n, dim) rows of `others` for the tracks of `vectors`; those it lacks get `mean`, or the mean row."""
    if not len(others):
        return np.tile(np.empty(0, np.float32) if mean is None else mean, (len(vectors), 1))
    at = np.minimum(np.searchsorted(others.ids, vectors.ids), len(others) - 1)
    rows = others.matrix[at].copy()
    lacking = others.ids[at] != vectors.ids
    if lacking.any() and mean is None:
        mean = rows[~lacking].mean(axis=0) if (~lacking).any() else np.zeros(rows.shape[1], np.float32)
    if mean is not None:
        rows[lacking] = mean
    return rows


def where_they_were(desk: Desk, ids: np.ndarray) -> np.ndarray | None:
    """float64 (n, 3), NaN for tracks that the shown map lacks; None without a map."""
    layout = desk.catalog.layouts.active()
    if layout is None or not len(layout.ids):
        return None
    at = np.minimum(np.searchsorted(layout.ids, ids), len(layout.ids) - 1)
    places = layout.xyz[at].astype(np.float64)
    places[layout.ids[at] != ids] = np.nan
    return places
