"""Songs that histories know, owned or not: one row per artist and title as they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from musicdesk.catalog.connection import Store

Keys = Callable[[str, str], tuple[str, str]]
_KEEP = 300_000  # songs remembered between rows

_SELECT = "SELECT id, album, uri, length_ms FROM song WHERE artist = ? AND title = ?"
_INSERT = """INSERT INTO song (artist, title, album, uri, length_ms, artist_key, title_key)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_UPDATE = "UPDATE song SET album = ?, uri = ?, length_ms = ? WHERE id = ?"


class SongBook:
    """Finds or adds songs, many in a row. Use it inside one import; every call joins the open transaction.

    `keys` gives what a song is matched by: (artist key, title key).
    """

    def __init__(self, store: Store, keys: Keys) -> None:
        self._conn = store.conn
        self._keys = keys
        self._known: dict[tuple[str, str], tuple[int, str, str, int | None]] = {}

    def song(self, artist: str, title: str, album: str, uri: str, length_ms: int | None) -> int:
        """The song's id; album, uri and length are merged so that the order of rows does not matter."""
        name = (artist, title)
        known = self._known.get(name) or self._look(name)
        if known is None:
            row = (artist, title, album, uri, length_ms, *self._keys(artist, title))
            known = (int(self._conn.execute(_INSERT, row).lastrowid or 0), album, uri, length_ms)
        else:
            merged = (known[0], _least(known[1], album), _least(known[2], uri), _most(known[3], length_ms))
            if merged != known:
                self._conn.execute(_UPDATE, (*merged[1:], merged[0]))
                known = merged
        if len(self._known) >= _KEEP:
            self._known.clear()
        self._known[name] = known
        return known[0]

    def _look(self, name: tuple[str, str]) -> tuple[int, str, str, int | None] | None:
        found: Any = self._conn.execute(_SELECT, name).fetchone()
        return tuple(found) if found else None


def _least(known: str, seen: str) -> str:
    return min(known, seen) if known and seen else known or seen


def _most(known: int | None, seen: int | None) -> int | None:
    return max(known, seen) if known and seen else known or seen
