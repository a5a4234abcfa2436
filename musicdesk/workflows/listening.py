"""Looking back on what was played: read once, then counted for any period, by time, artist, song and hour.

Songs that are one track count together. A play counts from 30 s or half of the song on, as it does in
recommendations; where the source tells no length of the play, it counts. Hours and days are local.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.history import ME, HereRow, History, SongRow
from musicdesk.core.wording import plain_artist

if TYPE_CHECKING:
    import sqlite3

COUNTS_MS = 30_000
USUAL_MS = 210_000  # a play of a song whose length nobody tells
DAY_S = 86_400
OWNED, UNSURE, ABSENT = 2, 1, 0


@dataclass(frozen=True, eq=False)
class Items:
    """What plays are of: a track of the library, or a song that is not in it. Columns, one value per item.

    track: int64, -1 where there is none; owned: int8, OWNED, UNSURE or ABSENT; artist: int32, a place in `artists`,
    one for all ways to write a name
    """

    names: list[str]
    credits: list[str]
    track: np.ndarray
    owned: np.ndarray
    artist: np.ndarray
    artists: list[str]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Listening:
    """One listener's plays that count, in order of time.

    at: int64 (plays,), seconds of the local clock; item: int32 (plays,), a place in `items`; ms: int32 (plays,),
    heard or supposed; untimed: int64 (items,), plays that a source tells as sums, as far as they are more than those
    with a time
    """

    listener: str
    items: Items
    at: np.ndarray
    item: np.ndarray
    ms: np.ndarray
    untimed: np.ndarray
    short: int = 0  # plays that were too short to count

    def __len__(self) -> int:
        return len(self.at)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last play, seconds of the local clock."""
        return (int(self.at[0]), int(self.at[-1])) if len(self.at) else (0, 0)


@dataclass(frozen=True)
class Ranked:
    name: str
    artist: str  # '' when the name is an artist's
    plays: int
    share: float  # of the period's plays, 0..1
    track: int | None  # of the library; an artist's: their track played most
    owned: int


@dataclass(frozen=True)
class Bin:
    """A stretch of time: begins (seconds of the local clock), and plays in it."""

    start: int
    plays: int


@dataclass(frozen=True, eq=False)
class Lookback:
    """A period in numbers. `clock` int64 (7, 24): Monday to Sunday by hour; coverage: plays, and songs, by owned."""

    plays: int
    hours: float
    songs: int
    artists: int
    unit: str  # of the bins: day, week, month
    bins: list[Bin]
    top_artists: list[Ranked]
    top_songs: list[Ranked]
    wishes: list[Ranked]
    clock: np.ndarray
    by_plays: tuple[int, int, int]  # absent, unsure, owned
    by_songs: tuple[int, int, int]
    untimed: int = 0  # plays among them that no source gives a time for


def read(conn: sqlite3.Connection, listener: str = ME) -> Listening:
    """Everything one listener has played, imported or here. About 3 s for a million plays."""
    history = History(conn)
    here = history.tracks_here() if listener == ME else []
    songs = _Songs(history.songs(listener), here)
    plays = history.plays(listener)
    rows = np.searchsorted(songs.ids, plays["song"])
    half = np.nan_to_num(songs.lengths / 2, nan=COUNTS_MS)
    counts = (plays["ms"] < 0) | (plays["ms"] >= np.minimum(COUNTS_MS, half)[rows])
    supposed = np.nan_to_num(songs.lengths, nan=USUAL_MS)[rows]
    ms = np.where(plays["ms"] < 0, supposed, plays["ms"]).astype(np.int32)
    parts = [(plays["at"][counts], songs.item[rows][counts], ms[counts])]
    if here:
        own = history.plays_here()
        parts.append((own["at"], songs.items_of(own["song"]), own["ms"]))
    at, item, heard = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(at, kind="stable")
    item = item[order]
    places = dict(zip(songs.ids.tolist(), songs.item.tolist(), strict=True))
    totals = [(places[song], count) for song, count in history.totals(listener) if song in places]
    untimed = _untimed(item, len(songs.items), totals)
    return Listening(listener, songs.items, local(at[order]), item, heard[order], untimed, int((~counts).sum()))


class _Songs:
    """Songs and the items they are. ids: int64 (songs,), ascending; item: int32 (songs,), places in `items`;
    lengths: float64 (songs,), ms of the song by its track first, NaN when nobody tells."""

    def __init__(self, rows: Iterable[SongRow], here: list[HereRow]) -> None:
        self._names: list[str] = []
        self._credits: list[str] = []
        self._tracks: list[int] = []
        self._owned: list[int] = []
        self._of_track: dict[int, int] = {}
        ids, item, lengths = [], [], []
        for number, artist, title, length_ms, track, state, duration_s in rows:
            mine = track if state == "matched" and track is not None else -1
            ids.append(number)
            item.append(self._put(mine, artist, title, UNSURE if state == "ambiguous" else ABSENT))
            lengths.append(duration_s * 1000 if duration_s else float(length_ms or np.nan))
        for row in here:
            self._put(row.track, row.artist, row.title, OWNED)
        self.ids, self.item = np.array(ids, np.int64), np.array(item, np.int32)
        self.lengths = np.array(lengths, np.float64)
        artists, places = _artists(self._credits)
        tracks, owned = np.array(self._tracks, np.int64), np.array(self._owned, np.int8)
        self.items = Items(self._names, self._credits, tracks, owned, places, artists)

    def items_of(self, tracks: np.ndarray) -> np.ndarray:
        return np.array([self._of_track[track] for track in tracks.tolist()], np.int32)

    def _put(self, track: int, artist: str, title: str, state: int) -> int:
        """The item of a track (-1: none), or a new one."""
        if track in self._of_track:
            return self._of_track[track]
        if track >= 0:
            self._of_track[track] = len(self._names)
        self._names.append(title)
        self._credits.append(artist)
        self._tracks.append(track)
        self._owned.append(OWNED if track >= 0 else state)
        return len(self._names) - 1


def _artists(credits: list[str]) -> tuple[list[str], np.ndarray]:
    """(names, place of each item's artist int32 (items,)): one for all ways to write a name."""
    known: dict[str, int] = {}
    names: list[str] = []
    places = np.empty(len(credits), np.int32)
    for at, credit in enumerate(credits):
        key = plain_artist(credit)
        if key not in known:
            known[key] = len(names)
            names.append(credit)
        places[at] = known[key]
    return names, places


def _untimed(item: np.ndarray, items: int, totals: list[tuple[int, int]]) -> np.ndarray:
    """Plays told as sums beyond those with a time, int64 (items,)."""
    sums = np.zeros(items, np.int64)
    for place, plays in totals:
        sums[place] += plays
    rest: np.ndarray = np.maximum(sums - np.bincount(item, minlength=items), 0)
    return rest


def local(at: np.ndarray) -> np.ndarray:
    """UTC seconds to those of the local clock, int64 (n,), sorted as `at` is: summer time where it was."""
    if not len(at):
        return at.astype(np.int64)
    first, last = int(at.min()) // DAY_S, int(at.max()) // DAY_S + 1
    edges = np.array([time.localtime(day * DAY_S).tm_gmtoff for day in range(first, last + 1)], np.int64)
    days = at // DAY_S - first
    offset = edges[days]
    for place in np.flatnonzero(offset != edges[days + 1]):  # a day on which the clock is changed
        offset[place] = time.localtime(int(at[place])).tm_gmtoff
    shifted: np.ndarray = at + offset
    return shifted


def look_back(listening: Listening, since: int | None = None, until: int | None = None, top: int = 50) -> Lookback:
    """The plays in [since, until) of the local clock; None: no bound. Sums without times count when there is none."""
    low = 0 if since is None else int(np.searchsorted(listening.at, since))
    high = len(listening) if until is None else int(np.searchsorted(listening.at, until))
    item, at = listening.item[low:high], listening.at[low:high]
    per_item = np.bincount(item, minlength=len(listening.items)).astype(np.int64)
    untimed = 0
    if since is None and until is None:
        per_item = per_item + listening.untimed
        untimed = int(listening.untimed.sum())
    items, owned = listening.items, listening.items.owned
    per_artist = np.bincount(items.artist, per_item, minlength=len(items.artists)).astype(np.int64)
    unit, bins = binned(at)
    by_plays = np.bincount(owned, per_item, minlength=3)
    by_songs = np.bincount(owned[per_item > 0], minlength=3)
    return Lookback(
        plays=int(per_item.sum()),
        hours=float(listening.ms[low:high].sum(dtype=np.int64)) / 3.6e6,
        songs=int((per_item > 0).sum()),
        artists=int((per_artist > 0).sum()),
        unit=unit,
        bins=bins,
        top_artists=_top_artists(items, per_artist, per_item, top),
        top_songs=_top_items(items, per_item, top),
        wishes=_top_items(items, np.where(owned == ABSENT, per_item, 0), 500, int(per_item.sum())),
        clock=_clock(at),
        by_plays=(int(by_plays[0]), int(by_plays[1]), int(by_plays[2])),
        by_songs=(int(by_songs[0]), int(by_songs[1]), int(by_songs[2])),
        untimed=untimed,
    )


def _highest(counts: np.ndarray, top: int) -> np.ndarray:
    """Places of the `top` highest counts above 0, the highest first, equal ones by place."""
    order = np.argsort(-counts, kind="stable")[:top]
    found: np.ndarray = order[counts[order] > 0]
    return found


def _top_items(items: Items, per_item: np.ndarray, top: int, total: int = 0) -> list[Ranked]:
    whole = max(1, total or int(per_item.sum()))
    ranked = []
    for at in _highest(per_item, top).tolist():
        plays, track = int(per_item[at]), int(items.track[at])
        credit, owned = items.credits[at], int(items.owned[at])
        ranked.append(Ranked(items.names[at], credit, plays, plays / whole, None if track < 0 else track, owned))
    return ranked


def _top_artists(items: Items, per_artist: np.ndarray, per_item: np.ndarray, top: int) -> list[Ranked]:
    """Each with the track of theirs that was played most."""
    whole = max(1, int(per_artist.sum()))
    found = _highest(per_artist, top)
    mine = np.flatnonzero(np.isin(items.artist, found) & (items.track >= 0) & (per_item > 0))
    mine = mine[np.argsort(per_item[mine], kind="stable")]
    best = dict(zip(items.artist[mine].tolist(), items.track[mine].tolist(), strict=True))  # the last one stays
    return [
        Ranked(items.artists[at], "", n, n / whole, best.get(at), OWNED if at in best else ABSENT)
        for at, n in zip(found.tolist(), per_artist[found].tolist(), strict=True)
    ]


def _clock(at: np.ndarray) -> np.ndarray:
    hour = at // 3600 % 24
    weekday = (at // DAY_S + 3) % 7  # 1970-01-01 was a Thursday
    counts: np.ndarray = np.bincount(weekday * 24 + hour, minlength=168).reshape(7, 24)
    return counts


def binned(at: np.ndarray) -> tuple[str, list[Bin]]:
    """(unit, bins without a gap): days up to two months, weeks up to two years, else months."""
    if not len(at):
        return "month", []
    days = (int(at[-1]) - int(at[0])) // DAY_S
    if days > 730:
        months = at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        first = int(months[0])
        counts = np.bincount(months - first)
        starts = np.arange(first, first + len(counts)).astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
        return "month", [Bin(int(start), int(n)) for start, n in zip(starts, counts, strict=True)]
    width = 7 if days > 62 else 1
    week = (at // DAY_S + 3) // width if width == 7 else at // DAY_S
    first = int(week[0])
    counts = np.bincount(week - first)
    shift = 3 if width == 7 else 0
    starts = (np.arange(first, first + len(counts)) * width - shift) * DAY_S
    return "week" if width == 7 else "day", [Bin(int(s), int(n)) for s, n in zip(starts, counts, strict=True)]
