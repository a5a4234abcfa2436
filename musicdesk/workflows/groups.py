"""What tracks have in common by their tags: an artist, or an album where no artist is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import TrackId
from musicdesk.core.wording import NOBODY, fold, plain_artist, words

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class Group:
    """name: the same for tracks of one artist or album, in whatever spelling; its own for a track without either"""

    track: TrackId
    name: str


def groups(desk: Desk) -> list[Group]:
    """Of every track whose sound is known, by id."""
    ids = [file.track for file in desk.catalog.sound.heard_files()]
    meta = desk.catalog.browse.meta(np.array(ids, np.int64))
    columns = zip(ids, meta["artist"], meta["album_artist"], meta["album"], strict=True)
    return [Group(track, _name(track, artist, by, album)) for track, artist, by, album in columns]


def _name(track: TrackId, artist: str | None, by: str | None, album: str | None) -> str:
    for name in (artist, by):
        if name and (plain := plain_artist(name)) and plain not in NOBODY:
            return f"artist {plain}"
    if album and (plain := words(fold(album))) and plain not in NOBODY:
        return f"album {plain}"
    return f"track {track}"
