"""Folders as people type them: from where they are, with dots, through links. The library keeps whole paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from musicdesk.core.errors import Unusable
from musicdesk.core.types import Presence, Verdict
from musicdesk.workflows.desk import Desk
from tests.helpers.scanning import quiet, run, tracks


def roots(desk: Desk) -> list[bytes]:
    return [root.path for root in desk.catalog.roots.all()]


def kept_as_typed(desk: Desk, music: Path, typed: str) -> None:
    """What an earlier version left behind, which kept a folder as it was typed."""
    run(desk, music)
    with desk.catalog.write() as db:
        db.execute("UPDATE root SET path = ?", (typed.encode(),))
        paths = [
            (os.fsencode(typed) + track.path[len(os.fsencode(music)) :], track.id) for track in tracks(desk).values()
        ]
        db.conn.executemany("UPDATE track SET path = ? WHERE id = ?", paths)


@pytest.mark.parametrize("typed", ["music", "music/", "./music", "music/Ann/..", "."])
def test_a_folder_is_kept_by_its_whole_path(desk: Desk, music: Path, monkeypatch: pytest.MonkeyPatch, typed: str):
    monkeypatch.chdir(music if typed == "." else music.parent)
    assert run(desk, typed).added == 6
    assert roots(desk) == [os.fsencode(music)]
    assert all(track.path.startswith(os.fsencode(music) + b"/") for track in tracks(desk).values())
    monkeypatch.chdir("/")
    assert run(desk).unchanged == 6
    quiet(desk, music)


def test_the_folder_above_one_with_dots_has_its_tracks_once(desk: Desk, music: Path):
    run(desk, music / "Ann" / ".." / "Ann")
    assert run(desk, music).moved == 0
    assert (len(tracks(desk)), roots(desk)) == (6, [os.fsencode(music / "Ann"), os.fsencode(music)])


def test_above_a_link_lies_what_is_above_its_target(desk: Desk, music: Path):
    elsewhere = music.parent / "elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "link"
    link.symlink_to(music / "Ann")
    assert run(desk, os.path.join(link, "..", "Bob")).added == 3
    assert roots(desk) == [os.fsencode(music / "Bob")]
    run(desk, link)  # a link that is named without dots keeps its own name
    assert os.fsencode(link) in roots(desk)


def test_no_folder_is_not_the_one_where_you_are(desk: Desk, music: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(music)
    with pytest.raises(Unusable, match="empty"):
        run(desk, "")


@pytest.mark.parametrize("looked", [False, True], ids=["at once", "after a scan of all folders"])
def test_a_folder_kept_without_its_beginning_is_told_of_and_taken_over(
    desk: Desk, music: Path, monkeypatch: pytest.MonkeyPatch, looked: bool
):
    kept_as_typed(desk, music, "music")
    ids = {name: track.id for name, track in tracks(desk).items()}
    desk.catalog.feedback.rate(ids["01 - Song 1.flac"], Verdict.NEVER)
    elsewhere = music.parent / "elsewhere"
    (elsewhere / "music").mkdir(parents=True)
    (elsewhere / "music" / "other.flac").write_bytes(b"fLaC")
    if looked:
        monkeypatch.chdir(elsewhere)
        told = run(desk)
        assert (told.found, told.missing, told.offline) == (0, 0, 6)
        (notice,) = told.notices
        assert "'music'" in notice and "whole path" in notice
        assert {track.presence for track in tracks(desk).values()} == {Presence.OFFLINE}
    monkeypatch.chdir(music.parent)
    again = run(desk, music)
    assert (again.moved, again.added, again.notices) == (6, 0, ())
    assert {name: track.id for name, track in tracks(desk).items()} == ids
    assert tracks(desk)["01 - Song 1.flac"].verdict is Verdict.NEVER
    assert roots(desk) == [os.fsencode(music)]
    quiet(desk)


def test_a_folder_kept_with_dots_is_taken_over_by_the_one_above(desk: Desk, music: Path):
    kept_as_typed(desk, music, f"{music}/Ann/..")
    ids = {name: track.id for name, track in tracks(desk).items()}
    assert run(desk, music).unchanged == 6  # it is that folder, and keeps its name
    again = run(desk, music.parent)
    assert (again.moved, again.added) == (6, 0)
    assert {name: track.id for name, track in tracks(desk).items()} == ids
    assert roots(desk) == [os.fsencode(music.parent)]
    quiet(desk)
