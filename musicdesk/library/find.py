"""Finding music: a walk over folders that is little more than scandir and stat.

Paths are bytes throughout, because file names need not be text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence, Set

from musicdesk.core.types import Found
from musicdesk.library.kinds import KINDS, is_music_head

Stamp = tuple[bytes, int, int]  # path, size in bytes, mtime in ns: a file as it was when last looked at

_DOT = ord(".")
_SYSTEM_FOLDERS = frozenset({b"$RECYCLE.BIN", b"System Volume Information", b"lost+found", b"@eaDir"})
_HEAD = 16  # bytes read of a file whose name does not tell what it is


def find(folders: Sequence[bytes]) -> Iterator[Found]:
    """Every music file under `folders`, as it is met."""
    for stamps in Walk(folders):
        for path, size, mtime_ns in stamps:
            yield Found(path, size, mtime_ns)


class Walk:
    """One pass over `folders`; iterating yields the music files of one folder at a time.

    No folder is entered twice, whichever way it is reached: real folders come first, links to folders
    after them, so links can neither make a circle nor hide where a file really lies. `known` files are
    music without a look inside; `avoid` names folders that are not entered (our own profile).
    """

    def __init__(self, folders: Sequence[bytes], known: Set[Stamp] = frozenset(), avoid: Sequence[bytes] = ()) -> None:
        self.ignored = 0  # files that are not music
        self.unreadable: list[bytes] = []  # folders that could not be opened
        self.empty: set[bytes] = set()  # those of `folders` that hold nothing at all
        self._known = known
        self._tops = list(folders)
        self._entered: set[tuple[int, int]] = set()
        for folder in avoid:
            self._enter(folder)
        self.unreadable.clear()

    def __iter__(self) -> Iterator[list[Stamp]]:
        folders, links = self._tops[::-1], list[bytes]()
        while folders or links:
            folder = folders.pop() if folders else links.pop()
            if not self._enter(folder):
                continue
            try:
                inside = self._list(folder, links)
            except OSError:
                self.unreadable.append(folder)
                continue
            below, music = inside
            folders += below
            if music:
                yield music
            elif not below and folder in self._tops and not os.listdir(folder):
                self.empty.add(folder)

    def _enter(self, folder: bytes) -> bool:
        try:
            stat = os.stat(folder)
        except OSError:
            self.unreadable.append(folder)
            return False
        mark = (stat.st_dev, stat.st_ino)
        if mark in self._entered:
            return False
        self._entered.add(mark)
        return True

    def _list(self, folder: bytes, links: list[bytes]) -> tuple[list[bytes], list[Stamp]]:
        """(folders, music files) in `folder`; linked folders are put on `links`. The hot loop."""
        folders: list[bytes] = []
        music: list[Stamp] = []
        kinds, known = KINDS, self._known
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == _DOT:
                    continue
                try:
                    if entry.is_dir():
                        if name not in _SYSTEM_FOLDERS:
                            (links if entry.is_symlink() else folders).append(entry.path)
                        continue
                    kind = kinds.get(name[name.rfind(b".") + 1 :].lower())
                    if kind is False or not entry.is_file():
                        self.ignored += 1
                        continue
                    stat = entry.stat()
                except OSError:  # gone since it was listed, or a link that leads nowhere
                    continue
                stamp = (entry.path, stat.st_size, stat.st_mtime_ns)
                unlike = kind is None and stamp not in known and not _sniff(entry.path)
                if unlike or (entry.is_symlink() and self._found_anyway(entry.path)):
                    self.ignored += 1
                else:
                    music.append(stamp)
        return folders, music

    def _found_anyway(self, link: bytes) -> bool:
        """Whether the file that `link` leads to lies in the folders of this walk itself."""
        target = os.path.realpath(link)
        return any(target.startswith(os.path.realpath(top) + os.fsencode(os.sep)) for top in self._tops)


def _sniff(path: bytes) -> bool:
    try:
        with open(path, "rb", buffering=0) as stream:
            return is_music_head(stream.read(_HEAD))
    except OSError:
        return False
