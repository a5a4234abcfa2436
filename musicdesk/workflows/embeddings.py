"""Vectors for other programs: a NumPy file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.files import place_for, replacing
from musicdesk.core.types import TrackId

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def export(desk: Desk, target: Path) -> dict[str, Any]:
    """Writes `path` (n,) str, `vector` float32 (n, dim), `xyz` float32 (n, 3; NaN off the map), `encoder`.

    Undecodable bytes in paths stand as surrogates, so that `os.fsencode` gives the file's own name.
    raises: NotReady when nothing was listened to, Unusable where no file can be written
    """
    target = place_for(target, desk.profile)  # as it was named: a folder does not become a file beside it
    if target.suffix != ".npz":
        target = place_for(target.with_name(target.name + ".npz"), desk.profile)
    vectors = desk.vectors()
    if not len(vectors):
        raise NotReady("There are no embeddings yet; run 'musicdesk analyze' first.")
    tracks = desk.catalog.tracks.get_many([TrackId(int(i)) for i in vectors.ids])
    with replacing(target, mode=0o644) as stream:
        np.savez(
            stream,
            path=np.array([os.fsdecode(track.path) for track in tracks]),
            vector=vectors.matrix,
            xyz=places(desk, vectors.ids),
            encoder=np.array(desk.encoder),
        )
    return {"file": str(target), "tracks": len(vectors), "dim": int(vectors.matrix.shape[1]), "encoder": desk.encoder}


def places(desk: Desk, ids: np.ndarray) -> np.ndarray:
    """float32 (n, 3) of the layout shown, NaN for tracks that are not on it."""
    xyz = np.full((len(ids), 3), np.nan, np.float32)
    layout = desk.catalog.layouts.active()
    if layout is not None and len(layout.ids):
        at = np.clip(np.searchsorted(layout.ids, ids), 0, len(layout.ids) - 1)
        known = layout.ids[at] == ids
        xyz[known] = layout.xyz[at[known]]
    return xyz
