"""Layouts of the map: a method's coordinates for the tracks, one of them shown."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from musicdesk.catalog.connection import Store


@dataclass(frozen=True)
class Layout:
    id: int
    method: str
    encoder: str
    trustworthiness: float  # 0..1, over 15 neighbours
    ids: np.ndarray  # int64 (n,), ascending
    xyz: np.ndarray  # float32 (n, 3)
    trust: np.ndarray  # float32 (n,), 0..1, share of a track's true neighbours that are near; nan: not measured
    continuity: float | None = None  # 0..1
    placed_by: str = ""  # the method that did it; 'pca' where there were too few tracks for the one asked


class Layouts:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(
        self,
        method: str,
        encoder: str,
        ids: np.ndarray,
        xyz: np.ndarray,
        trustworthiness: float,
        seconds: float,
        trust: np.ndarray | None = None,
        continuity: float | None = None,
        placed_by: str = "",
        model: bytes = b"",
    ) -> int:
        """Keeps a layout and makes it the one shown; older ones of the same method go. For the values see `Layout`.

        model: by what other tracks can find a place on it, as the caller reads it again
        """
        if not np.isfinite(xyz).all():
            raise ValueError("coordinates must be finite")
        told = np.full(len(ids), np.nan) if trust is None else np.asarray(trust, np.float64)
        with self._store.write() as db:
            db.execute("DELETE FROM layout WHERE method = ?", (method,))
            db.execute("UPDATE layout SET active = 0")
            table = db.table("layout")
            table.insert(
                {
                    "method": method,
                    "encoder": encoder,
                    "points": len(ids),
                    "trustworthiness": trustworthiness,
                    "continuity": continuity,
                    "placed_by": placed_by or method,
                    "model": model or None,
                    "seconds": seconds,
                    "made_at": time.time(),
                    "active": 1,
                }
            )
            layout = int(table.last_pk or 0)
            self.add(layout, ids, xyz, told)
            return layout

    def add(self, layout: int, ids: np.ndarray, xyz: np.ndarray, trust: np.ndarray) -> None:
        """More places on a layout; those of tracks that are gone are left out. Values as in `Layout`."""
        # sqlite keeps nan as NULL
        columns = (*np.asarray(xyz, np.float64).T.tolist(), np.asarray(trust, np.float64).tolist())
        rows = zip([layout] * len(ids), ids.tolist(), *columns, strict=True)
        sql = "INSERT OR REPLACE INTO place (layout_id, track_id, x, y, z, trust) VALUES (?, ?, ?, ?, ?, ?)"
        with self._store.write() as db:
            known = {row[0] for row in db.execute("SELECT id FROM track")}
            db.conn.executemany(sql, (row for row in rows if row[1] in known))

    def drawn_from(self, layout: int) -> tuple[bytes, int]:
        """What `save` was given as model, b'' for none, and of how many tracks the layout was drawn."""
        row = self._store.conn.execute("SELECT model, points FROM layout WHERE id = ?", (layout,)).fetchone()
        return (bytes(row[0] or b""), int(row[1])) if row else (b"", 0)

    def active(self) -> Layout | None:
        sql = """SELECT id, method, encoder, trustworthiness, continuity, placed_by FROM layout
            WHERE active ORDER BY id DESC LIMIT 1"""
        head = self._store.conn.execute(sql).fetchone()
        if head is None:
            return None
        sql = "SELECT track_id, x, y, z, trust FROM place WHERE layout_id = ? ORDER BY track_id"
        rows = self._store.conn.execute(sql, (head[0],)).fetchall()
        # One by one, so that another thread may come between; what sqlite has as NULL is nan.
        ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        columns = [
            np.fromiter((np.nan if row[at] is None else row[at] for row in rows), np.float32, len(rows))
            for at in range(1, 5)
        ]
        xyz, trust = np.stack(columns[:3], axis=1), columns[3]
        return Layout(head[0], head[1], head[2], head[3], ids, xyz, trust, head[4], head[5] or head[1])
