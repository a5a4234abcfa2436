"""The whole way on a library that the program composes itself, in a profile of its own."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.paths import DEMO_REPORT
from musicdesk.core.progress import Monitor
from musicdesk.core.types import PlayEnd, Verdict
from musicdesk.demo.crowd import write_crowd
from musicdesk.demo.history import write_history
from musicdesk.demo.library import DemoLibrary, check_size, make_library
from musicdesk.recommenders.registry import DEFAULT
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import open_desk, profile_at
from musicdesk.workflows.import_history import import_history
from musicdesk.workflows.jobs import run_job
from musicdesk.workflows.picture import draw
from musicdesk.workflows.playlists import items
from musicdesk.workflows.project import project
from musicdesk.workflows.recommend import Request, recommend
from musicdesk.workflows.report import write_report
from musicdesk.workflows.scan import scan
from musicdesk.workflows.train import train

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

MODEL = DEFAULT
CROWD, FACTORS = "demo listeners", 24  # a small crowd needs short vectors
LIKES = 3
SHORTEST_S = 10.0  # demo tracks are short on purpose
PLAY_MS = 20_000
DAYS = 120  # that the simulated listener's plays are spread over


@dataclass(frozen=True)
class Demo:
    tracks: int
    analyzed: int
    failed: int
    model: str
    playlist: list[dict[str, Any]]
    trustworthiness: float
    map: str
    report: str
    profile: str
    changes: Changes = Changes.EVERYTHING


def demo_profile(base: Path | None) -> Path:
    """The demo's own profile, inside the one it was asked from."""
    return profile_at(base).folder / "demo"


def run_demo(folder: Path, device: str | None, tracks: int, monitor: Monitor) -> dict[str, Any]:
    check_size(tracks)  # before a profile is made for it
    with open_desk(folder, device) as desk:
        return run_job(desk, "demo", {"tracks": tracks}, monitor).result


def demo(desk: Desk, tracks: int, monitor: Monitor) -> Demo:
    """Composes what is missing, then scan, analyze, plays and likes of a simulated listener, train, map, list."""
    music = desk.profile.folder / "music"
    desk.save_settings(replace(desk.settings, exclude_shorter_s=SHORTEST_S))
    library = make_library(music, tracks, processes=os.cpu_count() or 1, monitor=monitor)
    scan(desk, [os.fsencode(music)], monitor)
    analyze(desk, monitor)
    _remember(desk, library, monitor)
    _live(desk, library)
    _listen_together(desk, library, monitor)
    trained = train(desk, MODEL, {"factors": FACTORS}, 0, monitor)
    mapped = project(desk, desk.settings.map_method, monitor)
    playlist = recommend(desk, Request(n=20))
    pictures = desk.profile.folder / DEMO_REPORT
    pictures.mkdir(mode=0o700, exist_ok=True)
    image = draw(desk, pictures / "map.png")
    report = write_report(desk, pictures, playlist, trained.metrics, mapped)
    counts = desk.catalog.sound.count(desk.encoder)
    return Demo(
        tracks=desk.catalog.tracks.count()["present"],
        analyzed=counts["analyzed"],
        failed=counts["failed"],
        model=MODEL,
        playlist=items(desk, playlist.picks),
        trustworthiness=mapped.trustworthiness,
        map=str(image),
        report=str(report),
        profile=str(desk.profile.folder),
    )


def _listen_together(desk: Desk, library: DemoLibrary, monitor: Monitor) -> None:
    """The other simulated listeners become a crowd, through the importer, and a model learns from it, once."""
    file = write_crowd(library, desk.profile.cache / "demo-listeners.csv")
    import_history(desk, [file], monitor, crowd=CROWD)
    if not any(run.crowd == CROWD for run in desk.catalog.runs.all()):
        train(desk, "wmf", {"factors": FACTORS}, 0, monitor, crowd=CROWD)


def _remember(desk: Desk, library: DemoLibrary, monitor: Monitor) -> None:
    """Years of plays that the simulated listener had elsewhere come in as an export does, once."""
    if desk.catalog.listens.count()["listens"]:
        return
    file = write_history(library, desk.profile.cache / "Streaming_History_Audio_demo.json", time.time() - DAYS * 86_400)
    import_history(desk, [file], monitor)


def _live(desk: Desk, library: DemoLibrary) -> None:
    """The simulated listener's plays, once, and likes for what was played most."""
    if desk.catalog.feedback.count()["plays"]:
        return
    plays = {desk.catalog.tracks.by_path(os.fsencode(path)): count for path, count in library.plays().items()}
    known = {track: count for track, count in plays.items() if track is not None}
    now, draw = time.time(), random.Random(0)
    plays_at = [(now - DAYS * 86_400 * draw.random(), track) for track in sorted(known) for _ in range(known[track])]
    with desk.catalog.write():
        for moment, track in sorted(plays_at):
            desk.catalog.feedback.played(track, PLAY_MS, PLAY_MS, PlayEnd.FINISHED, at=moment, source="demo")
        for track in sorted(known, key=lambda track: -known[track])[:LIKES]:
            desk.catalog.feedback.rate(track, Verdict.LIKE)
