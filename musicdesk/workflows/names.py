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
    key = (desk.catalog.browse.names_stamp(), desk.catalog.sound.stamp(), desk.encoder)
    if desk.memo.get("written key") != key:
        meta = desk.catalog.browse.meta(desk.vectors().ids)
        by = [of_album or of_track for of_album, of_track in zip(meta["album_artist"], meta["artist"], strict=True)]
        albums = (f"{who}\0{name}" if name else "" for who, name in zip(by, meta["album"], strict=True))
        desk.memo["written"] = Written(
            codes(name or "" for name in meta["artist"]),
            codes(albums),
            codes(name or "" for name in meta["song_key"]),
            codes(name or "" for name in meta["genre"]),
            *(np.array(meta[column], np.float32) for column in ("duration_s", "year")),
        )
        desk.memo["written key"] = key
    found: Written = desk.memo["written"]
    return found


def names(desk: Desk) -> tuple[np.ndarray, np.ndarray]:
    """Codes of artist and song, int64 (n,) over the vectors."""
    found = written(desk)
    return found.artists, found.songs
