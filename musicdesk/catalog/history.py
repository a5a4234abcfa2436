"""The History page's questions. Those over all plays of a listener are asked from a thread, by a connection of its own.

A million plays are read once into arrays; every period, chart and list is then counted from these.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from musicdesk.catalog.connection import connect
from musicdesk.core.errors import CatalogDamaged

ME = "me"
PLAY = np.dtype([("song", np.int32), ("at", np.int64), ("ms", np.int32)])
PART = 50_000  # plays that are read together
_PART = """SELECT group_concat(song_id), group_concat(at), group_concat(ms) FROM (
    SELECT song_id, at, ms FROM listen WHERE listener_id = ? AND song_id >= ? AND song_id < ? AND counted)"""

# Of the same rows as `Matches.review`; with a track gone, the song is not owned.
_SONGS = """SELECT s.id, s.artist, s.title, s.length_ms, m.track_id, coalesce(m.state, 'unmatched'), t.duration_s
    FROM song s LEFT JOIN match m ON m.song_id = s.id LEFT JOIN track t ON t.id = m.track_id
    WHERE EXISTS (SELECT 1 FROM listen l WHERE l.listener_id = ? AND l.song_id = s.id)
        OR EXISTS (SELECT 1 FROM mention n WHERE n.listener_id = ? AND n.song_id = s.id)
    ORDER BY s.id"""


# id, artist, title, length in ms, track, state (matched, ambiguous, unmatched, never), seconds of the track
SongRow = tuple[int, str, str, int | None, int | None, str, float | None]


class HereRow(NamedTuple):
    """A track that was played in this program."""

    track: int
    artist: str
    title: str
    duration_s: float | None


class History:
    """Reads alone. Any connection will do, see `reading`."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def listeners(self) -> list[str]:
        """Who has a history: the person at this desk first, then by name."""
        sql = """SELECT name FROM listener WHERE name = ? OR EXISTS (
                SELECT 1 FROM source s WHERE s.listener_id = listener.id AND s.imported + s.duplicates > 0)
            ORDER BY name <> ?, name COLLATE NOCASE"""
        return [str(name) for (name,) in self._conn.execute(sql, (ME, ME))]

    def any(self) -> bool:
        """Whether there is anything to show: an import, or a play in this program."""
        sql = "SELECT EXISTS (SELECT 1 FROM source) OR EXISTS (SELECT 1 FROM play_event)"
        return bool(self._conn.execute(sql).fetchone()[0])

    def newest_play(self) -> int:
        """Grows with every play in this program."""
        return int(self._conn.execute("SELECT coalesce(max(id), 0) FROM play_event").fetchone()[0])

    def ambiguous(self) -> int:
        """Songs whose track is not sure."""
        return int(self._conn.execute("SELECT count(*) FROM match WHERE state = 'ambiguous'").fetchone()[0])

    def rows(self, listener: str) -> int:
        """How many plays there are at most."""
        return self._bounds(listener)[3]

    def _bounds(self, listener: str) -> tuple[int, int, int, int]:
        """The listener's number, the first and the last song, and rows; without any, the last is before the first."""
        sql = """SELECT id, coalesce(min(song_id), 0), coalesce(max(song_id), -1), count(song_id)
            FROM listener LEFT JOIN listen ON listener_id = id WHERE name = ?"""
        who, first, last, count = self._conn.execute(sql, (listener,)).fetchone()
        return who or -1, first, last, count

    def plays(self, listener: str) -> Iterator[np.ndarray]:
        """The listener's plays that are not told twice, in parts as `PLAY`, by song; ms -1 where the source does not
        tell.

        Each column of a part comes as one text, made in one step: other threads do not wait for it, and ten million
        plays are never a tuple each.
        """
        who, first, last, count = self._bounds(listener)
        step = max(1, (last - first + 1) * PART // max(1, count))
        for low in range(first, last + 1, step):
            texts = self._conn.execute(_PART, (who, low, low + step)).fetchone()
            columns = [np.fromstring(text or "", np.int64, sep=",") for text in texts]
            part = np.empty(len(columns[0]), PLAY)
            for name, column in zip(PLAY.names or (), columns, strict=True):
                part[name] = column
            yield part

    def plays_here(self) -> np.ndarray:
        """Plays in this program as `PLAY`, with the track in place of the song, heard as long as counts."""
        sql = """SELECT track_id, CAST(at AS INTEGER), heard_ms FROM play_event
            WHERE heard_ms > 0 AND heard_ms >= min(30000, duration_ms / 2)"""
        return np.fromiter(self._conn.execute(sql), PLAY)

    def totals(self, listener: str) -> list[tuple[int, int]]:
        """(song, plays) from sources that tell sums without times."""
        sql = """SELECT song_id, sum(plays) FROM mention WHERE verb = 'total' AND plays > 0
            AND listener_id = (SELECT id FROM listener WHERE name = ?) GROUP BY song_id"""
        return self._conn.execute(sql, (listener,)).fetchall()

    def songs(self, listener: str) -> Iterator[SongRow]:
        """Every song of the listener's history, with the track that it is, by id.

        One after the other: many tuples held at once would call the collector, which stops the window's thread too.
        """
        found = self._conn.execute("SELECT id FROM listener WHERE name = ?", (listener,)).fetchone()
        number = found[0] if found else -1
        return self._conn.execute(_SONGS, (number, number))

    def tracks_here(self) -> list[HereRow]:
        """The tracks that were played in this program."""
        sql = """SELECT id, CASE artist WHEN '' THEN album_artist ELSE artist END, title, duration_s FROM track
            WHERE id IN (SELECT track_id FROM play_event)"""
        return [HereRow(*row) for row in self._conn.execute(sql)]


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for another thread, which cannot write and sees the catalog of one moment, whatever is written
    meanwhile. Raises CatalogDamaged when the file is none."""
    try:
        conn = connect(path)
    except sqlite3.DatabaseError as error:
        raise CatalogDamaged(f"The library file {path} cannot be read ({error}).") from error
    try:
        conn.execute("PRAGMA query_only=ON")
        conn.execute("BEGIN")  # closing ends it
        yield conn
    finally:
        conn.close()
