"""Ratings and plays: append-only events, and the current view of them on the track."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from musicdesk.catalog.connection import Store
from musicdesk.catalog.fading import DAY_S, HALF_LIFE_DAYS, MOST_WEIGHT, SKIP_WEIGHT, SKIPS, faded
from musicdesk.core.types import Listener, PickId, PlayEnd, TrackId, Verdict


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    track: TrackId
    verdict: Verdict
    before: Verdict | None
    scope: str
    at: float
    undone: bool


class Feedback:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._listener: tuple[tuple[int, int], Listener] | None = None
        self._heard: tuple[tuple[Any, ...], _Heard] | None = None

    def rate(
        self,
        track: TrackId,
        verdict: Verdict,
        *,
        scope: str = "everywhere",
        pick: PickId | None = None,
        position: int | None = None,
        heard_ms: int | None = None,
        undoes: int | None = None,
    ) -> int:
        """Appends the event and sets the track's verdict, in one transaction. Returns the event's id.

        A pick knows its own place in its list; `position` is for lists that are not kept.
        """
        with self._store.write() as db:
            pick, position = self._place(pick, position)
            before = db.execute("SELECT verdict FROM track WHERE id = ?", (track,)).fetchone()[0]
            table = db.table("feedback_event")
            table.insert(
                {
                    "track_id": int(track),
                    "verdict": verdict.value,
                    "before": before,
                    "scope": scope,
                    "pick_id": pick,
                    "position": position,
                    "heard_ms": heard_ms,
                    "undoes": undoes,
                    "at": time.time(),
                }
            )
            now = None if verdict is Verdict.CLEAR else verdict.value
            db.execute("UPDATE track SET verdict = ? WHERE id = ?", (now, track))
            return int(table.last_pk or 0)

    def undo(self) -> Event | None:
        """Takes back the newest rating that still counts; returns it, or None when there is none."""
        with self._store.write():
            for event in self.events(limit=200):
                if not event.undone:
                    self.rate(event.track, event.before or Verdict.CLEAR, undoes=event.id, scope=event.scope)
                    return event
        return None

    def events(self, limit: int = 200) -> list[Event]:
        """The newest ratings that a person gave (undoings are told by `undone`)."""
        sql = """SELECT e.id, e.track_id, e.verdict, e.before, e.scope, e.at,
                EXISTS (SELECT 1 FROM feedback_event u WHERE u.undoes = e.id)
            FROM feedback_event e WHERE e.undoes IS NULL ORDER BY e.id DESC LIMIT ?"""
        rows = self._store.conn.execute(sql, (limit,))
        return [
            Event(i, TrackId(track), Verdict(v), Verdict(b) if b else None, scope, at, bool(undone))
            for i, track, v, b, scope, at, undone in rows
        ]

    def played(
        self,
        track: TrackId,
        heard_ms: int,
        duration_ms: int,
        ended: PlayEnd,
        *,
        at: float | None = None,
        source: str = "player",
        pick: PickId | None = None,
    ) -> None:
        """Appends a play, with its pick's place in the list. It counts as played from 30 s or half of the track on;
        a skip is counted apart."""
        moment = time.time() if at is None else at
        counts = heard_ms >= min(30_000, duration_ms / 2) and heard_ms > 0
        with self._store.write() as db:
            pick, position = self._place(pick, None)
            db.table("play_event").insert(
                {
                    "track_id": int(track),
                    "at": moment,
                    "heard_ms": heard_ms,
                    "duration_ms": duration_ms,
                    "ended": ended.value,
                    "source": source,
                    "pick_id": pick,
                    "position": position,
                }
            )
            if counts:
                weight, last = db.execute(
                    "SELECT play_weight, last_played_at FROM track WHERE id = ?", (track,)
                ).fetchone()
                newest = max(last or 0.0, moment)
                weight = weight * faded(newest - (last or newest)) + faded(newest - moment)
                sql = "UPDATE track SET plays = plays + 1, play_weight = ?, last_played_at = ? WHERE id = ?"
                db.execute(sql, (weight, newest, track))
            elif ended is PlayEnd.SKIPPED:
                db.execute("UPDATE track SET skips = skips + 1 WHERE id = ?", (track,))

    def _place(self, pick: PickId | None, position: int | None) -> tuple[PickId | None, int | None]:
        """The pick and its place in its list; a list that was removed meanwhile has none."""
        sql = "SELECT position FROM playlist_item WHERE id = ?"
        found = self._store.conn.execute(sql, (pick,)).fetchone() if pick is not None else None
        return (pick, int(found[0])) if found else (None, position)

    def count(self) -> dict[str, int]:
        """Tracks by verdict, plays here, and what imported histories tell of the library's tracks: plays that count,
        and tracks that are liked there."""
        sql = "SELECT verdict, count(*) FROM track WHERE verdict IS NOT NULL GROUP BY verdict"
        counts = dict(self._store.conn.execute(sql).fetchall())
        sql = """SELECT (SELECT count(*) FROM play_event), (SELECT coalesce(sum(plays), 0) FROM heard),
            (SELECT count(*) FROM said WHERE weight > 0)"""
        plays, imported, said = self._store.conn.execute(sql).fetchone()
        rated = {verdict: int(counts.get(verdict, 0)) for verdict in ("like", "dislike", "never")}
        return {**rated, "plays": int(plays), "imported_plays": int(imported), "imported_likes": int(said)}

    def stamp(self) -> tuple[int, ...]:
        """Changes with every rating, play, and imported listen, like or ban."""
        sql = """SELECT (SELECT coalesce(max(id), 0) FROM feedback_event),
            (SELECT coalesce(max(id), 0) FROM play_event),
            (SELECT count(*) FROM heard), (SELECT coalesce(sum(plays + 3 * skips), 0) FROM heard),
            (SELECT count(*) FROM said), (SELECT CAST(coalesce(sum(weight * 4 * track_id), 0) AS INTEGER) FROM said)"""
        return tuple(self._store.conn.execute(sql).fetchone())

    def listener(self) -> Listener:
        """What is known of the taste of the person at this desk: ratings, plays here and in imported histories.

        Plays are also weighed by age (see `fading`). Tracks skipped twice and never played on count as
        disliked a little, unless they are rated. Likes and bans in histories count where nothing is rated here.
        The same object is given until something is written.
        """
        conn = self._store.conn
        now = (conn.execute("PRAGMA data_version").fetchone()[0], conn.total_changes)
        if self._listener is None or self._listener[0] != now:
            self._listener = (now, self._known())
        return self._listener[1]

    def _known(self) -> Listener:
        liked: dict[TrackId, float] = {}
        disliked: dict[TrackId, float] = {}
        rated = "SELECT id, verdict FROM track WHERE verdict IS NOT NULL"
        for track, verdict in self._store.conn.execute(rated):
            (liked if verdict == "like" else disliked)[TrackId(track)] = 1.0
        elsewhere = "SELECT s.track_id, s.weight FROM said s JOIN track t ON t.id = s.track_id WHERE t.verdict IS NULL"
        for track, weight in self._store.conn.execute(elsewhere):
            (liked if weight > 0 else disliked)[TrackId(track)] = abs(weight)
        heard = self._plays()
        for track in heard.skipped:
            if track not in liked:
                disliked.setdefault(track, SKIP_WEIGHT)
        return Listener("me", liked, disliked, heard.plays, heard.weights)

    def _plays(self) -> _Heard:
        """Read again only after a play, an import, or a track that came or went: ratings must not wait for it."""
        conn = self._store.conn
        now = (self.stamp()[1:], conn.execute("SELECT count(*) FROM track").fetchone()[0])
        if self._heard is None or self._heard[0] != now:
            self._heard = (now, _Heard.of(*(conn.execute(sql).fetchall() for sql in _PLAYS)))
        return self._heard[1]


_PLAYS = (
    "SELECT id, plays, skips, play_weight, coalesce(last_played_at, 0) FROM track WHERE plays > 0 OR skips > 0",
    """SELECT track_id, plays, skips, weight, (SELECT value FROM fact WHERE name = 'heard_until')
        FROM heard WHERE plays > 0 OR skips > 0""",
)


@dataclass(frozen=True, eq=False)
class _Heard:
    """Counts and weights of played tracks, and the tracks that were skipped and never played on."""

    plays: dict[TrackId, int]
    weights: dict[TrackId, float]
    skipped: list[TrackId]

    @classmethod
    def of(cls, *parts: list[tuple[int, int, int, float, float]]) -> _Heard:
        """Rows (track, plays, skips, weight, moment of that weight); a track may come more than once."""
        rows = [row for part in parts for row in part]
        columns = zip(*rows, strict=True) if rows else ((),) * 5
        tracks, plays, skips, weights, moments = (np.array(column, np.float64) for column in columns)
        weights = weights * 2.0 ** ((moments - moments.max(initial=0.0)) / (HALF_LIFE_DAYS * DAY_S))
        ids, at = np.unique(tracks.astype(np.int64), return_inverse=True)
        counts, skipped = (np.bincount(at, column, len(ids)).astype(np.int64) for column in (plays, skips))
        weighed = np.minimum(np.bincount(at, weights, len(ids)), MOST_WEIGHT)
        known = counts > 0
        names = ids[known].tolist()
        return cls(
            dict(zip(names, counts[known].tolist(), strict=True)),
            dict(zip(names, weighed[known].tolist(), strict=True)),
            ids[~known & (skipped >= SKIPS)].tolist(),
        )
