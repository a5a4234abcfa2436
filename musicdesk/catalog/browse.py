"""The Library page's questions: which ids, in which order, for these words and filters.

A list of ids is all that a table of 100,000 rows needs; rows are fetched as they come into sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np

from musicdesk.catalog.connection import Moment, Store
from musicdesk.catalog.heard import JOINED, LAST_PLAYED, PLAYS
from musicdesk.core.types import TrackId

# Each is an index of its own that ends in `presence`, so that a whole library is listed from the index alone; but for
# plays, which stand in two tables.
ORDERS = {
    "artist": "artist COLLATE NOCASE {d}, album COLLATE NOCASE {d}, disc_no {d}, track_no {d}, title {d}",
    "title": "title COLLATE NOCASE {d}",
    "album": "album COLLATE NOCASE {d}, disc_no {d}, track_no {d}",
    "genre": "genre COLLATE NOCASE {d}",
    "year": "year {d}",
    "duration": "duration_s {d}",
    "added": "added_at {d}",
    "plays": f"{PLAYS} {{d}}",
    "verdict": "verdict {d}",
    "played": f"{LAST_PLAYED} {{d}}",
}


FILTERS = ("genre", "artist")
MOST_VALUES = 500  # entries of a filter's list
# Orders by what a track may not have, and its column.
MAY_BE_BLANK = {**{name: name for name in ("title", "artist", "album", "genre", "year")}, "duration": "duration_s"}


@dataclass(frozen=True)
class Query:
    """What the Library shows. `status`: '', present, offline, missing, failed, waiting, excluded, liked."""

    words: str = ""
    order: str = "artist"
    descending: bool = False
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    genre: str = ""
    year: int | None = None
    status: str = ""


_STATUS = {
    "": "presence <> 'missing'",
    "present": "presence = 'present'",
    "offline": "presence = 'offline'",
    "missing": "presence = 'missing'",
    "failed": "EXISTS (SELECT 1 FROM failure f WHERE f.track_id = track.id AND f.stage NOT LIKE 'ear %' AND f.settled)",
    "waiting": "presence = 'present' AND NOT EXISTS (SELECT 1 FROM descriptor d WHERE d.track_id = track.id)"
    " AND NOT EXISTS (SELECT 1 FROM failure f WHERE f.track_id = track.id AND f.stage <> 'tags' AND f.settled)",
    "excluded": "excluded <> ''",
    "liked": "verdict = 'like'",
}

_META = (
    *("artist", "album", "album_artist", "genre", "song_key", "excluded", "presence", "verdict", "duration_s", "year"),
)


class Browse:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: tuple[Moment, dict[str, Any]] = ((-1, -1), {})  # what was read since then, by its question

    def ids(self, query: Query) -> np.ndarray:
        """Track ids, int64 (n,), in the asked order.

        An order of the whole library is kept until something is written, and what was found is picked from it: sorting
        by an index costs more than searching.
        """
        where = [_STATUS[query.status]]
        values: list[object] = []
        for name in ("artist", "album", "album_artist", "genre"):
            if value := getattr(query, name):
                where.append(f"{name} = ? COLLATE NOCASE")
                values.append(value)
        if query.year is not None:
            where.append("year = ?")
            values.append(query.year)
        sql = f"SELECT id FROM track WHERE {' AND '.join(where)}"
        found = self._ids(sql, values) if values or query.status else self._kept(sql)
        if words := query.words.strip():
            found = np.intersect1d(found, self._matching(words), assume_unique=True)
        return _picked(self._ordered(query.order, query.descending), found)

    def _matching(self, words: str) -> np.ndarray:
        """What has these words. Signs alone, such as the name of the band !!!, are no words of the index and stand as
        they are typed in a title, an artist, an album or a path, of which points and strokes say nothing."""
        if expression := match_expression(words):
            return self._ids("SELECT rowid AS id FROM track_words WHERE track_words MATCH ?", (expression,))
        # What the index was made of (its columns in their order; 3 is the genre) holds no more than words, so it is
        # read in a fraction of the time of the table.
        places = ("c0", "c1", "c2", "c4") if words.strip("./\\") else ("c0", "c1", "c2")
        holds = " OR ".join(f"instr({place}, ?)" for place in places)
        return self._ids(f"SELECT id FROM track_words_content WHERE {holds}", (words,) * len(places))

    def _ordered(self, name: str, descending: bool) -> np.ndarray:
        """The whole library, those without what it is ordered by at the end: nobody looks for them first."""
        order = ORDERS[name].format(d="DESC" if descending else "ASC")
        rows = JOINED if name in ("plays", "played") else "track"
        ids = self._kept(f"SELECT id FROM {rows} ORDER BY {order}")
        if name not in MAY_BE_BLANK or descending:
            return ids
        column = MAY_BE_BLANK[name]
        blank = len(self._kept(f"SELECT id FROM track WHERE {column} IS NULL OR {column} = ''"))
        return np.roll(ids, -blank)

    def _kept(self, sql: str) -> np.ndarray:
        """As `_ids`, from memory as long as nothing has been written."""
        memory = self._remembered()
        if sql not in memory:
            memory[sql] = self._ids(sql)
        found: np.ndarray = memory[sql]
        return found

    def _remembered(self) -> dict[str, Any]:
        if self._memory[0] != (now := self._store.moment()):
            self._memory = (now, {})
        return self._memory[1]

    @property
    def at_hand(self) -> bool:
        """Whether the whole library and what its filters offer are read."""
        return all(column in self._remembered() for column in FILTERS)

    def read_ahead(self) -> None:
        self.ids(Query())
        for column in FILTERS:
            self.values(column)

    def adopt(self, other: Browse) -> None:
        """Takes over what another one has read of the same catalog, in which nothing was written meanwhile."""
        self._remembered().update(other._memory[1])

    def _ids(self, sql: str, values: Sequence[object] = ()) -> np.ndarray:
        """The column `id` as one text: a third of the time of rows, in one step that other threads need not wait for.

        SQLite keeps the order of an inner query for group_concat.
        """
        text = self._store.conn.execute(f"SELECT group_concat(id) FROM ({sql})", values).fetchone()[0]
        return np.fromstring(text or "", np.int64, sep=",")

    def values(self, column: str) -> list[tuple[str, int]]:
        """(value, tracks) of `artist` or `genre`, the most frequent first, for the filters; kept as orders are."""
        if column not in FILTERS:
            raise ValueError(column)
        memory = self._remembered()
        if column not in memory:
            memory[column] = self._values(column)
        found: list[tuple[str, int]] = memory[column]
        return found

    def _values(self, column: str) -> list[tuple[str, int]]:
        sql = f"""SELECT {column}, count(*) FROM track WHERE presence <> 'missing' AND {column} <> ''
            GROUP BY {column} COLLATE NOCASE ORDER BY count(*) DESC, {column} LIMIT ?"""
        return [(str(value), count) for value, count in self._store.conn.execute(sql, (MOST_VALUES,))]

    def artists(self) -> dict[TrackId, str]:
        """The artist of every track that has one."""
        rows = self._store.conn.execute("SELECT id, artist FROM track WHERE artist <> ''")
        return {TrackId(track): artist for track, artist in rows}

    def genres(self) -> dict[TrackId, str]:
        """The genre of every track that has one, as tagged."""
        rows = self._store.conn.execute("SELECT id, genre FROM track WHERE genre <> ''")
        return {TrackId(track): genre for track, genre in rows}

    def favourite_artist(self) -> str:
        """The artist played most; without plays the one with most likes, then most tracks. '' when none has a name."""
        sql = f"""SELECT artist FROM {JOINED} WHERE artist <> '' AND presence = 'present' GROUP BY artist COLLATE NOCASE
            ORDER BY sum({PLAYS}) DESC, sum(verdict = 'like') DESC, count(*) DESC, artist LIMIT 1"""
        row = self._store.conn.execute(sql).fetchone()
        return str(row[0]) if row else ""

    def by_artist(self, artist: str, limit: int) -> list[TrackId]:
        """The artist's tracks within reach, most played first."""
        sql = f"""SELECT id FROM {JOINED} WHERE artist = ? COLLATE NOCASE AND presence = 'present'
            ORDER BY {PLAYS} DESC, id LIMIT ?"""
        return [TrackId(row[0]) for row in self._store.conn.execute(sql, (artist, limit))]

    def names_stamp(self) -> int:
        """Grows whenever a track's title, artist, album, genre or path changes."""
        row = self._store.conn.execute("SELECT value FROM fact WHERE name = 'tracks'").fetchone()
        return int(row[0])

    def kept_out(self) -> dict[str, np.ndarray]:
        """Tracks that a rule keeps out of playlists, int64 ids ascending, by `missing`, `excluded`, `refused`."""
        where = {
            "missing": "presence IN ('offline', 'missing')",
            "excluded": "excluded <> ''",
            "refused": "verdict IN ('dislike', 'never')",
        }
        return {rule: self._where(condition) for rule, condition in where.items()}

    def everything(self) -> np.ndarray:
        """All tracks, also those out of reach, int64 ids ascending."""
        return self._where("1")

    def _where(self, condition: str) -> np.ndarray:
        return np.sort(self._ids(f"SELECT id FROM track WHERE {condition}"))

    def added_since(self, at: float) -> list[int]:
        """Tracks that came into the library after `at`, epoch seconds."""
        return [row[0] for row in self._store.conn.execute("SELECT id FROM track WHERE added_at > ?", (at,))]

    def played_since(self, at: float) -> list[int]:
        """Tracks that were played after `at`, epoch seconds, here or in an imported history."""
        sql = """SELECT id FROM track WHERE last_played_at > ?
            UNION SELECT track_id FROM heard WHERE last_at > ?"""
        return [row[0] for row in self._store.conn.execute(sql, (at, at))]

    def named(self, ids: np.ndarray) -> tuple[list[Any], ...]:
        """Columns, one value per id: artist, album, album artist, genre, song key ('' for none),
        duration_s, year (None for none). Ids that are gone have neither."""
        names = "coalesce(artist, ''), coalesce(album, ''), coalesce(album_artist, ''), coalesce(genre, '')"
        sql = f"SELECT id, {names}, coalesce(song_key, ''), duration_s, year FROM track"
        rows = {row[0]: row[1:] for row in self._store.conn.execute(sql)}
        gone = ("", "", "", "", "", None, None)
        found = [rows.get(track, gone) for track in ids.tolist()]
        return tuple(list(column) for column in zip(*found, strict=True)) if found else tuple([] for _ in gone)

    def column(self, name: str, ids: np.ndarray) -> list[Any]:
        """One of the columns that `meta` has, a value per id; None for ids that are gone."""
        if name not in _META:
            raise ValueError(name)
        rows = dict(self._store.conn.execute(f"SELECT id, {name} FROM track"))
        return [rows.get(track) for track in ids.tolist()]

    def meta(self, ids: np.ndarray) -> dict[str, list[Any]]:
        """Columns that playlists go by, one value per id: artist, album, album_artist, genre, song_key,
        excluded, presence, verdict, duration_s, year. Ids that are gone have None everywhere."""
        names = _META
        rows = {row[0]: row[1:] for row in self._store.conn.execute(f"SELECT id, {', '.join(names)} FROM track")}
        none = (None,) * len(names)
        found = [rows.get(track, none) for track in ids.tolist()]
        return {name: [row[at] for row in found] for at, name in enumerate(names)}


def _picked(ordered: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Those of `ordered` that were found."""
    if not len(found):
        return found
    known = np.zeros(int(max(ordered.max(), found.max())) + 1, bool)
    known[found] = True
    chosen: np.ndarray = ordered[known[ordered]]
    return chosen


def match_expression(words: str) -> str:
    """FTS5 expression: every word must begin a word of the track. Quotes make any text harmless.

    Letters that come apart from their accents, as in names of files on a Mac, are put together.
    """
    whole = normalize("NFC", words)
    tokens = ["".join(c if c.isalnum() else " " for c in word) for word in whole.split()]
    parts = [part for token in tokens for part in token.split()]
    return " AND ".join(f'"{part}" *' for part in parts)
