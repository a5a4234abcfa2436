"""Telling a file that has moved from one that is new."""

from __future__ import annotations

import math
import os
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from musicdesk.catalog.inventory import Inventory, Kept, Stamp, relative
from musicdesk.core.paths import under
from musicdesk.core.types import Found, Tags
from musicdesk.library.identity import filled

_SEPARATOR = os.fsencode(os.sep)

NEAR_S = 0.5  # two lengths of one recording differ by less


@dataclass
class Candidates:
    """Tracks that a new file may turn out to be: files as they were when last looked at.

    lost:      known not to be there
    elsewhere: outside this scan; looked up before it is believed
    away:      in folders that are not there: a drive that is unplugged, or a folder that has another name by now.
               Looked up as well, and listened for only where the file is called the same: a large drive that is
               away would else have every new file heard
    """

    lost: list[Stamp] = field(default_factory=list)
    elsewhere: list[Stamp] = field(default_factory=list)
    away: list[Stamp] = field(default_factory=list)


class Moves:
    """Tracks whose file is no longer where it was, waiting for a file that is the same.

    `roots` are the person's folders: of tracks that are alike the one goes first that lay at the same place below its.
    """

    def __init__(self, inventory: Inventory, candidates: Candidates, roots: Collection[bytes] = ()) -> None:
        self._inventory = inventory
        self._roots = roots
        self._by_stamp: dict[tuple[int, int], list[bytes]] = defaultdict(list)
        stamps = (*candidates.lost, *candidates.elsewhere, *candidates.away)
        for stamp in stamps:
            self._by_stamp[stamp[1:]].append(stamp[0])
        self._lost = {stamp[0] for stamp in candidates.lost}
        self._away = {stamp[0] for stamp in candidates.away}
        paths = {stamp[0] for stamp in stamps}
        rows = [row for row in inventory.heard() if row[0] in paths] if paths else []
        self._heard = sorted((duration, path, digest) for path, duration, digest in rows)
        self._sounds = {path: digest for _duration, path, digest in self._heard}
        self._displaced: dict[bytes, Kept] = {}
        self.taken: set[bytes] = set()  # old paths of the tracks that were found again

    def displace(self, kept: Kept) -> None:
        """Another sound lies at this track's path now; its own file may be found elsewhere."""
        self._displaced[kept.path] = kept  # by its path another track may be found, once that has moved in
        self._lost.add(kept.path)
        self._by_stamp[kept.size, kept.mtime_ns].append(kept.path)
        if kept.audio_hash and kept.tags.duration_s is not None:
            insort(self._heard, (kept.tags.duration_s, kept.path, kept.audio_hash))
            self._sounds[kept.path] = kept.audio_hash

    def same_file(self, found: Found, tags: Tags, digest: str | None = None) -> Kept | None:
        """The lost track that has this file's size, time and tags, the likeliest before others.

        digest: the hash of the file's sound, '' where nothing was heard, None where nobody has listened: then what is
                `in_doubt` is not believed
        """
        rivals = self._believed(found, tags) if digest is None else list(self._rivals(found, tags, digest))
        if not rivals:
            return None
        likelihood = self._likelihood(found.path)
        kept = min(rivals, key=lambda kept: (kept.audio_hash != digest, likelihood(kept.path)))
        self.taken.add(kept.path)
        return kept

    def in_doubt(self, found: Found, tags: Tags) -> bool:
        """Whether a lost track has this file's size, time and tags, but only listening can tell that it is the one:
        loops of one pack are of one size and time, and a file without tags agrees with any."""
        return self._believed(found, tags) is None

    def _believed(self, found: Found, tags: Tags) -> list[Kept] | None:
        """The lost tracks of this size, time and tags; None as soon as it is plain that only listening can tell."""
        untagged = not (tags.title or tags.artist)
        rivals: list[Kept] = []
        sounds: set[str | None] = set()
        for kept in self._rivals(found, tags):
            rivals.append(kept)
            sounds.add(kept.audio_hash)
            if sounds != {None} and (untagged or len(sounds) > 1):
                return None
        return rivals

    def _rivals(self, found: Found, tags: Tags, digest: str | None = None) -> Iterator[Kept]:
        """Lost tracks of this file's size, time and tags, without those that are known to sound otherwise."""
        for path in self._by_stamp.get((found.size, found.mtime_ns), ()):
            otherwise = digest and self._sounds.get(path, digest) != digest
            if path != found.path and not otherwise and self._free(path):
                kept = self._kept(path)
                if kept and _agree(kept, tags, self._places(path)):
                    yield kept

    def may_sound_like(self, found: Found, duration_s: float | None) -> bool:
        """Whether a lost track is as long as this file, so that listening could tell."""
        name = os.path.basename(found.path)
        near = (path for path, _digest in self._near(duration_s))
        return any((path not in self._away or os.path.basename(path) == name) and self._free(path) for path in near)

    def same_sound(self, audio_hash: str, found: Found, duration_s: float | None) -> Kept | None:
        """The lost track that sounds exactly so; it is then taken."""
        same = [path for path, digest in self._near(duration_s) if digest == audio_hash and path != found.path]
        for path in sorted(same, key=self._likelihood(found.path)):
            kept = self._kept(path) if self._free(path) else None
            if kept:
                self.taken.add(path)
                return kept
        return None

    def _likelihood(self, path: bytes) -> Callable[[bytes], tuple[bool, bool, int, int]]:
        """A key for sorting: which of several tracks that are alike went to `path`.

        One that lay there below another root, which then has a new name; one that is known to be lost; one of the
        same name and folders; one that lay near.
        """
        below, names = self._below(path), path.split(_SEPARATOR)

        def key(old: bytes) -> tuple[bool, bool, int, int]:
            others = old.split(_SEPARATOR)
            shared_end, shared_start = _shared(reversed(names), reversed(others)), _shared(names, others)
            return self._below(old) != below, old not in self._lost, -shared_end, -shared_start

        return key

    def _below(self, path: bytes) -> bytes:
        return min(self._places(path), key=len)

    def _places(self, path: bytes) -> list[bytes]:
        """`path` below each folder of the person's that it lies in, and whole."""
        return [path, *(relative(path, root) for root in self._roots if under(path, root))]

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
        return path not in self.taken and (path in self._lost or _is_gone(path))


def _is_gone(path: bytes) -> bool:
    """Whether there surely is no file: a folder that may not be entered, or a server that is silent, tells nothing.

    A path without its beginning, as earlier versions kept some, is one that nobody can find again."""
    if not os.path.isabs(path):
        return True
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def _shared(some: Iterable[bytes], others: Iterable[bytes]) -> int:
    """How many names two paths share before they part."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))


def _agree(kept: Kept, tags: Tags, places: list[bytes]) -> bool:
    """Whether the tags in a file are those of the track, apart from what was guessed from one of the track's places."""
    guesses = [filled(tags, place) for place in places]
    return all(
        getattr(kept.tags, name) in (getattr(tags, name), *(getattr(guess, name) for guess in guesses), "", None)
        for name in ("title", "artist", "album", "album_artist", "genre", "year")
    )
