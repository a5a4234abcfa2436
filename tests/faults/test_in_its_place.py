"""A library has its place in the profile at every moment; what takes it, or gives it back, does so whole or not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from musicdesk.catalog import backup as copies
from musicdesk.catalog.backup import look
from musicdesk.core.paths import Profile
from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows import recovery
from musicdesk.workflows.desk import open_desk
from tests.helpers.big_catalog import fill


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A library with a rating and a backup."""
    with open_desk(tmp_path / "p") as desk:
        ids = fill(desk.catalog, 60)
        desk.catalog.feedback.rate(TrackId(int(ids[0])), Verdict.LIKE)
        copies.rotate(desk.profile.catalog, desk.profile.backups)
    return Profile(tmp_path / "p")


def test_what_a_killed_repair_left_is_gone_after_the_next(profile: Profile):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for ending in ("", "-wal", "-shm"):
        (profile.folder / f".musicdesk-tmp-{gone.pid}-next.sqlite{ending}").touch()
    recovery.repair(profile)
    assert not list(profile.folder.glob(".musicdesk-tmp-*"))


def test_a_library_whose_place_could_not_be_taken_keeps_it(profile: Profile):
    """A disk that fails at the last step of all: the one before was set aside by then, and there was none."""
    before = look(profile.catalog)
    with pytest.raises(FileNotFoundError):
        copies.put(profile.folder / "that is not there", profile.catalog)
    assert look(profile.catalog) == before and not list(profile.folder.glob("catalog-set-aside-*"))


def test_a_library_moves_with_its_wal_or_not_at_all(profile: Profile, monkeypatch: pytest.MonkeyPatch):
    """The disk fails as the file itself is renamed, when its WAL has another name already."""
    (profile.folder / "catalog.sqlite-wal").write_bytes(b"what was committed last")
    real = Path.replace

    def fails_once(path: Path, target: Path) -> Path:
        if path == profile.catalog:
            monkeypatch.undo()
            raise OSError(5, "Input/output error")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", fails_once)
    with pytest.raises(OSError, match="Input/output"):
        copies.set_aside(profile.catalog)
    assert (profile.folder / "catalog.sqlite-wal").read_bytes() == b"what was committed last"
    assert profile.catalog.exists() and not list(profile.folder.glob("catalog-set-aside-*"))


def test_what_cannot_be_put_back_leaves_the_library_in_its_place(profile: Profile, monkeypatch: pytest.MonkeyPatch):
    aside = profile.folder / "catalog-set-aside-20200101-000000.sqlite"
    shutil.copy(profile.catalog, aside)
    before, real = look(profile.catalog), Path.replace

    def fails_once(path: Path, target: Path) -> Path:
        if path == aside:
            monkeypatch.undo()
            raise OSError(5, "Input/output error")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", fails_once)
    with pytest.raises(OSError, match="Input/output"):
        recovery.undo(profile)
    assert look(profile.catalog) == before and aside.exists()


def test_a_repair_that_was_killed_before_its_last_step_is_done_again(profile: Profile):
    before = look(profile.catalog)
    assert copies.set_aside(profile.catalog) and not profile.catalog.exists()
    done = recovery.repair(profile)
    assert done.contents == before and look(profile.catalog) == before and Path(done.set_aside).exists()
