"""Many people's plays as one sparse matrix: listeners by rows, songs by columns, both sorted by name.

The matrix of the same plays is the same to the last bit, in whatever order its files were read.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

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
    if len(listeners) >> (64 - PLAY_BITS - bits):
        raise ValueError("more listeners times songs than a matrix of this kind can hold")
    packed = _packed(coded, user_place, song_place, bits)
    packed = _in_order(packed, PLAY_BITS + bits)
    last = _last_of_pairs(packed)
    indices, plays = np.empty(last.sum(), np.uint32), np.empty(last.sum(), np.uint32)
    counts = np.zeros(len(listeners), np.int64)
    done = 0
    for part in _slices(len(packed)):
        kept = packed[part][last[part]]
        place = slice(done, done + len(kept))
        plays[place] = kept & np.uint64(MOST_PLAYS)
        kept >>= np.uint64(PLAY_BITS)
        indices[place] = kept & np.uint64((1 << bits) - 1)
        kept >>= np.uint64(bits)
        done = place.stop
        if len(kept):
            first, final = int(kept[0]), int(kept[-1])
            counts[first : final + 1] += np.bincount((kept - kept[0]).view(np.int64), minlength=final - first + 1)
    indptr = np.zeros(len(listeners) + 1, np.int64)
    np.cumsum(counts, out=indptr[1:])
    return Crowd(listeners, songs, indptr, indices, plays)


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

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, _slices(len(packed))))
    return packed


def _last_of_pairs(packed: np.ndarray) -> np.ndarray:
    """Which of the sorted numbers are the last of their pair, bool (rows,)."""
    last = np.ones(len(packed), bool)
    for part in _slices(len(packed) - 1):
        here, after = packed[part], packed[part.start + 1 : part.stop + 1]
        last[part] = (here ^ after) > np.uint64(MOST_PLAYS)
    return last


def _slices(count: int) -> list[slice]:
    """Stretches that stay in the cache: whole-array temporaries cost more than the work."""
    return [slice(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]


def _in_order(numbers: np.ndarray, shift: int) -> np.ndarray:
    """Sorted. Files mostly tell one listener after the other, each in order: then only listeners change places.

    shift: the bits under the listener's
    """
    falls = [
        np.flatnonzero(numbers[p.start + 1 : p.stop + 1] < numbers[p]) + p.start for p in _slices(len(numbers) - 1)
    ]
    rises = [_new_listener(numbers, part, shift) for part in _slices(len(numbers) - 1)]
    starts = np.concatenate([np.zeros(1, np.int64), *rises]) if len(numbers) else np.empty(0, np.int64)
    who = numbers[starts] >> np.uint64(shift)
    order = np.argsort(who, kind="stable")
    inside = len(np.setdiff1d(np.concatenate([*falls, np.empty(0, np.int64)]) + 1, starts, assume_unique=True))
    if inside or (len(who) > 1 and (np.diff(who[order].view(np.int64)) == 0).any()):
        return _fully_sorted(numbers)
    lengths = np.diff(np.append(starts, len(numbers)))[order]
    ends = np.cumsum(lengths)
    offset = starts[order] - (ends - lengths)  # from a row's new place to its old one
    found = np.empty_like(numbers)
    for part in _slices(len(order)):
        begin, end = int(ends[part.start] - lengths[part.start]), int(ends[part.stop - 1])
        found[begin:end] = numbers[np.repeat(offset[part], lengths[part]) + np.arange(begin, end)]
    return found


def _new_listener(numbers: np.ndarray, part: slice, shift: int) -> np.ndarray:
    """Places in `part`, moved by one, where the listener is another than before."""
    here, after = numbers[part], numbers[part.start + 1 : part.stop + 1]
    places: np.ndarray = np.flatnonzero((here ^ after) >> np.uint64(shift))
    places += part.start + 1
    return places


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
