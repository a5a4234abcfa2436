"""What became of pinned tracks that do not stand where they were pinned: nothing that a person said goes in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import TrackId
from musicdesk.playlists.rules import HARD, Candidates, masks, of_one
from musicdesk.playlists.wish import Wish

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

Pin = tuple[int, TrackId]  # place from 0, track


def pin_notices(
    desk: Desk, pinned: Sequence[Pin], tracks: Sequence[TrackId], choices: Candidates, wish: Wish, sequenced: bool
) -> tuple[str, ...]:
    """A sentence for each pin that was refused or moved, by place.

    tracks:    the list as it is
    choices, wish: what it was made from
    sequenced: whether this kind of list puts tracks where they are pinned
    """
    at = {track: place for place, track in enumerate(tracks)}
    off = [(place, track) for place, track in sorted(pinned) if at.get(track) != place]
    titles = {track.id: track.tags.title for track in desk.catalog.tracks.get_many([track for _place, track in off])}
    notices = []
    for place, track in off:
        name = f"'{titles[track]}'" if titles.get(track) else f"Track {track}"
        if track not in at:
            notices.append(f"{name} could not be pinned: {_refused(track, tracks, choices, wish, sequenced)}.")
        else:
            why = _moved(place, len(tracks), sequenced)
            notices.append(f"{name} stands at place {at[track] + 1}, not at {place + 1}: {why}.")
    return tuple(notices)


def _refused(track: TrackId, tracks: Sequence[TrackId], choices: Candidates, wish: Wish, sequenced: bool) -> str:
    rows = np.flatnonzero(choices.ids == track)
    if not len(rows):
        return f"it {of_one('unheard')}"
    row = int(rows[0])
    kept_out = masks(choices, wish.leave_out, wish.relaxed)
    for rule in HARD:
        if rule in kept_out and kept_out[rule][row]:
            return f"it {of_one(rule)}"
    if not sequenced:
        return "this kind of list has its own order"
    if choices.songs[row] >= 0 and choices.songs[row] in choices.songs[np.isin(choices.ids, tracks)]:
        return f"it {of_one('version')}"
    return "more tracks are pinned than the list has places"


def _moved(place: int, length: int, sequenced: bool) -> str:
    if not sequenced:
        return "this kind of list has its own order"
    return f"the list has {length:,} tracks" if place >= length else "another track is pinned there"
