"""Which files of the library are within reach, and what is said of those that are not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from musicdesk.core.counting import counted
from musicdesk.core.paths import shown
from musicdesk.core.types import Presence, TrackId

if TYPE_CHECKING:
    from musicdesk.catalog.roots import Root
    from musicdesk.workflows.desk import Desk

LOOKED_AT = 1_000  # tracks whose folders are asked for; a sentence names no more


def file_of(desk: Desk, track: TrackId) -> bytes | None:
    """The path of a track's file; None where it is not there. A folder that was not there when it was scanned is not
    asked for: a share that does not answer would take its time for every file."""
    found = desk.catalog.tracks.get_many([track])
    there = bool(found) and found[0].presence is Presence.PRESENT and os.path.exists(found[0].path)
    return found[0].path if there else None


def absence(desk: Desk, tracks: Sequence[TrackId]) -> str:
    """One sentence about tracks whose files are not there: it names the folders that are not, where it is those."""
    named = desk.catalog.tracks.get_many(tracks[:1])
    one = f"“{named[0].tags.title}”" if named else "A track that is gone"
    who = one if len(tracks) == 1 else counted(len(tracks), "track")
    return f"{who} cannot be played: {_reason(*_away(desk, tracks), len(tracks))}."


def _reason(away: list[Root], others: bool, tracks: int) -> str:
    if not away:
        return f"{'its file is' if tracks == 1 else 'their files are'} not there any more"
    first, more = shown(away[0].path), ", and other files are not there any more" if others else ""
    if len(away) == 1:
        return f"the folder {first} is not there{more}"
    second = shown(away[1].path) if len(away) == 2 else f"{len(away) - 1:,} others"
    return f"the folders {first} and {second} are not there{more}"


def _away(desk: Desk, tracks: Sequence[TrackId]) -> tuple[list[Root], bool]:
    """The folders of these tracks that are not there, the one with the most of them first; and whether others are."""
    roots = {root.id: root for root in desk.catalog.roots.all()}
    held = [roots[number] for number in desk.catalog.tracks.roots_of(tracks[:LOOKED_AT]) if number in roots]
    away = [root for root in held if not root.online or not os.path.isdir(root.path)]
    return away, len(away) < len(held)
