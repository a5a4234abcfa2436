"""From folders to a library that answers: scan, listen, learn, map. What the window runs by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Monitor
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.jobs import as_json
from musicdesk.workflows.match import match
from musicdesk.workflows.project import project
from musicdesk.workflows.scan import scan
from musicdesk.workflows.switch import map_is_stale

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Settled:
    scan: dict[str, Any]
    analyze: dict[str, Any]
    map: dict[str, Any] = field(default_factory=dict)
    changes: Changes = Changes.EVERYTHING


def settle(desk: Desk, roots: list[bytes], monitor: Monitor) -> Settled:
    """Scans `roots` (all known ones when empty), listens to what is new, and maps if anything was.

    Songs of imported histories are looked for among the new tracks.
    """
    scanned = scan(desk, roots, monitor)
    if desk.catalog.listens.count()["songs"]:
        match(desk, monitor)
    heard = analyze(desk, monitor)
    mapped = as_json(project(desk, desk.settings.map_method, monitor)) if map_is_stale(desk) else {}
    return Settled(as_json(scanned), as_json(heard), mapped)
