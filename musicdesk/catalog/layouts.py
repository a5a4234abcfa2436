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
    ids: np.ndarray  # int64 (n,)
    xyz: np.ndarray  # float32 (n, 3)


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
    ) -> int:
        """Keeps a layout and makes it the one shown; older ones of the same method go."""
        if not np.isfinite(xyz).all():
            raise ValueError("coordinates must be finite")
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
                    "seconds": seconds,
                    "made_at": time.time(),
                    "active": 1,
                }
            )
            layout = int(table.last_pk or 0)
            rows = ((layout, int(i), *map(float, at)) for i, at in zip(ids, xyz, strict=True))
            known = {row[0] for row in db.execute("SELECT id FROM track")}
            sql = "INSERT INTO place (layout_id, track_id, x, y, z) VALUES (?, ?, ?, ?, ?)"
            db.conn.executemany(sql, (row for row in rows if row[1] in known))
            return layout

    def active(self) -> Layout | None:
        sql = "SELECT id, method, encoder, trustworthiness FROM layout WHERE active ORDER BY id DESC LIMIT 1"
        head = self._store.conn.execute(sql).fetchone()
        if head is None:
            return None
        sql = "SELECT track_id, x, y, z FROM place WHERE layout_id = ? ORDER BY track_id"
        rows = self._store.conn.execute(sql, (head[0],)).fetchall()
        ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        xyz = np.array([row[1:] for row in rows], np.float32).reshape(-1, 3)
        return Layout(head[0], head[1], head[2], head[3], ids, xyz)
