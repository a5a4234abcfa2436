"""Who and what the tracks with vectors are called, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from musicdesk.playlists.rules import codes

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def names(desk: Desk) -> tuple[np.ndarray, np.ndarray]:
    """Codes of artist and song, int64 (n,) over the vectors; read again only after names or vectors change."""
    key = (desk.catalog.browse.names_stamp(), desk.catalog.sound.stamp(), desk.encoder)
    if desk.memo.get("names key") != key:
        meta = desk.catalog.browse.meta(desk.vectors().ids)
        named = tuple(codes(name or "" for name in meta[column]) for column in ("artist", "song_key"))
        desk.memo["names"], desk.memo["names key"] = named, key
    found: tuple[np.ndarray, np.ndarray] = desk.memo["names"]
    return found
