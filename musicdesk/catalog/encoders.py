"""Which encoder's embeddings are in use, which were before, and which one is to come once its set is whole."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from musicdesk.catalog.connection import Store

_SELECT = "SELECT name, encoder, chosen FROM encoder_use"


@dataclass(frozen=True, slots=True)
class InUse:
    name: str
    encoder: str  # its id: name, weights and sound in one word
    chosen: bool  # by a person, not by the program


class Encoders:
    def __init__(self, store: Store) -> None:
        self._store = store

    def in_use(self) -> InUse | None:
        """None while nothing was listened to: the one that comes with the program then."""
        return self._one("WHERE state = 'used' ORDER BY id DESC LIMIT 1")

    def wanted(self) -> InUse | None:
        return self._one("WHERE state = 'wanted'")

    def previous(self) -> InUse | None:
        """The one that was in use before the one that is."""
        now = self.in_use()
        return self._one("WHERE state = 'used' AND encoder <> ? ORDER BY id DESC LIMIT 1", now.encoder) if now else None

    def want(self, name: str, encoder: str, chosen: bool) -> None:
        """It will be put to use; another one that was wanted is not any more."""
        self.drop_wanted()
        self._insert(name, encoder, "wanted", chosen)

    def use(self, name: str, encoder: str, chosen: bool) -> None:
        """Its embeddings are the ones from now on; nothing is wanted any more."""
        with self._store.write() as db:
            self.drop_wanted()
            self._insert(name, encoder, "used", chosen)
            db.execute("UPDATE fact SET value = value + 1 WHERE name = 'embeddings'")

    def drop_wanted(self) -> None:
        with self._store.write() as db:
            db.execute("DELETE FROM encoder_use WHERE state = 'wanted'")

    def forget(self, encoder: str) -> int:
        """Its embeddings, layouts and the memory of its use go; returns how many tracks it had heard."""
        with self._store.write() as db:
            gone = db.conn.execute("DELETE FROM embedding WHERE encoder = ?", (encoder,)).rowcount
            db.execute("DELETE FROM edge WHERE encoder = ?", (encoder,))
            db.execute("DELETE FROM layout WHERE encoder = ? AND NOT active", (encoder,))
            db.execute("DELETE FROM encoder_use WHERE encoder = ?", (encoder,))
            db.execute("DELETE FROM failure WHERE stage = ?", (stage(encoder),))
            db.execute("UPDATE fact SET value = value + 1 WHERE name = 'embeddings'")
        return int(gone)

    def missed(self, encoder: str, other: str) -> int:
        """How many present tracks `other` has heard and `encoder` has not."""
        sql = """SELECT count(*) FROM embedding o JOIN track t ON t.id = o.track_id AND t.presence = 'present'
            WHERE o.encoder = ? AND NOT EXISTS
                (SELECT 1 FROM embedding e WHERE e.encoder = ? AND e.track_id = o.track_id)"""
        return int(self._store.conn.execute(sql, (other, encoder)).fetchone()[0])

    def _insert(self, name: str, encoder: str, state: str, chosen: bool) -> None:
        sql = "INSERT INTO encoder_use (name, encoder, state, chosen, at) VALUES (?, ?, ?, ?, ?)"
        with self._store.write() as db:
            db.execute(sql, (name, encoder, state, int(chosen), time.time()))

    def _one(self, where: str, *values: Any) -> InUse | None:
        row = self._store.conn.execute(f"{_SELECT} {where}", values).fetchone()
        return InUse(row[0], row[1], bool(row[2])) if row else None


def stage(encoder: str) -> str:
    """Under which stage failures of one encoder alone are kept: others may hear the track."""
    return f"ear {encoder}"
