"""Folders that have another name, or another drive under them: the tracks stay the same, with their ratings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from musicdesk.core.types import Presence, Verdict
from musicdesk.workflows.desk import Desk
from tests.helpers.scanning import hear, one, quiet, run, tracks
from tests.helpers.tagged import make_sound


@pytest.mark.parametrize("looked", [False, True], ids=["at once", "after it was seen to be gone"])
def test_a_renamed_folder_keeps_its_tracks(desk: Desk, music: Path, looked: bool) -> None:
    """A scan of all folders, as the window makes one by itself, may run before the new place is named."""
    run(desk, music)
    ids = {name: track.id for name, track in tracks(desk).items()}
    desk.catalog.feedback.rate(ids["01 - Song 1.flac"], Verdict.LIKE)
    renamed = music.rename(music.parent / "renamed")
    if looked:
        assert run(desk).offline == 6
    again = run(desk, renamed)
    assert (again.moved, again.added) == (6, 0)
    assert {name: track.id for name, track in tracks(desk).items()} == ids
    assert tracks(desk)["01 - Song 1.flac"].verdict is Verdict.LIKE
    quiet(desk, renamed)
    renamed.rename(music)  # and back, which one scan of all sees at once
    assert (run(desk).moved, desk.catalog.tracks.count()["total"]) == (6, 6)


def test_names_that_were_taken_for_tags_are_those_below_the_folder(desk: Desk, tmp_path: Path) -> None:
    """Of a file without tags: the folders above the person's own say nothing of the track."""
    music = tmp_path / "music"
    (music / "Songs").mkdir(parents=True)
    for name in ("Ann - First.wav", "Songs/Bob - Second.wav"):
        make_sound(music / name)
    run(desk, music)
    assert {track.tags.artist for track in tracks(desk).values()} == {"Ann", "Bob"}
    again = run(desk, music.rename(tmp_path / "renamed"))
    assert (again.moved, again.added) == (2, 0)


def test_a_folder_inside_another_that_is_renamed_there(desk: Desk, music: Path) -> None:
    run(desk, music / "Ann")
    run(desk, music)
    ids = {name: track.id for name, track in tracks(desk).items()}
    (music / "Ann").rename(music / "Anna")
    again = run(desk)
    assert (again.moved, again.added, again.offline) == (3, 0, 0)
    assert {name: track.id for name, track in tracks(desk).items()} == ids
    quiet(desk)


def test_a_copy_made_while_the_drive_is_away_has_its_ratings_and_the_drive_comes_back_as_new(
    desk: Desk, music: Path
) -> None:
    """Nothing tells it from a drive under another name; no rating is lost either way."""
    run(desk, music)
    liked = tracks(desk)["01 - Song 1.flac"].id
    desk.catalog.feedback.rate(liked, Verdict.LIKE)
    unplugged = music.rename(music.parent / "unplugged")
    run(desk)
    copy = music.parent / "copy"
    shutil.copytree(unplugged, copy)
    assert run(desk, copy).moved == 6
    unplugged.rename(music)
    back = run(desk)
    assert (back.added, back.moved, back.unchanged) == (6, 0, 6)
    assert desk.catalog.tracks.get(liked).verdict is Verdict.LIKE
    assert desk.catalog.tracks.get(liked).path.startswith(os.fsencode(copy))


def test_other_music_leaves_a_drive_that_is_away_as_it_is(desk: Desk, music: Path, tmp_path: Path) -> None:
    run(desk, music)
    hear(desk, *tracks(desk).values())
    music.rename(music.parent / "unplugged")
    run(desk)
    other = tmp_path / "other"
    other.mkdir()
    make_sound(other / "01 - Song 1.flac", 2000.0, 0.5)
    again = run(desk, other)
    assert (again.added, again.moved) == (1, 0)
    assert desk.catalog.tracks.count()["offline"] == 6


def test_what_lay_at_the_same_place_goes_before_its_twin(desk: Desk, music: Path, tmp_path: Path) -> None:
    twin = music / "Bob" / "Songs" / "01 - Song 1.flac"
    shutil.copy2(one(music / "Ann", 1), twin)
    run(desk, music)
    ids = {os.path.relpath(track.path, os.fsencode(music)): track.id for track in desk.catalog.tracks.all()}
    renamed = music.rename(tmp_path / "renamed")
    run(desk)
    assert run(desk, renamed).moved == 7
    assert {os.path.relpath(t.path, os.fsencode(renamed)): t.id for t in desk.catalog.tracks.all()} == ids


def test_a_file_whose_time_did_not_come_along_is_known_by_its_sound(desk: Desk, music: Path) -> None:
    run(desk, music)
    hear(desk, *tracks(desk).values())
    ids = {name: track.id for name, track in tracks(desk).items()}
    renamed = music.rename(music.parent / "renamed")
    run(desk)
    for path in renamed.rglob("*.flac"):
        os.utime(path, ns=(10**18, 10**18))
    again = run(desk, renamed)
    assert (again.moved, again.added) == (6, 0)
    assert {name: track.id for name, track in tracks(desk).items()} == ids


def test_a_folder_that_may_not_be_entered_tells_nothing_of_its_files(
    desk: Desk, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(desk, music)
    copy = music.parent / "copy"
    shutil.copytree(music, copy)
    lstat = os.lstat

    def guarded(path: bytes) -> os.stat_result:
        if bytes(path).startswith(os.fsencode(music)):
            raise PermissionError(13, "Permission denied")
        return lstat(path)

    monkeypatch.setattr("musicdesk.workflows.moves.os.lstat", guarded)
    assert run(desk, copy).added == 6
    assert {track.presence for track in desk.catalog.tracks.all()} == {Presence.PRESENT}
