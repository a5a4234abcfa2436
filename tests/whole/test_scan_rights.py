"""Files and folders that may not be read, until their rights are mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.tagged import make_sound, set_tags
from tests.helpers.unprivileged import ask, can_be_kept_out


@pytest.fixture
def music(tmp_path: Path) -> Path:
    if not can_be_kept_out(tmp_path):
        pytest.skip("root keeps its power to read all files here")
    folder = tmp_path / "music"
    for number, below in enumerate(("", "below")):
        (folder / below).mkdir(exist_ok=True)
        path = make_sound(folder / below / f"{number}.flac", 300.0 + 100 * number, 4.0)
        set_tags(path, title=f"Song {number}", artist="Ann")
    return folder


def counts(found: Any, *names: str) -> tuple[int, ...]:
    return tuple(found[name] for name in names)


def test_a_file_that_may_be_read_again_is_read_again(music: Path, tmp_path: Path) -> None:
    profile, file = tmp_path / "profile", music / "0.flac"
    file.chmod(0)
    assert counts(ask(profile, "scan", str(music)), "added", "failed") == (1, 1)
    assert counts(ask(profile, "analyze"), "analyzed", "failed", "remaining") == (1, 1, 0)
    assert counts(ask(profile, "scan"), "updated", "failed") == (0, 1)  # nothing has changed, and nothing is tried
    assert counts(ask(profile, "analyze"), "analyzed", "failed", "skipped") == (0, 0, 1)
    assert len(ask(profile, "failed-files")["files"]) == 2  # its tags, and its sound
    file.chmod(0o644)
    assert counts(ask(profile, "scan"), "updated", "failed") == (1, 0)
    assert counts(ask(profile, "analyze"), "analyzed", "failed", "skipped") == (1, 0, 0)
    assert ask(profile, "failed-files")["files"] == []


def test_analysis_alone_tries_it_again_as_well(music: Path, tmp_path: Path) -> None:
    profile, file = tmp_path / "profile", music / "0.flac"
    ask(profile, "scan", str(music))
    file.chmod(0)
    assert counts(ask(profile, "analyze"), "analyzed", "failed") == (1, 1)
    file.chmod(0o644)
    assert counts(ask(profile, "analyze"), "analyzed", "failed", "skipped") == (1, 0, 0)


@pytest.mark.parametrize("rights", [0o644, 0o000, 0o311], ids=["listed, not entered", "neither", "entered, not listed"])
def test_tracks_of_a_folder_that_may_not_be_read_are_offline(music: Path, tmp_path: Path, rights: int) -> None:
    profile, below = tmp_path / "profile", music / "below"
    ask(profile, "scan", str(music))
    below.chmod(rights)
    try:
        names = ("unchanged", "missing", "offline", "unreadable")
        assert counts(ask(profile, "scan"), *names) == (1, 0, 1, 1)
        assert counts(ask(profile, "scan"), *names) == (1, 0, 1, 1)
    finally:
        below.chmod(0o755)
    assert counts(ask(profile, "scan"), *names) == (2, 0, 0, 0)
