"""Which track a song is, by which method and how surely; what a person decided, and undoing it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from musicdesk.catalog.connection import Store
from musicdesk.catalog.heard import COUNTED, ME
from musicdesk.core.errors import NotFound
from musicdesk.core.types import TrackId

# A track that has left the library takes its match along, also before songs are matched again.
_STATE = "iif(state = 'matched' AND track_id IS NULL, 'unmatched', state)"


@dataclass(frozen=True, slots=True)
class Match:
    song: int
    state: str  # matched, ambiguous, unmatched, never
    method: str
    score: float
    track: int | None
    candidates: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A song whose track is not sure."""

    song: int
    artist: str
    title: str
    plays: int
    candidates: list[tuple[int, float]]  # (track, score)


class Matches:
    def __init__(self, store: Store) -> None:
        self._store = store

    # what matching works on

    def tracks(self) -> list[tuple[int, str, str, str, float | None]]:
        """(id, artist, title, album, duration_s) of every track that is not missing and has a title."""
        sql = """SELECT id, CASE artist WHEN '' THEN album_artist ELSE artist END, title, album, duration_s
            FROM track WHERE presence <> 'missing' AND title <> '' ORDER BY id"""
        return self._store.conn.execute(sql).fetchall()

    def offline(self) -> list[int]:
        """Tracks whose folder is not here now, ascending."""
        return [
            row[0] for row in self._store.conn.execute("SELECT id FROM track WHERE presence = 'offline' ORDER BY id")
        ]

    def decided(self) -> dict[tuple[str, str], int]:
        """(artist key, title key) -> the track that a person said it is, -1 for none; the newest word counts."""
        sql = """SELECT s.artist_key, s.title_key, coalesce(m.track_id, -1)
            FROM match m JOIN song s ON s.id = m.song_id LEFT JOIN track t ON t.id = m.track_id
            WHERE m.method = 'person' AND (m.state = 'never' OR t.presence <> 'missing') ORDER BY m.at, s.id"""
        return {(by, called): track for by, called, track in self._store.conn.execute(sql)}

    def artists(self) -> dict[str, str]:
        """The library by artist key as it was when songs were last matched: key -> digest."""
        return dict(self._store.conn.execute("SELECT artist_key, digest FROM match_artist").fetchall())

    def open_songs(
        self, artists: Collection[str], unknown_too: bool, all_too: bool
    ) -> list[tuple[int, str, str, str, int | None]]:
        """(id, artist key, title key, album, length_ms) of the songs to be matched (again).

        Those never matched, those by `artists` and by artists that the library writes otherwise, those whose track is
        gone, those of which a person's word was taken back, with `unknown_too` those whose artist the library had not,
        and with `all_too` every other one. What a person decided stays.
        """
        conn = self._store.conn
        conn.execute("CREATE TEMP TABLE IF NOT EXISTS changed_artist (key TEXT PRIMARY KEY)")
        conn.execute("DELETE FROM changed_artist")
        conn.executemany("INSERT OR IGNORE INTO changed_artist VALUES (?)", ((key,) for key in artists))
        sql = """SELECT s.id, s.artist_key, s.title_key, s.album, s.length_ms
            FROM song s LEFT JOIN match m ON m.song_id = s.id
            WHERE m.song_id IS NULL
                OR (m.state = 'matched' AND m.track_id IS NULL)
                OR (m.method <> 'person' AND m.state <> 'never' AND (
                    :all OR s.artist_key IN (SELECT key FROM changed_artist)
                    OR (:unknown AND m.method IN ('none', 'fuzzy'))
                    OR (:changed AND m.method IN ('artist', 'fuzzy')
                        AND s.artist_key NOT IN (SELECT artist_key FROM match_artist))
                    OR s.id IN (SELECT e.song_id FROM match_event e WHERE e.undone AND e.at >= m.at)))
            ORDER BY s.id"""
        return conn.execute(sql, {"unknown": unknown_too, "changed": bool(artists), "all": all_too}).fetchall()

    # writing

    def save(self, matches: Iterable[Match]) -> None:
        with self._store.write() as db:
            now = time.time()
            for m in matches:
                row = (m.song, m.track, m.method, m.score, m.state, now)
                db.conn.execute("INSERT OR REPLACE INTO match VALUES (?, ?, ?, ?, ?, ?)", row)
                db.conn.execute("DELETE FROM match_candidate WHERE song_id = ?", (m.song,))
                rows = [(m.song, track, m.method, score) for track, score in m.candidates]
                db.conn.executemany("INSERT INTO match_candidate VALUES (?, ?, ?, ?)", rows)

    def save_artists(self, digests: dict[str, str]) -> None:
        """The library as the matching that is now done has seen it."""
        known = self.artists()
        with self._store.write() as db:
            gone = [(key,) for key in known.keys() - digests.keys()]
            db.conn.executemany("DELETE FROM match_artist WHERE artist_key = ?", gone)
            new = [(key, digest) for key, digest in digests.items() if known.get(key) != digest]
            db.conn.executemany("INSERT OR REPLACE INTO match_artist VALUES (?, ?)", new)

    def decide(self, song: int, track: TrackId | None) -> None:
        """A person's word: the song is `track`, or with None that it is none of the library's, ever."""
        with self._store.write() as db:
            before = self._row(song)
            sql = "INSERT INTO match_event (song_id, before, at) VALUES (?, ?, ?)"
            db.execute(sql, (song, json.dumps(before), time.time()))
            state = "never" if track is None else "matched"
            row = (song, track, "person", 100.0, state, time.time())
            db.execute("INSERT OR REPLACE INTO match VALUES (?, ?, ?, ?, ?, ?)", row)

    def newest_decision(self) -> int | None:
        """The song of the newest decision that can be taken back."""
        sql = "SELECT song_id FROM match_event WHERE NOT undone ORDER BY id DESC LIMIT 1"
        found = self._store.conn.execute(sql).fetchone()
        return int(found[0]) if found else None

    def undo(self) -> int | None:
        """Takes back the newest decision; returns its song, or None when there is none."""
        with self._store.write() as db:
            sql = "SELECT id, song_id, before FROM match_event WHERE NOT undone ORDER BY id DESC LIMIT 1"
            found = db.execute(sql).fetchone()
            if found is None:
                return None
            event, song, before = found
            db.execute("UPDATE match_event SET undone = 1 WHERE id = ?", (event,))
            db.execute("DELETE FROM match WHERE song_id = ?", (song,))
            row = json.loads(before)
            if row is not None:
                known = db.execute("SELECT 1 FROM track WHERE id = ?", (row[1],)).fetchone()
                row[1] = row[1] if known else None
                db.execute("INSERT INTO match VALUES (?, ?, ?, ?, ?, ?)", row)
            return int(song)

    def _row(self, song: int) -> list[Any] | None:
        if self._store.conn.execute("SELECT 1 FROM song WHERE id = ?", (song,)).fetchone() is None:
            raise NotFound(f"There is no song number {song} in the imported histories.")
        found = self._store.conn.execute("SELECT * FROM match WHERE song_id = ?", (song,)).fetchone()
        return list(found) if found else None

    # reading

    def track_of(self, song: int) -> int | None:
        """The track that a song is, as far as is sure."""
        sql = "SELECT track_id FROM match WHERE song_id = ? AND state = 'matched'"
        found = self._store.conn.execute(sql, (song,)).fetchone()
        return found[0] if found else None

    def states(self, songs: Iterable[int]) -> dict[str, int]:
        """How many of `songs` are in each state."""
        counts = {"matched": 0, "ambiguous": 0, "unmatched": 0, "never": 0}
        known = dict(self._store.conn.execute(f"SELECT song_id, {_STATE} FROM match").fetchall())
        for song in songs:
            counts[known.get(song, "unmatched")] += 1
        return counts

    def count(self) -> dict[str, int]:
        """Songs by state of their match."""
        rows = self._store.conn.execute(f"SELECT {_STATE}, count(*) FROM match GROUP BY 1").fetchall()
        return {"matched": 0, "ambiguous": 0, "unmatched": 0, "never": 0, **dict(rows)}

    def by_method(self) -> dict[str, int]:
        sql = f"SELECT method, count(*) FROM match WHERE {_STATE} = 'matched' GROUP BY method ORDER BY method"
        return dict(self._store.conn.execute(sql).fetchall())

    def coverage(self) -> tuple[float, float]:
        """(share of plays, share of songs) that tracks of the library stand for, 0..1, in the history of the person at
        this desk. Plays that were skipped do not count; of a song with a sum as well, the greater of both does."""
        sql = f"""SELECT coalesce(sum(n), 0), coalesce(sum(n * (track IS NOT NULL)), 0), coalesce(sum(songs), 0),
                coalesce(sum(songs * (track IS NOT NULL)), 0) FROM (
            SELECT iif(m.state = 'matched', m.track_id, NULL) AS track, count(DISTINCT h.song) AS songs,
                max(sum(h.plays), sum(h.total)) AS n
            FROM (
                SELECT l.song_id AS song, sum({COUNTED}) AS plays, 0 AS total
                FROM listen l JOIN song s ON s.id = l.song_id
                LEFT JOIN match m ON m.song_id = s.id AND m.state = 'matched' LEFT JOIN track t ON t.id = m.track_id
                WHERE l.counted AND l.{ME} GROUP BY l.song_id
                UNION ALL
                SELECT song_id, 0, sum(plays) FROM mention WHERE {ME} GROUP BY song_id
            ) h LEFT JOIN match m ON m.song_id = h.song GROUP BY track, iif(track IS NULL, h.song, 0))"""
        plays, hit_plays, songs, hits = self._store.conn.execute(sql).fetchone()
        return (hit_plays / plays if plays else 0.0, hits / songs if songs else 0.0)

    def review(self, limit: int = 500) -> list[Review]:
        """Songs whose track is not sure, the most played first."""
        sql = """SELECT s.id, s.artist, s.title,
                (SELECT count(*) FROM listener w CROSS JOIN listen l ON l.listener_id = w.id AND l.song_id = s.id
                    WHERE l.counted) AS plays
            FROM match m JOIN song s ON s.id = m.song_id WHERE m.state = 'ambiguous'
            ORDER BY plays DESC, s.artist, s.title LIMIT ?"""
        of = "SELECT track_id, score FROM match_candidate WHERE song_id = ? ORDER BY score DESC, track_id"
        rows = self._store.conn.execute(sql, (limit,)).fetchall()
        return [
            Review(song, artist, title, plays, self._store.conn.execute(of, (song,)).fetchall())
            for song, artist, title, plays in rows
        ]

    def uris(self, tracks: Iterable[TrackId]) -> dict[TrackId, str]:
        """Spotify's address of those tracks whose song came with one; the most played song speaks."""
        sql = """SELECT s.uri FROM match m JOIN song s ON s.id = m.song_id
            WHERE m.track_id = ? AND m.state = 'matched' AND s.uri LIKE 'spotify:track:%'
            ORDER BY (SELECT count(*) FROM listen l WHERE l.listener_id IN (SELECT id FROM listener)
                AND l.song_id = s.id) DESC, s.id LIMIT 1"""
        found = {track: self._store.conn.execute(sql, (track,)).fetchone() for track in tracks}
        return {track: str(row[0]) for track, row in found.items() if row}

    def wishes(self, limit: int = 500) -> list[tuple[int, str, str, int]]:
        """(song, artist, title, plays) of songs that are not owned, of the person at this desk, the most played first.
        Plays that were skipped do not count. Songs that are only named (liked, say) come with the sum that their
        source tells, or 0; those banned are no wishes."""
        sql = f"""SELECT s.id, s.artist, s.title, max(coalesce(l.n, 0), coalesce(w.n, 0)) AS plays
            FROM song s LEFT JOIN match m ON m.song_id = s.id
            LEFT JOIN (
                SELECT song_id, sum({COUNTED}) AS n FROM listen l JOIN song s ON s.id = l.song_id LEFT JOIN track t ON 0
                WHERE l.counted AND l.{ME} GROUP BY song_id
            ) l ON l.song_id = s.id
            LEFT JOIN (SELECT song_id, sum(plays) AS n, min(verb) AS verb FROM mention WHERE {ME} GROUP BY song_id) w
                ON w.song_id = s.id
            WHERE coalesce({_STATE}, 'unmatched') IN ('unmatched', 'never') AND coalesce(w.verb, '') <> 'banned'
                AND (l.n > 0 OR w.song_id IS NOT NULL)
            ORDER BY plays DESC, s.artist, s.title LIMIT ?"""
        return self._store.conn.execute(sql, (limit,)).fetchall()
