"""Who and what the tracks with vectors are called, as codes, and what else stands on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.playlists.rules import codes

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True, eq=False)
class Written:
    """artists, albums, songs, genres: int64 (n,) over the vectors, -1 for unknown; an album is its artist's
    seconds, years: float32 (n,), NaN for unknown
    """

    artists: np.ndarray
    albums: np.ndarray
    songs: np.ndarray
    genres: np.ndarray
    seconds: np.ndarray
    years: np.ndarray


def written(desk: Desk) -> Written:
    """Read again only after names or vectors change."""
    key = _key(desk)
    if desk.memo.get("written key") != key:
        artist, album, by, genre, song, seconds, years = desk.catalog.browse.named(desk.vectors().ids)
        who = (of_album or of_track for of_album, of_track in zip(by, artist, strict=True))
        albums = (f"{name}\0{title}" if title else "" for name, title in zip(who, album, strict=True))
        numbers = (np.array(column, np.float32) for column in (seconds, years))
        desk.memo["written"] = Written(codes(artist), codes(albums), codes(song), codes(genre), *numbers)
        desk.memo["written key"] = key
    found: Written = desk.memo["written"]
    return found


def are_read(desk: Desk) -> bool:
    """Whether `written` answers at once."""
    return desk.memo.get("written key") == _key(desk)


def _key(desk: Desk) -> tuple[int, int, str]:
    return desk.catalog.browse.names_stamp(), desk.catalog.sound.stamp(), desk.encoder


def names(desk: Desk) -> tuple[np.ndarray, np.ndarray]:
    """Codes of artist and song, int64 (n,) over the vectors."""
    found = written(desk)
    return found.artists, found.songs
