"""The listener at this desk as the catalog tells of them: read once, and kept up with what is said since."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from musicdesk.catalog.connection import Moment, Store
from musicdesk.catalog.listener import PLAYS, RATED, SAID, Heard, Told, listener, listener_with
from musicdesk.core.feedback import Opinion
from musicdesk.core.types import Listener, TrackId, Verdict

_SINCE = "SELECT id, verdict, stars FROM track WHERE id IN (SELECT track_id FROM feedback_event WHERE id > ?)"
_HEARD_KEY = """SELECT (SELECT coalesce(max(id), 0) FROM play_event),
    coalesce((SELECT value FROM fact WHERE name = 'settled'), 0),
    (SELECT count(*) FROM track), (SELECT coalesce(max(id), 0) FROM track)"""


@dataclass(frozen=True)
class _Read:
    """A listener, and the newest rating that they tell of."""

    told: Told
    newest: int
    listener: Listener


class Taste:
    """Asked again after a rating, only the tracks that were rated are read: with ten thousands of them, reading all
    takes longer than the window may stand still."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moment: Moment | None = None  # when `_read` was the whole truth
        self._read: _Read | None = None
        self._foreseen: Listener | None = None
        self._told: tuple[tuple[int, ...], Told] | None = None
        self._imported: tuple[tuple[int, ...], tuple[int, int]] | None = None

    def now(self) -> Listener:
        """See `Feedback.listener`."""
        moment = self._store.moment()
        if self._read is None or self._moment != moment:
            read = self._brought_up(self._read)
            same = (self._read.listener if self._read else None, self._foreseen)
            found = next((known for known in same if known == read.listener), read.listener)
            self._read, self._moment = _Read(read.told, read.newest, found), moment
        return self._read.listener

    def after(self, track: TrackId, opinion: Opinion) -> Listener:
        """Who `now` will be once this holds of a track. The very object, if it does next."""
        now = self.now()
        assert self._read is not None
        found = listener_with(now, {track: opinion}, self._read.told)
        self._foreseen = now if found == now else found
        return self._foreseen

    def imported(self) -> tuple[int, int]:
        """Plays that count, and tracks that are liked, in what histories tell of the library."""
        now = self._heard_key()
        if self._imported is None or self._imported[0] != now:
            sql = "SELECT (SELECT coalesce(sum(plays), 0) FROM heard), (SELECT count(*) FROM said WHERE weight > 0)"
            plays, liked = self._store.conn.execute(sql).fetchone()
            self._imported = (now, (int(plays), int(liked)))
        return self._imported[1]

    @property
    def at_hand(self) -> bool:
        return self._read is not None and self._moment == self._store.moment()

    @property
    def heard_is_read(self) -> bool:
        return self._told is not None and self._told[0] == self._heard_key()

    def adopt(self, other: Taste, as_it_is: bool) -> None:
        """See `Feedback.adopt`."""
        self._told = other._told or self._told
        if other._read and not self.at_hand:
            self._foreseen = other._read.listener
            self._read, self._moment = other._read, self._store.moment() if as_it_is else None

    def _brought_up(self, before: _Read | None) -> _Read:
        conn, told = self._store.conn, self._what_is_told()
        (newest,) = conn.execute("SELECT coalesce(max(id), 0) FROM feedback_event").fetchone()
        if before is None or before.told is not told or not self._stands(before.newest):
            rated = {TrackId(track): _opinion(verdict, stars) for track, verdict, stars in conn.execute(RATED)}
            return _Read(told, newest, listener(rated, told))
        rows = conn.execute(_SINCE, (before.newest,))
        changed = {TrackId(track): _opinion(verdict, stars) for track, verdict, stars in rows}
        return _Read(told, newest, listener_with(before.listener, changed, told) if changed else before.listener)

    def _stands(self, event: int) -> bool:
        """Nobody took away ratings that were read."""
        sql = "SELECT 1 FROM feedback_event WHERE id = ?"
        return not event or self._store.conn.execute(sql, (event,)).fetchone() is not None

    def _what_is_told(self) -> Told:
        """Read again only after a play, an import, or a track that came or went: ratings must not wait for it."""
        conn, now = self._store.conn, self._heard_key()
        if self._told is None or self._told[0] != now:
            heard = Heard.of(*(conn.execute(sql).fetchall() for sql in PLAYS))
            self._told = (now, Told(heard, dict(conn.execute(SAID).fetchall())))
        return self._told[1]

    def _heard_key(self) -> tuple[int, ...]:
        return tuple(self._store.conn.execute(_HEARD_KEY).fetchone())


@cache
def _opinion(verdict: str | None, stars: int | None) -> Opinion:
    """The same object for the same opinion: of 100,000 tracks, making one for each is most of reading them."""
    return Opinion(Verdict(verdict) if verdict else None, stars)
