"""The words of each track for the search, kept in step with the tracks by whoever writes them."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection

# Of the path only what lies below the person's folder: what all paths share would match every search.
_SELECT = """SELECT t.id, t.title, t.artist, t.album, t.genre,
        substr(t.path_text, (SELECT length(CAST(r.path AS TEXT)) + 2 FROM root r WHERE r.id = t.root_id))
    FROM track t"""


def index(conn: Connection, where: str, values: Sequence[object]) -> None:
    """Writes the words of the tracks `t` that fulfil `where`, in place of those there were."""
    sql = "INSERT OR REPLACE INTO track_words (rowid, title, artist, album, genre, path_text)"
    conn.execute(f"{sql} {_SELECT} WHERE {where} ORDER BY t.id", values)
    # Whoever changes a track's words comes here, so this is where caches of them learn that they are old.
    conn.execute("UPDATE fact SET value = value + 1 WHERE name = 'tracks'")


def drop(conn: Connection, where: str, values: Sequence[object]) -> None:
    """Forgets the words of the tracks that fulfil `where`, which are about to go. What was heard of them goes too, and
    whoever has read it must learn that: a list would be made of tracks that are not there."""
    conn.execute(f"DELETE FROM track_words WHERE rowid IN (SELECT id FROM track WHERE {where})", values)
    conn.execute("UPDATE fact SET value = value + 1 WHERE name IN ('tracks', 'embeddings')")
