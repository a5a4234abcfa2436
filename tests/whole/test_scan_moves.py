"""Files that were moved, renamed, tagged anew or replaced: a track keeps its number as long as it is the same one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.changes import Changes
from musicdesk.core.types import Presence, Verdict
from musicdesk.workflows.desk import Desk, open_desk
from tests.helpers.scanning import hear, heard, one, quiet, run, six_tracks, tracks
from tests.helpers.tagged import make_sound, set_tags


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return six_tracks(tmp_path / "music")


def test_moved_file_keeps_its_number_and_verdict(desk: Desk, music: Path) -> None:
    run(desk, music)
    old = tracks(desk)["01 - Song 1.flac"]
    desk.catalog.feedback.rate(old.id, Verdict.LIKE)
    (music / "Else").mkdir()
    one(music, 1).rename(music / "Else" / "renamed.flac")
    again = run(desk, music)
    assert (again.moved, again.added, again.missing, again.unchanged) == (1, 0, 0, 5)
    new = tracks(desk)["renamed.flac"]
    assert (new.id, new.verdict, new.tags.title) == (old.id, Verdict.LIKE, "Song 1")
    quiet(desk, music)


def test_moved_untagged_file_keeps_its_number(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path = make_sound(tmp_path / "a" / "x.wav")
    run(desk, tmp_path / "a")
    path.rename(tmp_path / "a" / "y.wav")
    again = run(desk, tmp_path / "a")
    assert (again.moved, again.added) == (1, 0)
    assert tracks(desk)["y.wav"].tags.title == "y"


def test_same_size_and_time_is_not_enough_to_be_the_same_file(desk: Desk, music: Path) -> None:
    for path in music.rglob("*.flac"):
        os.utime(path, ns=(10**18, 10**18))
    aside = one(music, 1).rename(music.parent / "aside.flac")
    run(desk, music)
    one(music, 0).unlink()  # as large and as old as the one that comes
    aside.rename(music / "Ann" / "Songs" / "01 - Song 1.flac")
    again = run(desk, music)
    assert (again.added, again.moved, again.missing) == (1, 0, 1)


def test_two_files_that_swap_their_names_are_not_mixed_up(desk: Desk, music: Path) -> None:
    run(desk, music)
    before = tracks(desk)
    a, b, spare = one(music, 0), one(music, 1), music / "spare.flac"
    a.rename(spare)
    b.rename(a)
    spare.rename(b)
    again = run(desk, music)
    assert (again.moved, again.updated, again.added, again.missing) == (2, 0, 0, 0)
    after = tracks(desk)
    assert after[a.name].id == before[b.name].id and after[a.name].tags.title == "Song 1"
    assert after[b.name].id == before[a.name].id and after[b.name].tags.title == "Song 0"
    quiet(desk, music)


def test_file_renamed_onto_another_leaves_that_one_missing(desk: Desk, music: Path) -> None:
    run(desk, music)
    before = tracks(desk)
    one(music, 0).replace(one(music, 1))
    again = run(desk, music)
    assert (again.moved, again.missing, again.unchanged) == (1, 1, 4)
    assert tracks(desk)["01 - Song 1.flac"].id == before["00 - Song 0.flac"].id
    assert desk.catalog.tracks.get(before["01 - Song 1.flac"].id).presence is Presence.MISSING
    quiet(desk, music)


def test_moved_to_another_root_that_alone_is_scanned(desk: Desk, music: Path, tmp_path: Path) -> None:
    run(desk, music)
    old = tracks(desk)["02 - Song 2.flac"]
    other = tmp_path / "other"
    other.mkdir()
    one(music, 2).rename(other / "02 - Song 2.flac")
    again = run(desk, other)
    assert (again.moved, again.added) == (1, 0)
    assert tracks(desk)["02 - Song 2.flac"].id == old.id
    shutil.copy2(one(music, 3), other)
    assert run(desk, other).added == 1  # a copy beside the original is a track of its own


def test_retagged_file_keeps_what_was_heard(desk: Desk, music: Path) -> None:
    run(desk, music)
    hear(desk, *tracks(desk).values())
    path = one(music, 1)
    set_tags(path, title="Another Title", artist="Ann B.")
    again = run(desk, music)
    assert (again.updated, again.unchanged) == (1, 5)
    song = tracks(desk)[path.name]
    assert (song.tags.title, song.version_of) == ("Another Title", "ann b|another title")
    assert int(song.id) in heard(desk)
    quiet(desk, music)


def test_retagged_and_moved_file_is_known_by_its_sound(desk: Desk, music: Path) -> None:
    run(desk, music)
    hear(desk, *tracks(desk).values())
    old = tracks(desk)["01 - Song 1.flac"]
    path = one(music, 1).rename(music / "new place.flac")
    set_tags(path, title="Another Title")
    again = run(desk, music)
    assert (again.moved, again.added, again.missing) == (1, 0, 0)
    new = tracks(desk)["new place.flac"]
    assert (new.id, new.tags.title) == (old.id, "Another Title")
    assert int(new.id) in heard(desk)
    quiet(desk, music)


def test_replaced_sound_is_forgotten(desk: Desk, music: Path) -> None:
    run(desk, music)
    hear(desk, *tracks(desk).values())
    path = one(music, 1)
    make_sound(path, 1234.0, 0.5)
    again = run(desk, music)
    assert again.updated == 1 and Changes.EMBEDDINGS in again.changes
    assert int(tracks(desk)[path.name].id) not in heard(desk)
    assert len(heard(desk)) == 5


def test_copy_of_a_retagged_file_does_not_take_its_place(desk: Desk, music: Path) -> None:
    run(desk, music)
    hear(desk, *tracks(desk).values())
    path = one(music, 1)
    old = tracks(desk)[path.name]
    shutil.copy2(path, music / "copy.flac")
    set_tags(path, title="Another Title")
    again = run(desk, music)
    assert (again.updated, again.added, again.moved) == (1, 1, 0)
    assert tracks(desk)[path.name].id == old.id
    assert tracks(desk)["copy.flac"].version_of == old.version_of
