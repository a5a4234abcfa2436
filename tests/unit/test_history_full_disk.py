"""A disk that takes no more: a sentence, never a talk of damage, and what was saved before is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.histories import account, put
from tests.helpers.programs import ROOT, ask, run

# No file may grow over so many bytes: the database and NumPy are refused as by a full disk.
LIMITED = """
import collections, resource, shutil, sys
if (free := {free}) is not None:
    shutil.disk_usage = lambda folder: collections.namedtuple("usage", "total used free")(1, 1, free)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from musicdesk.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def limited(size: int, profile: Path, *arguments: str, free: int | None = None) -> tuple[int, str]:
    """free: bytes that the disk says it has; None: as many as it has"""
    command = [sys.executable, "-c", LIMITED.format(free=free), str(size), "--profile", os.fspath(profile), *arguments]
    ended = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=240)
    return ended.returncode, ended.stderr


@pytest.fixture
def export(tmp_path: Path) -> Path:
    rows = [
        account(
            endTime=f"2022-03-{1 + n // 1440:02} {n // 60 % 24:02}:{n % 60:02}",
        )
        for n in range(12_000)
    ]
    return put(tmp_path, "StreamingHistory0.json", rows)


@pytest.mark.parametrize("size", [1000, 200_000, 900_000])
def test_a_history_on_a_full_disk(tmp_path, export, size):
    profile = tmp_path / "p"
    if size == 200_000:
        run(profile, "status")
    code, text = limited(size, profile, "import", os.fspath(export))
    assert code == 1, text
    assert "damaged" not in text and "disk" in text
    whole = ask(profile, "import", os.fspath(export))
    assert whole["imported"] + whole["duplicates"] == whole["rows"] == 12_000
    assert ask(profile, "status")["history"]["listens"] == 12_000


def test_a_crowd_on_a_full_disk(tmp_path):
    lines = [f"{n:040x}\tSO{n % 7:016}\t{n % 5 + 1}\n" for n in range(9000)]
    path = put(tmp_path, "triplets.txt", "".join(lines))
    run(tmp_path / "p", "status")
    code, text = limited(330_000, tmp_path / "p", "import", os.fspath(path))
    assert code == 1 and "is the disk full?" in text, text
    assert json.loads(run(tmp_path / "p", "status", "--json"))["history"]["crowds"] == []
    assert ask(tmp_path / "p", "import", os.fspath(path))["imported"] == 9000


@pytest.mark.parametrize(("free", "words"), [(0, "The disk is full"), (10**9, "(I/O error)"), (None, "(I/O error)")])
def test_a_disk_without_room_for_what_lies_beside_is_full(tmp_path, free, words):
    """SQLite cannot even begin to read there, and calls it an I/O error."""
    run(tmp_path / "p", "status")
    code, text = limited(1000, tmp_path / "p", "status", free=free)
    assert code == 1 and words in text, text


READS = """
import resource, sys
from pathlib import Path
from musicdesk.catalog.connection import reading_beside
from musicdesk.workflows.desk import open_desk
with open_desk(Path(sys.argv[1]), "cpu") as desk:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    with reading_beside(desk.profile.catalog) as beside:
        for conn in (desk.catalog.store.conn, beside.conn):
            many = "WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 300000)"
            sql = f"{many} SELECT count(*) FROM (SELECT DISTINCT hex(at * 7919) FROM n ORDER BY 1)"
            print(conn.execute(sql).fetchone())
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


def test_who_only_reads_needs_no_room_once_the_library_is_open(tmp_path):
    """What SQLite puts aside to sort stays in memory: a disk that fills up meanwhile is no fault of reading."""
    ended = subprocess.run(
        [sys.executable, "-c", READS, os.fspath(tmp_path / "p")], cwd=ROOT, text=True, capture_output=True, timeout=120
    )
    assert ended.returncode == 0 and ended.stdout.count("300000") == 2, ended.stderr
