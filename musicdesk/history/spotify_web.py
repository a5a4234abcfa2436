"""What Spotify's Web API answers, as plays and mentions: recently played, top tracks, saved tracks.

A recently played row is `{played_at, track}`, a saved one `{added_at, track}`, a top track is the track itself;
`track` has `name, artists[{name}], album{name, artists}, uri, duration_ms`. No play time is told.
"""

from __future__ import annotations

from typing import Any

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    NAMELESS,
    NOT_MUSIC,
    PODCAST,
    UNREADABLE,
    Item,
    Mention,
    Refused,
    example,
    judged,
    latest,
)
from musicdesk.history.times import iso

RECENT, TOP, SAVED = "spotify-recent", "spotify-top", "spotify-library"  # likes are those of the exported library
MANY = frozenset(("various artists", "various"))
LONGEST_MS = 86_400_000


def recent(number: int, row: Any) -> Item:
    """A row of recently played. The time is where the play began or ended; devices differ."""
    track = _track(number, row)
    if isinstance(track, Refused):
        return track
    when = clean(row.get("played_at"))
    artist, title, album, uri, length = _told(track)
    more: dict[str, Any] = {"album": album, "uri": uri, "length_ms": length}
    return judged(number, iso(when), when, artist, title, None, **more, until=latest())


def saved(number: int, row: Any) -> Item:
    track = _track(number, row)
    if isinstance(track, Refused):
        return track
    when = clean(row.get("added_at"))
    return _mention(number, "liked", track, "", when)


def top(number: int, track: Any, name: str) -> Item:
    """A top track: an entry of the list `name` that Spotify keeps."""
    found = _track(number, {"track": track})
    return found if isinstance(found, Refused) else _mention(number, "playlist", found, name, "")


def _mention(number: int, verb: str, track: dict[str, Any], name: str, when: str) -> Item:
    artist, title, album, uri, length = _told(track)
    if not artist or not title:
        return Refused(NAMELESS, example(number, artist, title))
    return Mention(verb, artist, title, album, name, at=iso(when), at_text=when, uri=uri, length_ms=length)


def _track(number: int, row: Any) -> dict[str, Any] | Refused:
    if not isinstance(row, dict):
        return Refused(UNREADABLE, example(number))
    track = row.get("track") or row.get("item")
    if not isinstance(track, dict):
        return Refused(NOT_MUSIC if "track" in row or "item" in row else UNREADABLE, example(number))
    if track.get("type", "track") != "track":
        show = track.get("show")
        return Refused(PODCAST, example(number, clean(show.get("name")) if isinstance(show, dict) else ""))
    return track


def _told(track: dict[str, Any]) -> tuple[str, str, str, str, int | None]:
    """(artist, title, album, uri, length_ms). The album's artist is who the exports name."""
    album = track.get("album")
    album = album if isinstance(album, dict) else {}
    artist = _first(album.get("artists"))
    if not artist or artist.casefold() in MANY:
        artist = _first(track.get("artists")) or artist
    uri, length = clean(track.get("uri")), track.get("duration_ms")
    good = isinstance(length, int) and not isinstance(length, bool) and 0 < length <= LONGEST_MS
    whole = length if good else None
    return artist, clean(track.get("name")), clean(album.get("name")), uri if _plain(uri) else "", whole


def _first(artists: Any) -> str:
    found = artists[0] if isinstance(artists, list) and artists else None
    return clean(found.get("name")) if isinstance(found, dict) else ""


def _plain(uri: str) -> bool:
    """Whether it names a track of the service; files of the person's own have a uri too."""
    return uri.startswith("spotify:track:") and uri[14:].isalnum()
