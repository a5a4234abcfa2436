"""Imported histories: listens and mentions of songs, and the account of every imported file."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from musicdesk.catalog import recent
from musicdesk.catalog.connection import Store
from musicdesk.catalog.fading import DAY_S, MOST_WEIGHT, UNDATED, by_day
from musicdesk.catalog.recent import MINUTES, SECONDS

_CLOSE_MS = 2_000
COUNTS_MS = 30_000  # a play counts from here or from half of the song on

_LISTEN = """INSERT OR IGNORE INTO listen
    (listener_id, song_id, at, kind, ms, ordinal, at_text, skipped, source_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_MENTION = """INSERT INTO mention (listener_id, song_id, verb, name, kind, plays, at, at_text, source_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET plays = excluded.plays, at = excluded.at, at_text = excluded.at_text,
        source_id = excluded.source_id
    WHERE (excluded.plays, coalesce(excluded.at, 0)) > (plays, coalesce(at, 0))"""
# Half of the song by the track's length, else by the history's own word; without either, 30 s.
_COUNTED = f"""(l.ms < 0 OR l.ms >= min({COUNTS_MS}, coalesce(t.duration_s * 500, s.length_ms / 2, {COUNTS_MS})))"""


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
    account: dict[str, Any]  # rejected, examples, notes
    started_at: float


class Listens:
    def __init__(self, store: Store) -> None:
        self._store = store

    # writing (each call joins the transaction that is open, or is one)

    def listener(self, name: str) -> int:
        """The listener's id; a new name makes a new one."""
        with self._store.write() as db:
            db.execute("INSERT OR IGNORE INTO listener (name) VALUES (?)", (name,))
        found = self._store.conn.execute("SELECT id FROM listener WHERE name = ?", (name,)).fetchone()
        return int(found[0])

    def begin(self, form: str, name: str, listener: int | None = None, crowd: int | None = None) -> int:
        """A row for a file whose import begins."""
        with self._store.write() as db:
            sql = "INSERT INTO source (listener_id, crowd_id, format, name, started_at) VALUES (?, ?, ?, ?, ?)"
            return int(db.execute(sql, (listener, crowd, form, name, time.time())).lastrowid or 0)

    def mark_stopped(self) -> None:
        """Imports that a killed or cancelled process left in the middle; their rows so far are kept."""
        with self._store.write() as db:
            db.execute("UPDATE source SET state = 'stopped' WHERE state = 'running'")

    def account(self, source: int, counts: tuple[int, int, int, int], more: dict[str, Any], finished: bool) -> None:
        """Notes how far the file is: counts are rows, imported, duplicates, refused, and add up."""
        sql = """UPDATE source SET rows = ?, imported = ?, duplicates = ?, refused = ?, account = ?, state = ?,
            ended_at = ? WHERE id = ?"""
        state = "finished" if finished else "running"
        with self._store.write() as db:
            db.execute(sql, (*counts, json.dumps(more), state, time.time() if finished else None, source))

    def add(self, listener: int, source: int, kind: str, listens: list[Listen]) -> int:
        """Returns how many plays are new. Those known already, also from the other kind of export, are not."""
        rows = [(listener, p.song, p.at, kind, p.ms, p.ordinal, p.at_text, p.skipped, source) for p in listens]
        with self._store.write() as db:
            stored = max(0, db.conn.executemany(_LISTEN, rows).rowcount) if rows else 0
            if stored and self._told_elsewhere(listener, kind):
                stored -= min(stored, self._shade(listener, {p.song for p in listens}))
            if stored and kind in recent.KINDS:
                span = (min(p.at for p in listens), max(p.at for p in listens))
                stored -= min(stored, recent.step_back(self._store.conn, listener, kind, span))
            return stored

    def mention(self, listener: int, source: int, kind: str, mentions: list[Mentioned]) -> int:
        """Returns how many are new or say more than what is known."""
        rows = [(listener, m.song, m.verb, m.name, kind, m.plays, m.at, m.at_text, source) for m in mentions]
        with self._store.write() as db:
            return max(0, db.conn.executemany(_MENTION, rows).rowcount) if rows else 0

    def _told_elsewhere(self, listener: int, kind: str) -> bool:
        """Whether the listener has rows of the service's other kind of export."""
        other = {MINUTES: SECONDS, SECONDS: MINUTES}.get(kind, "")
        sql = "SELECT EXISTS (SELECT 1 FROM source WHERE listener_id = ? AND format = ? AND rows > 0)"
        return bool(other and self._store.conn.execute(sql, (listener, other)).fetchone()[0])

    def _shade(self, listener: int, songs: set[int]) -> int:
        """Plays that both exports of the service tell count once: those in minutes step back.

        A pure function of what is stored, so that the order of imports does not matter. Returns how many
        more plays are told twice than before.
        """
        change = 0
        for song in sorted(songs):
            sql = """SELECT kind, at, ms, ordinal, counted FROM listen
                WHERE listener_id = ? AND song_id = ? AND kind IN (?, ?) ORDER BY at, ms, ordinal"""
            rows = self._store.conn.execute(sql, (listener, song, MINUTES, SECONDS)).fetchall()
            minutes = [row[1:] for row in rows if row[0] == MINUTES]
            seconds = [row[1:3] for row in rows if row[0] == SECONDS]
            if not minutes or (not seconds and all(row[3] for row in minutes)):
                continue
            twins = twice_told([row[:2] for row in minutes], seconds)
            for place, (at, ms, ordinal, counted) in enumerate(minutes):
                if counted == (place in twins):
                    sql = """UPDATE listen SET counted = ? WHERE listener_id = ? AND song_id = ? AND at = ?
                        AND kind = ? AND ms = ? AND ordinal = ?"""
                    self._store.conn.execute(sql, (not counted, listener, song, at, MINUTES, ms, ordinal))
                    change += 1 if counted else -1
        return max(0, change)

    def settle(self, tracks: Iterable[int] | None = None) -> None:
        """Makes the plays of tracks anew from the listens of the person at this desk: of all, or of `tracks`."""
        only = "" if tracks is None else "AND m.track_id IN (SELECT value FROM json_each(:tracks))"
        with self._store.write() as db:
            values = {"until": self._fading(), "tracks": json.dumps([int(track) for track in tracks or ()])}
            db.execute(f"DELETE FROM heard WHERE 1 {only.replace('m.', '')}", values)
            db.execute(_HEARD.format(counted=_COUNTED, only=only), values)
            db.execute("INSERT OR REPLACE INTO fact VALUES ('heard_until', :until)", values)

    def _fading(self) -> int:
        """The newest moment that imported plays tell of; makes the table of weights that they are summed with."""
        conn = self._store.conn
        conn.execute("CREATE TEMP TABLE IF NOT EXISTS fade (days INTEGER PRIMARY KEY, weight REAL NOT NULL)")
        if conn.execute("SELECT count(*) FROM fade").fetchone() == (0,):
            conn.executemany("INSERT INTO fade VALUES (?, ?)", by_day())
        newest = conn.execute(_NEWEST).fetchone()[0]
        return int(time.time() if newest is None else newest)

    # reading

    def sources(self, limit: int = 200) -> list[SourceRow]:
        """The newest imports."""
        sql = """SELECT s.id, coalesce(l.name, ''), coalesce(c.name, ''), s.format, s.name, s.state, s.rows, s.imported,
                s.duplicates, s.account, s.started_at
            FROM source s LEFT JOIN listener l ON l.id = s.listener_id LEFT JOIN crowd c ON c.id = s.crowd_id
            ORDER BY s.id DESC LIMIT ?"""
        rows = self._store.conn.execute(sql, (limit,))
        names = SourceRow.__slots__
        return [SourceRow(**{**dict(zip(names, row, strict=True)), "account": json.loads(row[9])}) for row in rows]

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
        sql = _ELSEWHERE.format(counted=_COUNTED)
        return self._store.conn.execute(sql, {"until": self._fading()}).fetchall()

    def timed(self) -> tuple[np.ndarray, np.ndarray]:
        """Every play that counts of a track of the library by the person at this desk, here or in an imported
        history: (track int64, moment float64 in epoch seconds), (plays,) each, in order of time."""
        conn = self._store.conn
        rows = conn.execute(_TIMED.format(counted=_COUNTED)).fetchall()
        tracks = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        moments = np.fromiter((row[1] for row in rows), np.float64, len(rows))
        order = np.lexsort((tracks, moments))
        return tracks[order], moments[order]

    def digest(self) -> str:
        """A hash of all listens and mentions, whatever the order they came in."""
        total = hashlib.sha256()
        for sql in _CONTENTS:
            for row in self._store.conn.execute(sql):
                total.update(repr(row).encode("utf-8", "surrogatepass"))
        return total.hexdigest()


def twice_told(minutes: list[tuple[int, int]], seconds: list[tuple[int, int]]) -> set[int]:
    """Places in `minutes` whose play is in `seconds` too. Both are (at, ms), sorted.

    The minute is the one in which the play ended; each play answers for one other at most.
    """
    used: set[int] = set()
    found: set[int] = set()
    start = 0
    for place, (at, ms) in enumerate(minutes):
        while start < len(seconds) and seconds[start][0] < at - 60:
            start += 1
        for other in range(start, len(seconds)):
            second, exact = seconds[other]
            if second >= at + 120:
                break
            if other not in used and abs(exact - ms) <= _CLOSE_MS:
                used.add(other)
                found.add(place)
                break
    return found


_ME = "listener_id = (SELECT id FROM listener WHERE name = 'me')"
_NEWEST = f"""SELECT max(at) FROM (SELECT max(at) AS at FROM listen WHERE {_ME}
    UNION ALL SELECT max(at) FROM mention WHERE verb = 'total' AND {_ME})"""
# Weight of a play by its age; joins the temporary table `fade`.
_FADE = f"LEFT JOIN fade f ON f.days = max(0, (:until - {{at}}) / {DAY_S})"

# Sums of plays that a source tells are of the same plays: the greater of both is what is known.
# CROSS JOIN keeps the order of the tables: a few tracks are settled from their own songs alone.
_HEARD = f"""INSERT INTO heard (track_id, plays, skips, last_at, weight)
    SELECT track_id, max(sum(plays), sum(total)), sum(skips), max(last_at), max(sum(weight), sum(total_weight)) FROM (
        SELECT m.track_id AS track_id, sum({{counted}}) AS plays,
            sum(coalesce(l.skipped, 0) AND NOT {{counted}}) AS skips,
            max(CASE WHEN {{counted}} THEN l.at END) AS last_at, 0 AS total,
            coalesce(sum({{counted}} * f.weight), 0) AS weight, 0 AS total_weight
        FROM match m
        CROSS JOIN listen l ON l.song_id = m.song_id AND m.state = 'matched' AND m.track_id IS NOT NULL
        JOIN song s ON s.id = l.song_id
        JOIN track t ON t.id = m.track_id {_FADE.format(at="l.at")}
        WHERE l.counted AND l.{_ME} {{only}}
        GROUP BY m.track_id
        UNION ALL
        SELECT m.track_id, 0, 0, max(n.at), sum(n.plays), 0, sum(n.plays * iif(n.at IS NULL, {UNDATED}, f.weight))
        FROM match m
        CROSS JOIN mention n ON n.song_id = m.song_id AND m.state = 'matched' AND m.track_id IS NOT NULL
        {_FADE.format(at="n.at")}
        WHERE n.verb = 'total' AND n.{_ME} {{only}}
        GROUP BY m.track_id
    ) GROUP BY track_id"""

_ELSEWHERE = f"""SELECT s.artist_key, s.title_key, s.album, s.length_ms,
        min({MOST_WEIGHT}, max(sum(weight), sum(total_weight))) AS n
    FROM (
        SELECT l.song_id AS song_id, coalesce(sum({{counted}} * f.weight), 0) AS weight, 0 AS total_weight
        FROM listen l JOIN song s ON s.id = l.song_id LEFT JOIN track t ON 0 {_FADE.format(at="l.at")}
        WHERE l.counted AND l.{_ME}
        GROUP BY l.song_id
        UNION ALL
        SELECT n.song_id, 0, sum(n.plays * iif(n.at IS NULL, {UNDATED}, f.weight))
        FROM mention n {_FADE.format(at="n.at")}
        WHERE n.verb = 'total' AND n.{_ME}
        GROUP BY n.song_id
    ) h JOIN song s ON s.id = h.song_id LEFT JOIN match m ON m.song_id = s.id
    WHERE s.artist_key <> '' AND s.title_key <> '' AND (m.track_id IS NULL OR m.state <> 'matched')
    GROUP BY s.id HAVING n > 0 ORDER BY s.artist, s.title"""

_TIMED = f"""SELECT m.track_id, l.at FROM listen l
    JOIN match m ON m.song_id = l.song_id AND m.state = 'matched' AND m.track_id IS NOT NULL
    JOIN song s ON s.id = l.song_id JOIN track t ON t.id = m.track_id
    WHERE l.counted AND l.{_ME} AND {{counted}}
    UNION ALL
    SELECT track_id, at FROM play_event WHERE heard_ms > 0 AND heard_ms >= min({COUNTS_MS}, duration_ms / 2.0)"""

_CONTENTS = (
    """SELECT w.name, s.artist, s.title, s.album, s.uri, s.length_ms, l.at, l.kind, l.ms, l.ordinal, l.at_text,
        l.skipped, l.counted
    FROM listen l JOIN song s ON s.id = l.song_id JOIN listener w ON w.id = l.listener_id
    ORDER BY w.name, s.artist, s.title, l.at, l.kind, l.ms, l.ordinal""",
    """SELECT w.name, s.artist, s.title, s.album, s.uri, s.length_ms, n.verb, n.name, n.kind, n.plays, n.at, n.at_text
    FROM mention n JOIN song s ON s.id = n.song_id JOIN listener w ON w.id = n.listener_id
    ORDER BY w.name, s.artist, s.title, n.verb, n.name, n.kind""",
)
