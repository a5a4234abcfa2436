"""The golden set: what the person expects of every model."""

from __future__ import annotations

import time
from dataclasses import dataclass

from musicdesk.catalog.connection import Store
from musicdesk.core.errors import NotFound
from musicdesk.core.types import TrackId


@dataclass(frozen=True, slots=True)
class Expectation:
    """kind: in, out, above or near; `other` is known for the last two"""

    id: int
    kind: str
    track: TrackId
    other: TrackId | None
    made_at: float  # epoch seconds


class Golden:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, kind: str, track: TrackId, other: TrackId | None = None) -> Expectation:
        """Keeps an expectation. What it contradicts or repeats goes: of one track in and out, of two the order or the
        nearness."""
        with self._store.write() as db:
            if other is None:
                db.execute("DELETE FROM golden WHERE track_id = ? AND kind IN ('in', 'out')", (track,))
            else:
                sql = "DELETE FROM golden WHERE kind = ? AND (track_id, other_id) IN (VALUES (?, ?), (?, ?))"
                db.execute(sql, (kind, track, other, other, track))
            sql = "INSERT INTO golden (kind, track_id, other_id, made_at) VALUES (?, ?, ?, ?)"
            number = int(db.execute(sql, (kind, track, other, time.time())).lastrowid or 0)
        return next(one for one in self.all() if one.id == number)

    def all(self) -> list[Expectation]:
        """In the order in which they were pinned."""
        rows = self._store.conn.execute("SELECT id, kind, track_id, other_id, made_at FROM golden ORDER BY id")
        return [Expectation(*row) for row in rows]

    def remove(self, number: int) -> None:
        """Raises NotFound."""
        with self._store.write() as db:
            if not db.execute("DELETE FROM golden WHERE id = ?", (number,)).rowcount:
                raise NotFound(f"There is no expectation number {number}; 'musicdesk golden' lists them.")
