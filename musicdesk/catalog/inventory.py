"""What a scan asks and writes: files by path, size and time, in bulk."""

from __future__ import annotations

import os
import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from musicdesk.catalog import words
from musicdesk.catalog.connection import Store
from musicdesk.catalog.tracks import TAG_COLUMNS
from musicdesk.core.paths import shown
from musicdesk.core.types import Found, Presence, RootId, Tags, TrackId

_SEPARATOR = os.fsencode(os.sep)

Stamp = tuple[bytes, int, int]  # path, size in bytes, mtime in ns

_FILE_COLUMNS = ("root_id", "path", "path_text", "size", "mtime_ns", "song_key", "excluded", "added_at")
_INSERT = f"""INSERT INTO track ({", ".join(_FILE_COLUMNS + TAG_COLUMNS)})
    VALUES ({", ".join("?" * (len(_FILE_COLUMNS) + len(TAG_COLUMNS)))})"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A track as a scan writes it."""

    root: RootId
    found: Found
    tags: Tags
    song_key: str
    excluded: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A track as the catalog remembers it."""

    id: TrackId
    path: bytes
    size: int
    mtime_ns: int
    tags: Tags
    presence: Presence
    audio_hash: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules about playlists look at. `relative`: the path below the root."""

    id: TrackId
    relative: bytes
    title: str
    album: str
    genre: str
    duration_s: float | None
    excluded: str


class Inventory:
    def __init__(self, store: Store) -> None:
        self._store = store

    def signatures(self) -> dict[bytes, int | None]:
        """path -> size + mtime_ns, None for tracks that are not present, -1 where tags are to be read again. The quick
        question of every scan."""
        again = "id IN (SELECT track_id FROM failure WHERE stage = 'tags' AND NOT settled)"
        signature = f"CASE WHEN {again} THEN -1 ELSE size + mtime_ns END"
        sql = f"SELECT path, CASE presence WHEN 'present' THEN {signature} END FROM track"
        return dict(self._store.conn.execute(sql))

    def stamps(self, paths: Container[bytes]) -> list[Stamp]:
        """Those of `paths` that are present, as they were when last looked at."""
        sql = "SELECT path, size, mtime_ns FROM track WHERE presence = 'present'"
        return [row for row in self._store.conn.execute(sql) if row[0] in paths]

    def absent(self) -> dict[bytes, tuple[int, int, Presence]]:
        """path -> (size, mtime_ns, presence) of the tracks that are offline or missing."""
        sql = "SELECT path, size, mtime_ns, presence FROM track WHERE presence <> 'present'"
        return {row[0]: (row[1], row[2], Presence(row[3])) for row in self._store.conn.execute(sql)}

    def kept(self, path: bytes) -> Kept | None:
        columns = ", ".join(TAG_COLUMNS)
        sql = f"SELECT id, path, size, mtime_ns, presence, audio_hash, {columns} FROM track WHERE path = ?"
        row = self._store.conn.execute(sql, (path,)).fetchone()
        if row is None:
            return None
        tags = dict(zip(TAG_COLUMNS, row[6:], strict=True))
        tags["has_cover"] = bool(tags["has_cover"])
        return Kept(TrackId(row[0]), row[1], row[2], row[3], Tags(**tags), Presence(row[4]), row[5])

    def heard(self) -> list[tuple[bytes, float, str]]:
        """(path, duration_s, audio_hash) of the tracks whose sound is known."""
        sql = "SELECT path, duration_s, audio_hash FROM track WHERE audio_hash IS NOT NULL AND duration_s IS NOT NULL"
        return self._store.conn.execute(sql).fetchall()

    def add_many(self, entries: Sequence[Entry]) -> list[TrackId]:
        """The new tracks' ids, in the order of `entries`."""
        now = time.time()
        rows = [
            (
                *(entry.root, entry.found.path, shown(entry.found.path), entry.found.size, entry.found.mtime_ns),
                *(entry.song_key, entry.excluded, now),
                *(getattr(entry.tags, name) for name in TAG_COLUMNS),
            )
            for entry in entries
        ]
        with self._store.write() as db:
            # Ids of an AUTOINCREMENT table grow by one, and no other process writes now.
            found = db.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'track'").fetchone()
            last = int(found[0]) if found else 0
            db.conn.executemany(_INSERT, rows)
            words.index(db.conn, "t.id > ?", (last,))
        return [TrackId(last + i) for i in range(1, len(rows) + 1)]

    def set_presence(self, paths: Iterable[bytes], presence: Presence) -> int:
        """Returns how many tracks changed."""
        with self._store.write() as db:
            sql = "UPDATE track SET presence = ? WHERE path = ? AND presence <> ?"
            rows = [(presence.value, path, presence.value) for path in paths]
            return db.conn.executemany(sql, rows).rowcount if rows else 0

    def carry_failures(self, track: TrackId, found: Found) -> None:
        """A file that moved without a change keeps what was learnt of its faults."""
        with self._store.write() as db:
            sql = "UPDATE failure SET size = ?, mtime_ns = ? WHERE track_id = ?"
            db.execute(sql, (found.size, found.mtime_ns, track))

    def vacate(self, path: bytes, but: TrackId) -> TrackId | None:
        """Another track's file lies at `path` now: the one that was there goes missing, under a path of its own."""
        with self._store.write() as db:
            row = db.execute("SELECT id FROM track WHERE path = ? AND id <> ?", (path, but)).fetchone()
            if row is None:
                return None
            parked = path + b" (replaced %d)" % row[0]
            sql = "UPDATE track SET path = ?, path_text = ?, presence = 'missing' WHERE id = ?"
            db.execute(sql, (parked, shown(parked), row[0]))
            return TrackId(row[0])

    # rules about playlists

    def shorter_than(self, seconds: float) -> tuple[int, int]:
        """(tracks shorter than `seconds`, tracks of known length), by the index on length alone."""
        sql = "SELECT count(*) FILTER (WHERE duration_s < ?), count(duration_s) FROM track"
        short, known = self._store.conn.execute(sql, (seconds,)).fetchone()
        return int(short), int(known)

    def judged(self) -> list[Judged]:
        """All tracks about which the person has not decided otherwise."""
        sql = """SELECT t.id, t.path, r.path, t.title, t.album, t.genre, t.duration_s, t.excluded
            FROM track t JOIN root r ON r.id = t.root_id WHERE t.exclusion = 'rules'"""
        rows = self._store.conn.execute(sql)
        return [Judged(TrackId(row[0]), relative(row[1], row[2]), *row[3:]) for row in rows]

    def set_excluded(self, rows: Iterable[tuple[str, int]]) -> None:
        """(reason or '', track id) for each track."""
        with self._store.write() as db:
            db.conn.executemany("UPDATE track SET excluded = ? WHERE id = ?", rows)

    def noted(self, name: str) -> int | None:
        row = self._store.conn.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else None

    def note(self, name: str, value: int) -> None:
        with self._store.write() as db:
            db.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value))


def relative(path: bytes, folder: bytes) -> bytes:
    """`path` below `folder`, which it lies in; `os.path.relpath` is slow where there are many."""
    return path[len(folder) :].lstrip(_SEPARATOR)
