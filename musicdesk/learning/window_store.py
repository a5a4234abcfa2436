"""A few log-mel windows of each track, on disk: models that hear are trained from them, and nothing is decoded twice.

One file of equal slots, a slot per track, and an index that is replaced as a whole. Every slot's checksum stands in
the index, so whatever a kill, a full disk or a power cut leaves behind is at worst a track whose windows are missing;
they can be had again from its file. The size has a limit: what no training has asked for goes first.
"""

from __future__ import annotations

import hashlib
import logging
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from musicdesk.core.files import replacing, sweep_temps
from musicdesk.core.types import MelSpec
from musicdesk.learning.windows import MelWindows

log = logging.getLogger(__name__)

FRAMES = 130  # of a window: 3.02 s (Lee et al. 2018)
KEPT = 4  # windows of a track, at most
_ENTRY = np.dtype(
    [("track", "<i8"), ("slot", "<i8"), ("count", "<i4"), ("crc", "<u4"), ("asked", "<i8"), ("content", "S64")]
)


@dataclass(frozen=True)
class _Entry:
    slot: int
    count: int
    crc: int
    asked: int  # the request of a training that wanted it last; 0: none has
    content: str


def chosen(pictures: np.ndarray, most: int = KEPT) -> np.ndarray:
    """The windows that are kept of a track's (n, frames, bands): at most `most`, spread evenly."""
    at = np.linspace(0, len(pictures) - 1, min(most, len(pictures))).round().astype(int)
    return np.asarray(pictures[at])


class WindowStore:
    """The windows in `folder`, for one process at a time.

    most_bytes: how large it may grow; 0 keeps nothing, as does a folder that cannot be had
    `content` names a track's sound (its hash): what was kept of another sound is missing.
    """

    def __init__(self, folder: Path, most_bytes: int, spec: MelSpec | None = None, frames: int = FRAMES) -> None:
        spec = spec or MelSpec()
        self._shape = (frames, spec.bands)
        self._slot_bytes = KEPT * frames * spec.bands * np.dtype(np.float16).itemsize
        usable = _made_ready(folder)
        self.most = max(0, most_bytes) // self._slot_bytes if usable else 0  # tracks
        name = f"windows-{spec.rate_hz}-{spec.window}-{spec.hop}-{frames}x{spec.bands}"
        self._data, self._index = folder / f"{name}.f16", folder / f"{name}.index.npy"
        self._entries = self._read_index() if usable else {}
        self._changed = False
        self._free = sorted(set(range(self.most)) - {entry.slot for entry in self._entries.values()}, reverse=True)
        if usable:
            self._shrink()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def free(self) -> int:
        """How many more tracks there is room for."""
        return len(self._free)

    def missing(self, wanted: Mapping[int, str]) -> list[int]:
        """Those of `wanted` (content by track) that are not here, in their order."""
        return [track for track, content in wanted.items() if not self._has(track, content)]

    def _has(self, track: int, content: str) -> bool:
        entry = self._entries.get(track)
        return entry is not None and entry.content == content

    def put(self, track: int, content: str, pictures: np.ndarray) -> bool:
        """Keeps some of float (n >= 1, frames, bands); False when there is no room. `commit` makes it last."""
        if self._has(track, content):
            return True
        old = self._entries.get(track)
        if old is None and not self._free:
            return False
        kept = np.ascontiguousarray(chosen(pictures), np.float16)
        if kept.shape[1:] != self._shape or not np.isfinite(kept).all():
            raise ValueError(f"windows of shape {pictures.shape} are not finite or not of {self._shape}")
        slot = old.slot if old is not None else self._free.pop()
        if not self._written(slot, kept):
            self._entries.pop(track, None)
            self._free.append(slot)
            return False
        self._entries[track] = _Entry(slot, len(kept), zlib.crc32(kept.data), old.asked if old else 0, content)
        self._changed = True
        return True

    def ask(self, wanted: Mapping[int, str]) -> None:
        """A training wants these: they stay before others, and the others make room for what is missing of them."""
        now = 1 + max((entry.asked for entry in self._entries.values()), default=0)
        here = [track for track, content in wanted.items() if self._has(track, content)]
        for track in here:
            self._entries[track] = replace(self._entries[track], asked=now)
        need = len(wanted) - len(here) - len(self._free)
        others = [track for track, entry in self._entries.items() if entry.asked < now]
        others.sort(key=lambda track: (self._entries[track].asked, -self._entries[track].slot))
        for track in others[: max(0, need)]:
            self._drop(track)
        self._changed = True

    def windows(self, wanted: Mapping[int, str]) -> MelWindows:
        """What is here of `wanted` (content by track), each slot checked; damaged ones are dropped."""
        found = sorted(track for track, content in wanted.items() if self._has(track, content))
        pictures = self._map()
        for track in [track for track in found if not self._sound(self._entries[track], pictures)]:
            log.info("the kept windows of track %d are damaged; they will be made again", track)
            self._drop(track)
        found = [track for track in found if track in self._entries]
        entries = [self._entries[track] for track in found]
        first = np.concatenate([[0], np.cumsum([entry.count for entry in entries], dtype=np.int64)]).astype(np.int64)
        places = [KEPT * entry.slot + np.arange(entry.count) for entry in entries]
        digest = hashlib.sha256(
            repr([(track, wanted[track], e.crc) for track, e in zip(found, entries, strict=True)]).encode()
        )
        return MelWindows(
            np.array(found, np.int64),
            first,
            pictures,
            np.concatenate(places) if places else np.empty(0, np.int64),
            digest.hexdigest(),
        )

    def commit(self) -> None:
        """Makes what was put and dropped last."""
        if not self._changed:
            return
        table = np.array(
            [(track, e.slot, e.count, e.crc, e.asked, e.content.encode()) for track, e in self._entries.items()], _ENTRY
        )
        try:
            with replacing(self._index) as stream:
                np.save(stream, table, allow_pickle=False)
        except OSError as error:
            log.warning("the list of kept windows was not written (%s)", error)
            return
        self._changed = False

    def _drop(self, track: int) -> None:
        self._leave(track)
        self._changed = True

    def _written(self, slot: int, kept: np.ndarray) -> bool:
        try:
            self._write(slot, kept)
        except OSError as error:
            log.warning("windows of a track were not kept (%s)", error)
            return False
        return True

    def _write(self, slot: int, kept: np.ndarray) -> None:
        handle = os.open(self._data, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size < (slot + 1) * self._slot_bytes:
                os.ftruncate(handle, (slot + 1) * self._slot_bytes)
            os.lseek(handle, slot * self._slot_bytes, os.SEEK_SET)
            rest = memoryview(kept.tobytes())
            while rest:
                rest = rest[os.write(handle, rest) :]
        finally:
            os.close(handle)

    def _map(self) -> np.ndarray:
        """float16 (KEPT * slots, frames, bands), read-only."""
        try:
            if slots := self._size() // self._slot_bytes:
                return np.memmap(self._data, np.float16, "r", shape=(KEPT * slots, *self._shape))
        except (OSError, ValueError) as error:
            log.warning("the kept windows cannot be read (%s)", error)
        return np.empty((0, *self._shape), np.float16)

    def _size(self) -> int:
        """Bytes of the file; 0 where there is none."""
        try:
            return self._data.stat().st_size
        except OSError:
            return 0

    @staticmethod
    def _sound(entry: _Entry, pictures: np.ndarray) -> bool:
        rows = pictures[KEPT * entry.slot : KEPT * entry.slot + entry.count]
        return len(rows) == entry.count and zlib.crc32(np.ascontiguousarray(rows).data) == entry.crc

    def _read_index(self) -> dict[int, _Entry]:
        """What the file has room for: of one that is gone or was cut off, the rest is missing from the beginning."""
        try:
            table = np.load(self._index, allow_pickle=False)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, EOFError, MemoryError) as error:
            log.warning("the list of kept windows cannot be read (%s); it begins anew", error)
            return {}
        if table.dtype != _ENTRY or table.ndim != 1 or len(np.unique(table["slot"])) != len(table):
            log.warning("the list of kept windows is of another kind; it begins anew")
            return {}
        slots = self._size() // self._slot_bytes
        return {
            int(row["track"]): _Entry(
                int(row["slot"]),
                int(row["count"]),
                int(row["crc"]),
                int(row["asked"]),
                row["content"].decode("ascii", "replace"),
            )
            for row in table
            if 0 <= row["slot"] < slots and 1 <= row["count"] <= KEPT
        }

    def _shrink(self) -> None:
        """After the limit was lowered: the most useful stay, moved to the front of the file."""
        if self._size() <= self.most * self._slot_bytes:
            return
        order = sorted(self._entries, key=lambda track: (-self._entries[track].asked, self._entries[track].slot))
        for track in order[self.most :]:
            self._leave(track)
        self._move([track for track in order[: self.most] if self._entries[track].slot >= self.most])
        self._changed = True
        self.commit()
        try:
            os.truncate(self._data, self.most * self._slot_bytes)
        except OSError as error:
            log.warning("the file of kept windows stays as large as it is (%s)", error)

    def _leave(self, track: int) -> _Entry:
        """Takes a track out; its slot is free where it lies within the limit."""
        entry = self._entries.pop(track)
        if entry.slot < self.most:
            self._free.append(entry.slot)
        return entry

    def _move(self, beyond: list[int]) -> None:
        """Tracks that lie beyond the limit into free slots, of which there are enough; damaged ones go."""
        pictures = self._map()
        for track in beyond:
            entry = self._leave(track)
            if not self._sound(entry, pictures):
                continue
            slot = self._free.pop()
            if self._written(slot, np.array(pictures[KEPT * entry.slot : KEPT * entry.slot + entry.count])):
                self._entries[track] = replace(entry, slot=slot)
            else:
                self._free.append(slot)


def _made_ready(folder: Path) -> bool:
    """Whether a folder can be had for what is kept; a cache is nothing to stop for."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep_temps(folder)
        usable = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    except OSError as error:
        log.warning("no windows are kept in %s (%s)", folder, error)
        return False
    if not usable:
        log.warning("no windows are kept in %s, which may not be written", folder)
    return usable
