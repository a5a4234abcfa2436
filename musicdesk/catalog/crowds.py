"""Crowds: what many people played. Counts lie in a file; names, songs and titles here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from musicdesk.catalog.connection import Store
from musicdesk.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class CrowdRow:
    id: int
    name: str
    listeners: int
    songs: int
    pairs: int
    plays: int
    folder: str  # name inside the profile's crowds folder; '' while there are only titles
    digest: str


class TitleRow(NamedTuple):
    """What is told about one song of a crowd. key: what it is matched by, '' where artist or title is unknown."""

    name: str
    artist: str
    title: str
    key: str
    wrong: bool
    album: str
    year: int | None
    length_ms: int | None


@dataclass(frozen=True, slots=True)
class WordsRow:
    """Words of one kind about a crowd's songs (or their recordings), in `folder` beside the plays."""

    kind: str
    items: int
    words: int
    pairs: int
    folder: str
    digest: str


# Of what two sources tell the least stays (of lengths the most), so that their order does not matter.
_LEAST = "iif({0} = '' OR (excluded.{0} <> '' AND excluded.{0} < {0}), excluded.{0}, {0})"
_NEW = {name: _LEAST.format(name) for name in ("artist", "title", "album")}
_NEW["wrong"] = "max(wrong, excluded.wrong)"
_NEW["year"] = "min(coalesce(year, excluded.year), coalesce(excluded.year, year))"
_NEW["length_ms"] = "max(coalesce(length_ms, excluded.length_ms), coalesce(excluded.length_ms, length_ms))"
_TITLE = f"""INSERT INTO crowd_title (crowd_id, name, artist, title, key, wrong, album, year, length_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET key = iif({_NEW["artist"]} = artist AND {_NEW["title"]} = title, key, ''),
        {", ".join(f"{name} = {new}" for name, new in _NEW.items())}
    WHERE ({", ".join(_NEW.values())}) IS NOT ({", ".join(_NEW)})"""
_TRACK = """INSERT INTO crowd_track (crowd_id, track, name) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET name = excluded.name WHERE excluded.name < name"""


class Crowds:
    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[CrowdRow]:
        sql = "SELECT id, name, listeners, songs, pairs, plays, folder, digest FROM crowd ORDER BY name"
        return [CrowdRow(*row) for row in self._store.conn.execute(sql)]

    def get(self, name: str) -> CrowdRow:
        found = next((crowd for crowd in self.all() if crowd.name == name), None)
        if found is None:
            known = ", ".join(crowd.name for crowd in self.all()) or "none"
            raise NotFound(f"There is no crowd '{name}'; known are {known}.")
        return found

    def make(self, name: str) -> CrowdRow:
        """The crowd of that name, new when there is none."""
        with self._store.write() as db:
            db.execute("INSERT OR IGNORE INTO crowd (name, made_at) VALUES (?, ?)", (name, time.time()))
        return self.get(name)

    def put(self, crowd: int, folder: str, digest: str, counts: tuple[int, int, int], songs: Sequence[str]) -> None:
        """A new matrix: `counts` are listeners, pairs, plays; `songs` its columns in order."""
        listeners, pairs, plays = counts
        with self._store.write() as db:
            db.execute("DELETE FROM crowd_song WHERE crowd_id = ?", (crowd,))
            rows = ((crowd, code, name) for code, name in enumerate(songs))
            db.conn.executemany("INSERT INTO crowd_song VALUES (?, ?, ?)", rows)
            sql = """UPDATE crowd SET listeners = ?, songs = ?, pairs = ?, plays = ?, folder = ?, digest = ?,
                made_at = ? WHERE id = ?"""
            db.execute(sql, (listeners, len(songs), pairs, plays, folder, digest, time.time(), crowd))

    def remove(self, crowd: int) -> None:
        """All that the catalog knows of the crowd, the accounts of its imports too."""
        with self._store.write() as db:
            db.execute("DELETE FROM crowd WHERE id = ?", (crowd,))

    def name_songs(self, crowd: int, titles: Iterable[TitleRow]) -> int:
        """Returns how many say something new."""
        with self._store.write() as db:
            rows = [(crowd, *title) for title in titles]
            return max(0, db.conn.executemany(_TITLE, rows).rowcount) if rows else 0

    def tell(self, crowd: int, title: TitleRow | None, name: str, tracks: Sequence[str]) -> bool:
        """One row about the song `name`: what it is called, and its recordings. Whether it says something new."""
        with self._store.write() as db:
            new = db.conn.execute(_TITLE, (crowd, *title)).rowcount if title else 0
            for track in tracks:
                new += db.conn.execute(_TRACK, (crowd, track, name)).rowcount
            return new > 0

    def put_words(self, crowd: int, words: WordsRow) -> None:
        with self._store.write() as db:
            sql = "INSERT OR REPLACE INTO crowd_words VALUES (?, ?, ?, ?, ?, ?, ?)"
            db.execute(sql, (crowd, *(getattr(words, name) for name in WordsRow.__slots__)))

    def words(self, crowd: int) -> list[WordsRow]:
        """What is said about the crowd's songs, by kind."""
        sql = "SELECT kind, items, words, pairs, folder, digest FROM crowd_words WHERE crowd_id = ? ORDER BY kind"
        return [WordsRow(*row) for row in self._store.conn.execute(sql, (crowd,))]

    def folders(self) -> set[str]:
        """Names of all folders in use beside the catalog."""
        sql = "SELECT folder FROM crowd UNION SELECT folder FROM crowd_words"
        return {row[0] for row in self._store.conn.execute(sql)}

    def refresh_keys(self, crowd: int, keys: Iterable[tuple[str, str]]) -> None:
        """(key, song's name): what songs are matched by, when artist and title came from two files."""
        with self._store.write() as db:
            sql = "UPDATE crowd_title SET key = ? WHERE crowd_id = ? AND name = ?"
            db.conn.executemany(sql, ((key, crowd, name) for key, name in keys))

    def unkeyed(self, crowd: int) -> list[tuple[str, str, str]]:
        """(song's name, artist, title) of songs that have both now, but no key yet."""
        sql = """SELECT name, artist, title FROM crowd_title
            WHERE crowd_id = ? AND key = '' AND artist <> '' AND title <> ''"""
        return self._store.conn.execute(sql, (crowd,)).fetchall()

    def song_names(self, crowd: int) -> list[str]:
        """Names of the crowd's songs in the order of its matrix."""
        sql = "SELECT name FROM crowd_song WHERE crowd_id = ? ORDER BY code"
        return [name for (name,) in self._store.conn.execute(sql, (crowd,))]

    def codes(self, crowd: int) -> dict[str, int]:
        """Column in the crowd's matrix by name, of songs and of their recordings, without those known to be wrong."""
        songs = """SELECT s.name, s.code FROM crowd_song s
            LEFT JOIN crowd_title t ON t.crowd_id = s.crowd_id AND t.name = s.name
            WHERE s.crowd_id = ? AND NOT coalesce(t.wrong, 0)"""
        found = dict(self._store.conn.execute(songs, (crowd,)).fetchall())
        tracks = "SELECT track, name FROM crowd_track WHERE crowd_id = ?"
        return found | {
            track: found[name] for track, name in self._store.conn.execute(tracks, (crowd,)) if name in found
        }

    def titled(self, crowd: int) -> list[tuple[int, str, str, int | None]]:
        """(code, key, album, length in ms) of the songs of `known_keys`."""
        sql = """SELECT s.code, t.key, t.album, t.length_ms
            FROM crowd_song s JOIN crowd_title t ON t.crowd_id = s.crowd_id AND t.name = s.name
            WHERE s.crowd_id = ? AND t.key <> '' AND NOT t.wrong ORDER BY s.code"""
        return self._store.conn.execute(sql, (crowd,)).fetchall()

    def named(self, crowd: int) -> dict[int, tuple[str, str]]:
        """(artist, title) by code of the crowd's songs that have both and are not known to be wrong."""
        sql = """SELECT s.code, t.artist, t.title
            FROM crowd_song s JOIN crowd_title t ON t.crowd_id = s.crowd_id AND t.name = s.name
            WHERE s.crowd_id = ? AND t.artist <> '' AND t.title <> '' AND NOT t.wrong"""
        return {code: (artist, title) for code, artist, title in self._store.conn.execute(sql, (crowd,))}

    def known_keys(self, crowd: int) -> list[tuple[int, str]]:
        """(code, key) of the crowd's songs that have a title and are not known to be wrong."""
        sql = """SELECT s.code, t.key
            FROM crowd_song s JOIN crowd_title t ON t.crowd_id = s.crowd_id AND t.name = s.name
            WHERE s.crowd_id = ? AND t.key <> '' AND NOT t.wrong ORDER BY s.code"""
        return self._store.conn.execute(sql, (crowd,)).fetchall()

    def artists(self, crowd: int) -> list[tuple[int, str]]:
        """(code, artist) of the crowd's songs whose artist is known."""
        sql = """SELECT s.code, t.artist
            FROM crowd_song s JOIN crowd_title t ON t.crowd_id = s.crowd_id AND t.name = s.name
            WHERE s.crowd_id = ? AND t.artist <> '' AND NOT t.wrong ORDER BY s.code"""
        return self._store.conn.execute(sql, (crowd,)).fetchall()

    def stamp(self, crowd: int) -> tuple[float, ...]:
        """Another one after every import into the crowd."""
        sql = "SELECT count(*), coalesce(max(id), 0), coalesce(max(started_at), 0) FROM source WHERE crowd_id = ?"
        return tuple(self._store.conn.execute(sql, (crowd,)).fetchone())
