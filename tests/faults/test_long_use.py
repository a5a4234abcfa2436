"""A program that stays open for weeks: what it does again and again leaves nothing behind."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from musicdesk.core.memory import give_back
from musicdesk.core.progress import Silent
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.scan import scan
from tests.helpers.music import make_file

RESCANS = 100
GROWTH_MB = 1.0
WAL_MB = 64.0


def resident_mb() -> float:
    gc.collect()
    give_back()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="memory and handles are read from /proc")
def test_a_hundred_rescans_grow_nothing(tmp_path: Path) -> None:
    """Every tenth finds a file that was touched, so that tags are read and rows are written as well."""
    files = [make_file(tmp_path / "music" / f"{n}.flac", 200.0 + n, 0.3, title=f"Song {n}") for n in range(12)]
    with open_desk(tmp_path / "profile") as desk:
        sizes: list[float] = []
        handles: list[int] = []
        for number in range(RESCANS):
            if number % 10 == 9:
                os.utime(files[number // 10], (number, number))
            found = scan(desk, [os.fsencode(tmp_path / "music")], Silent())
            assert found.found == len(files) and not found.failed
            if number % 10 == 8:
                sizes.append(resident_mb())
                handles.append(len(os.listdir("/proc/self/fd")))
        wal = tmp_path / "profile" / "catalog.sqlite-wal"
        assert wal.stat().st_size / 1e6 <= WAL_MB
    assert sizes[-1] - sizes[1] <= GROWTH_MB, sizes
    assert len(set(handles[1:])) == 1, handles
