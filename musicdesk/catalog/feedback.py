"""Ratings and plays: append-only events, and the current view of them on the track."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import reduce
from typing import Any

from musicdesk.catalog.connection import Store
from musicdesk.catalog.fading import faded
from musicdesk.catalog.taste import Taste
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.feedback import EVERYWHERE, NOW, Opinion, Saying, Scope
from musicdesk.core.types import Listener, PickId, PlayEnd, TrackId, Verdict

_EVENTS = """SELECT e.id, e.track_id, e.verdict, e.scope, e.stars, e.before, e.at,
    EXISTS (SELECT 1 FROM feedback_event u WHERE u.undoes = e.id), e.pick_id, e.position, e.heard_ms, e.up, e.down
    FROM feedback_event e WHERE e.undoes IS NULL"""


@dataclass(frozen=True, slots=True)
class Event:
    """What was said once, with where it was shown, what was heard by then, and what it moved in "for you"."""

    id: int
    track: TrackId
    said: Saying
    before: Verdict | None
    at: float  # epoch seconds
    undone: bool
    pick: PickId | None = None
    position: int | None = None
    heard_ms: int | None = None
    effect: tuple[int, int] | None = None  # tracks that rose and fell; None where nobody asked

    @property
    def verdict(self) -> Verdict:
        return self.said.verdict


class Feedback:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._taste = Taste(store)

    def rate(
        self,
        track: TrackId,
        said: Saying | Verdict,
        *,
        pick: PickId | None = None,
        position: int | None = None,
        heard_ms: int | None = None,
        effect: tuple[int, int] | None = None,
    ) -> int:
        """Appends the event and sets what holds of the track, in one transaction. Returns the event's id.

        A pick knows its own place in its list; `position` is for lists that are not kept.
        """
        said = said if isinstance(said, Saying) else Saying(said)
        now = time.time()
        with self._store.write():
            pick, position = self._place(pick, position)
            up, down = effect or (None, None)
            before = self.opinion(track)
            shown = {"pick_id": pick, "position": position, "heard_ms": heard_ms, "up": up, "down": down}
            event = self._append(track, said, before.verdict, now, shown)
            self._hold(track, before.after(said, now))
            return event

    def undo(self, event: int | None = None) -> Event | None:
        """Takes back one rating, the newest that still counts unless named; None when there is none.

        All else that was said of the track holds as if this had never been said.
        Raises NotFound for an unknown event, Unusable for one that is taken back already.
        """
        with self._store.write():
            gone = self._event(event)
            if gone is None:
                return None
            if gone.undone:
                raise Unusable("This is taken back already.")
            told = [e for e in self._read(" AND e.track_id = ? ORDER BY e.id", (gone.track,)) if not e.undone]
            left = [e for e in told if e.id != gone.id]
            then = reduce(lambda opinion, e: opinion.after(e.said, e.at), left, Opinion())
            back = Saying(then.verdict or Verdict.CLEAR) if gone.said.scope == EVERYWHERE else gone.said
            self._append(gone.track, back, self.opinion(gone.track).verdict, time.time(), {"undoes": gone.id})
            self._hold(gone.track, then)
            return gone

    def events(self, limit: int = 200) -> list[Event]:
        """The newest ratings that a person gave (undoings are told by `undone`)."""
        return self._read(" ORDER BY e.id DESC LIMIT ?", (limit,))

    def newest(self) -> int | None:
        """The newest rating that still counts: what `undo` takes back unless another is named."""
        found = self._event(None)
        return found.id if found else None

    def met_since(self, at: float) -> set[TrackId]:
        """Tracks of which something was heard, or that were liked, since then (epoch seconds)."""
        sql = """SELECT track_id FROM play_event WHERE at >= ?1 AND heard_ms > 0
            UNION SELECT e.track_id FROM feedback_event e WHERE e.at >= ?1 AND e.verdict = 'like' AND e.undoes IS NULL
            AND NOT EXISTS (SELECT 1 FROM feedback_event u WHERE u.undoes = e.id)"""
        return {TrackId(track) for (track,) in self._store.conn.execute(sql, (at,))}

    def said_since(self, at: float) -> dict[TrackId, Opinion]:
        """What was said of tracks everywhere since then (epoch seconds) and not taken back, as if nothing had been
        said before."""
        said: dict[TrackId, Opinion] = {}
        for event in self._read(" AND e.at >= ? AND e.scope = ? ORDER BY e.id", (at, str(EVERYWHERE))):
            if not event.undone:
                said[event.track] = said.get(event.track, Opinion()).after(event.said, event.at)
        return said

    def opinion(self, track: TrackId) -> Opinion:
        """What holds of a track now."""
        row = self._store.conn.execute("SELECT verdict, stars FROM track WHERE id = ?", (track,)).fetchone()
        verdict, stars = row or (None, None)
        scoped = self._store.conn.execute("SELECT scope, at FROM scoped WHERE track_id = ?", (track,))
        return Opinion(
            Verdict(verdict) if verdict else None, stars, {Scope.parse(scope): at for scope, at in scoped.fetchall()}
        )

    def kept_from(self, *scopes: Scope) -> dict[TrackId, float]:
        """Tracks that are kept out in one of these scopes, and since when (epoch seconds), newest last."""
        marks = ",".join("?" * len(scopes))
        sql = f"SELECT track_id, at FROM scoped WHERE scope IN ({marks}) ORDER BY at, track_id"
        return {TrackId(track): at for track, at in self._store.conn.execute(sql, [str(scope) for scope in scopes])}

    def _append(self, track: TrackId, said: Saying, before: Verdict | None, at: float, more: dict[str, Any]) -> int:
        values = {"track_id": int(track), "verdict": said.verdict.value, "scope": str(said.scope), "at": at}
        table = self._store.db.table("feedback_event")
        table.insert({**values, "stars": said.stars, "before": before.value if before else None, **more})
        return int(table.last_pk or 0)

    def _hold(self, track: TrackId, opinion: Opinion) -> None:
        conn = self._store.conn
        verdict = opinion.verdict.value if opinion.verdict else None
        conn.execute("UPDATE track SET verdict = ?, stars = ? WHERE id = ?", (verdict, opinion.stars, track))
        conn.execute("DELETE FROM scoped WHERE track_id = ?", (track,))
        rows = [(int(track), str(scope), at) for scope, at in opinion.scoped.items()]
        conn.executemany("INSERT INTO scoped (track_id, scope, at) VALUES (?, ?, ?)", rows)

    def _event(self, event: int | None) -> Event | None:
        if event is None:
            left = " AND NOT EXISTS (SELECT 1 FROM feedback_event u WHERE u.undoes = e.id) ORDER BY e.id DESC LIMIT 1"
            return next(iter(self._read(left, ())), None)
        found = self._read(" AND e.id = ?", (event,))
        if not found:
            raise NotFound(f"There is no rating number {event}; 'musicdesk feedback' shows them.")
        return found[0]

    def _read(self, rest: str, values: tuple[float | str, ...]) -> list[Event]:
        return [_event(*row) for row in self._store.conn.execute(_EVENTS + rest, values)]

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
        (plays,) = self._store.conn.execute("SELECT count(*) FROM play_event").fetchone()
        imported, said = self._taste.imported()
        rated = {verdict: int(counts.get(verdict, 0)) for verdict in ("like", "dislike", "never")}
        return {**rated, "plays": int(plays), "imported_plays": imported, "imported_likes": said}

    def newest_likes(self, count: int) -> list[TrackId]:
        """The tracks that were liked last and still are, the newest first; some less after much going to and fro."""
        sql = """SELECT e.track_id FROM feedback_event e CROSS JOIN track t ON t.id = e.track_id
            WHERE e.verdict = 'like' AND e.scope = 'everywhere' AND t.verdict = 'like' ORDER BY e.id DESC LIMIT ?"""
        rows = self._store.conn.execute(sql, (4 * count,))  # a cross join: from the newest event on, not by track
        return [*dict.fromkeys(TrackId(track) for (track,) in rows)][:count]

    def stamp(self) -> tuple[int, ...]:
        """Changes with every rating, play, and imported listen, like or ban."""
        sql = """SELECT (SELECT coalesce(max(id), 0) FROM feedback_event),
            (SELECT coalesce(max(id), 0) FROM play_event),
            coalesce((SELECT value FROM fact WHERE name = 'settled'), 0)"""
        return tuple(self._store.conn.execute(sql).fetchone())

    def listener(self) -> Listener:
        """What is known of the taste of the person at this desk: ratings, plays here and in imported histories.

        Plays are also weighed by age (see `fading`). Tracks skipped twice and never played on count as
        disliked a little, unless they are rated. Likes and bans in histories count where nothing is rated here.
        The same object is given as long as the same is known: models keep what they have computed for it.
        """
        return self._taste.now()

    @property
    def at_hand(self) -> bool:
        """Whether `listener` answers at once: nothing was written since it was asked."""
        return self._taste.at_hand

    @property
    def heard_is_read(self) -> bool:
        """Whether `listener` has only ratings to read: no play or import came since it was asked."""
        return self._taste.heard_is_read

    def adopt(self, other: Feedback, as_it_is: bool) -> None:
        """Takes over what another one has read of the same catalog; `as_it_is`: nothing was written meanwhile."""
        self._taste.adopt(other._taste, as_it_is)

    def listener_after(self, track: TrackId, said: Saying) -> Listener:
        """Who `listener` will be once this is said; nothing is written. The very object, if it is said next."""
        now = self.opinion(track)
        then = now.after(said, time.time())
        if said.scope != EVERYWHERE or then == now:
            return self._taste.now()
        return self._taste.after(track, then)

    def resting_after(self, track: TrackId, said: Saying) -> dict[TrackId, float]:
        """Tracks told 'not now' and when (epoch seconds), once this is said."""
        resting = self.kept_from(NOW)
        then = self.opinion(track).after(said, time.time()).scoped.get(NOW)
        others = {other: at for other, at in resting.items() if other != track}
        return {**others, track: then} if then is not None else others


def _event(
    number: int,
    track: int,
    verdict: str,
    scope: str,
    stars: int | None,
    before: str | None,
    at: float,
    undone: int,
    *more: Any,
) -> Event:
    pick, position, heard_ms, up, down = more
    said = Saying(Verdict(verdict), Scope.parse(scope), stars)
    effect = (up, down) if up is not None else None
    was = Verdict(before) if before else None
    return Event(number, TrackId(track), said, was, at, bool(undone), pick, position, heard_ms, effect)
