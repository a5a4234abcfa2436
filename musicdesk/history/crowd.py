"""Many people's plays as one sparse matrix: listeners by rows, songs by columns, both sorted by name.

The matrix of the same plays is the same to the last bit, in whatever order its files were read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.files import replacing

PLAY_BITS = 20
MOST_PLAYS = (1 << PLAY_BITS) - 1  # of one song by one listener
CHUNK = 1 << 17  # rows worked on together
_NAMES = ("listeners", "songs", "indptr", "indices", "plays")


@dataclass(frozen=True, eq=False)
class Crowd:
    """listeners, songs: bytes (n,), (m,), sorted; indptr int64 (n + 1,), indices uint32 and plays uint32 (pairs,).

    Row i's songs are indices[indptr[i]:indptr[i + 1]], ascending.
    """

    listeners: np.ndarray
    songs: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    plays: np.ndarray

    @property
    def pairs(self) -> int:
        return len(self.indices)

    def digest(self) -> str:
        total = hashlib.sha256()
        for name in _NAMES:
            array = np.ascontiguousarray(getattr(self, name))
            total.update(f"{name}{array.shape}{array.dtype.str}".encode())
            total.update(array.view(np.uint8).data)
        return total.hexdigest()

    def rows(self) -> np.ndarray:
        """The row of every pair, uint32 (pairs,)."""
        return np.repeat(np.arange(len(self.listeners), dtype=np.uint32), np.diff(self.indptr))


@dataclass(frozen=True, eq=False)
class Coded:
    """Rows as read: who, what and how often, by number into `listeners` and `songs` (bytes, any order)."""

    listeners: np.ndarray
    songs: np.ndarray
    who: np.ndarray  # uint32 (rows,)
    what: np.ndarray
    plays: np.ndarray


def crowd_of(coded: Coded) -> Crowd:
    """Rows of the same listener and song become one pair, with the most plays that any of them tells."""
    listeners, user_place = _sorted(coded.listeners)
    songs, song_place = _sorted(coded.songs)
    bits = max(1, len(songs) - 1).bit_length()
    shift = PLAY_BITS + bits
    if len(listeners) >> (64 - shift):
        raise ValueError("more listeners times songs than a matrix of this kind can hold")
    packed = _in_order(_packed(coded, user_place, song_place, bits), shift)
    before = np.zeros(len(packed) + 1, np.uint32)  # pairs before each row
    np.cumsum(_last_of_pairs(packed), out=before[1:])
    indices, plays = np.empty(before[-1], np.uint32), np.empty(before[-1], np.uint32)

    def fill(part: slice) -> None:
        last = before[part.start + 1 : part.stop + 1] != before[part]
        kept = packed[part] if last.all() else packed[part][last]
        place = slice(int(before[part.start]), int(before[part.stop]))
        plays[place] = kept & np.uint64(MOST_PLAYS)
        indices[place] = (kept >> np.uint64(PLAY_BITS)) & np.uint64((1 << bits) - 1)

    _each(fill, len(packed))
    starts = np.searchsorted(packed, np.arange(len(listeners) + 1, dtype=np.uint64) << np.uint64(shift))
    return Crowd(listeners, songs, before[starts].astype(np.int64), indices, plays)


def _packed(coded: Coded, user_place: np.ndarray, song_place: np.ndarray, bits: int) -> np.ndarray:
    """One number per row that sorts by listener, song, plays: 20 bits of plays, `bits` of song, the listener."""
    packed = np.empty(len(coded.who), np.uint64)

    def fill(part: slice) -> None:
        rows = user_place[coded.who[part]]
        rows <<= np.uint64(bits)
        rows |= song_place[coded.what[part]]
        rows <<= np.uint64(PLAY_BITS)
        rows |= coded.plays[part]
        packed[part] = rows

    _each(fill, len(packed))
    return packed


def _last_of_pairs(packed: np.ndarray) -> np.ndarray:
    """Which of the sorted numbers are the last of their pair, bool (rows,)."""
    last = np.ones(len(packed), bool)

    def fill(part: slice) -> None:
        last[part] = (packed[part] ^ packed[part.start + 1 : part.stop + 1]) > np.uint64(MOST_PLAYS)

    _each(fill, len(packed) - 1)
    return last


def _each(work: Callable[[slice], Any], count: int) -> list[Any]:
    """What `work` gives for each stretch of `count` rows, by two threads: numpy lets others run meanwhile.

    Stretches stay in the cache: whole-array temporaries cost more than the work.
    """
    parts = [slice(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, parts))


def _in_order(numbers: np.ndarray, shift: int) -> np.ndarray:
    """Sorted. Files mostly tell one listener after the other, each in order: then only listeners change places.

    shift: the bits under the listener's
    """
    steps = _each(lambda part: _steps(numbers, part, shift), len(numbers) - 1)
    starts = np.concatenate([np.zeros(min(1, len(numbers)), np.int64), *(rises for rises, _falls in steps)])
    who = numbers[starts] >> np.uint64(shift)
    order = np.argsort(who, kind="stable")
    if any(falls for _rises, falls in steps) or (len(who) > 1 and (np.diff(who[order].view(np.int64)) == 0).any()):
        return _fully_sorted(numbers)
    lengths = np.diff(np.append(starts, len(numbers)))[order]
    ends = np.cumsum(lengths)
    offset = starts[order] - (ends - lengths)  # from a row's new place to its old one
    found = np.empty_like(numbers)

    def fill(part: slice) -> None:
        begin, end = int(ends[part.start] - lengths[part.start]), int(ends[part.stop - 1])
        found[begin:end] = numbers[np.repeat(offset[part], lengths[part]) + np.arange(begin, end)]

    _each(fill, len(order))
    return found


def _steps(numbers: np.ndarray, part: slice, shift: int) -> tuple[np.ndarray, bool]:
    """Places in `part`, moved by one, where a new listener begins; and whether the songs of one are in disorder."""
    here, after = numbers[part], numbers[part.start + 1 : part.stop + 1]
    other = ((here ^ after) >> np.uint64(shift)) != 0
    places: np.ndarray = np.flatnonzero(other) + (part.start + 1)
    return places, bool(((after < here) & ~other).any())


def _fully_sorted(numbers: np.ndarray) -> np.ndarray:
    """Many numbers are sorted in two halves at once."""
    if len(numbers) < 1 << 20:
        numbers.sort()
        return numbers
    middle = len(numbers) // 2
    numbers.partition(middle)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(np.ndarray.sort, (numbers[:middle], numbers[middle:])))
    return numbers


def _sorted(names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The names sorted, and where each of them is then, uint64."""
    order = np.argsort(names, kind="stable")
    place = np.empty(len(names), np.uint64)
    place[order] = np.arange(len(names), dtype=np.uint64)
    return names[order], place


def merged(old: Crowd, new: Crowd) -> tuple[Crowd, int]:
    """Both as one crowd, and how many pairs are new or tell more plays than before."""
    listeners = np.unique(np.concatenate([old.listeners, new.listeners]))
    songs = np.unique(np.concatenate([old.songs, new.songs]))
    who, what = [], []
    for part in (old, new):
        who.append(np.searchsorted(listeners, part.listeners).astype(np.uint32)[part.rows()])
        what.append(np.searchsorted(songs, part.songs).astype(np.uint32)[part.indices])
    plays = np.concatenate([old.plays, new.plays])
    both = crowd_of(Coded(listeners, songs, np.concatenate(who), np.concatenate(what), plays))
    width = np.uint64(max(1, len(songs)))
    key = both.rows().astype(np.uint64) * width + both.indices
    before = who[0].astype(np.uint64) * width + what[0]
    risen = both.plays[np.searchsorted(key, before)] > old.plays
    return both, both.pairs - old.pairs + int(risen.sum())


def save(crowd: Crowd, folder: Path) -> None:
    """One .npy file per array in `folder`, which must exist; each is whole or not there."""
    for name in _NAMES:
        with replacing(folder / f"{name}.npy") as stream:
            np.save(stream, getattr(crowd, name), allow_pickle=False)


def load(folder: Path) -> Crowd:
    """Raises OSError or ValueError when a file is missing or damaged."""
    return Crowd(*(np.load(folder / f"{name}.npy", allow_pickle=False) for name in _NAMES))
