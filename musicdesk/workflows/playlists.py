"""Playlists as rows for a face to show, and as files for other players."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.files import place_for
from musicdesk.core.types import Pick, PlaylistId, Track

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Exported:
    file: Path
    tracks: int
    notices: list[str]  # what could not be written as it was


def items(desk: Desk, picks: tuple[Pick, ...]) -> list[dict[str, Any]]:
    """The rows of a list, with the keys that the command line promises. Tracks that are gone are left out."""
    tracks = {track.id: track for track in desk.catalog.tracks.get_many([pick.track for pick in picks])}
    shown = [pick for pick in picks if pick.track in tracks]
    return [_item(position, pick, tracks[pick.track]) for position, pick in enumerate(shown, start=1)]


def _item(position: int, pick: Pick, track: Track) -> dict[str, Any]:
    return {
        "position": position,
        "track": int(track.id),
        "path": os.fsdecode(track.path),
        "title": track.tags.title,
        "artist": track.tags.artist,
        "score": float(pick.score),
        "reasons": [reason.text for reason in pick.reasons],
        "shares": [round(reason.share, 4) for reason in pick.reasons],
        "points": [round(reason.points, 4) for reason in pick.reasons],
        "propensity": pick.propensity,
    }


def export(
    desk: Desk,
    playlist: PlaylistId,
    target: Path,
    form: str | None = None,
    relative_to: Path | None = None,
    roots: tuple[str, str] | None = None,
) -> Exported:
    """Writes a playlist; the format follows the file's ending unless named. Raises NotFound or Unusable.

    roots: the music's folder here, and as another machine sees it, for absolute paths
    """
    from musicdesk.playlists.export import FORMATS, RootMap, Row, write

    if roots is not None and relative_to is not None:
        raise Unusable("Paths are either relative or those of another machine; choose one of the two.")
    if roots is not None and not all(roots):
        raise Unusable("Name both folders: the one here and the one there.")
    root_map = RootMap(os.fsencode(os.path.abspath(roots[0])), os.fsencode(roots[1])) if roots is not None else None

    chosen = form or target.suffix.lstrip(".").lower() or "m3u8"
    if chosen not in FORMATS:
        raise NotFound(f"There is no playlist format '{chosen}'; known are {', '.join(FORMATS)}.")
    target = place_for(target, desk.profile)
    found = desk.catalog.playlists.get(playlist)
    tracks = {track.id: track for track in desk.catalog.tracks.get_many([pick.track for pick in found.picks])}
    rows = [Row.of(tracks[pick.track], pick) for pick in found.picks if pick.track in tracks]
    written = write(target, chosen, found.name, rows, relative_to, root_map)
    return Exported(target, written.tracks, list(written.notices))


def common_root(desk: Desk) -> str:
    """The folder that all of the person's music folders lie in; '' when there is none."""
    folders = [os.fsdecode(root.path) for root in desk.catalog.roots.all()]
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:  # on several drives
        return folders[0]
