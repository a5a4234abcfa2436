"""Telling a file that has moved from one that is new."""

from __future__ import annotations

import math
import os
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterator

from musicdesk.catalog.inventory import Inventory, Kept, Stamp
from musicdesk.core.types import Found, Tags
from musicdesk.library.identity import filled

NEAR_S = 0.5  # two lengths of one recording differ by less


class Moves:
    """Tracks whose file is no longer where it was, waiting for a file that is the same.

    `lost`: known not to be there. `elsewhere`: outside this scan; looked up before it is believed.
    """

    def __init__(self, inventory: Inventory, lost: Collection[Stamp], elsewhere: Collection[Stamp]) -> None:
        self._inventory = inventory
        self._by_stamp: dict[tuple[int, int], list[bytes]] = defaultdict(list)
        for stamp in (*lost, *elsewhere):
            self._by_stamp[stamp[1:]].append(stamp[0])
        self._lost = {stamp[0] for stamp in lost}
        candidates = self._lost.union(stamp[0] for stamp in elsewhere)
        rows = [row for row in inventory.heard() if row[0] in candidates] if candidates else []
        self._heard = sorted((duration, path, digest) for path, duration, digest in rows)
        self._displaced: dict[bytes, Kept] = {}
        self.taken: set[bytes] = set()  # old paths of the tracks that were found again

    def displace(self, kept: Kept) -> None:
        """Another sound lies at this track's path now; its own file may be found elsewhere."""
        self._displaced[kept.path] = kept  # by its path another track may be found, once that has moved in
        self._lost.add(kept.path)
        self._by_stamp[kept.size, kept.mtime_ns].append(kept.path)
        if kept.audio_hash and kept.tags.duration_s is not None:
            insort(self._heard, (kept.tags.duration_s, kept.path, kept.audio_hash))

    def same_file(self, found: Found, tags: Tags) -> Kept | None:
        """The lost track that has this file's size, time and tags, one of the same name before others."""
        rivals = [path for path in self._by_stamp.get((found.size, found.mtime_ns), ()) if self._free(path)]
        name = os.path.basename(found.path)
        for path in sorted(rivals, key=lambda path: os.path.basename(path) != name):
            kept = self._kept(path) if path != found.path else None
            if kept and _agree(kept, tags):
                self.taken.add(path)
                return kept
        return None

    def may_sound_like(self, duration_s: float | None) -> bool:
        """Whether a lost track is as long as this file, so that listening could tell."""
        return any(self._free(path) for path, _digest in self._near(duration_s))

    def same_sound(self, audio_hash: str, found: Found, duration_s: float | None) -> Kept | None:
        """The lost track that sounds exactly so; it is then taken."""
        for path, digest in self._near(duration_s):
            if digest == audio_hash and path != found.path and self._free(path):
                self.taken.add(path)
                return self._kept(path)
        return None

    def _near(self, duration_s: float | None) -> Iterator[tuple[bytes, str]]:
        low, high = (0.0, math.inf) if duration_s is None else (duration_s - NEAR_S, duration_s + NEAR_S)
        for i in range(bisect_left(self._heard, (low,)), len(self._heard)):
            duration, path, digest = self._heard[i]
            if duration > high:
                return
            yield path, digest

    def _kept(self, path: bytes) -> Kept | None:
        return self._displaced.get(path) or self._inventory.kept(path)

    def _free(self, path: bytes) -> bool:
        return path not in self.taken and (path in self._lost or not os.path.lexists(path))


def _agree(kept: Kept, tags: Tags) -> bool:
    """Whether the tags in a file are those of the track, apart from what was guessed from the track's place."""
    guessed = filled(tags, kept.path)
    return all(
        getattr(kept.tags, name) in (getattr(tags, name), getattr(guessed, name), "", None)
        for name in ("title", "artist", "album", "album_artist", "genre", "year")
    )
