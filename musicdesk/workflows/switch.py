"""From one encoder to another: the library is listened to anew, then lists and map follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Monitor
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.encoders import back, use
from musicdesk.workflows.project import project

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

LISTEN_SHARE = 0.9  # of the job's progress; the rest is the map


@dataclass(frozen=True)
class Switched:
    """state: 'in use', or 'coming' when some tracks have still not been heard; analyzed: tracks heard now"""

    name: str
    encoder: str
    state: str
    analyzed: int
    remaining: int
    before: str
    points: int  # on the new map
    changes: Changes = Changes.EVERYTHING


def switch(desk: Desk, name: str, monitor: Monitor) -> Switched:
    """Puts the encoder `name` to use ('' for the one from before): listens with it, then draws the map anew.

    Stopped or killed on the way, the old one stays in use, and the next analysis goes on from there.
    Raises NotFound, Unusable, Cancelled.
    """
    chosen = use(desk, name) if name else back(desk)
    heard = 0
    if chosen.waiting or chosen.state == "coming":
        heard = analyze(desk, monitor.part(LISTEN_SHARE)).analyzed
    arrived = desk.encoder == chosen.encoder
    counts = desk.catalog.sound.count(chosen.encoder)
    points = project(desk, desk.settings.map_method, monitor).points if arrived and map_is_stale(desk) else 0
    state = "in use" if arrived else "coming"
    return Switched(chosen.name, chosen.encoder, state, heard, counts["waiting"], chosen.before, points)


def map_is_stale(desk: Desk) -> bool:
    """Whether the map is of another encoder, or of other tracks, than those that were heard."""
    layout, heard = desk.catalog.layouts.active(), len(desk.vectors())
    return bool(heard) and (layout is None or layout.encoder != desk.encoder or len(layout.ids) != heard)
