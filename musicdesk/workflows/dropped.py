"""What somebody has dropped on the window: music, histories, crowds, told by content. Nothing is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from musicdesk.core.errors import MusicdeskError, NotFound
from musicdesk.history.crowd_formats import crowd_format_of
from musicdesk.history.formats import format_of
from musicdesk.history.sources import Sources
from musicdesk.history.text import head_of
from musicdesk.library.kinds import KINDS, is_music_head
from musicdesk.playlists.read import ENDINGS as LISTS

LOOKED_AT = 2_000  # files of a folder whose beginning is read
MOST_FILES = 20_000  # of a folder; what it is shows before that
ENDINGS = frozenset((b"zip", b"json", b"jsonl", b"csv", b"tsv", b"xml", b"txt", b"gz", b"dat"))


@dataclass
class Dropped:
    """`histories`, `crowds` and `playlists` are files, `music` folders; `crowd` is what a crowd is called at first."""

    histories: list[Path] = field(default_factory=list)
    crowds: list[Path] = field(default_factory=list)
    music: list[Path] = field(default_factory=list)
    playlists: list[Path] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)
    crowd: str = ""
    titles: list[str] = field(default_factory=list)  # of the formats found


def sort_out(paths: list[Path], stopped: Callable[[], bool] = lambda: False) -> Dropped:
    """Looks at beginnings of files alone, so that it is done in a moment. Raises NotFound."""
    found = Dropped()
    for path in paths:
        if path.is_dir():
            _folder(path, found, stopped)
        elif path.is_file():
            if path.suffix.lower() in LISTS:
                found.playlists.append(path)
            elif _is_music(path):
                _once(found.music, path.parent)
            elif not _history(path, found):
                found.unknown.append(path)
        else:
            raise NotFound(f"There is no file or folder {path}.")
    return found


def _folder(folder: Path, found: Dropped, stopped: Callable[[], bool]) -> None:
    music = history = False
    looked = 0
    for count, path in enumerate(_files(folder)):
        if stopped() or count > MOST_FILES or (music and looked >= LOOKED_AT):
            break
        ending = os.fsencode(path.suffix[1:].lower())
        if ending in ENDINGS:
            looked += 1
            history |= looked <= LOOKED_AT and _history(path, found)
        elif not music:
            music = _is_music(path)
    if music or not history:  # an empty folder may be one that music is still to come to
        _once(found.music, folder)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and not path.is_symlink() and path.is_file():
                yield path


def _is_music(path: Path) -> bool:
    known = KINDS.get(os.fsencode(path.suffix[1:].lower()))
    if known is not None:
        return known
    try:
        with path.open("rb") as stream:
            return is_music_head(stream.read(16))
    except OSError:
        return False


def _history(path: Path, found: Dropped) -> bool:
    """Whether the file (or a member of the archive) is of a known format; notes of which kind."""
    person, crowd = "", None
    try:
        with Sources([path]) as sources:
            for source in sources.found:
                try:
                    head = head_of(source)
                except MusicdeskError:
                    continue
                if form := crowd_format_of(head):
                    crowd = form
                    break
                if its_format := format_of(head):
                    person = its_format.title
                    break
    except MusicdeskError:
        return False
    if crowd:
        found.crowds.append(path)
        found.crowd = found.crowd or crowd.family
    elif person:
        found.histories.append(path)
    if title := (crowd.title if crowd else person):
        _once(found.titles, title)
    return bool(title)


def _once(known: list[Any], value: Any) -> None:
    if value not in known:
        known.append(value)
