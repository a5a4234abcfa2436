"""What Discover can offer without being asked: daily mixes and genre lanes, worked out beside the window and kept."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import MusicdeskError
from musicdesk.core.files import write_text

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

COVERS = 4  # tracks that stand for a lane
LANES = 12  # genres
FRESH_S = 3600.0  # so long a lane stays good although something was played or rated


@dataclass(frozen=True)
class Lanes:
    """mixes:  {number, name, artists, tracks, seeds} each; tracks stand for it, seeds are all that it starts from
    genres: {genre, share, confidence, tracks, count} each; share is of what the listener likes and plays, confidence
            the mean over the tracks shown
    """

    mixes: list[dict[str, Any]] = field(default_factory=list)
    genres: list[dict[str, Any]] = field(default_factory=list)
    changes: Changes = Changes.NOTHING


def lanes(desk: Desk) -> Lanes:
    """Works them out and keeps them. What cannot be made yet is empty."""
    found = Lanes(_mixes(desk), _genres(desk))
    kept: dict[str, Any] = {"mixes": found.mixes, "genres": found.genres}
    kept |= {"library": _library(desk), "taste": _taste(desk), "at": time.time()}
    desk.profile.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_text(_file(desk), json.dumps(kept))
    return found


def kept_lanes(desk: Desk) -> Lanes:
    """What was worked out last; empty when nothing was, or it was for another library."""
    kept = _read(desk)
    return Lanes(kept.get("mixes", []), kept.get("genres", []))


def stale(desk: Desk) -> bool:
    """Whether they should be worked out anew."""
    kept = _read(desk)
    if not kept:
        return True
    return bool(kept["taste"] != _taste(desk)) and time.time() - float(kept["at"]) > FRESH_S


def _mixes(desk: Desk) -> list[dict[str, Any]]:
    from musicdesk.workflows.artists import mixes

    try:
        made = mixes(desk)
    except MusicdeskError:
        return []
    return [
        {
            "number": mix.number,
            "name": mix.name,
            "artists": mix.artists[:COVERS],
            "tracks": [int(track) for track in mix.seeds[:COVERS]],
            "seeds": [int(track) for track in mix.seeds],
        }
        for mix in made
    ]


def _genres(desk: Desk) -> list[dict[str, Any]]:
    from musicdesk.workflows.genres import per_genre

    try:
        told = per_genre(desk, COVERS, LANES)["genres"]
    except MusicdeskError:
        return []
    return [
        {
            "genre": lane["genre"],
            "share": lane["share"],
            "confidence": sum(item["confidence"] for item in lane["items"]) / len(lane["items"]),
            "tracks": [item["track"] for item in lane["items"]],
            "count": lane["tracks"],
        }
        for lane in told
        if lane["items"]
    ]


def _file(desk: Desk) -> Path:
    return desk.profile.cache / "lanes.json"


def _read(desk: Desk) -> dict[str, Any]:
    try:
        kept = json.loads(_file(desk).read_text("utf-8"))
        if not isinstance(kept, dict) or kept["library"] != _library(desk):
            return {}
        return kept if all("seeds" in mix for mix in kept["mixes"]) else {}  # older ones have a number alone
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _library(desk: Desk) -> list[Any]:
    """What the lanes are of: vectors, names and the model in use."""
    run = desk.catalog.runs.active()
    browse, sound = desk.catalog.browse, desk.catalog.sound
    return [sound.stamp(), browse.names_stamp(), desk.encoder, run.id if run else None]


def _taste(desk: Desk) -> list[int]:
    return list(desk.catalog.feedback.stamp())
