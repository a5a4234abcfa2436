"""How tracks begin and end, by encoder; asked for the few tracks of a list, so it does not lie beside embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musicdesk.catalog.connection import Store
from musicdesk.core.types import Edges, TrackId

LARGEST = 127  # of int8; each vector is stretched to it, and has length 1 again when it is read
AT_ONCE = 500  # tracks asked about in one question


class EdgeTable:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, track: TrackId, encoder: str, edges: Edges) -> None:
        blob = _packed(edges.opening) + _packed(edges.ending)
        sql = "INSERT OR REPLACE INTO edge (track_id, encoder, vectors, opening_db, ending_db) VALUES (?, ?, ?, ?, ?)"
        with self._store.write() as db:
            db.execute(sql, (track, encoder, blob, edges.opening_db, edges.ending_db))

    def of(self, tracks: Sequence[TrackId], encoder: str, dim: int) -> dict[TrackId, Edges]:
        """Those of `tracks` of which `encoder` has told; dim: the length of its vectors."""
        found = {}
        for start in range(0, len(tracks), AT_ONCE):
            part = tracks[start : start + AT_ONCE]
            marks = ",".join("?" * len(part))
            sql = f"""SELECT track_id, vectors, opening_db, ending_db FROM edge
                WHERE encoder = ? AND length(vectors) = ? AND track_id IN ({marks})"""
            for track, blob, opening_db, ending_db in self._store.conn.execute(sql, (encoder, 2 * dim, *part)):
                opening, ending = _unpacked(blob)
                found[TrackId(track)] = Edges(opening, ending, opening_db, ending_db)
        return found

    def count(self, encoder: str) -> int:
        row = self._store.conn.execute("SELECT count(*) FROM edge WHERE encoder = ?", (encoder,)).fetchone()
        return int(row[0])


def _packed(vector: np.ndarray) -> bytes:
    most = max(float(np.abs(vector).max()), 1e-9)
    return np.round(vector * (LARGEST / most)).astype(np.int8).tobytes()


def _unpacked(blob: bytes) -> np.ndarray:
    """float32 (2, dim), rows of norm 1."""
    rows = np.frombuffer(blob, np.int8).reshape(2, -1).astype(np.float32)
    unit: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
