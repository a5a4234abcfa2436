"""Writing down what a scan found, in small transactions: one that is cut off loses the last few files."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from musicdesk.catalog.inventory import Entry, Kept, relative
from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.library.identity import filled, song_key
from musicdesk.library.reader import Read
from musicdesk.library.rules import excluded
from musicdesk.workflows.exclusion import rules_of
from musicdesk.workflows.places import Places

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

COMMIT_FILES = 200
COMMIT_S = 0.5


@dataclass(frozen=True, slots=True)
class _Known:
    """A track that exists, and the file that is its own now."""

    kept: Kept
    read: Read
    same_sound: bool


class Ledger:
    """Files to be written. Each one ends in exactly one of `added`, `updated`, `moved`, `failed` and `dropped`."""

    def __init__(self, desk: Desk, where: Places) -> None:
        self.added = self.updated = self.moved = 0
        self.dropped = 0  # files of a folder that was forgotten while they were read
        self.failed: set[bytes] = set()
        self.displaced: set[TrackId] = set()  # tracks whose path now holds another one's file
        self.changes = Changes.NOTHING
        self._catalog = desk.catalog
        self._where = where
        self._rules = rules_of(desk)
        self._new: list[Read] = []
        self._known: list[_Known] = []
        self._written_at = time.monotonic()

    def add(self, read: Read) -> None:
        self._new.append(read)
        self._write_in_time()

    def renew(self, kept: Kept, read: Read, same_sound: bool) -> None:
        """The file at a known path has changed: its tags, and its sound unless that is the same."""
        self._known.append(_Known(kept, read, same_sound))
        self._write_in_time()

    def move(self, kept: Kept, read: Read) -> None:
        """A track's file was found at another path; its number and all that hangs on it stay."""
        self._known.append(_Known(kept, read, same_sound=True))
        self._write_in_time()

    def _write_in_time(self) -> None:
        waiting = len(self._new) + len(self._known)
        if waiting >= COMMIT_FILES or time.monotonic() - self._written_at > COMMIT_S:
            self.write()

    def write(self) -> None:
        """Commits what is waiting."""
        new, self._new = self._new, []
        known, self._known = self._known, []
        if new or known:
            with self._catalog.write():
                self._where.roots = self._catalog.roots.all()
                there = self._catalog.tracks.existing(item.kept.id for item in known)
                new += [item.read for item in known if item.kept.id not in there]  # forgotten with another folder
                for item in known:  # first, so that the paths which they leave are free
                    if item.kept.id in there:
                        self._write_known(item)
                self._write_new(new)
        self._written_at = time.monotonic()

    def _write_new(self, new: list[Read]) -> None:
        pairs = [(read, entry) for read in new if (entry := self._entry(read))]
        self.dropped += len(new) - len(pairs)
        if not pairs:
            return
        ids = self._catalog.inventory.add_many([entry for _read, entry in pairs])
        for track, (read, _entry) in zip(ids, pairs, strict=True):
            if read.reason:
                self._fail(track, read)
            else:
                self.added += 1
        self.changes |= Changes.TRACKS

    def _write_known(self, item: _Known) -> None:
        kept, read = item.kept, item.read
        entry = self._entry(read)
        if entry is None:
            self.dropped += 1
            return
        if item.same_sound and kept.audio_hash and kept.tags.duration_s is not None:
            # A measured length is better than the tags' word.
            entry = replace(entry, tags=replace(entry.tags, duration_s=kept.tags.duration_s))
        if moved := kept.path != read.found.path:
            self._make_room(kept, read)
            self._catalog.tracks.move(kept.id, entry.root, read.found)
        self._catalog.tracks.update(kept.id, read.found, entry.tags, entry.song_key, entry.excluded)
        self._catalog.sound.clear_failure(kept.id, "tags")
        if item.same_sound:
            self._catalog.inventory.carry_failures(kept.id, read.found)
        else:
            self._catalog.sound.forget(kept.id)
            self.changes |= Changes.EMBEDDINGS | Changes.FAILURES
        self.changes |= Changes.TRACKS
        if read.reason:
            self._fail(kept.id, read)
        elif moved:
            self.moved += 1
        else:
            self.updated += 1

    def _make_room(self, kept: Kept, read: Read) -> None:
        self.displaced.discard(kept.id)
        other = self._catalog.inventory.vacate(read.found.path, kept.id)
        if other is not None:
            self.displaced.add(other)

    def _fail(self, track: TrackId, read: Read) -> None:
        self._catalog.sound.fail(track, "tags", read.reason, (read.found.size, read.found.mtime_ns))
        self.failed.add(read.found.path)
        self.changes |= Changes.FAILURES

    def _entry(self, read: Read) -> Entry | None:
        """The file as a track; None when its folder is no longer known."""
        root = self._where.root_of(read.found.path)
        if root is None:
            return None
        below = relative(read.found.path, root.path)
        tags = filled(read.tags, below)
        reason = excluded(tags, below, tags.duration_s, self._rules)
        return Entry(root.id, read.found, tags, song_key(tags), reason)
