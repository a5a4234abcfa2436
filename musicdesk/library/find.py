"""Finding music: a walk over folders that is little more than scandir and stat.

Paths are bytes throughout, because file names need not be text.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from musicdesk.core.types import Found
from musicdesk.library.kinds import KINDS, is_music_head

Stamp = tuple[bytes, int, int]  # path, size in bytes, mtime in ns: a file as it was when last looked at

_DOT = ord(".")
_SEPARATOR = os.fsencode(os.sep)
_SYSTEM_FOLDERS = frozenset({b"$RECYCLE.BIN", b"System Volume Information", b"lost+found", b"@eaDir"})
_FAR_NS = 1 << 62
_HEAD = 16  # bytes read of a file whose name does not tell what it is


def find(folders: Sequence[bytes]) -> Iterator[Found]:
    """Every music file under `folders`, as it is met."""
    for stamps in Walk(folders):
        for path, size, mtime_ns in stamps:
            yield Found(path, size, mtime_ns)


def linked(folders: Sequence[bytes], avoid: Sequence[bytes] = (), deep: bool = True) -> Iterator[bytes]:
    """The folders elsewhere that links in `folders` lead to, as a walk follows them: each once, by its link's name.

    deep: also those in folders below
    """
    given = [_Tree.at(folder) for folder in folders]
    trees = [*(_Tree.at(folder) for folder in avoid), *given]
    waiting, links = [tree.path for tree in given], list[bytes]()
    while waiting or links:
        if waiting:
            below, met = _folders(waiting.pop())
            links += met
            waiting += below if deep else ()
            continue
        tree = _Tree.at(links.pop())
        if not any(other.holds(tree.real) for other in trees):
            trees.append(tree)
            waiting.append(tree.path)
            yield tree.path


def _folders(folder: bytes) -> tuple[list[bytes], list[bytes]]:
    """(folders, links to folders) in `folder`, without hidden ones; none where it cannot be read."""
    found: tuple[list[bytes], list[bytes]] = [], []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _is_walked(entry.name):
                with contextlib.suppress(OSError):  # a link that leads nowhere
                    if entry.is_dir():
                        found[entry.is_symlink()].append(entry.path)
    return found


def _is_walked(name: bytes) -> bool:
    """Whether folders of this name are entered."""
    return name[0] != _DOT and name not in _SYSTEM_FOLDERS


@dataclass(frozen=True, slots=True)
class _Tree:
    """A folder that is walked with all that is below: one of those given, or a link met on the way."""

    path: bytes
    real: bytes  # without links

    @classmethod
    def at(cls, path: bytes) -> _Tree:
        return cls(path, os.path.realpath(path))

    def holds(self, real: bytes) -> bool:
        return real == self.real or real.startswith(self.real.rstrip(_SEPARATOR) + _SEPARATOR)


class Walk:
    """One pass over `folders`; iterating yields the music files of one folder at a time, by name, perhaps none.

    No folder is entered twice, whichever way it is reached: linked folders come after the real ones, and
    by their real names links can neither make a circle nor hide where a file lies.

    `known` says which files are known and how they were: path -> `signature`, None for those that had gone.
    What is as it was is only counted, in `same`; what is not goes to `changed`. All that is seen is taken
    out of `known`. `avoid` names folders that are not entered (our own profile).
    """

    def __init__(
        self, folders: Sequence[bytes], known: dict[bytes, int | None] | None = None, avoid: Sequence[bytes] = ()
    ) -> None:
        self.same = 0
        self.changed: list[Stamp] = []
        self.ignored = 0  # files that are not music
        self.unreadable: list[bytes] = []  # folders that could not be opened
        self.empty: list[bytes] = []  # those of `folders` that hold nothing at all
        self._known = {} if known is None else known
        self._given = _outermost([_Tree.at(folder) for folder in folders])
        self._trees = [*(_Tree.at(folder) for folder in avoid), *self._given]  # what links must not lead into
        self._stops = {tree.real for tree in self._trees}
        self._linked: list[os.DirEntry[bytes]] = []  # links to files

    def __iter__(self) -> Iterator[list[Stamp]]:
        links: list[bytes] = []
        for tree in self._given:
            yield from self._walk(tree, links)
        while links:
            tree = _Tree.at(links.pop())
            if not any(other.holds(tree.real) for other in self._trees):
                self._trees.append(tree)
                self._stops.add(tree.real)
                yield from self._walk(tree, links)
        yield self._linked_files()

    def _walk(self, tree: _Tree, links: list[bytes]) -> Iterator[list[Stamp]]:
        folders = [tree.path]
        direct, cut = tree.path == tree.real, len(tree.path)
        while folders:
            folder = folders.pop()
            if folder is not tree.path and (folder if direct else tree.real + folder[cut:]) in self._stops:
                continue
            try:
                below, music = self._list(folder, links)
            except OSError:
                self.unreadable.append(folder)
                continue
            folders += below
            if folder is tree.path and not music and not below and not os.listdir(folder):
                self.empty.append(folder)
            yield music

    def _list(self, folder: bytes, links: list[bytes]) -> tuple[list[bytes], list[Stamp]]:
        """(folders, new music files) in `folder`; linked folders are put on `links`."""
        folders: list[bytes] = []
        music: list[Stamp] = []
        take = self._known.pop
        same = 0
        closed = False
        with os.scandir(folder) as entries:
            for entry in entries:  # the hot loop: known files pass through its first lines only
                try:
                    if entry.is_file(follow_symlinks=False):
                        stat = entry.stat(follow_symlinks=False)
                        before = take(entry.path, None)
                        if before == stat.st_size + stat.st_mtime_ns:  # `signature`
                            same += 1
                        else:
                            self._sort(entry, stat, before, music)
                    elif entry.is_dir():
                        if _is_walked(entry.name):
                            (links if entry.is_symlink() else folders).append(entry.path)
                    elif entry.is_file():
                        self._linked.append(entry)
                except PermissionError:  # the folder may be listed but not entered: what is in it is not missing
                    closed = closed or not entry.is_symlink()
                except OSError:  # gone since it was listed, or a link that leads nowhere
                    continue
        self.same += same
        if closed:
            self.unreadable.append(folder)
        # By name: what is learned hangs on the order of tracks, and each file system lists in an order of its own.
        folders.sort(reverse=True)  # the last one is entered first
        music.sort()
        return folders, music

    def _sort(self, entry: os.DirEntry[bytes], stat: os.stat_result, before: int | None, music: list[Stamp]) -> None:
        """A file that is not as it was: new, changed, or no music."""
        stamp = (entry.path, stat.st_size, _storable(stat.st_mtime_ns))
        if before == signature(*stamp[1:]):
            self.same += 1
        elif before is not None:
            self.changed.append(stamp)
        elif self._is_music(entry):
            music.append(stamp)

    def _is_music(self, entry: os.DirEntry[bytes]) -> bool:
        name = entry.name
        if name[0] == _DOT:
            return False
        kind = KINDS.get(name[name.rfind(b".") + 1 :].lower())
        if kind or (kind is None and _sniff(entry.path)):
            return True
        self.ignored += 1
        return False

    def _linked_files(self) -> list[Stamp]:
        """Links to files that this walk has not come by otherwise, which is known when all folders are.

        Of several links to one file one counts: that of a track that is there, if any.
        """
        music: list[Stamp] = []
        met: set[bytes] = set()
        for entry in sorted(self._linked, key=lambda entry: (self._known.get(entry.path) is None, entry.path)):
            real = os.path.realpath(entry.path)
            if real in met or any(tree.holds(real) for tree in self._trees):
                continue
            met.add(real)
            try:
                self._sort(entry, entry.stat(), self._known.pop(entry.path, None), music)
            except OSError:  # gone since it was met
                continue
        return music


def signature(size: int, mtime_ns: int) -> int:
    """Size and time as one number: a change of both that cancels out to the byte and nanosecond is not met."""
    return size + mtime_ns


def _storable(mtime_ns: int) -> int:
    """Times beyond the year 2116 or before 1824, which only broken clocks write, folded into what SQLite can add."""
    return mtime_ns if abs(mtime_ns) < _FAR_NS else mtime_ns % _FAR_NS


def _outermost(trees: list[_Tree]) -> list[_Tree]:
    """Without those that lie in another one."""
    kept: list[_Tree] = []
    for tree in sorted(trees, key=lambda tree: len(tree.real)):
        if not any(other.holds(tree.real) for other in kept):
            kept.append(tree)
    return kept


def _sniff(path: bytes) -> bool:
    try:
        with open(path, "rb", buffering=0) as stream:
            return is_music_head(stream.read(_HEAD))
    except OSError:
        return False
