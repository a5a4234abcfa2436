"""Looking back on what was played: read once, then counted for any period, by time, artist, song and hour.

Songs that are one track count together. A play counts from 30 s or half of the song on, as it does in
recommendations; where the source tells no length of the play, it counts. Hours and days are local.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.history import ME, History, SongRow
from musicdesk.core.wording import plain_artist

if TYPE_CHECKING:
    import sqlite3

COUNTS_MS = 30_000
USUAL_MS = 210_000  # a play of a song whose length nobody tells
DAY_S = 86_400
OWNED, UNSURE, ABSENT = 2, 1, 0


@dataclass(frozen=True)
class Named:
    """What plays are of: a track of the library, or a song that is not in it."""

    artist: str
    title: str
    track: int | None
    owned: int  # OWNED, UNSURE or ABSENT


@dataclass(frozen=True, eq=False)
class Listening:
    """One listener's plays that count, in order of time.

    at: int64 (plays,), seconds of the local clock; item: int32 (plays,), a place in `items`; ms: int32 (plays,),
    heard or supposed; artist: int32 (items,), a place in `artists`; untimed: int64 (items,), plays that a source
    tells as sums, as far as they are more than those with a time
    """

    listener: str
    items: list[Named]
    artists: list[str]
    at: np.ndarray
    item: np.ndarray
    ms: np.ndarray
    artist: np.ndarray
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
    songs = history.songs(listener)
    plays = history.plays(listener)
    here = history.tracks_here() if listener == ME else []
    items, of_song, of_track = _items(songs, [(row.track, row.artist, row.title) for row in here])
    lengths = np.array([_length(row) for row in songs], np.float64)
    rows = np.searchsorted(np.array([row.id for row in songs], np.int64), plays["song"])
    counts = (plays["ms"] < 0) | (plays["ms"] >= np.minimum(COUNTS_MS, np.nan_to_num(lengths / 2, nan=COUNTS_MS))[rows])
    ms = np.where(plays["ms"] < 0, np.nan_to_num(lengths, nan=USUAL_MS)[rows], plays["ms"]).astype(np.int32)
    parts = [(plays["at"][counts], of_song[rows][counts], ms[counts])]
    if here:
        own = history.plays_here()
        parts.append((own["at"], np.array([of_track[track] for track in own["song"].tolist()], np.int32), own["ms"]))
    at, item, heard = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(at, kind="stable")
    at = local(at[order])
    names, artist = _artists(items)
    made = Listening(listener, items, names, at, item[order], heard[order], artist, np.empty(0, np.int64))
    places = {row.id: int(place) for row, place in zip(songs, of_song.tolist(), strict=True)}
    untimed = _untimed(made, [(places[song], count) for song, count in history.totals(listener) if song in places])
    return replace(made, untimed=untimed, short=int((~counts).sum()))


def _length(row: SongRow) -> float:
    """Milliseconds of the song, by its track first; NaN when nobody tells."""
    return row.duration_s * 1000 if row.duration_s else float(row.length_ms or np.nan)


def _items(songs: list[SongRow], here: list[tuple[int, str, str]]) -> tuple[list[Named], np.ndarray, dict[int, int]]:
    """(items, item of each song int32, item of each track)."""
    items: list[Named] = []
    of_track: dict[int, int] = {}
    of_song = np.empty(len(songs), np.int32)
    for place, row in enumerate(songs):
        owned = row.state == "matched" and row.track is not None
        if owned and row.track in of_track:
            of_song[place] = of_track[row.track]
            continue
        of_song[place] = len(items)
        if owned and row.track is not None:
            of_track[row.track] = len(items)
        state = OWNED if owned else UNSURE if row.state == "ambiguous" else ABSENT
        items.append(Named(row.artist, row.title, row.track if owned else None, state))
    for track, artist, title in here:
        if track not in of_track:
            of_track[track] = len(items)
            items.append(Named(artist, title, track, OWNED))
    return items, of_song, of_track


def _artists(items: list[Named]) -> tuple[list[str], np.ndarray]:
    """(names, place of each item's artist int32 (items,)): one for all ways to write a name."""
    known: dict[str, int] = {}
    names: list[str] = []
    places = np.empty(len(items), np.int32)
    for at, item in enumerate(items):
        key = plain_artist(item.artist)
        if key not in known:
            known[key] = len(names)
            names.append(item.artist)
        places[at] = known[key]
    return names, places


def _untimed(listening: Listening, totals: list[tuple[int, int]]) -> np.ndarray:
    """Plays told as sums beyond those with a time, int64 (items,)."""
    sums = np.zeros(len(listening.items), np.int64)
    for item, plays in totals:
        sums[item] += plays
    timed = np.bincount(listening.item, minlength=len(sums)) if len(listening) else 0
    rest: np.ndarray = np.maximum(sums - timed, 0)
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
    per_artist = np.bincount(listening.artist, per_item, minlength=len(listening.artists)).astype(np.int64)
    owned = np.array([named.owned for named in listening.items], np.int64)
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
        top_artists=_top_artists(listening, per_artist, per_item, top),
        top_songs=_top_items(listening, per_item, top),
        wishes=_top_items(listening, np.where(owned == ABSENT, per_item, 0), 500, int(per_item.sum())),
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


def _top_items(listening: Listening, per_item: np.ndarray, top: int, total: int = 0) -> list[Ranked]:
    whole = max(1, total or int(per_item.sum()))
    found = [(listening.items[at], int(per_item[at])) for at in _highest(per_item, top)]
    return [Ranked(named.title, named.artist, n, n / whole, named.track, named.owned) for named, n in found]


def _top_artists(listening: Listening, per_artist: np.ndarray, per_item: np.ndarray, top: int) -> list[Ranked]:
    whole = max(1, int(per_artist.sum()))
    found = _highest(per_artist, top)
    best: dict[int, tuple[int, int]] = {}
    owned = np.array([named.track is not None for named in listening.items], bool)
    for place in np.flatnonzero(np.isin(listening.artist, found) & owned & (per_item > 0)):
        artist, plays = int(listening.artist[place]), int(per_item[place])
        if plays > best.get(artist, (0, 0))[0]:
            best[artist] = (plays, int(place))
    ranked = []
    for at in found.tolist():
        track = listening.items[best[at][1]].track if at in best else None
        plays = int(per_artist[at])
        ranked.append(
            Ranked(listening.artists[at], "", plays, plays / whole, track, ABSENT if track is None else OWNED)
        )
    return ranked


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
