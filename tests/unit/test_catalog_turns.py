"""Who owns the library, who writes, and who folds the WAL: one at a time, whoever is killed."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from musicdesk.catalog import backup, connection
from musicdesk.catalog.catalog import Catalog
from musicdesk.core.errors import Busy
from musicdesk.core.locks import FileLock
from musicdesk.core.types import PlayEnd, TrackId, Verdict
from tests.helpers.big_catalog import fill


@pytest.fixture
def catalog(tmp_path: Path):
    opened = Catalog.open(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def test_one_process_owns_the_library(tmp_path):
    first = Catalog.open(tmp_path / "catalog.sqlite")
    second = Catalog.open(tmp_path / "catalog.sqlite")
    assert first.store.owned and not second.store.owned
    second.close()
    first.close()


def test_writing_and_folding_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own order lets a commit begin the WAL anew while another connection folds it."""
    monkeypatch.setattr(connection, "PATIENCE_S", 0.05)
    with contextlib.closing(Catalog.open(tmp_path / "catalog.sqlite")) as catalog:
        other = FileLock(tmp_path / "catalog.turn")
        assert other.take()
        for doing in (catalog.store.checkpoint, lambda: catalog.roots.add(b"/music")):
            with pytest.raises(Busy):
                doing()
        other.release()
        with catalog.write():
            assert not other.take()
            catalog.roots.add(b"/music")
        assert other.take(), "a turn ends with its transaction"
        other.release()


def test_the_wal_stays_small_whoever_writes(tmp_path: Path) -> None:
    """A job of an open window writes a gigabyte, and the window nothing: nobody else would fold it."""
    window, worker = (Catalog.open(tmp_path / "catalog.sqlite") for _ in range(2))
    track = TrackId(int(fill(window, 1)[0]))
    for _ in range(40):
        worker.sound.save_waveform(track, np.zeros(1 << 20, np.uint8), False)
    wal = tmp_path / "catalog.sqlite-wal"
    assert not worker.store.owned and wal.stat().st_size < 16 << 20
    worker.close()
    window.close()


def test_who_writes_when_the_owner_has_gone_becomes_the_owner(tmp_path: Path) -> None:
    """Else a window that was opened beside a worker that outlived another would leave no mark when it is killed."""
    path, mark = tmp_path / "catalog.sqlite", tmp_path / "catalog.open"
    first, second = Catalog.open(path), Catalog.open(path)
    track = TrackId(int(fill(second, 1)[0]))
    assert not second.store.owned, "the first one is still there"
    first.close()
    assert not mark.exists()
    second.feedback.rate(track, Verdict.LIKE)
    assert second.store.owned and mark.exists() and not second.store.traces.pending
    third = Catalog.open(path)
    third.feedback.rate(track, Verdict.DISLIKE)
    assert not third.store.owned
    third.close()
    assert mark.exists()
    second.close()
    assert not mark.exists()


def test_who_follows_an_owner_that_was_killed_leaves_its_mark_for_the_next_start(tmp_path: Path) -> None:
    path, mark = tmp_path / "catalog.sqlite", tmp_path / "catalog.open"
    code = "import os, sys, pathlib; from musicdesk.catalog.catalog import Catalog; c = Catalog.open(pathlib.Path("
    code += "sys.argv[1])); print('open', flush=True); sys.stdin.read(); os._exit(9)"
    owner = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owner.stdout is not None and owner.stdout.readline() == b"open\n"
    catalog = Catalog.open(path)
    assert not catalog.store.owned
    owner.communicate(timeout=30)
    catalog.feedback.rate(TrackId(int(fill(catalog, 1)[0])), Verdict.LIKE)
    assert catalog.store.owned and catalog.store.traces.pending
    catalog.close()
    assert mark.exists(), "nobody has looked yet"
    Catalog.open(path).close()
    assert not mark.exists()


def test_a_backup_ends_while_somebody_writes(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a play after every step of the copy, which used to begin anew each time."""
    track = TrackId(int(fill(catalog, 400)[0]))
    steps: list[int] = []

    class Watched(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, *, pages: int = -1, **_more: object) -> None:  # type: ignore[override]
            super().backup(target, pages=pages, progress=disturb)

    def disturb(_status: int, remaining: int, _total: int) -> None:
        steps.append(remaining)
        assert len(steps) < 500, "the copy begins anew with every write"
        catalog.feedback.played(track, 40_000, 200_000, PlayEnd.FINISHED)

    real = sqlite3.connect
    monkeypatch.setattr(backup, "PAGES", 8)
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: real(*given, factory=Watched, **more))
    backup.make(catalog.store.path, tmp_path / "copy.sqlite")
    assert len(steps) > 5 and steps == sorted(steps, reverse=True)
    plays = "SELECT count(*) FROM play_event"
    assert catalog.store.conn.execute(plays).fetchone()[0] == len(steps)
    with contextlib.closing(real(tmp_path / "copy.sqlite")) as conn:
        assert conn.execute(plays).fetchone()[0] == 0, "the state when the copy began"
