"""The worker process: events in order, one end, cancel, and a window that disappears."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import soundfile

from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.protocol import Request
from musicdesk.workflows.waveform import sharpen
from tests.helpers.music import RATE, make_library, tone
from tests.helpers.programs import ROOT, ask

ENDS = {"finished", "cancelled", "failed"}


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worker") / "music"
    make_library(folder, 12, seconds=50.0)
    return folder


def worker() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "musicdesk", "--worker"]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def ask_worker(process: subprocess.Popen[str], profile: Path, job: str, **request: Any) -> None:
    assert process.stdin
    process.stdin.write(Request(str(profile), job, request, "cpu").line())
    process.stdin.flush()


def events(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    assert process.stdout
    found = [json.loads(line) for line in process.stdout]
    process.wait(timeout=60)
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()
    return found


def test_a_job_starts_tells_and_ends_once(music: Path, tmp_path: Path):
    process = worker()
    ask_worker(process, tmp_path / "p", "scan", roots=[str(music)])
    told = events(process)
    assert told[0] == {"event": "started"}
    assert [e["event"] for e in told if e["event"] in ENDS] == ["finished"] and told[-1]["event"] == "finished"
    assert told[-1]["result"]["added"] == 12 and "TRACKS" in told[-1]["what"]
    assert process.returncode == 0
    process = worker()
    ask_worker(process, tmp_path / "p", "analyze")
    told = events(process)
    progress = [e for e in told if e["event"] == "progress"]
    assert progress and all(e["total"] == 12 for e in progress)
    assert [e["done"] for e in progress] == sorted(e["done"] for e in progress)
    assert told[-1]["result"]["analyzed"] == 12


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_cancel_stops_between_batches_and_keeps_what_was_done(music: Path, tmp_path: Path, how: str):
    ask(tmp_path / "p", "scan", str(music))
    process = worker()
    ask_worker(process, tmp_path / "p", "analyze")
    assert process.stdin and process.stdout
    while json.loads(process.stdout.readline())["event"] != "progress":
        pass
    begun = time.monotonic()
    if how == "cancel":
        process.stdin.write("cancel\n")
        process.stdin.flush()
        assert events(process)[-1]["event"] == "cancelled"
    else:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=20)
    assert process.returncode == 3 and time.monotonic() - begun < 10
    assert ask(tmp_path / "p", "status")["jobs"][0]["state"] == "cancelled"
    assert ask(tmp_path / "p", "analyze")["remaining"] == 0


@pytest.mark.parametrize(
    ("job", "request_", "words"),
    [
        ("scna", {}, "did you mean 'scan'"),
        ("scan", {"roots": ["/nowhere"]}, "no folder"),
        ("waveform", {"track": 5}, "5"),
    ],
)
def test_failures_come_as_sentences(tmp_path: Path, job: str, request_: dict, words: str):
    process = worker()
    ask_worker(process, tmp_path / "p", job, **request_)
    end = events(process)[-1]
    assert end["event"] == "failed" and end["kind"] == "explained" and words in end["text"]
    assert process.returncode == 1


def test_garbage_instead_of_a_request(tmp_path: Path):
    process = worker()
    assert process.stdin
    process.stdin.write("hello\n")
    process.stdin.flush()
    assert events(process)[-1]["kind"] == "explained"


def test_the_whole_track_gives_exact_waveform_and_loudness(tmp_path: Path):
    """Loud only where the windows of the analysis do not look: they cannot know, hearing it all does."""
    sound = 0.5 * tone(220.0, 200.0)
    sound[12 * RATE : 15 * RATE] *= 3.0
    (tmp_path / "music").mkdir()
    soundfile.write(tmp_path / "music" / "a.flac", sound, RATE)
    ask(tmp_path / "p", "scan", str(tmp_path / "music"))
    ask(tmp_path / "p", "analyze")
    with open_desk(tmp_path / "p") as desk:
        sketch, guess = desk.catalog.sound.waveform(TrackId(1)), desk.catalog.sound.facts(TrackId(1))
        assert sketch is not None and guess is not None and not sketch[1]
        sharpen(desk, TrackId(1), Silent())
        exact, facts = desk.catalog.sound.waveform(TrackId(1)), desk.catalog.sound.facts(TrackId(1))
        assert exact is not None and facts is not None and exact[1]
        assert facts.peak == pytest.approx(float(abs(sound).max()), abs=0.01) and facts.peak > guess.peak + 0.1
        assert facts.loudness_lufs > guess.loudness_lufs
