"""The folders a person has given us."""

from __future__ import annotations

import time
from dataclasses import dataclass

from musicdesk.catalog import words
from musicdesk.catalog.connection import Store
from musicdesk.core.types import RootId


@dataclass(frozen=True, slots=True)
class Root:
    id: RootId
    path: bytes
    online: bool
    scanned_at: float | None


class Roots:
    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Root]:
        rows = self._store.conn.execute("SELECT id, path, online, scanned_at FROM root ORDER BY id")
        return [Root(RootId(i), path, bool(online), at) for i, path, online, at in rows]

    def add(self, path: bytes) -> RootId:
        """The root's id; a folder that is known keeps its own."""
        with self._store.write() as db:
            db.execute("INSERT OR IGNORE INTO root (path, added_at) VALUES (?, ?)", (path, time.time()))
        found = self._store.conn.execute("SELECT id FROM root WHERE path = ?", (path,)).fetchone()
        return RootId(found[0])

    def mark(self, root: RootId, online: bool) -> int:
        """Notes whether the folder is there; its tracks go offline or come back. Returns rows changed."""
        to = "present" if online else "offline"
        of = "offline" if online else "present"
        with self._store.write() as db:
            db.execute("UPDATE root SET online = ? WHERE id = ? AND online <> ?", (online, root, online))
            sql = "UPDATE track SET presence = ? WHERE root_id = ? AND presence = ?"
            return db.execute(sql, (to, root, of)).rowcount

    def set_online(self, root: RootId, online: bool) -> None:
        """Notes whether the folder is there, leaving its tracks to the scan."""
        with self._store.write() as db:
            db.execute("UPDATE root SET online = ? WHERE id = ?", (online, root))

    def scanned(self, root: RootId) -> None:
        with self._store.write() as db:
            db.execute("UPDATE root SET scanned_at = ? WHERE id = ?", (time.time(), root))

    def remove(self, root: RootId) -> int:
        """Forgets a folder and all that is known of its tracks. Returns how many tracks that were."""
        with self._store.write() as db:
            count = db.execute("SELECT count(*) FROM track WHERE root_id = ?", (root,)).fetchone()[0]
            words.drop(db.conn, "root_id = ?", (root,))
            db.execute("DELETE FROM root WHERE id = ?", (root,))
            return int(count)
