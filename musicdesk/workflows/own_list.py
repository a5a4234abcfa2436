"""A list that somebody put together by hand, kept among the playlists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.errors import Unusable
from musicdesk.core.types import Pick, Playlist, Reason, TrackId
from musicdesk.workflows.request import Request

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

KIND = "extend"  # drawn anew, it is what goes with these tracks


def keep_list(desk: Desk, name: str, tracks: Sequence[TrackId], reason: str) -> tuple[Playlist, Changes]:
    """Keeps `tracks` in their order; `reason` says of every row how it came there. Raises Unusable without any."""
    if not tracks:
        raise Unusable("A playlist needs at least one track.")
    picks = tuple(Pick(track, 1.0, (Reason(reason),)) for track in tracks)
    request = Request(KIND, tuple(tracks), n=len(tracks), title=name)
    return desk.catalog.playlists.save(Playlist(None, name, KIND, picks, 0, ""), request.kept()), Changes.PLAYLISTS
