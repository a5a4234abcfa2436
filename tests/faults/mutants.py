"""Thousands of spoiled sound files through the real program, and what must hold then.

python -m tests.faults.mutants COUNT SEED [FOLDER OF ODD FILES]
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.helpers.mutants import mutant, originals
from tests.helpers.programs import ROOT

GUARD = ROOT / "tests" / "helpers" / "guard"
PART = 1_000  # files in one library
SECONDS = 3600  # after which a command hangs


@dataclass
class Told:
    """What became of the files."""

    files: int = 0
    heard: int = 0
    ignored: int = 0  # not sound by name and first bytes
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    growth_mb: float = 0.0  # of the program itself, in the second half of its work against the first, at worst

    def add(self, other: Told) -> None:
        self.files += other.files
        self.heard += other.heard
        self.ignored += other.ignored
        self.reasons += other.reasons
        self.seconds += other.seconds
        self.growth_mb = max(self.growth_mb, other.growth_mb)


def survive(folder: Path, count: int, seed: int, others: Path | None = None, first: int = 0) -> Told:
    """Scans and analyses `count` mutants in a home of their own under `folder`; every claim is asserted."""
    begun, told = time.monotonic(), Told(files=count)
    music, profile, log = folder / "music", folder / "profile", folder / "guard.log"
    music.mkdir(parents=True)
    known = originals(_fresh(folder / "own"), others)
    for number in range(first, first + count):
        ending, content, _ways = mutant(known, number, seed)
        (music / f"{number:06}{ending}").write_bytes(content)
    before = _state(music)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
        "GUARD_LOG": str(log),
        "HOME": str(_fresh(folder / "home")),
        "TMPDIR": str(_fresh(folder / "tmp")),
        "OMP_NUM_THREADS": "1",
    }
    for word in (("scan", str(music)), ("analyze",)):
        said, growth = _run(profile, environment, *word)
        told.growth_mb = max(told.growth_mb, growth)
        if word[0] == "scan":
            told.ignored = count - said["found"]
    assert said["remaining"] == 0, said
    _kept_apart(profile, told)
    assert _state(music) == before, "a file of the library was changed"
    assert not list((folder / "tmp").iterdir()) and not list((folder / "home").iterdir())
    _stayed_in(log, (str(profile), str(folder / "tmp"), "/dev/", "/proc/", str(Path(sys.prefix).resolve())))
    again = _run(profile, environment, "scan", str(music))[0]
    assert (again["added"], again["updated"]) == (0, 0), again
    told.seconds = time.monotonic() - begun
    return told


def _fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.iterdir()}


def _run(profile: Path, environment: dict[str, str], *words: str) -> tuple[dict[str, int], float]:
    """The command's answer, and by how many MB it grew while it worked; it must end well."""
    command = [sys.executable, "-m", "musicdesk", "--profile", str(profile), "--device", "cpu", *words, "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        sizes, end = [], time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < end:
            sizes.append(_resident_mb(process.pid))
            time.sleep(0.05)
        process.kill()
        out, err = process.communicate()
    assert process.returncode == 0, f"{words} ended with {process.returncode}: {err[-2000:]}"
    assert "Traceback" not in err, err[-2000:]
    sizes = [size for size in sizes[len(sizes) // 4 :] if size]  # what is imported at the start is no growth
    half = len(sizes) // 2
    growth = max(sizes[half:], default=0.0) - max(sizes[:half], default=0.0) if half > 20 else 0.0
    return json.loads(out), growth


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def _kept_apart(profile: Path, told: Told) -> None:
    """Every file is heard, with numbers that are numbers, or has failed with a sentence; never both, never neither."""
    with closing(sqlite3.connect(profile / "catalog.sqlite")) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert not conn.execute("PRAGMA foreign_key_check").fetchall()
        tracks = {row[0] for row in conn.execute("SELECT id FROM track WHERE presence = 'present'")}
        heard = dict(conn.execute("SELECT track_id, vector FROM embedding").fetchall())
        failed = dict(conn.execute("SELECT track_id, reason FROM failure WHERE stage <> 'tags' AND settled").fetchall())
        texts = [text for row in conn.execute("SELECT title, artist, album, genre FROM track") for text in row]
    assert len(tracks) == told.files - told.ignored
    assert heard.keys().isdisjoint(failed) and heard.keys() | failed.keys() == tracks
    assert all(np.isfinite(np.frombuffer(vector, np.float32)).all() for vector in heard.values())
    assert all(reason.endswith(".") for reason in failed.values()), failed
    assert all(len(text.encode()) <= 4096 and "\0" not in text for text in texts)
    told.heard = len(heard)
    told.reasons = Counter(failed.values())


def _stayed_in(log: Path, allowed: tuple[str, ...]) -> None:
    """No connection, and nothing written elsewhere, by the program and all its children."""
    for line in log.read_text("utf-8", "surrogateescape").splitlines():
        event, _tab, what = line.partition("\t")
        assert not event.startswith("socket.") or "AF_UNIX" in what, line
        assert event.startswith("socket.") or what.startswith(allowed) or "__pycache__" in what, line


def main() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    others = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    total = Told()
    for first in range(0, count, PART):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            try:
                total.add(survive(place / "part", min(PART, count - first), seed, others, first))
            except BaseException:
                kept = Path(tempfile.gettempdir()) / f"mutants-{seed}-{first}"
                shutil.move(place / "part", kept)
                print(f"kept in {kept}", flush=True)
                raise
        print(json.dumps({"seed": seed, "by": first + PART, **vars(total)}), flush=True)


if __name__ == "__main__":
    main()
