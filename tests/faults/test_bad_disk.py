"""Every phase of the program on a disk that fails, and killed in the middle: it ends as an undisturbed run does."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from musicdesk.catalog.schema import build
from tests.faults.harness import FAULTS, KILLED, Fault, Phase, Program, Told, disturb, state
from tests.helpers.histories import account, put
from tests.helpers.music import make_library

pytestmark = pytest.mark.timeout(900)  # hundreds of commands in one test
TRACKS = 6
POINTS = 25


def ready(folder: Path) -> Program:
    """The program with music, a history and a crowd's plays on its disk."""
    made = Program(folder)
    make_library(folder / "music", TRACKS, seconds=3.5)
    (made.root / "music").symlink_to(folder / "music")
    rows = [account(endTime=f"2022-03-{1 + n // 1440:02} {n // 60 % 24:02}:{n % 60:02}") for n in range(3_000)]
    put(folder, "StreamingHistory0.json", rows)
    shutil.copy(folder / "StreamingHistory0.json", made.root)
    lines = [f"{n % 40:040x}\tSO{n * n % 30:016}\t{n % 5 + 1}\n" for n in range(600)]
    put(made.root, "triplets.txt", "".join(sorted(set(lines))))
    return made


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = ready(tmp_path_factory.mktemp("faults"))
    yield made
    made.close()


def nothing(_program: Program, _profile: Path) -> None:
    """The profile is made by the command."""


def scanned(program: Program, profile: Path) -> None:
    assert program.run(profile, "scan", f"{program.root}/music").code == 0


def heard(program: Program, profile: Path) -> None:
    scanned(program, profile)
    assert program.run(profile, "analyze").code == 0


def listed(program: Program, profile: Path) -> None:
    heard(program, profile)
    for track in "123":
        assert program.run(profile, "rate", track, "like").code == 0
    assert program.run(profile, "recommend", "-n", "3").code == 0


def crowded(program: Program, profile: Path) -> None:
    assert program.run(profile, "import", "--crowd", "c", f"{program.root}/triplets.txt").code == 0


def old(_program: Program, profile: Path) -> None:
    """A library of the first schema, with tracks and ratings."""
    profile.mkdir()
    with closing(sqlite3.connect(profile / "catalog.sqlite", isolation_level=None)) as conn:
        build(conn, 1)
        conn.execute("BEGIN")
        conn.execute("INSERT INTO root (path, added_at) VALUES (x'2f6d', 1.0)")
        conn.executemany(
            "INSERT INTO track (root_id, path, path_text, size, mtime_ns, title, plays, added_at)"
            " VALUES (1, CAST(? AS BLOB), ?, 1, 1, ?, 2, 1.0)",
            [(f"/m/{n}", f"/m/{n}", f"Song {n}") for n in range(300)],
        )
        conn.executemany(
            "INSERT INTO feedback_event (track_id, verdict, at) VALUES (?, 'like', 1.0)", [(n,) for n in range(1, 300)]
        )
        conn.execute("UPDATE track SET verdict = 'like' WHERE id < 300")
        conn.execute("COMMIT")


def backed_up(program: Program, profile: Path) -> None:
    listed(program, profile)
    assert program.run(profile, "backup", f"{profile}/backups/daily-2026-01-01.sqlite").code == 0
    assert program.run(profile, "rate", "4", "never").code == 0


def model(profile: Path) -> object:
    """I7: the tensors of the run in use."""
    with closing(sqlite3.connect(profile / "catalog.sqlite")) as conn:
        folders = [f for (f,) in conn.execute("SELECT folder FROM run")]
    files = [profile / "models" / Path(f).name / "model.safetensors" for f in folders]
    hashes = {hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return hashes, state(profile)["crowds"]


def lists(profile: Path) -> object:
    """I6: the file that was written, whole."""
    return (profile.parent / "out.m3u8").read_text()


def gone(profile: Path) -> object:
    return sorted(path.name for path in profile.iterdir()) if profile.exists() else []


QUICK = ("--set", "factors=4", "--set", "iterations=3")
PHASES = [
    Phase("scan", ("scan", "{root}/music"), nothing),
    Phase("analyze", ("analyze",), scanned),
    Phase("import", ("import", "{root}/StreamingHistory0.json"), nothing),
    Phase("crowd", ("import", "--crowd", "c", "{root}/triplets.txt"), nothing),
    Phase(
        "train",
        ("train", "wmf", "--crowd", "c", *QUICK),
        crowded,
        same=model,
        again=False,
    ),
    Phase("export", ("playlist", "export", "1", "{root}/out.m3u8"), listed, same=lists),
    Phase("migration", ("status",), old),
    Phase("backup", ("backup", "{root}/out.sqlite"), listed),
    Phase("restore", ("restore", "{root}/p/backups/daily-2026-01-01.sqlite"), backed_up),
    Phase("repair", ("restore", "--repair"), backed_up),
    Phase("delete", ("delete-all-data", "--yes"), listed, same=gone, again=False),
]


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_fault_at_25_points(program: Program, phase: Phase):
    told = disturb(program, phase, POINTS, seed=1)
    assert told.points == POINTS and told.writes > 5
    print(json.dumps(figures(phase, told)))


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_fault_at_hundreds_of_points(program: Program, phase: Phase):
    told = disturb(program, phase, 300, seed=2)
    print(json.dumps(figures(phase, told)))


def figures(phase: Phase, told: Told) -> dict[str, object]:
    """As docs/reliability.md tells them."""
    kinds, ends = dict(told.by_fault), {str(code): count for code, count in sorted(told.ends.items())}
    return {"phase": phase.name, "writes": told.writes, "points": told.points, "faults": kinds, "ends": ends}


def test_an_acknowledged_rating_stays(program: Program, tmp_path: Path):
    """I2: each rating by a command of its own, each on a disk that fails at another write."""
    profile = program.root / "rated"
    heard(program, profile)
    writes = program.run(profile, "rate", "1", "like").writes
    kept: list[tuple[int, str]] = [(1, "like")]
    for number in range(60):
        track, verdict = 1 + number % TRACKS, ("like", "dislike", "never")[number % 3]
        ran = program.run(profile, "rate", str(track), verdict, nth=1 + number % (writes + 2), fault=FAULTS[number % 8])
        found = events(profile)
        assert found[: len(kept)] == kept, f"an acknowledged rating is gone after {FAULTS[number % 8].name}"
        if ran.code == 0:
            kept.append((track, verdict))
            assert found == kept, f"{ran}: acknowledged, and not there"
        elif FAULTS[number % 8] not in KILLED:
            assert "made a mistake" not in ran.text and ran.code == 1, ran.text
        kept = found  # one that was written and not acknowledged may stand
    assert program.run(profile, "status").code == 0
    shutil.rmtree(profile)


def events(profile: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(profile / "catalog.sqlite")) as conn:
        return conn.execute("SELECT track_id, verdict FROM feedback_event ORDER BY id").fetchall()


def test_a_playlist_file_is_old_or_new(program: Program):
    """I6 at every single write of the export: never a half of it, and the old one until the new one is whole."""
    profile, target = program.root / "exported", program.root / "mix.m3u8"
    listed(program, profile)
    arguments = ("playlist", "export", "1", str(target))
    writes = program.run(profile, *arguments).writes
    new = target.read_text()
    for nth in range(1, writes + 1):
        target.write_text("#EXTM3U\nold.mp3\n")
        program.run(profile, *arguments, nth=nth, fault=FAULTS[nth % len(FAULTS)])
        assert target.read_text() in ("#EXTM3U\nold.mp3\n", new)
    assert program.run(profile, *arguments).code == 0 and target.read_text() == new
    target.unlink()
    shutil.rmtree(profile)


def test_the_faults_are_real(program: Program):
    """A harness whose faults never happen would pass everything."""
    profile = program.root / "real"
    ends = {fault: program.run(profile, "status", nth=3, fault=fault).code for fault in FAULTS}
    assert ends[Fault.KILL] == ends[Fault.TORN] == -9
    assert all(ends[fault] == 1 for fault in (Fault.FULL, Fault.BAD, Fault.QUOTA, Fault.READONLY, Fault.DENIED)), ends
    shutil.rmtree(profile, ignore_errors=True)
