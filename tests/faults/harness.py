"""Faults at chosen points of the real program, and what must hold after each of them.

A phase is a command on a profile. It is run once undisturbed, which counts what it writes; then again and again from
the same start, each time with one fault at one write, started anew (perhaps killed once more on the way), and compared
with the undisturbed run.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.forks import Forks

SOURCE = Path(__file__).with_name("bad_disk.c")


class Fault(IntEnum):
    """As in bad_disk.c: what happens at the chosen write, and, but for the first two and the last, from then on."""

    NONE = 0
    KILL = 1
    TORN = 2  # half of it is written, then the process is killed
    FULL = 3
    BAD = 4  # EIO
    QUOTA = 5
    READONLY = 6
    DENIED = 7
    BAD_ONCE = 8


FAULTS = [fault for fault in Fault if fault]
KILLED = (Fault.KILL, Fault.TORN)


@dataclass(frozen=True)
class Ran:
    code: int
    writes: int
    text: str


def build(folder: Path) -> Path:
    """Compiles the bad disk; skips where there is no compiler or no such loader."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("the disk that fails on demand needs Linux and a C compiler")
    library = folder / "bad_disk.so"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"the disk that fails on demand cannot be compiled here: {done.stderr[:200]}")
    return library


class Program:
    """Runs commands in forks of one process whose writes below `root` can fail."""

    def __init__(self, folder: Path, clock: int = 0) -> None:
        self.root = folder / "disk"
        self.root.mkdir()
        self._out = folder / "said.txt"
        disk = {"LD_PRELOAD": str(build(folder)), "FAULT_ROOT": str(self.root), "FAULT_CLOCK": str(clock)}
        self._forks = Forks("tests.faults.program", {**os.environ, **disk})

    def run(self, profile: Path, *arguments: str, nth: int = 0, fault: Fault = Fault.NONE) -> Ran:
        words = ["--profile", str(profile), "--device", "cpu", *arguments]
        said = str(self._out)
        answer = self._forks.run(arguments=words, nth=nth, kind=int(fault), out=said, err=said)
        return Ran(answer["code"], answer["count"], self._out.read_text("utf-8", "replace"))

    def close(self) -> None:
        self._forks.close()


@dataclass(frozen=True)
class Phase:
    name: str
    arguments: tuple[str, ...]
    start: Callable[[Program, Path], None]  # makes the profile that the command is run on
    recover: tuple[str, ...] = ()  # what a person does then; the command itself unless told
    same: Callable[[Path], object] | None = None  # what must be as without the fault; `state` unless told
    again: bool = True  # whether running it once more must change nothing


@dataclass
class Told:
    """What came out of a phase."""

    points: int = 0
    writes: int = 0
    by_fault: Counter[str] = field(default_factory=Counter)
    ends: Counter[int] = field(default_factory=Counter)


def disturb(program: Program, phase: Phase, points: int, seed: int) -> Told:
    """`points` faults in one phase; every claim is asserted."""
    draw = random.Random(f"{phase.name} {seed}")
    base, work = program.root / "base", program.root / "p"
    shutil.rmtree(base, ignore_errors=True)
    phase.start(program, base)
    arguments = [word.format(root=program.root) for word in phase.arguments]
    recover = [word.format(root=program.root) for word in phase.recover] or arguments
    _again(base, work)
    whole = program.run(work, *arguments)
    assert whole.code == 0, whole.text
    look = phase.same or state
    wanted = look(work)
    told = Told(writes=whole.writes)
    for number in range(points):
        fault = FAULTS[number % len(FAULTS)]
        nth = draw.randint(1, whole.writes)
        where = f"{phase.name}: {fault.name} at write {nth} of {whole.writes} (seed {seed}, point {number})"
        _again(base, work)
        ran = program.run(work, *arguments, nth=nth, fault=fault)
        _ended_well(ran, fault, where)
        if number % 3 == 0:  # killed once more while it recovers
            program.run(work, *recover, nth=draw.randint(1, max(2, whole.writes // 2)), fault=draw.choice(KILLED))
        if work.exists() and (work / "catalog.sqlite").exists():
            _sound(work, where)
        after = program.run(work, *recover)
        assert after.code == 0, f"{where}: cannot go on ({after.code}): {after.text}"
        assert look(work) == wanted, f"{where}: the end is another"
        _tidy(program.root, where)
        told.points += 1
        told.by_fault[fault.name] += 1
        told.ends[ran.code] += 1
    if phase.again:
        before = _rows(work)
        assert program.run(work, *arguments).code == 0
        assert _rows(work) == before, f"{phase.name}: doing it again wrote rows (I9)"
    return told


def _again(base: Path, work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)
    for extra in (*base.parent.glob("out*"), *base.parent.glob(".musicdesk-tmp-*")):
        extra.unlink()
    if base.exists():
        shutil.copytree(base, work)


def _ended_well(ran: Ran, fault: Fault, where: str) -> None:
    """Killed where it should be; else done, or one sentence."""
    if fault in KILLED:
        assert ran.code in (-9, 0), f"{where}: ended with {ran.code}: {ran.text}"
        return
    assert ran.code in (0, 1), f"{where}: ended with {ran.code}: {ran.text}"
    said = [line for line in ran.text.splitlines() if line.startswith("musicdesk: ")]
    assert "Traceback" not in ran.text and "made a mistake" not in ran.text, f"{where}: {ran.text}"
    assert "damaged" not in ran.text, f"{where}: a disk that fails is no damage: {ran.text}"
    assert ran.code == 0 or len(said) == 1, f"{where}: {ran.text}"


def _sound(profile: Path, where: str) -> None:
    """I1, after the fault and before anything has recovered; the WAL is read along."""
    copy = profile.parent / "look"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for part in profile.glob("catalog.sqlite*"):
        shutil.copy(part, copy)
    with closing(sqlite3.connect(copy / "catalog.sqlite")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)], where
        assert not conn.execute("PRAGMA foreign_key_check").fetchall(), where
        if conn.execute("SELECT 1 FROM sqlite_schema WHERE name = 'embedding'").fetchone():
            for dim, vector in conn.execute("SELECT dim, vector FROM embedding"):
                numbers = np.frombuffer(vector, np.float32)
                assert len(numbers) == dim and np.isfinite(numbers).all(), where
    shutil.rmtree(copy)


def _tidy(root: Path, where: str) -> None:
    """I8: no temporary file and no open mark; locks are free."""
    left = list(root.rglob(".musicdesk-tmp-*"))
    assert not left, f"{where}: left behind: {left}"
    assert not (root / "p" / "catalog.open").exists(), where


def _rows(profile: Path) -> dict[str, int]:
    """How many rows each table has, but for the lists of jobs and of imports."""
    with closing(sqlite3.connect(profile / "catalog.sqlite")) as conn:
        names = [
            n
            for (n,) in conn.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('job', 'source')"
            )
        ]
        return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


# What the person would miss, told without numbers of rows and times.
STATE = {
    "tracks": "SELECT path, title, artist, presence, verdict, plays, excluded FROM track ORDER BY path",
    "failures": "SELECT t.path, f.stage, f.reason FROM failure f JOIN track t ON t.id = f.track_id ORDER BY 1, 2",
    "embeddings": "SELECT t.path, e.encoder, e.vector FROM embedding e JOIN track t ON t.id = e.track_id ORDER BY 1, 2",
    "facts": "SELECT t.path, d.vector, d.tempo, d.key FROM descriptor d JOIN track t ON t.id = d.track_id ORDER BY 1",
    "listens": "SELECT s.artist, s.title, l.at, l.kind, l.ms, l.ordinal, l.counted FROM listen l"
    " JOIN song s ON s.id = l.song_id ORDER BY 1, 2, 3, 4, 5, 6",
    "feedback": "SELECT t.path, f.verdict FROM feedback_event f JOIN track t ON t.id = f.track_id ORDER BY f.id",
    "playlists": "SELECT p.name, i.position, t.path FROM playlist p JOIN playlist_item i ON i.playlist_id = p.id"
    " JOIN track t ON t.id = i.track_id ORDER BY p.id, i.position",
    "crowds": "SELECT name, listeners, songs, pairs, plays, digest FROM crowd ORDER BY name",
}


def state(profile: Path) -> dict[str, list[tuple]]:
    """I3, I4, I5: what the library holds."""
    with closing(sqlite3.connect(profile / "catalog.sqlite")) as conn:
        return {name: conn.execute(sql).fetchall() for name, sql in STATE.items()}
