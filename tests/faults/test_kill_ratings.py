"""kill -9 while somebody rates: what was acknowledged is there, in the ledger and in what holds of each track."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from musicdesk.core.feedback import Opinion
from musicdesk.core.types import TrackId
from musicdesk.workflows.desk import open_desk
from tests.faults.test_kill import invariants
from tests.helpers.big_catalog import fill
from tests.helpers.programs import ROOT

TRACKS = 60


def rated_until_killed(profile: Path, seed: int, least: int, seconds: float) -> list[tuple[int, int, str, str]]:
    """What was acknowledged before the kill, which comes at any moment within `seconds` after the `least`-th."""
    command = [sys.executable, "-m", "tests.faults.rater", str(profile), str(seed)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    said = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        timer = Timer(seconds, process.kill)
        for line in process.stdout:
            if not line.endswith("\n"):  # killed as it told it
                break
            number, track, verdict, scope = line.split()
            said.append((int(number), int(track), verdict, scope))
            if len(said) == least:
                timer.start()
        timer.join()
    assert process.returncode == -9
    return said


def disturbed(profile: Path, ratings: int, each: int, seed: int) -> tuple[int, int]:
    """Rates and is killed until so many ratings are acknowledged; returns their number and that of the kills."""
    with open_desk(profile) as desk:
        fill(desk.catalog, TRACKS, desk.encoder)
    draw = random.Random(seed)
    told: dict[int, tuple[int, str, str]] = {}
    kills = 0
    while len(told) < ratings:
        for number, *what in rated_until_killed(profile, seed + kills, each, draw.uniform(0.0, 0.2)):
            assert number not in told
            told[number] = tuple(what)  # type: ignore[assignment]
        kills += 1
        check(profile, told, kills)
    invariants(profile)
    return len(told), kills


def check(profile: Path, told: dict[int, tuple[int, str, str]], kills: int) -> None:
    """Every acknowledged rating is in the ledger as it was given; what holds of each track is what the ledger says."""
    with open_desk(profile) as desk:
        events = {event.id: event for event in desk.catalog.feedback.events(1_000_000)}
        for number, (track, verdict, scope) in told.items():
            event = events[number]
            assert (event.track, event.said.verdict.value, str(event.said.scope)) == (track, verdict, scope)
        assert len(events) - len(told) <= kills, "at most the one that was under way"
        holds: dict[TrackId, Opinion] = {}
        for number in sorted(events):
            event = events[number]
            holds[event.track] = holds.get(event.track, Opinion()).after(event.said, event.at)
        for track, opinion in holds.items():
            assert desk.catalog.feedback.opinion(track) == opinion


def test_acknowledged_ratings_outlive_a_kill(tmp_path: Path) -> None:
    ratings, kills = disturbed(tmp_path / "p", 60, 25, seed=3)
    assert ratings >= 60 and kills >= 2


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_thousand_acknowledged_ratings_outlive_kills_at_random(tmp_path: Path) -> None:
    ratings, kills = disturbed(tmp_path / "p", 1_000, 10, seed=5)
    assert ratings >= 1_000 and kills >= 20
