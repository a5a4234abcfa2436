"""What the program knows, in counts. Every sum adds up: no track is in two states or in none."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from musicdesk.recommenders.registry import DEFAULT
from musicdesk.workflows.ladder import where
from musicdesk.workflows.taste import lost_run

if TYPE_CHECKING:
    from musicdesk.catalog.listens import SourceRow
    from musicdesk.workflows.desk import Desk


def status(desk: Desk) -> dict[str, Any]:
    catalog = desk.catalog
    run = catalog.runs.active()
    layout = catalog.layouts.active()
    return {
        "profile": str(desk.profile.folder),
        "roots": [{"path": os.fsdecode(root.path), "online": root.online} for root in catalog.roots.all()],
        "tracks": catalog.tracks.count(),
        "analysis": catalog.sound.count(desk.encoder),
        "encoder": desk.encoder,
        "feedback": catalog.feedback.count(),
        "history": _history(desk),
        "playlists": len(catalog.playlists.all()),
        "model": run.model if run else DEFAULT,
        "trained": run is not None,
        "run": int(run.id) if run else None,
        "usable": lost_run(desk) is None,
        "ladder": asdict(where(desk)),
        "map": _map(layout) if layout else None,
        "jobs": [{"name": job.name, "state": job.state, "text": job.text} for job in catalog.jobs.newest(5)],
    }


def _map(layout: Any) -> dict[str, Any]:
    return {"method": layout.method, "points": len(layout.ids), "trustworthiness": layout.trustworthiness}


def _history(desk: Desk) -> dict[str, Any]:
    catalog = desk.catalog
    matched = catalog.matches.count()
    by_plays, by_tracks = catalog.matches.coverage()
    return {
        **catalog.listens.count(),
        "matched": matched["matched"],
        "ambiguous": matched["ambiguous"],
        "not_owned": matched["unmatched"] + matched["never"],
        "crowds": [{"name": c.name, "listeners": c.listeners, "songs": c.songs} for c in catalog.crowds.all()],
        "sources": [_source(source) for source in catalog.listens.sources()],
        "coverage_by_plays": by_plays,
        "coverage_by_tracks": by_tracks,
    }


def _source(source: SourceRow) -> dict[str, Any]:
    """An import with its account: rows = imported + duplicates + all of rejected."""
    names = ("id", "format", "name", "state", "listener", "crowd", "rows", "imported", "duplicates", "started_at")
    told = {name: source.account.get(name, nothing) for name, nothing in (("rejected", {}), ("notes", []))}
    return {**{name: getattr(source, name) for name in names}, **told}
