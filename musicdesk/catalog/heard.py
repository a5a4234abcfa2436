"""What imported histories come to for the tracks of the library, of the person at this desk alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from sqlite3 import Connection

import numpy as np

from musicdesk.catalog.fading import DAY_S, MOST_WEIGHT, UNDATED, by_day

COUNTS_MS = 30_000  # a play counts from here or from half of the song on

# How often a track was played and when last (epoch seconds), here and in imported histories; of what JOINED gives.
JOINED = "track t LEFT JOIN heard h ON h.track_id = t.id"
PLAYS = "t.plays + coalesce(h.plays, 0)"
LAST_PLAYED = "nullif(max(coalesce(t.last_played_at, 0), coalesce(h.last_at, 0)), 0)"

LIKED, LISTED = 0.5, 0.25  # what a like elsewhere, or a place in a playlist, weighs beside a like here (1)

# Half of the song by the track's length, else by the history's own word; without either, 30 s.
COUNTED = f"""(l.ms < 0 OR l.ms >= min({COUNTS_MS}, coalesce(t.duration_s * 500, s.length_ms / 2, {COUNTS_MS})))"""


def settle(conn: Connection, tracks: Iterable[int] | None = None) -> None:
    """Makes plays, likes and bans anew (of all tracks, or of `tracks`), inside the open transaction."""
    only = "" if tracks is None else "AND m.track_id IN (SELECT value FROM json_each(:tracks))"
    values = {"until": _fading(conn), "tracks": json.dumps([int(track) for track in tracks or ()])}
    for table, sql in (("heard", _HEARD), ("said", _SAID)):
        conn.execute(f"DELETE FROM {table} WHERE 1 {only.replace('m.', '')}", values)
        conn.execute(sql.format(counted=COUNTED, only=only), values)
    conn.execute("INSERT OR REPLACE INTO fact VALUES ('heard_until', :until)", values)
    conn.execute("INSERT INTO fact VALUES ('settled', 1) ON CONFLICT DO UPDATE SET value = value + 1")


def elsewhere(conn: Connection) -> list[tuple[str, str, str, int | None, float]]:
    """See `Listens.heard_elsewhere`."""
    return conn.execute(_ELSEWHERE.format(counted=COUNTED), {"until": _fading(conn)}).fetchall()


def timed(conn: Connection) -> tuple[np.ndarray, np.ndarray]:
    """See `Listens.timed`."""
    rows = conn.execute(_TIMED.format(counted=COUNTED)).fetchall()
    tracks = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    moments = np.fromiter((row[1] for row in rows), np.float64, len(rows))
    order = np.lexsort((tracks, moments))
    return tracks[order], moments[order]


def span(conn: Connection) -> tuple[float, float] | None:
    """See `Listens.span`."""
    sql = f"""SELECT min(at), max(at) FROM (SELECT min(at) AS at FROM listen WHERE {ME}
        UNION ALL SELECT max(at) FROM listen WHERE {ME}
        UNION ALL SELECT min(at) FROM play_event UNION ALL SELECT max(at) FROM play_event)"""
    first, last = conn.execute(sql).fetchone()
    return None if first is None else (float(first), float(last))


def _fading(conn: Connection) -> int:
    """The newest moment that imported plays tell of, now at the latest: a clock may have been wrong, and one play that
    lies ahead would make all others too old to matter. Makes the table of weights that they are summed with.

    The table lies in the connection, not in the library: one that may not write has it as well.
    """
    guarded = conn.execute("PRAGMA query_only").fetchone() == (1,)
    if guarded:
        conn.execute("PRAGMA query_only=OFF")
    try:
        conn.execute("CREATE TEMP TABLE IF NOT EXISTS fade (days INTEGER PRIMARY KEY, weight REAL NOT NULL)")
        if conn.execute("SELECT count(*) FROM fade").fetchone() == (0,):
            conn.executemany("INSERT INTO fade VALUES (?, ?)", by_day())
    finally:
        if guarded:
            conn.execute("PRAGMA query_only=ON")
    newest = conn.execute(_NEWEST).fetchone()[0]
    now = time.time()
    return int(now if newest is None else min(newest, now))


ME = "listener_id = (SELECT id FROM listener WHERE name = 'me')"
_NEWEST = f"""SELECT max(at) FROM (SELECT max(at) AS at FROM listen WHERE {ME}
    UNION ALL SELECT max(at) FROM mention WHERE verb = 'total' AND {ME})"""
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
        WHERE l.counted AND l.{ME} {{only}}
        GROUP BY m.track_id
        UNION ALL
        SELECT m.track_id, 0, 0, max(n.at), sum(n.plays), 0, sum(n.plays * iif(n.at IS NULL, {UNDATED}, f.weight))
        FROM match m
        CROSS JOIN mention n ON n.song_id = m.song_id AND m.state = 'matched' AND m.track_id IS NOT NULL
        {_FADE.format(at="n.at")}
        WHERE n.verb = 'total' AND n.{ME} {{only}}
        GROUP BY m.track_id
    ) GROUP BY track_id"""

_ELSEWHERE = f"""SELECT s.artist_key, s.title_key, s.album, s.length_ms,
        min({MOST_WEIGHT}, max(sum(weight), sum(total_weight))) AS n
    FROM (
        SELECT l.song_id AS song_id, coalesce(sum({{counted}} * f.weight), 0) AS weight, 0 AS total_weight
        FROM listen l JOIN song s ON s.id = l.song_id LEFT JOIN track t ON 0 {_FADE.format(at="l.at")}
        WHERE l.counted AND l.{ME}
        GROUP BY l.song_id
        UNION ALL
        SELECT n.song_id, 0, sum(n.plays * iif(n.at IS NULL, {UNDATED}, f.weight))
        FROM mention n {_FADE.format(at="n.at")}
        WHERE n.verb = 'total' AND n.{ME}
        GROUP BY n.song_id
    ) h JOIN song s ON s.id = h.song_id LEFT JOIN match m ON m.song_id = s.id
    WHERE s.artist_key <> '' AND s.title_key <> '' AND (m.track_id IS NULL OR m.state <> 'matched')
    GROUP BY s.id HAVING n > 0 ORDER BY s.artist, s.title"""

_TIMED = f"""SELECT m.track_id, l.at FROM listen l
    JOIN match m ON m.song_id = l.song_id AND m.state = 'matched' AND m.track_id IS NOT NULL
    JOIN song s ON s.id = l.song_id JOIN track t ON t.id = m.track_id
    WHERE l.counted AND l.{ME} AND {{counted}}
    UNION ALL
    SELECT track_id, at FROM play_event WHERE heard_ms > 0 AND heard_ms >= min({COUNTS_MS}, duration_ms / 2.0)"""

# A ban goes before a like. What the person has said here is not touched by this, and goes before both.
_SAID = f"""INSERT INTO said (track_id, weight)
    SELECT m.track_id,
        CASE WHEN max(n.verb = 'banned') THEN -1.0 WHEN max(n.verb = 'liked') THEN {LIKED} ELSE {LISTED} END
    FROM match m
    CROSS JOIN mention n ON n.song_id = m.song_id AND m.state = 'matched' AND m.track_id IS NOT NULL
    WHERE n.verb IN ('liked', 'banned', 'playlist') AND n.{ME} {{only}}
    GROUP BY m.track_id"""
