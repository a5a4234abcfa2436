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
    listeners, who = _sorted(coded.listeners, coded.who)
    songs, what = _sorted(coded.songs, coded.what)
    bits = max(1, len(songs) - 1).bit_length()
    packed = _in_order(_packed(who, what, coded.plays, bits))
    plays = (packed & np.uint64(MOST_PLAYS)).astype(np.uint32)
    packed >>= np.uint64(PLAY_BITS)
    last = np.ones(len(packed), bool)
    np.not_equal(packed[1:], packed[:-1], out=last[:-1])
    if not last.all():
        packed, plays = packed[last], plays[last]
    rows = packed >> np.uint64(bits)
    indices = (packed & np.uint64((1 << bits) - 1)).astype(np.uint32)
    counts = np.bincount(rows.astype(np.int64), minlength=len(listeners))
    indptr = np.zeros(len(listeners) + 1, np.int64)
    np.cumsum(counts, out=indptr[1:])
    return Crowd(listeners, songs, indptr, indices, plays)


def _packed(who: np.ndarray, what: np.ndarray, plays: np.ndarray, bits: int) -> np.ndarray:
    """One number per row that sorts by listener, song, plays: 20 bits of plays, `bits` of song, the listener."""
    if len(who) and int(who.max()) >> (64 - PLAY_BITS - bits):
        raise ValueError("more listeners times songs than a matrix of this kind can hold")
    packed = who.astype(np.uint64)
    packed <<= np.uint64(bits)
    packed |= what
    packed <<= np.uint64(PLAY_BITS)
    packed |= plays
    return packed


def _in_order(numbers: np.ndarray) -> np.ndarray:
    """Sorted, in two halves at once where it pays."""
    if len(numbers) < 1 << 20:
        numbers.sort()
        return numbers
    middle = np.median(numbers[:: len(numbers) // 10_000])
    low = numbers < middle
    halves = [numbers[low], numbers[~low]]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(np.ndarray.sort, halves))
    return np.concatenate(halves)


def _sorted(names: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted names that are used, and the codes as places among them."""
    order = np.argsort(names, kind="stable")
    place = np.empty(len(names), np.uint32)
    place[order] = np.arange(len(names), dtype=np.uint32)
    return names[order], place[codes]


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
