"""Tracks: one row per file, which keeps its id when the file moves or is tagged anew."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from typing import Any

from musicdesk.catalog import words
from musicdesk.catalog.connection import Moment, Store
from musicdesk.catalog.heard import JOINED, LAST_PLAYED, PLAYS
from musicdesk.core.errors import NotFound
from musicdesk.core.paths import absolute, shown
from musicdesk.core.types import Analysis, Found, Presence, RootId, Tags, Track, TrackId, Verdict

TAG_COLUMNS = (
    *("title", "artist", "album", "album_artist", "genre", "year", "track_no", "disc_no"),
    *("duration_s", "has_cover"),
)
_COLUMNS = ", ".join(f"t.{name}" for name in TAG_COLUMNS)
_SELECT = f"""
    SELECT t.id, t.path, t.presence, t.excluded, t.song_key, t.verdict, {PLAYS}, t.added_at, {LAST_PLAYED}, t.stars,
        EXISTS (SELECT 1 FROM descriptor d WHERE d.track_id = t.id) AS heard,
        EXISTS (SELECT 1 FROM failure f WHERE f.track_id = t.id AND f.stage <> 'tags'
            AND f.stage NOT LIKE 'ear %' AND f.settled) AS failed,
        {_COLUMNS}
    FROM {JOINED}
"""
_BATCH = 500


class Tracks:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._counted: tuple[Moment, dict[str, int]] = ((-1, -1), {})

    # reading

    def get(self, track: TrackId) -> Track:
        found = self.get_many([track])
        if not found:
            raise NotFound(f"There is no track number {track} in this library.")
        return found[0]

    def get_many(self, ids: Sequence[TrackId]) -> list[Track]:
        """The tracks in the order of `ids`; unknown ids are left out."""
        found: dict[int, Track] = {}
        for start in range(0, len(ids), _BATCH):
            part = [int(i) for i in ids[start : start + _BATCH]]
            marks = ",".join("?" * len(part))
            for row in self._store.conn.execute(f"{_SELECT} WHERE t.id IN ({marks})", part):
                found[row[0]] = _track(row)
        return [found[int(i)] for i in ids if int(i) in found]

    def all(self) -> list[Track]:
        return [_track(row) for row in self._store.conn.execute(f"{_SELECT} ORDER BY t.id")]

    def by_path(self, path: bytes) -> TrackId | None:
        row = self._store.conn.execute("SELECT id FROM track WHERE path = ?", (path,)).fetchone()
        return TrackId(row[0]) if row else None

    def resolve(self, named: str) -> TrackId:
        """The track a person means: an id, or a file's path. Raises NotFound."""
        if named.isdecimal() and len(named) <= 18 and self.get_many([TrackId(int(named))]):
            return TrackId(int(named))
        track = self.by_path(absolute(named))
        if track is None:
            raise NotFound(f"'{named}' is neither a track's number nor the path of a file in the library.")
        return track

    def existing(self, tracks: Iterable[TrackId]) -> set[TrackId]:
        """Those of `tracks` that are there: a folder may have been forgotten since they were read."""
        sql = "SELECT id FROM track WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._store.conn.execute(sql, (json.dumps([int(track) for track in tracks]),))
        return {TrackId(row[0]) for row in rows}

    def roots_of(self, tracks: Iterable[TrackId]) -> list[RootId]:
        """The folders that these tracks belong to, the one with the most of them first."""
        sql = "SELECT root_id FROM track WHERE id IN (SELECT value FROM json_each(?)) GROUP BY 1 ORDER BY count(*) DESC"
        return [RootId(row[0]) for row in self._store.conn.execute(sql, (json.dumps([int(t) for t in tracks]),))]

    def count(self) -> dict[str, int]:
        """Tracks by presence; `total` is their sum. Kept until something is written: every page asks as it opens."""
        if self._counted[0] != (now := self._store.moment()):
            self._counted = (now, self._count())
        return self._counted[1]

    def _count(self) -> dict[str, int]:
        """Present tracks are what is left: they are many, and counting rows of an index takes its time."""
        conn, absent = self._store.conn, [p.value for p in Presence if p is not Presence.PRESENT]
        marks = ",".join("?" * len(absent))
        sql = f"SELECT presence, count(*) FROM track WHERE presence IN ({marks}) GROUP BY presence"
        gone = {**dict.fromkeys(absent, 0), **dict(conn.execute(sql, absent).fetchall())}
        (total,) = conn.execute("SELECT count(*) FROM track").fetchone()
        return {Presence.PRESENT.value: total - sum(gone.values()), **gone, "total": total}

    # writing (each call joins the transaction that is open, or is one)

    def add(self, root: RootId, found: Found, tags: Tags, song_key: str, excluded: str) -> TrackId:
        values = {
            **{name: getattr(tags, name) for name in TAG_COLUMNS},
            **_file(found),
            "root_id": root,
            "song_key": song_key,
            "excluded": excluded,
            "added_at": time.time(),
        }
        with self._store.write() as db:
            track = TrackId(int(db.table("track").insert(values).last_pk or 0))
            words.index(db.conn, "t.id = ?", (track,))
            return track

    def update(self, track: TrackId, found: Found, tags: Tags, song_key: str, excluded: str) -> None:
        """New contents of a known file; it is present, and its exclusion follows the person's own choice."""
        values = {name: getattr(tags, name) for name in TAG_COLUMNS}
        with self._store.write() as db:
            db.table("track").update(
                int(track), {**values, **_file(found), "song_key": song_key, "presence": "present"}
            )
            sql = "UPDATE track SET excluded = ? WHERE id = ? AND exclusion = 'rules'"
            db.execute(sql, (excluded, track))
            words.index(db.conn, "t.id = ?", (track,))

    def move(self, track: TrackId, root: RootId, found: Found) -> None:
        """The file lies elsewhere now; id, ratings and history stay."""
        with self._store.write() as db:
            db.table("track").update(int(track), {**_file(found), "root_id": root, "presence": "present"})
            words.index(db.conn, "t.id = ?", (track,))

    def set_presence(self, tracks: Iterable[TrackId], presence: Presence) -> None:
        with self._store.write() as db:
            rows = [(presence.value, int(track)) for track in tracks]
            db.conn.executemany("UPDATE track SET presence = ? WHERE id = ?", rows)

    def touch(self, track: TrackId, found: Found) -> None:
        """Size and time of a file whose contents are the same."""
        with self._store.write() as db:
            sql = "UPDATE track SET size = ?, mtime_ns = ?, presence = 'present' WHERE id = ?"
            db.execute(sql, (found.size, found.mtime_ns, track))

    def exclude(self, track: TrackId, choice: str, reason: str) -> None:
        """`choice` is 'always' (never in playlists), 'never' (always allowed), or 'rules'."""
        with self._store.write() as db:
            sql = "UPDATE track SET exclusion = ?, excluded = ? WHERE id = ?"
            db.execute(sql, (choice, reason, track))

    def remove(self, tracks: Iterable[TrackId]) -> None:
        with self._store.write() as db:
            for track in tracks:
                words.drop(db.conn, "id = ?", (int(track),))
                db.execute("DELETE FROM track WHERE id = ?", (int(track),))


def _file(found: Found) -> dict[str, Any]:
    return {
        "path": found.path,
        "path_text": shown(found.path),
        "size": found.size,
        "mtime_ns": found.mtime_ns,
    }


def _track(row: Sequence[Any]) -> Track:
    heard, failed = row[10], row[11]
    tags = dict(zip(TAG_COLUMNS, row[12:], strict=True))
    tags["has_cover"] = bool(tags["has_cover"])
    if not tags["title"]:
        tags["title"] = os.path.splitext(os.path.basename(shown(row[1])))[0]
    return Track(
        id=TrackId(row[0]),
        path=row[1],
        tags=Tags(**tags),
        presence=Presence(row[2]),
        analysis=Analysis.DONE if heard else Analysis.FAILED if failed else Analysis.WAITING,
        excluded=row[3],
        version_of=row[4],
        verdict=Verdict(row[5]) if row[5] else None,
        plays=row[6],
        added_at=row[7],
        last_played_at=row[8],
        stars=row[9],
    )
