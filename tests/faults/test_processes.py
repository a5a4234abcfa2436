"""Faults of whole processes: power cuts in the WAL, many starts at once, stopped and killed programs, odd clocks."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows.desk import open_desk
from tests.faults.harness import Program, state
from tests.helpers.big_catalog import fill
from tests.helpers.damage import RATINGS, rows
from tests.helpers.music import make_library
from tests.helpers.programs import ROOT, ask, run, start

WAL_HEAD, FRAME_HEAD = 32, 24


def filled(profile: Path, tracks: int = 200) -> list[int]:
    with open_desk(profile) as desk:
        return [int(i) for i in fill(desk.catalog, tracks, desk.encoder)]


def test_a_wal_cut_anywhere_gives_the_ratings_up_to_there(tmp_path: Path):
    """A power cut may leave any beginning of the WAL: what is then read is a beginning of what was rated, and sound."""
    ids = filled(tmp_path / "p")
    kept = tmp_path / "kept"
    with open_desk(tmp_path / "p") as desk:
        desk.catalog.store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for track in ids[:25]:
            desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
        kept.mkdir()
        for part in (tmp_path / "p").glob("catalog.sqlite*"):
            shutil.copy(part, kept)
        whole = [row[1] for row in rows(tmp_path / "p" / "catalog.sqlite", RATINGS)]
    wal = (kept / "catalog.sqlite-wal").read_bytes()
    size = struct.unpack(">I", wal[8:12])[0] + FRAME_HEAD
    frames = (len(wal) - WAL_HEAD) // size
    assert frames >= 25 and len(whole) == 25
    seen = set()
    cuts = [0, WAL_HEAD - 1, *(WAL_HEAD + n * size + part for n in range(frames + 1) for part in (0, 11, size // 2))]
    for cut in cuts:
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        shutil.copy(kept / "catalog.sqlite", work)
        (work / "catalog.sqlite-wal").write_bytes(wal[:cut])
        (work / "catalog.open").touch()
        with open_desk(work) as desk:
            found = [event.track for event in reversed(desk.catalog.feedback.events(100))]
            liked = desk.catalog.feedback.count()["like"]
            desk.catalog.feedback.rate(TrackId(ids[50]), Verdict.NEVER)
        assert found == whole[: len(found)] and liked == len(found), f"cut at {cut}"
        with closing(sqlite3.connect(work / "catalog.sqlite")) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)], f"cut at {cut}"
        seen.add(len(found))
    assert seen == set(range(26)), "every rating is one transaction"


def test_twenty_starts_at_once(tmp_path: Path):
    """On a profile that is not there yet, and then twenty ratings at once: each acknowledged one is kept."""
    profile = tmp_path / "p"
    starts = [start(profile, "status", "--json") for _ in range(20)]
    ends = [(process.communicate(timeout=240), process.returncode) for process in starts]
    assert {code for _told, code in ends} == {0}, [told for told, code in ends if code]
    ids = filled(profile)
    starts = [start(profile, "rate", str(track), "like") for track in ids[:20]]
    ends = [(process.communicate(timeout=240), process.returncode) for process in starts]
    done = {track for track, (_told, code) in zip(ids, ends, strict=False) if code == 0}
    assert len(done) >= 15, "ten seconds of patience are enough for most"
    assert all("try again" in told[1] for told, code in ends if code)
    kept = [row[1] for row in rows(profile / "catalog.sqlite", RATINGS)]
    assert len(kept) == len(set(kept)) and set(kept) >= done
    assert not (profile / "catalog.open").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
def test_a_program_that_stands_still_harms_nobody(tmp_path: Path):
    """Stopped in the middle of a scan: others read, are told that a job is under way, and it ends well later."""
    make_library(tmp_path / "music", 8)
    profile = tmp_path / "p"
    run(profile, "status")
    process = start(profile, "scan", str(tmp_path / "music"), "--json")
    until(lambda: (profile / "job.lock").exists() or process.poll() is not None)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        ask(profile, "status")
        other = start(profile, "scan", str(tmp_path / "music"))
        told = other.communicate(timeout=120)[1]
        assert other.returncode in (0, 1) and "made a mistake" not in told
        assert other.returncode == 0 or "already working" in told or "try again" in told
    finally:
        os.kill(process.pid, signal.SIGCONT)
    _out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert ask(profile, "status")["tracks"]["present"] == 8


def until(claim, seconds: float = 30.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while time.monotonic() < end and not claim():
        time.sleep(0.01)


WINDOW = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui import main as gui
real = gui.open_window
def opened(app, profile, device=None):
    made = real(app, profile, device)
    feedback, count = made.shell.desk.catalog.feedback, [0]
    def rate():
        count[0] += 1
        feedback.rate(TrackId(1 + count[0] % 200), list(Verdict)[count[0] % 3])
        os.write(1, b"%d\\n" % count[0])  # acknowledged
    timer = QTimer(made.window, interval=0)
    timer.timeout.connect(rate)
    made.window.painted.connect(made.window.close if sys.argv[2:] else timer.start)
    return made
gui.open_window = opened
sys.exit(gui.main(Path(sys.argv[1])))
"""


def test_a_window_killed_while_it_rates(tmp_path: Path):
    """I2 in the window, and the next window opens: name, locks and marks of the killed one keep nobody out."""
    profile = tmp_path / "p"
    filled(profile)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    before = 0
    for more in (5, 60, 150):
        command = [sys.executable, "-c", WINDOW, str(profile)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT
        )
        assert process.stdout is not None
        for _ in range(more):
            assert process.stdout.readline(), "the window did not open"
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        acknowledged = more + len(process.stdout.read().splitlines())
        process.wait()
        process.stdout.close()
        found = len(rows(profile / "catalog.sqlite", RATINGS))
        assert before + acknowledged <= found <= before + acknowledged + 1
        before = found
        assert (profile / "catalog.open").exists()
        _over, alive = psutil.wait_procs(children, 60)  # a worker that had just begun ends by itself
        assert not alive
    last = subprocess.run([*command, "close"], stderr=subprocess.DEVNULL, env=environment, cwd=ROOT, timeout=120)
    assert last.returncode == 0
    assert sum(ask(profile, "status")["feedback"][v] for v in ("like", "dislike", "never")) > 0
    assert not (profile / "catalog.open").exists()
    assert rows(profile / "catalog.sqlite", "PRAGMA integrity_check") == [("ok",)]


def test_a_folder_that_goes_away_while_it_is_listened_to(tmp_path: Path):
    """Renamed in the middle of the work, and back: no track is lost, none is called broken for ever."""
    make_library(tmp_path / "music", 8)
    profile = tmp_path / "p"
    ask(profile, "scan", str(tmp_path / "music"))
    process = start(profile, "analyze", "--json")
    time.sleep(0.5)
    (tmp_path / "music").rename(tmp_path / "away")
    process.communicate(timeout=120)
    assert process.returncode in (0, 1)
    assert ask(profile, "status")["tracks"]["total"] == 8
    ask(profile, "scan")
    assert ask(profile, "status")["tracks"]["offline"] == 8
    (tmp_path / "away").rename(tmp_path / "music")
    ask(profile, "scan")
    ask(profile, "analyze")
    found = ask(profile, "status")
    assert found["tracks"]["present"] == 8
    assert found["analysis"] == {"analyzed": 8, "failed": 0, "waiting": 0}


@pytest.mark.parametrize("ahead", [-40 * 365 * 86_400, 30 * 365 * 86_400], ids=["1986", "2056"])
def test_a_clock_that_jumps(tmp_path: Path, ahead: int):
    """Everything works with a clock of another time, and again when it is right once more."""
    folder = tmp_path / "odd"
    folder.mkdir()
    program = Program(folder, clock=ahead)
    profile = program.root / "p"
    make_library(tmp_path / "music", 4)
    try:
        for arguments in (("scan", str(tmp_path / "music")), ("analyze",), ("rate", "1", "like"), ("recommend",)):
            ran = program.run(profile, *arguments)
            assert ran.code == 0, ran.text
    finally:
        program.close()
    run(profile, "rate", "2", "never")
    assert ask(profile, "scan")["unchanged"] == 4
    assert [v for _path, v in state(profile)["feedback"]] == ["like", "never"]
    assert ask(profile, "recommend", "-n", "3")["items"]
    assert ask(profile, "backups")["items"]
