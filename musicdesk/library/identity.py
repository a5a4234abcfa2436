"""Which song a file is: the key shared by its versions, what its place says when its tags do not."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from musicdesk.core.paths import shown
from musicdesk.core.types import Tags
from musicdesk.core.wording import NOBODY, clean, fold, key_of, words

# 03 - First, 03. First, 1-03 - First; a blank alone parts 03 First and 1-03 First, and in an album's folder 12 First:
# 99 Luftballons is a title.
_NUMBERED = re.compile(r"(?:(\d{1,2})[-.])?(\d{1,3})\s*[-._)]\s*(?=\D)(.+)", re.ASCII)
_SPACED = re.compile(r"(?:(\d{1,2})[-.](?=\d\d))?(\d{1,3})\s+(.+)", re.ASCII)
MOST_ON_ALBUM = 40  # tracks of a disc, as far as a bare number is taken for one of them
_DISC = re.compile(r"(?:cd|dis[ck])\s*(\d{1,2})", re.IGNORECASE | re.ASCII)


def song_key(tags: Tags) -> str:
    """Artist and title without what differs between versions, as 'artist|title'; '' when one is unknown.

    NFKC, accents off, case folded, '&' is 'and'; guests, remasters, live, years and brackets dropped.
    """
    return key_of(tags.artist or tags.album_artist, tags.title)


def filled(tags: Tags, path: bytes) -> Tags:
    """`tags` with what is empty taken from the path: Artist/Album/NN - Title, or Artist - Title.

    path: relative to the folder the person has given, so that names above it say nothing.
    """
    if tags.title and tags.artist and tags.album:
        return tags
    *folders, name = (" ".join(clean(part).split()) for part in shown(path).split(os.sep))
    disc = _DISC.fullmatch(folders[-1].strip()) if folders else None
    if disc:
        folders.pop()
    title = os.path.splitext(name)[0].strip() or name
    artist, album = _guessed(folders)
    numbered = _NUMBERED.fullmatch(title) or _spaced(title, bool(album))
    values: dict[str, object] = {}
    if numbered and not tags.title:
        title = numbered[3].strip()
        values["track_no"] = tags.track_no or int(numbered[2]) or None
    number = (numbered and numbered[1]) or (disc and disc[1])
    if number and not tags.title:
        values["disc_no"] = tags.disc_no or int(number) or None
    if not artist and not tags.artist and not tags.title and " - " in title:
        artist, title = (part.strip() for part in title.split(" - ", 1))
    return replace(
        tags,
        title=tags.title or title,
        artist=tags.artist or tags.album_artist or artist,
        album=tags.album or album,
        **values,  # type: ignore[arg-type]
    )


def _spaced(title: str, in_album: bool) -> re.Match[str] | None:
    """A number and a name with a blank between, where the number can be nothing but the track's."""
    found = _SPACED.fullmatch(title)
    sure = found and (found[1] or found[2].startswith("0") or (in_album and int(found[2]) <= MOST_ON_ALBUM))
    return found if sure else None


def _guessed(folders: list[str]) -> tuple[str, str]:
    """(artist, album) of files that lie in two folders at least."""
    if len(folders) < 2:
        return "", ""
    artist, album = folders[-2].strip(), folders[-1].strip()
    return ("" if words(fold(artist)) in NOBODY else artist), album
