"""Files that were moved, renamed, tagged anew or replaced: a track keeps its number as long as it is the same one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from musicdesk.core.changes import Changes
from musicdesk.core.types import Presence, Verdict
from musicdesk.workflows.desk import Desk
from tests.helpers.scanning import hear, heard, one, quiet, run, tracks
from tests.helpers.tagged import make_sound, set_tags


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


def loops(folder: Path, *names: str) -> Path:
    """Files of one size and time, without tags; no two sound alike."""
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        os.utime(make_sound(folder / f"{name}.wav", 300.0 + 50 * number, 0.5), ns=(10**18, 10**18))
    return folder


def test_files_of_one_size_and_time_are_told_apart_by_their_sound(desk: Desk, tmp_path: Path) -> None:
    folder = loops(tmp_path / "pack", "a", "b", "c", "d")
    run(desk, folder)
    hear(desk, *tracks(desk).values())
    ids = {name: track.id for name, track in tracks(desk).items()}
    for old, new in zip("abcd", ("z", "y", "x", "w"), strict=True):
        (folder / f"{old}.wav").rename(folder / f"{new}.wav")
    again = run(desk, folder)
    assert (again.moved, again.added) == (4, 0)
    after = {name: track.id for name, track in tracks(desk).items()}
    assert [after[f"{new}.wav"] for new in "zyxw"] == [ids[f"{old}.wav"] for old in "abcd"]
    quiet(desk, folder)


def test_another_untagged_file_of_one_size_and_time_is_a_new_one(desk: Desk, tmp_path: Path) -> None:
    folder = loops(tmp_path / "pack", "a")
    run(desk, folder)
    hear(desk, *tracks(desk).values())
    old = tracks(desk)["a.wav"].id
    (folder / "a.wav").unlink()
    os.utime(make_sound(folder / "b.wav", 990.0, 0.5), ns=(10**18, 10**18))
    again = run(desk, folder)
    assert (again.moved, again.added, again.missing) == (0, 1, 1)
    assert desk.catalog.tracks.get(old).presence is Presence.MISSING
    quiet(desk, folder)


def test_tagged_twins_of_one_size_and_time_are_told_apart_by_their_sound(desk: Desk, tmp_path: Path) -> None:
    folder = loops(tmp_path / "pack", "a", "b")
    for name in "ab":
        set_tags(folder / f"{name}.wav", title="Loop", artist="Ann")
        os.utime(folder / f"{name}.wav", ns=(10**18, 10**18))
    run(desk, folder)
    hear(desk, *tracks(desk).values())
    ids = {name: track.id for name, track in tracks(desk).items()}
    for old, new in ("az", "by"):
        (folder / f"{old}.wav").rename(folder / f"{new}.wav")
    assert run(desk, folder).moved == 2
    assert tracks(desk)["z.wav"].id == ids["a.wav"] and tracks(desk)["y.wav"].id == ids["b.wav"]


def test_an_untagged_file_renamed_onto_one_that_nobody_heard(desk: Desk, tmp_path: Path) -> None:
    folder = loops(tmp_path / "pack", "a", "b")
    run(desk, folder)
    hear(desk, tracks(desk)["b.wav"])
    ids = {name: track.id for name, track in tracks(desk).items()}
    os.utime(folder / "a.wav", ns=(10**18 + 5, 10**18 + 5))
    run(desk, folder)
    (folder / "b.wav").replace(folder / "a.wav")
    again = run(desk, folder)
    assert (again.moved, again.missing) == (1, 1)
    assert tracks(desk)["a.wav"].id == ids["b.wav"]
    assert desk.catalog.tracks.get(ids["a.wav"]).presence is Presence.MISSING


def test_a_file_that_cannot_be_heard_just_now_is_believed_by_its_stamp(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that is slow today must not cost a track its ratings."""
    folder = loops(tmp_path / "pack", "a")
    run(desk, folder)
    hear(desk, *tracks(desk).values())
    old = tracks(desk)["a.wav"].id
    (folder / "a.wav").rename(folder / "b.wav")
    monkeypatch.setattr("musicdesk.workflows.intake.IDENTITY", "musicdesk.audio.listen:nothing")
    assert run(desk, folder).moved == 1
    assert tracks(desk)["b.wav"].id == old
