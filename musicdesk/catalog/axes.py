"""Axes that the person has named, by tracks that stand at their ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from musicdesk.catalog.connection import Store
from musicdesk.core.errors import NotFound
from musicdesk.core.types import TrackId


@dataclass(frozen=True, slots=True)
class Axis:
    """low, high: what the ends are called; lows, highs: the tracks that stand there"""

    id: int
    low: str
    high: str
    lows: tuple[TrackId, ...]
    highs: tuple[TrackId, ...]

    @property
    def title(self) -> str:
        return f"{self.low} – {self.high}"


class Axes:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, low: str, high: str, lows: Sequence[TrackId], highs: Sequence[TrackId]) -> Axis:
        """Keeps an axis. One of the same name is replaced."""
        with self._store.write() as db:
            db.execute("DELETE FROM axis WHERE low = ? AND high = ?", (low, high))
            sql = "INSERT INTO axis (low, high, made_at) VALUES (?, ?, ?)"
            number = int(db.execute(sql, (low, high, time.time())).lastrowid or 0)
            ends = [(number, int(track), side) for side, tracks in ((0, lows), (1, highs)) for track in tracks]
            db.conn.executemany("INSERT INTO axis_track (axis_id, track_id, is_high) VALUES (?, ?, ?)", ends)
        return self.get(number)

    def get(self, number: int) -> Axis:
        """Raises NotFound."""
        found = next((axis for axis in self.all() if axis.id == number), None)
        if found is None:
            raise NotFound(f"There is no axis number {number}; 'musicdesk axis' lists them.")
        return found

    def all(self) -> list[Axis]:
        """In the order in which they were named."""
        conn = self._store.conn
        ends: dict[tuple[int, int], list[TrackId]] = {}
        sql = "SELECT axis_id, is_high, track_id FROM axis_track ORDER BY axis_id, track_id"
        for axis, side, track in conn.execute(sql):
            ends.setdefault((axis, side), []).append(TrackId(track))
        rows = conn.execute("SELECT id, low, high FROM axis ORDER BY id").fetchall()
        return [
            Axis(axis, low, high, tuple(ends.get((axis, 0), ())), tuple(ends.get((axis, 1), ())))
            for axis, low, high in rows
        ]

    def remove(self, number: int) -> None:
        """Raises NotFound."""
        with self._store.write() as db:
            if not db.execute("DELETE FROM axis WHERE id = ?", (number,)).rowcount:
                raise NotFound(f"There is no axis number {number}; 'musicdesk axis' lists them.")
