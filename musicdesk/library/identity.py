"""Which song a file is: the key shared by its versions, what its place says when its tags do not."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from musicdesk.core.paths import shown
from musicdesk.core.types import Tags

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_GUEST = re.compile(r"\b(?:feat|ft|featuring)\b.*")
_VERSION = (
    r"(?:\d{4} )?(?:digital(?:ly)? )?(?:re-?master(?:ed)?|live|mono|stereo|demo|acoustic|unplugged|radio edit|single"
    r"|album|extended|original|bonus track|edit|mix|deluxe|session)s?\b.*"
)
_ENDING = re.compile(rf"(?:\s[-–—:/]\s*{_VERSION}|\s[-–—:/]\s*\d{{4}}\s*$|\b(?:digital(?:ly)? )?re-?master(?:ed)?\b.*)")
_APART = re.compile(r"[\W_]+")
_YEAR_AT_END = re.compile(r"(?<=\S) (?:19|20)\d\d$")
_LIVE_AT_END = re.compile(r"(?<=\S) live$")

# What programs write where no artist is known.
_NOBODY = frozenset(
    (
        *("unknown", "unknown artist", "various", "various artists", "va", "v a", "artist", "compilations", "none"),
        *("unbekannt", "unbekannter kunstler", "verschiedene interpreten", "artiste inconnu", "n a"),
    )
)
_NUMBERED = re.compile(r"(?:(\d{1,2})[-.])?(\d{1,3})(?:\s*[-._)]\s*|\s+)(?=\D)(.+)", re.ASCII)
_DISC = re.compile(r"(?:cd|dis[ck])\s*(\d{1,2})", re.IGNORECASE | re.ASCII)


def song_key(tags: Tags) -> str:
    """Artist and title without what differs between versions, as 'artist|title'; '' when one is unknown.

    NFKD, accents off, case folded, '&' is 'and'; guests, remasters, live, years and brackets dropped.
    """
    artist, title = _plain_artist(tags.artist or tags.album_artist), _plain_title(tags.title)
    return f"{artist}|{title}" if artist and title and artist not in _NOBODY else ""


@lru_cache(maxsize=1024)
def _plain_artist(artist: str) -> str:
    text = fold(artist)
    return _words(_GUEST.sub("", _BRACKETS.sub(" ", text))) or _words(text) or " ".join(text.split())


def _plain_title(title: str) -> str:
    text = fold(title)
    short = _GUEST.sub("", _BRACKETS.sub(" ", text))
    short = _words(_ENDING.sub("", short))
    short = _LIVE_AT_END.sub("", _YEAR_AT_END.sub("", short))
    return short or _words(text) or " ".join(text.split())


def fold(text: str) -> str:
    """Compatibility forms, accents and case taken off, '&' as 'and'."""
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in parts if not unicodedata.combining(c))
    return text.casefold().replace("&", " and ")


def _words(text: str) -> str:
    return _APART.sub(" ", text.replace("'", "").replace("’", "")).strip()


def filled(tags: Tags, path: bytes) -> Tags:
    """`tags` with what is empty taken from the path: Artist/Album/NN - Title, or Artist - Title.

    path: relative to the folder the person has given, so that names above it say nothing.
    """
    if tags.title and tags.artist and tags.album:
        return tags
    *folders, name = shown(path).split(os.sep)
    disc = _DISC.fullmatch(folders[-1].strip()) if folders else None
    if disc:
        folders.pop()
    title = os.path.splitext(name)[0].strip() or name
    numbered = _NUMBERED.fullmatch(title)
    values: dict[str, object] = {}
    if numbered and not tags.title:
        title = numbered[3].strip()
        values["track_no"] = tags.track_no or int(numbered[2]) or None
    number = (numbered and numbered[1]) or (disc and disc[1])
    if number and not tags.title:
        values["disc_no"] = tags.disc_no or int(number) or None
    artist, album = _guessed(folders)
    if not artist and not tags.artist and not tags.title and " - " in title:
        artist, title = (part.strip() for part in title.split(" - ", 1))
    return replace(
        tags,
        title=tags.title or title,
        artist=tags.artist or tags.album_artist or artist,
        album=tags.album or album,
        **values,  # type: ignore[arg-type]
    )


def _guessed(folders: list[str]) -> tuple[str, str]:
    """(artist, album) of files that lie in two folders at least."""
    if len(folders) < 2:
        return "", ""
    artist, album = folders[-2].strip(), folders[-1].strip()
    return ("" if _words(fold(artist)) in _NOBODY else artist), album
