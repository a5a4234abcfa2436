"""Reading what was played: songs that are one track become one item, plays are put in order of time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.history import ME, HereRow, History, SongRow
from musicdesk.core.wording import plain_artist
from musicdesk.workflows.listening import ABSENT, DAY_S, OWNED, UNSURE, Items, Listening, blocks, by_item

if TYPE_CHECKING:
    import sqlite3

COUNTS_MS = 30_000
USUAL_MS = 210_000  # a play of a song whose length nobody tells


def read(conn: sqlite3.Connection, listener: str = ME) -> Listening:
    """Everything one listener has played, imported or here. About 1 s for a million plays."""
    history = History(conn)
    here = history.tracks_here() if listener == ME else []
    songs = _Songs(history.songs(listener), here)
    own = history.plays_here() if here else None
    room, short = _Room(history.rows(listener) + (len(own) if own is not None else 0)), 0
    for plays in history.plays(listener):
        counts, ms = songs.heard(plays)
        short += int((~counts).sum())
        room.add(plays["at"][counts], songs.items_of_songs(plays["song"][counts]), ms[counts])
    imported = by_item(room.items, len(songs.items))
    if own is not None:
        room.add(own["at"], songs.items_of(own["song"]), own["ms"])
    at, item, seconds = room.in_time()
    places = dict(zip(songs.ids.tolist(), songs.item.tolist(), strict=True))
    totals = [(places[song], count) for song, count in history.totals(listener) if song in places]
    untimed = _untimed(imported, totals)
    return Listening(listener, songs.items, local(at), item, seconds, untimed, short)


class _Room:
    """Plays that count as they come, each column for itself, in arrays that are made once: ten million need no second
    copy. room: how many there may be."""

    def __init__(self, room: int) -> None:
        self._at, self._item, self._seconds = (np.empty(room, kind) for kind in (np.uint32, np.int32, np.uint16))
        self._used = 0

    def add(self, at: np.ndarray, item: np.ndarray, ms: np.ndarray) -> None:
        into = slice(self._used, self._used + len(at))
        self._at[into] = np.clip(at, 0, np.iinfo(np.uint32).max)
        self._item[into] = item
        self._seconds[into] = np.minimum((ms + 500) // 1000, np.iinfo(np.uint16).max)
        self._used += len(at)

    @property
    def items(self) -> np.ndarray:
        """Of what was added so far, int32 (plays,)."""
        return self._item[: self._used]

    def in_time(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(at uint32, item int32, seconds uint16), (plays,) each, in order of time."""
        order = np.argsort(self._at[: self._used], kind="stable").astype(np.int32)
        for name in ("_at", "_item", "_seconds"):  # one after the other: the old column goes before the next one comes
            setattr(self, name, getattr(self, name)[order])
        return self._at, self._item, self._seconds


class _Songs:
    """Songs and the items they are. ids: int64 (songs,), ascending; item: int32 (songs,), places in `items`;
    lengths: float64 (songs,), ms of the song by its track first, NaN when nobody tells."""

    def __init__(self, rows: Iterable[SongRow], here: list[HereRow]) -> None:
        self._names: list[str] = []
        self._credits: list[str] = []
        self._tracks: list[int] = []
        self._owned: list[int] = []
        self._of_track: dict[int, int] = {}
        known: dict[str, str] = {}  # an artist's name is kept once, not once for each song
        ids, item, lengths = [], [], []
        for number, artist, title, length_ms, track, state, duration_s in rows:
            mine = track if state == "matched" and track is not None else -1
            ids.append(number)
            item.append(
                self._put(mine, known.setdefault(artist, artist), title, UNSURE if state == "ambiguous" else ABSENT)
            )
            lengths.append(duration_s * 1000 if duration_s else float(length_ms or np.nan))
        for row in here:
            self._put(row.track, known.setdefault(row.artist, row.artist), row.title, OWNED)
        self.ids, self.item = np.array(ids, np.int64), np.array(item, np.int32)
        self.lengths = np.array(lengths, np.float64)
        artists, places = _artists(self._credits)
        tracks, owned = np.array(self._tracks, np.int64), np.array(self._owned, np.int8)
        self.items = Items(self._names, self._credits, tracks, owned, places, artists)

    def heard(self, plays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of plays as `PLAY`: whether each counts, bool, and the milliseconds heard or supposed, int32."""
        lengths = self.lengths[self._rows(plays["song"])]
        enough = np.minimum(COUNTS_MS, np.nan_to_num(lengths / 2, nan=COUNTS_MS))
        told = plays["ms"] >= 0
        ms = np.where(told, plays["ms"], np.nan_to_num(lengths, nan=USUAL_MS)).astype(np.int32)
        return ~told | (plays["ms"] >= enough), ms

    def items_of_songs(self, songs: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.item[self._rows(songs)]
        return found

    def _rows(self, songs: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.ids, songs)

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


def _untimed(imported: np.ndarray, totals: list[tuple[int, int]]) -> np.ndarray:
    """Plays told as sums beyond those that came with a time, int64 (items,); of those here no sum knows.

    imported: plays of each item that came with a time, int64 (items,).
    """
    sums = np.zeros(len(imported), np.int64)
    for place, plays in totals:
        sums[place] += plays
    rest: np.ndarray = np.maximum(sums - imported, 0)
    return rest


def local(at: np.ndarray) -> np.ndarray:
    """UTC seconds to those of the local clock, of the type of `at`, (n,), sorted as it is: summer time where it was."""
    if not len(at):
        return at
    first, last = int(at.min()) // DAY_S, int(at.max()) // DAY_S + 1
    edges = np.array([time.localtime(day * DAY_S).tm_gmtoff for day in range(first, last + 1)], np.int64)
    shifted, kind = np.empty_like(at), np.iinfo(at.dtype)
    for part in blocks(len(at)):
        days = at[part].astype(np.int64) // DAY_S - first
        offset = edges[days]
        for place in np.flatnonzero(offset != edges[days + 1]):  # a day on which the clock is changed
            offset[place] = time.localtime(int(at[part][place])).tm_gmtoff
        shifted[part] = np.clip(at[part] + offset, kind.min, kind.max)
    return shifted
