"""Puts the demo library on disk, or what is missing of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.files import sweep_temps, write_text
from musicdesk.core.killable import Fate, Pool
from musicdesk.core.progress import Monitor, Silent
from musicdesk.demo.plan import VERSION, TrackPlan, demo_world, plan_library
from musicdesk.demo.world import World

TARGET = "musicdesk.demo.render:render"
LEDGER = ".musicdesk-demo.json"
_DEADLINE_S = 120.0
ME = "me"


@dataclass(frozen=True, eq=False)
class DemoLibrary:
    """Files and the truth behind them. `paths[i]` is track i of the world."""

    folder: Path
    world: World = field(repr=False)
    plans: tuple[TrackPlan, ...] = field(repr=False)
    paths: tuple[Path, ...] = field(repr=False)
    made: int = 0  # files written by this call
    kept: int = 0  # files that were there already

    def listeners(self) -> tuple[str, ...]:
        """Names of the simulated listeners; the first one is the person at the desk."""
        return (ME, *(f"listener {number}" for number in range(2, self.world.spec.listeners + 1)))

    def plays(self, listener: str = ME) -> dict[Path, int]:
        """How often a simulated listener played each file; files never played are left out."""
        row = self.listeners().index(listener)
        chosen = np.flatnonzero(self.world.plays.listener == row)
        tracks, counts = self.world.plays.track[chosen], self.world.plays.count[chosen]
        return {self.paths[track]: int(count) for track, count in zip(tracks, counts, strict=True)}

    def tags(self, track: int) -> tuple[str, ...]:
        return self.plans[track].tags


def check_size(tracks: int) -> None:
    """Raises Unusable for a number of tracks that no demo library has."""
    if not 8 <= tracks <= 500:
        raise Unusable(f"A demo library has 8 to 500 tracks, not {tracks}.")


def make_library(
    folder: Path, tracks: int = 96, seed: int = 1, processes: int = 2, monitor: Monitor | None = None
) -> DemoLibrary:
    """Writes the demo library into `folder`; files of the same plan that are whole are left alone.

    tracks: 8 to 500
    raises: Unusable when the folder cannot be written or a file cannot be made; Cancelled
    """
    check_size(tracks)
    watch = monitor or Silent()
    world = demo_world(tracks, seed)
    plans = plan_library(world, seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ledger = _Ledger(folder, seed, tracks)
        missing = [plan for plan in plans if not ledger.whole(plan)]
        _make(folder, missing, len(plans), processes, watch, ledger)
    except OSError as error:
        raise Unusable(f"The demo library cannot be written to {folder} ({error.strerror}).") from error
    paths = tuple(folder / plan.file for plan in plans)
    return DemoLibrary(folder, world, plans, paths, len(missing), len(plans) - len(missing))


def _make(folder: Path, missing: list[TrackPlan], total: int, processes: int, watch: Monitor, ledger: _Ledger) -> None:
    done = total - len(missing)
    watch.report(done, total, "Composing the demo library")
    if not missing:
        return
    for album in {(folder / plan.file).parent for plan in missing}:
        sweep_temps(album)
    requests = [{**plan.request(), "folder": str(folder)} for plan in missing]
    with Pool(TARGET, processes=min(processes, len(missing))) as pool:
        for request, answer in pool.run(requests, _DEADLINE_S, watch):
            if answer.fate is not Fate.OK:
                raise Unusable(f"The demo track {request['file']} could not be made: {answer.text}")
            ledger.note(request["file"], answer.head["size"])
            done += 1
            watch.report(done, total, f"{request['artist']} - {request['title']}")


class _Ledger:
    """Which files are whole: their sizes, kept beside them. Another version, seed or count starts anew."""

    def __init__(self, folder: Path, seed: int, tracks: int) -> None:
        self._folder = folder
        self._path = folder / LEDGER
        self._plan = {"version": VERSION, "seed": seed, "tracks": tracks}
        self._sizes: dict[str, int] = {}
        found = self._read()
        if {name: found.get(name) for name in self._plan} == self._plan:
            self._sizes = {str(name): int(size) for name, size in found["files"].items()}

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
            return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else {}
        except (FileNotFoundError, ValueError):
            return {}

    def whole(self, plan: TrackPlan) -> bool:
        try:
            return (self._folder / plan.file).stat().st_size == self._sizes.get(plan.file)
        except FileNotFoundError:
            return False

    def note(self, file: str, size: int) -> None:
        self._sizes[file] = size
        write_text(self._path, json.dumps({**self._plan, "files": self._sizes}, ensure_ascii=False, indent=0))
