"""Ratings and plays: append-only events, and the current view of them on the track."""

from __future__ import annotations

import time
from dataclasses import dataclass

from musicdesk.catalog.connection import Store
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
        """Appends the event and sets the track's verdict, in one transaction. Returns the event's id."""
        with self._store.write() as db:
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
        """Appends a play. It counts as played from 30 s or half of the track on; a skip is counted apart."""
        moment = time.time() if at is None else at
        counts = heard_ms >= min(30_000, duration_ms / 2) and heard_ms > 0
        with self._store.write() as db:
            db.table("play_event").insert(
                {
                    "track_id": int(track),
                    "at": moment,
                    "heard_ms": heard_ms,
                    "duration_ms": duration_ms,
                    "ended": ended.value,
                    "source": source,
                    "pick_id": pick,
                }
            )
            sql = """UPDATE track SET plays = plays + ?, skips = skips + ?,
                last_played_at = CASE WHEN ? THEN max(coalesce(last_played_at, 0), ?) ELSE last_played_at END
                WHERE id = ?"""
            skipped = ended is PlayEnd.SKIPPED and not counts
            db.execute(sql, (int(counts), int(skipped), counts, moment, track))

    def count(self) -> dict[str, int]:
        sql = "SELECT verdict, count(*) FROM track WHERE verdict IS NOT NULL GROUP BY verdict"
        counts = dict(self._store.conn.execute(sql).fetchall())
        plays = self._store.conn.execute("SELECT count(*) FROM play_event").fetchone()[0]
        return {**{v: int(counts.get(v, 0)) for v in ("like", "dislike", "never")}, "plays": int(plays)}

    def stamp(self) -> tuple[int, ...]:
        """Changes with every rating, play and imported listen."""
        sql = """SELECT (SELECT coalesce(max(id), 0) FROM feedback_event),
            (SELECT coalesce(max(id), 0) FROM play_event),
            (SELECT count(*) FROM heard), (SELECT coalesce(sum(plays), 0) FROM heard)"""
        return tuple(self._store.conn.execute(sql).fetchone())

    def listener(self) -> Listener:
        """What is known of the taste of the person at this desk: ratings, plays here and in imported histories."""
        liked: dict[TrackId, float] = {}
        disliked: dict[TrackId, float] = {}
        plays: dict[TrackId, int] = {}
        for track, verdict in self._store.conn.execute("SELECT id, verdict FROM track WHERE verdict IS NOT NULL"):
            (liked if verdict == "like" else disliked)[TrackId(track)] = 1.0
        plays.update(self._store.conn.execute("SELECT id, plays FROM track WHERE plays > 0"))
        for track, count in self._store.conn.execute("SELECT track_id, plays FROM heard WHERE plays > 0"):
            plays[TrackId(track)] = plays.get(TrackId(track), 0) + count
        return Listener("me", liked, disliked, plays)
