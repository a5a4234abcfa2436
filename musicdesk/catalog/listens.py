"""Imported histories: listens and mentions of songs, and the account of every imported file."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, NamedTuple

import numpy as np

from musicdesk.catalog import heard
from musicdesk.catalog.connection import Store
from musicdesk.catalog.twice import recount, renamed
from musicdesk.core.errors import NotFound

_LISTEN = """INSERT OR IGNORE INTO listen
    (listener_id, song_id, at, kind, ms, ordinal, at_text, skipped, source_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_MENTION = """INSERT INTO mention (listener_id, song_id, verb, name, kind, plays, at, at_text, source_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET plays = excluded.plays, at = excluded.at, at_text = excluded.at_text,
        also = iif(source_id = excluded.source_id, also, iif(also = '', ',', also) || source_id || ','),
        source_id = excluded.source_id
    WHERE (excluded.plays, coalesce(excluded.at, 0)) > (plays, coalesce(at, 0))"""
# A row that another import has told already is remembered as told by this one too.
_ALSO = """SET also = iif(also = '', ',', also) || :source || ','
    WHERE source_id <> :source AND instr(also, ',' || :source || ',') = 0 AND listener_id = :listener"""
_LISTEN_ALSO = f"UPDATE listen {_ALSO} AND song_id = :song AND at = :at AND kind = :kind AND ms = :ms AND ordinal = :n"
_SUM = "INSERT OR REPLACE INTO told_sum VALUES (:listener, :song, :kind, :source, :plays, :at, :text)"
_SUM_LEFT = """UPDATE mention SET (plays, at, at_text) = (
        SELECT t.plays, t.at, t.at_text FROM told_sum t WHERE t.listener_id = mention.listener_id
        AND t.song_id = mention.song_id AND t.kind = mention.kind ORDER BY t.plays DESC, t.at DESC LIMIT 1)
    WHERE verb = 'total' AND listener_id = :listener AND EXISTS (SELECT 1 FROM told_sum t
        WHERE t.listener_id = mention.listener_id AND t.song_id = mention.song_id AND t.kind = mention.kind)"""
_MENTION_ALSO = f"UPDATE mention {_ALSO} AND song_id = :song AND verb = :verb AND name = :name AND kind = :kind"


class Listen(NamedTuple):
    song: int
    at: int
    ms: int  # -1: not told
    ordinal: int
    at_text: str
    skipped: bool | None


class Mentioned(NamedTuple):
    song: int
    verb: str
    name: str
    plays: int
    at: int | None
    at_text: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An imported file with its account."""

    id: int
    listener: str
    crowd: str
    format: str
    name: str
    state: str
    rows: int
    imported: int
    duplicates: int
    account: dict[str, Any]  # rejected, examples, notes; came: number of the first import of those that came in one go
    started_at: float


class Listens:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._kinds: dict[int, set[str]] = {}  # kinds of plays by listener, known since the last `begin`

    # writing (each call joins the transaction that is open, or is one)

    def listener(self, name: str) -> int:
        """The listener's id; a new name makes a new one."""
        with self._store.write() as db:
            db.execute("INSERT OR IGNORE INTO listener (name) VALUES (?)", (name,))
        found = self._store.conn.execute("SELECT id FROM listener WHERE name = ?", (name,)).fetchone()
        return int(found[0])

    def known_as(self, name: str) -> str:
        """The name of the listener that `name` means, whatever its case: the person at this desk first, then one who
        has a history; else it is a new one's as it stands."""
        names = [row[0] for row in self._store.conn.execute("SELECT name FROM listener ORDER BY name <> 'me', id")]
        folded = name.casefold()
        if name in names and folded != "me":
            return name
        return next((known for known in names if known.casefold() == folded), name)

    def begin(self, form: str, name: str, listener: int | None = None, crowd: int | None = None) -> int:
        """A row for a file whose import begins."""
        self._kinds.clear()
        with self._store.write() as db:
            sql = "INSERT INTO source (listener_id, crowd_id, format, name, started_at) VALUES (?, ?, ?, ?, ?)"
            return int(db.execute(sql, (listener, crowd, form, name, time.time())).lastrowid or 0)

    def mark_stopped(self) -> None:
        """Imports that a killed or cancelled process left in the middle; their rows so far are kept."""
        with self._store.write() as db:
            if db.execute("UPDATE source SET state = 'stopped' WHERE state = 'running'").rowcount:
                db.execute("INSERT OR REPLACE INTO fact VALUES ('unsettled', 1)")

    @property
    def unsettled(self) -> bool:
        """Whether an import has ended in the middle and `settle` has not counted what came of it."""
        sql = """SELECT EXISTS (SELECT 1 FROM fact WHERE name = 'unsettled')
            OR EXISTS (SELECT 1 FROM source WHERE state = 'running')"""
        return bool(self._store.conn.execute(sql).fetchone()[0])

    def account(self, source: int, counts: tuple[int, int, int, int], more: dict[str, Any], finished: bool) -> None:
        """Notes how far the file is: counts are rows, imported, duplicates, refused, and add up."""
        sql = """UPDATE source SET rows = ?, imported = ?, duplicates = ?, refused = ?, account = ?, state = ?,
            ended_at = ? WHERE id = ?"""
        state = "finished" if finished else "running"
        with self._store.write() as db:
            db.execute(sql, (*counts, json.dumps(more), state, time.time() if finished else None, source))

    def add(self, listener: int, source: int, kind: str, listens: list[Listen]) -> int:
        """Returns how many plays are new. Those known already, also from another service, are not."""
        rows = [(listener, p.song, p.at, kind, p.ms, p.ordinal, p.at_text, p.skipped, source) for p in listens]
        with self._store.write() as db:
            stored = max(0, db.conn.executemany(_LISTEN, rows).rowcount) if rows else 0
            if stored < len(rows):
                names = ("listener", "song", "at", "kind", "ms", "n", "_text", "_skipped", "source")
                db.conn.executemany(_LISTEN_ALSO, (dict(zip(names, row, strict=True)) for row in rows))
            near = renamed(db.conn, listener, kind, [p.at for p in listens])
            if stored and self._told_elsewhere(listener, kind):
                near += ((p.song, p.at) for p in listens)
            twice = recount(db.conn, listener, near)
            return stored - min(stored, max(0, twice))

    def mention(self, listener: int, source: int, kind: str, mentions: list[Mentioned]) -> int:
        """Returns how many are new or say more than what is known."""
        names = ("listener", "song", "verb", "name", "kind", "plays", "at", "text", "source")
        rows = [(listener, m.song, m.verb, m.name, kind, m.plays, m.at, m.at_text, source) for m in mentions]
        named = [dict(zip(names, row, strict=True)) for row in rows]
        with self._store.write() as db:
            stored = max(0, db.conn.executemany(_MENTION, rows).rowcount) if rows else 0
            if stored < len(rows):
                db.conn.executemany(_MENTION_ALSO, named)
            db.conn.executemany(_SUM, (row for row in named if row["verb"] == "total"))
            return stored

    def _told_elsewhere(self, listener: int, kind: str) -> bool:
        """Whether the listener has plays of other kinds."""
        if listener not in self._kinds:
            rows = self._store.conn.execute("SELECT DISTINCT kind FROM listen WHERE listener_id = ?", (listener,))
            self._kinds[listener] = {row[0] for row in rows}
        return bool(self._kinds[listener] - {kind})

    def settle(self, tracks: Iterable[int] | None = None) -> None:
        """Makes anew what the histories of the person at this desk say of tracks (of all, or of `tracks`): plays,
        likes and bans."""
        with self._store.write() as db:
            heard.settle(db.conn, tracks)
            if tracks is None:
                db.execute("DELETE FROM fact WHERE name = 'unsettled'")

    def forget(self, source: int) -> int:
        """Takes one import of a person's history back; returns how many of its rows are gone.

        What another import has told too stays, as told by that one. Songs that nothing is left of go.
        Raises NotFound.
        """
        found = self._store.conn.execute("SELECT listener_id, format FROM source WHERE id = ?", (source,)).fetchone()
        if found is None or found[0] is None:
            raise NotFound(f"Import number {source} is none of a person's history; a crowd goes by its name.")
        listener, kind = found
        self._kinds.clear()
        with self._store.write() as db:
            gone = db.execute("SELECT song_id, at FROM listen WHERE source_id = ? AND also = ''", (source,)).fetchall()
            near = renamed(db.conn, listener, kind, [at for _song, at in gone])
            rows = sum(_without(db.conn, table, source) for table in ("listen", "mention"))
            db.execute("DELETE FROM told_sum WHERE source_id = ?", (source,))
            db.execute(_SUM_LEFT, {"listener": listener})
            db.execute("DELETE FROM source WHERE id = ?", (source,))
            recount(db.conn, listener, near + gone if self._told_elsewhere(listener, kind) else near)
            for sql in _ORPHANS:
                db.execute(sql)
            return rows

    # reading

    def sources(self) -> list[SourceRow]:
        """All imports, the newest first."""
        sql = """SELECT s.id, coalesce(l.name, ''), coalesce(c.name, ''), s.format, s.name, s.state, s.rows, s.imported,
                s.duplicates, s.account, s.started_at
            FROM source s LEFT JOIN listener l ON l.id = s.listener_id LEFT JOIN crowd c ON c.id = s.crowd_id
            ORDER BY s.id DESC"""
        rows = self._store.conn.execute(sql)
        names = SourceRow.__slots__
        return [SourceRow(**{**dict(zip(names, row, strict=True)), "account": json.loads(row[9])}) for row in rows]

    def within(self, first: int, last: int) -> list[int]:
        """Numbers of the imports of persons' histories from `first` to `last`. Raises NotFound when there is none."""
        sql = "SELECT id FROM source WHERE listener_id IS NOT NULL AND id BETWEEN ? AND ? ORDER BY id"
        found = [row[0] for row in self._store.conn.execute(sql, (first, last))]
        if not found:
            raise NotFound(f"There are no imports {first} to {last} of persons' histories.")
        return found

    def name_of(self, source: int) -> str:
        """The name of the file that import number `source` was of. Raises NotFound."""
        found = self._store.conn.execute("SELECT name FROM source WHERE id = ?", (source,)).fetchone()
        if found is None:
            raise NotFound(f"There is no import number {source}; 'musicdesk status --json' lists them.")
        return str(found[0])

    def count(self) -> dict[str, int]:
        """Counted listens of everybody, songs, listeners that have any, and imported files."""
        conn = self._store.conn
        one = "SELECT (SELECT count(*) FROM listen WHERE counted), (SELECT count(*) FROM song)"
        listens, songs = conn.execute(one).fetchone()
        listeners = conn.execute("SELECT count(DISTINCT listener_id) FROM listen").fetchone()[0]
        files = conn.execute("SELECT count(*) FROM source").fetchone()[0]
        return {"listens": listens, "songs": songs, "listeners": listeners, "imports": files}

    def heard_elsewhere(self) -> list[tuple[str, str, str, int | None, float]]:
        """(artist key, title key, album, length in ms, weight of the plays that count) of the songs that the person
        at this desk has played and the library has not."""
        return heard.elsewhere(self._store.conn)

    def timed(self) -> tuple[np.ndarray, np.ndarray]:
        """Every play that counts of a track of the library by the person at this desk, here or in an imported
        history: (track int64, moment float64 in epoch seconds), (plays,) each, in order of time."""
        return heard.timed(self._store.conn)

    def span(self) -> tuple[float, float] | None:
        """Moments of the first and the last play by the person at this desk, here or elsewhere (epoch seconds)."""
        return heard.span(self._store.conn)

    def digest(self) -> str:
        """A hash of all listens and mentions, whatever the order they came in."""
        total = hashlib.sha256()
        for sql in _CONTENTS:
            for row in self._store.conn.execute(sql):
                total.update(repr(row).encode("utf-8", "surrogatepass"))
        return total.hexdigest()


def _without(conn: Connection, table: str, source: int) -> int:
    """Rows of `table` that only `source` has told go; the others stay with those who told them too."""
    mark = f",{source},"
    conn.execute(f"UPDATE {table} SET also = replace(also, ?, ',') WHERE instr(also, ?)", (mark, mark))
    conn.execute(f"UPDATE {table} SET also = '' WHERE also = ','")
    gone = conn.execute(f"DELETE FROM {table} WHERE source_id = ? AND also = ''", (source,)).rowcount
    sql = f"""UPDATE {table} SET source_id = CAST(substr(also, 2) AS INTEGER),
        also = iif(instr(substr(also, 2), ',') = length(also) - 1, '', substr(also, instr(substr(also, 2), ',') + 1))
        WHERE source_id = ?"""
    conn.execute(sql, (source,))
    return gone


_ORPHANS = (
    "DELETE FROM song WHERE id NOT IN (SELECT song_id FROM listen) AND id NOT IN (SELECT song_id FROM mention)",
    "DELETE FROM listener WHERE name <> 'me' AND id NOT IN (SELECT listener_id FROM source WHERE listener_id > 0)",
)

_CONTENTS = (
    """SELECT w.name, s.artist, s.title, s.album, s.uri, s.length_ms, l.at, l.kind, l.ms, l.ordinal, l.at_text,
        l.skipped, l.counted
    FROM listen l JOIN song s ON s.id = l.song_id JOIN listener w ON w.id = l.listener_id
    ORDER BY w.name, s.artist, s.title, l.at, l.kind, l.ms, l.ordinal""",
    """SELECT w.name, s.artist, s.title, s.album, s.uri, s.length_ms, n.verb, n.name, n.kind, n.plays, n.at, n.at_text
    FROM mention n JOIN song s ON s.id = n.song_id JOIN listener w ON w.id = n.listener_id
    ORDER BY w.name, s.artist, s.title, n.verb, n.name, n.kind""",
)
