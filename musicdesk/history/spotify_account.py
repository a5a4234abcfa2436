"""Spotify's account data: a year of plays in minutes, playlists, and the library with likes and bans.

`StreamingHistory0.json` (to 2023, podcasts mixed in) and `StreamingHistory_music_0.json` are lists of
`endTime, artistName, trackName, msPlayed`; a podcast's file has `podcastName, episodeName` instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    NAMELESS,
    NOT_MUSIC,
    PODCAST,
    UNREADABLE,
    Account,
    Format,
    Head,
    Item,
    Mention,
    Refused,
    Source,
    example,
    judged,
    latest,
)
from musicdesk.history.json_rows import Broken, array_rows, whole
from musicdesk.history.text import blocks
from musicdesk.history.times import iso

LARGEST = 256 << 20  # characters of a playlist or library file


def _has_plays(head: Head) -> bool:
    return {"endTime", "msPlayed"} <= head.keys and bool({"trackName", "episodeName"} & head.keys)


def _plays(source: Source, account: Account) -> Iterator[Item]:
    until = latest()
    with source.open() as stream:
        for number, row in enumerate(array_rows(blocks(stream, account), account), 1):
            yield _play(number, row, until)


def _play(number: int, row: Any, until: int) -> Item:
    if isinstance(row, Broken):
        return Refused(row.reason, example(number))
    if not isinstance(row, dict):
        return Refused(UNREADABLE, example(number, row))
    when = clean(row.get("endTime"))
    if "episodeName" in row or "podcastName" in row:
        return Refused(PODCAST, example(number, clean(row.get("podcastName")), when))
    artist, title = clean(row.get("artistName")), clean(row.get("trackName"))
    return judged(number, iso(when), when, artist, title, _told(row.get("msPlayed")), until=until)


def _has_playlists(head: Head) -> bool:
    return {"playlists", "items", "lastModifiedDate"} <= head.keys


def _playlists(source: Source, account: Account) -> Iterator[Item]:
    with source.open() as stream:
        found = whole(blocks(stream, account), LARGEST)
    number = 0
    for playlist in _list(found, "playlists"):
        for item in _list(playlist, "items"):
            number += 1
            yield _entry(number, item, clean(playlist.get("name")))
    if isinstance(found, Broken):
        yield Refused(found.reason, example(1))


def _entry(number: int, item: Any, name: str) -> Item:
    track = item.get("track") if isinstance(item, dict) else None
    if not isinstance(track, dict):
        if isinstance(item, dict) and item.get("episode"):
            return Refused(PODCAST, example(number, name))
        return Refused(NOT_MUSIC if isinstance(item, dict) else UNREADABLE, example(number, name))
    artist, title = clean(track.get("artistName")), clean(track.get("trackName"))
    if not artist or not title:
        return Refused(NAMELESS, example(number, artist, title))
    day = clean(item.get("addedDate"))
    album, uri = clean(track.get("albumName")), clean(track.get("trackUri"))
    return Mention("playlist", artist, title, album, name, at=iso(day), at_text=day, uri=uri)


def _has_library(head: Head) -> bool:
    return "tracks" in head.keys and bool({"bannedTracks", "bannedArtists", "shows"} & head.keys or _liked_first(head))


def _liked_first(head: Head) -> bool:
    """A library so long that only its first list is in sight."""
    return head.text.lstrip().startswith("{") and {"artist", "album", "track"} <= head.keys


def _library(source: Source, account: Account) -> Iterator[Item]:
    with source.open() as stream:
        found = whole(blocks(stream, account), LARGEST)
    number = 0
    for part, verb in (("tracks", "liked"), ("bannedTracks", "banned")):
        for row in _list(found, part):
            number += 1
            yield _saved(number, row, verb)
    if isinstance(found, Broken):
        yield Refused(found.reason, example(1))


def _saved(number: int, row: Any, verb: str) -> Item:
    if not isinstance(row, dict):
        return Refused(UNREADABLE, example(number))
    artist, title = clean(row.get("artist")), clean(row.get("track"))
    if not artist or not title:
        return Refused(NAMELESS, example(number, artist, title))
    return Mention(verb, artist, title, clean(row.get("album")), uri=clean(row.get("uri")))


def _list(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _told(ms: object) -> object:
    """Every row of this export has a play time; where it has not, the row is not readable."""
    return "" if ms is None else ms


FORMATS = (
    Format("spotify-account", "Spotify account data", _has_plays, _plays),
    Format("spotify-playlists", "Spotify playlists", _has_playlists, _playlists),
    Format("spotify-library", "Spotify library", _has_library, _library),
)
