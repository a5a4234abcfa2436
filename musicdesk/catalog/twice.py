"""The same play told by two services, or twice by one, counts once: the row that knows less steps back.

Spotify and Apple tell when a play ended and how long it was, scrobblers when it began and no more, Spotify's
connection one or the other. A play is known again by its song and by times that agree; each answers for one
other at most, and as many as possible find one. What is stored decides, not the order it came in.

Spotify renames songs and artists: one export says "Ye", the one before "Kanye West". Plays of one title and one moment,
to the millisecond of their play time, are one; where one export tells the minute alone, the moment is that minute.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from sqlite3 import Connection
from typing import NamedTuple

# Two exports of Spotify, the first one to the minute, and its connection: a moment, and no play time.
MINUTES, SECONDS, RECENT = "spotify-account", "spotify-extended", "spotify-recent"
_ORDER = (SECONDS, MINUTES, "apple", RECENT, "listenbrainz", "lastfm", "youtube")  # who knows more goes first
_BY_END = (SECONDS, MINUTES, "apple")
_CLOSE_MS = 2_000  # what play times in two exports of one service may differ by
_NEAR_S = 120  # what beginnings may, or ends, as two services tell them
_SLACK_S = 60  # and as one service does
_PLAYED_MS = 30_000  # a scrobbler tells no shorter plays
WINDOW_S = 3_600 + _NEAR_S  # rows further apart are not looked at

_ROWS = """SELECT l.kind, l.at, l.ms, s.length_ms, s.artist_key, s.title_key, l.counted, l.song_id, l.ordinal
    FROM listen l INDEXED BY listen_by_time JOIN song s ON s.id = l.song_id
    WHERE l.listener_id = ? AND l.at BETWEEN ? AND ? ORDER BY l.at, l.kind, l.ms, s.artist, s.title, l.ordinal"""
_STEP = """UPDATE listen SET counted = ? WHERE listener_id = ? AND song_id = ? AND at = ? AND kind = ? AND ms = ?
    AND ordinal = ?"""
_RENAMED = """SELECT song_id, at FROM (
        SELECT l.song_id, l.at, count(*) OVER (PARTITION BY l.at, l.ms, l.ordinal) AS names
        FROM (SELECT DISTINCT value AS at FROM json_each(?)) m CROSS JOIN listen l INDEXED BY listen_by_time
            ON l.listener_id = ? AND l.at = m.at AND l.kind = ?
    ) WHERE names > 1"""
_MOMENTS = 20_000  # looked up together


class Told(NamedTuple):
    kind: str
    at: int  # epoch seconds
    ms: int  # -1: not told
    length_ms: int | None  # of the song
    artist: str  # its key

    def span(self) -> tuple[float, float]:
        """Where the play began and ended, in epoch seconds; the same moment twice where only one is known."""
        ms = max(self.ms, 0) / 1000
        return (self.at - ms, self.at) if self.kind in _BY_END else (self.at, self.at + ms)


def same(row: Told, better: Told) -> bool:
    """Whether two rows of one title surely tell the same play."""
    if better.kind == SECONDS and row.kind == MINUTES:
        close = -_SLACK_S <= better.at - row.at < 2 * _SLACK_S and abs(better.ms - row.ms) <= _CLOSE_MS
        return close and (row.artist == better.artist or row.ms == better.ms > _CLOSE_MS)
    begin, end = better.span()
    if row.kind == RECENT and better.kind in (SECONDS, MINUTES):  # the artist may be written otherwise there
        return begin - _SLACK_S <= row.at <= end + _SLACK_S + (59 if better.kind == MINUTES else 0)
    if row.artist != better.artist or not row.artist:
        return False
    if row.kind in _BY_END:
        return abs(row.at - better.at) <= _NEAR_S
    if better.kind == RECENT:
        ends = [row.at, row.at + (better.length_ms or 0) / 1000]
        return min(abs(better.at - moment) for moment in ends) <= _NEAR_S
    long_enough = better.ms < 0 or better.ms >= _PLAYED_MS or row.ms >= 0
    return long_enough and begin - _NEAR_S <= row.at <= max(end, begin + _NEAR_S)


def told_twice(rows: list[Told], again: Collection[int] = ()) -> set[int]:
    """Places in `rows` that step back. All are of one title, ascending by `at`, in an order of their own.

    again: places of plays that their own service has told by another name; they step back, and still answer for others.
    """
    back = set(again)
    kept: list[tuple[int, int]] = []  # (at, place)
    for kind in sorted({row.kind for row in rows}, key=_rank):
        mine = [place for place, row in enumerate(rows) if row.kind == kind]
        found = {place: _candidates(place, rows, kept) for place in mine}
        better = {place for place in mine if place in again and found[place]}  # and leave theirs to the first name
        better |= set(_paired({place: others for place, others in found.items() if place not in again}))
        back |= better
        kept = sorted([*kept, *((rows[place].at, place) for place in mine if place not in better)])
    return back


def _rank(kind: str) -> tuple[int, str]:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER), kind


def _candidates(place: int, rows: list[Told], kept: list[tuple[int, int]]) -> list[int]:
    """Rows that tell the play at `place` better, the nearest first."""
    row = rows[place]
    near = kept[bisect_left(kept, (row.at - WINDOW_S,)) : bisect_left(kept, (row.at + WINDOW_S + 1,))]
    found = [other for _at, other in near if same(row, rows[other])]
    return sorted(found, key=lambda other: (abs(rows[other].at - row.at), other))


def _paired(candidates: dict[int, list[int]]) -> Iterable[int]:
    """Which places find a row of their own, as many as can."""
    asking = [place for place, found in candidates.items() if found]
    used: set[int] = set()
    for place in asking:
        free = next((other for other in candidates[place] if other not in used), None)
        if free is None:
            return _most_paired(asking, candidates)
        used.add(free)
    return asking


def _most_paired(asking: list[int], candidates: dict[int, list[int]]) -> list[int]:
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    pairs = [(line, other) for line, place in enumerate(asking) for other in candidates[place]]
    lines, others = np.array(pairs).T
    table = csr_matrix((np.ones(len(pairs), bool), (lines, others)), shape=(len(asking), int(others.max()) + 1))
    found = maximum_bipartite_matching(table, perm_type="column")
    return [place for place, other in zip(asking, found, strict=True) if other >= 0]


class _Row(NamedTuple):
    told: Told
    title: str
    counted: int
    song: int
    ordinal: int


def recount(conn: Connection, listener: int, plays: Iterable[tuple[int, int]]) -> int:
    """Settles which rows count around `plays` (song, at) of a listener, inside the open transaction.

    Returns how many more plays are told twice than before; fewer when that is negative.
    """
    titles: dict[int, str] = {}
    told: list[tuple[int, str]] = []
    for song, at in plays:
        if song not in titles:
            found = conn.execute("SELECT title_key FROM song WHERE id = ?", (song,)).fetchone()
            titles[song] = found[0] if found else ""
        told.append((at, titles[song]))
    change = 0
    for low, high, wanted in _stretches(sorted(told)):
        for rows in _whole(conn, listener, wanted, low, high):
            change += _settle(conn, listener, rows)
    return change


def _stretches(told: list[tuple[int, str]]) -> Iterator[tuple[int, int, set[str]]]:
    """Beginning, end and titles of the stretches in which no gap is longer than two windows."""
    start = 0
    for place in range(1, len(told) + 1):
        if place == len(told) or told[place][0] - told[place - 1][0] > 2 * WINDOW_S:
            yield told[start][0], told[place - 1][0], {title for _at, title in told[start:place]}
            start = place


def _whole(conn: Connection, listener: int, titles: set[str], low: int, high: int) -> Iterable[list[_Row]]:
    """For each title, all rows that hang together with those between `low` and `high`: no gap over the window.

    Every row is read once, a window at a time, however far a title goes on.
    """
    rows: dict[str, deque[_Row]] = {title: deque() for title in titles}
    for row in _read(conn, listener, low - WINDOW_S, high + WINDOW_S):
        if row.title in rows:
            rows[row.title].append(row)
    edge, open_ = low - WINDOW_S, {title for title, mine in rows.items() if mine and mine[0].told.at < low}
    while open_:
        for row in reversed(list(_read(conn, listener, edge - WINDOW_S, edge - 1))):
            if row.title in open_ and rows[row.title][0].told.at - row.told.at <= WINDOW_S:
                rows[row.title].appendleft(row)
        edge -= WINDOW_S
        open_ = {title for title in open_ if rows[title][0].told.at - WINDOW_S < edge}
    edge, open_ = high + WINDOW_S, {title for title, mine in rows.items() if mine and mine[-1].told.at > high}
    while open_:
        for row in _read(conn, listener, edge + 1, edge + WINDOW_S):
            if row.title in open_ and row.told.at - rows[row.title][-1].told.at <= WINDOW_S:
                rows[row.title].append(row)
        edge += WINDOW_S
        open_ = {title for title in open_ if rows[title][-1].told.at + WINDOW_S > edge}
    return map(list, rows.values())


def _read(conn: Connection, listener: int, low: int, high: int) -> Iterator[_Row]:
    """Rows of all titles in [low, high], in order."""
    for *told, name, counted, song, ordinal in conn.execute(_ROWS, (listener, low, high)):
        yield _Row(Told(*told), name, counted, song, ordinal)


def renamed(conn: Connection, listener: int, kind: str, moments: Sequence[int]) -> list[tuple[int, int]]:
    """(song, at) of the plays of a service at `moments` that may be one by two names, to be settled by `recount`."""
    found: list[tuple[int, int]] = []
    if kind in (SECONDS, MINUTES):
        for start in range(0, len(moments), _MOMENTS):
            part = json.dumps(moments[start : start + _MOMENTS])
            found += conn.execute(_RENAMED, (part, listener, kind))
    return found


def _named_before(rows: list[_Row]) -> list[int]:
    """Places of the plays that their own service tells by another name, too, in a row before."""
    seen: set[tuple[str, int, int, int]] = set()
    again: list[int] = []
    for place, row in enumerate(rows):
        if row.title and row.told.kind in (SECONDS, MINUTES):
            play = (row.told.kind, row.told.at, row.told.ms, row.ordinal)
            if play in seen:
                again.append(place)
            seen.add(play)
    return again


def _settle(conn: Connection, listener: int, rows: list[_Row]) -> int:
    again = _named_before(rows)
    if len({row.told.kind for row in rows}) == 1 and not again and all(row.counted for row in rows):
        return 0
    back = told_twice([row.told for row in rows], again)
    change = 0
    for place, row in enumerate(rows):
        if row.counted == (place in back):
            told = row.told
            conn.execute(_STEP, (not row.counted, listener, row.song, told.at, told.kind, told.ms, row.ordinal))
            change += 1 if row.counted else -1
    return change
