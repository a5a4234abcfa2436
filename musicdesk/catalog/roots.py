"""The folders a person has given us."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from musicdesk.catalog import words
from musicdesk.catalog.connection import Store
from musicdesk.core.paths import under
from musicdesk.core.types import RootId

_AMONG = "id IN (SELECT value FROM json_each(?))"


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

    def parting(self, root: RootId) -> tuple[int, int]:
        """(tracks that go when the folder is forgotten, tracks that stay, since they lie in another one as well)."""
        going, staying = self._shared_out(root)
        return len(going), len(staying)

    def remove(self, root: RootId) -> int:
        """Forgets a folder and all that is known of its tracks, but for those that lie in another known one as well.
        Returns how many tracks are forgotten."""
        with self._store.write() as db:
            going, staying = self._shared_out(root)
            db.conn.executemany("UPDATE track SET root_id = ? WHERE id = ?", staying)
            words.drop(db.conn, _AMONG, (json.dumps(going),))
            db.execute("DELETE FROM root WHERE id = ?", (root,))
            # Of a path the words are what lies below the folder, which is another one now.
            words.index(db.conn, _AMONG, (json.dumps([track for _home, track in staying]),))
            return len(going)

    def _shared_out(self, root: RootId) -> tuple[list[int], list[tuple[RootId, int]]]:
        """A folder's tracks that lie in no other one, and the rest, each with the innermost folder that it lies in."""
        folders = {other.id: other.path for other in self.all()}
        own = folders.pop(root, b"")
        near = [i for i, path in folders.items() if under(path, own) or under(own, path)]
        near.sort(key=lambda i: len(folders[i]), reverse=True)
        going: list[int] = []
        staying: list[tuple[RootId, int]] = []
        for track, path in self._store.conn.execute("SELECT id, path FROM track WHERE root_id = ?", (root,)):
            home = next((i for i in near if under(path, folders[i])), None)
            if home is None:
                going.append(track)
            else:
                staying.append((home, track))
        return going, staying
