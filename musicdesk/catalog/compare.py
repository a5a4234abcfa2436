"""What a library and a backup of it have that the other has not: ratings, plays, imported plays, playlists."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from musicdesk.catalog import schema
from musicdesk.catalog.faults import damaged

NAMED = 20  # playlists that are told by name


@dataclass(frozen=True)
class Only:
    """What one of two libraries has alone."""

    ratings: int  # tracks whose verdict the other does not have so
    plays: int
    listens: int
    playlists: int
    names: tuple[str, ...]  # of these playlists, each once, the newest first, 20 at most


@dataclass(frozen=True)
class Difference:
    lost: Only  # of the library now, not in the backup
    back: Only  # of the backup, no more in the library


def compare(now: Path, then: Path) -> Difference:
    """Both are only read. Raises LibraryDamaged."""
    return Difference(_only(now, then), _only(then, now))


# The table, and what makes two of its rows the same: numbers of rows are given again after a restore, paths are not.
PLAYED = "SELECT t.path, p.at, p.heard_ms FROM {}.play_event p JOIN {}.track t ON t.id = p.track_id"
HEARD = """SELECT s.artist, s.title, l.listener_id, l.at, l.kind, l.ms, l.ordinal
    FROM {}.listen l JOIN {}.song s ON s.id = l.song_id"""
RATED = "SELECT path, verdict FROM {}.track WHERE verdict IS NOT NULL"
LISTED = "SELECT name, made_at FROM {}.playlist"


def _only(one: Path, other: Path) -> Only:
    try:
        with closing(schema.readable(one)) as conn:
            still = "" if other.with_name(other.name + "-wal").exists() else "&immutable=1"
            conn.execute("ATTACH ? AS other", (f"{other.absolute().as_uri()}?mode=ro{still}",))
            counts = [_count(conn, table, sql) for table, sql in (("track", RATED), ("play_event", PLAYED))]
            listens = _count(conn, "listen", HEARD)
            lists = f"({_all(LISTED, 'main')} EXCEPT {_all(LISTED, 'other')})"
            names = [str(name) for (name,) in conn.execute(f"SELECT name FROM {lists} ORDER BY made_at DESC")]
            return Only(counts[0], counts[1], listens, len(names), tuple(dict.fromkeys(names))[:NAMED])
    except sqlite3.DatabaseError as error:
        raise damaged(one, error) from error


def _all(sql: str, where: str) -> str:
    return sql.format(where, where)


def _count(conn: sqlite3.Connection, table: str, sql: str) -> int:
    has = [conn.execute(f"SELECT 1 FROM {name}.sqlite_schema WHERE name = ?", (table,)).fetchone() for name in SIDES]
    if not has[0]:
        return 0  # of a schema before there was such a thing
    without = f" EXCEPT {_all(sql, 'other')}" if has[1] else ""
    return int(conn.execute(f"SELECT count(*) FROM ({_all(sql, 'main')}{without})").fetchone()[0])


SIDES = ("main", "other")
