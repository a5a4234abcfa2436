"""A list that somebody put together by hand, kept among the playlists. Its tracks stay; it is asked for as what goes
with them, which is a list of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.errors import Unusable
from musicdesk.core.types import Pick, Playlist, Reason, TrackId
from musicdesk.playlists.kinds import OWN
from musicdesk.workflows.extend import goes_with

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def keep_list(desk: Desk, name: str, tracks: Sequence[TrackId], reason: str) -> tuple[Playlist, Changes]:
    """Keeps those of `tracks` that are in the library, in their order; `reason` says of every row how it came there.
    Raises Unusable without any."""
    if not tracks:
        raise Unusable("A playlist needs at least one track.")
    with desk.catalog.write():
        there = desk.catalog.tracks.existing(tracks)
        left = tuple(track for track in tracks if track in there)
        if not left:
            raise Unusable("None of these tracks is in the library any more.")
        picks = tuple(Pick(track, 1.0, (Reason(reason),)) for track in left)
        request = goes_with(name, left)
        return desk.catalog.playlists.save(Playlist(None, name, OWN, picks, 0, ""), request.kept()), Changes.PLAYLISTS
