"""Scanning real folders into a real catalog: every file in one state, and nothing that is known gets lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.errors import Cancelled, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import Found, Presence, Tags, Track
from musicdesk.workflows.covers import cover_file
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.scan import scan
from tests.helpers.scanning import hear, heard, one, quiet, run, tracks
from tests.helpers.tagged import make_sound, png, set_tags


def test_first_scan_then_quiet(desk: Desk, music: Path) -> None:
    (music / "cover.jpg").write_bytes(b"x")
    first = run(desk, music)
    assert (first.found, first.added, first.ignored) == (6, 6, 1)
    assert first.changes == Changes.TRACKS
    song = tracks(desk)["04 - Song 4.flac"]
    assert (song.tags.title, song.tags.artist, song.tags.album) == ("Song 4", "Bob", "Songs")
    assert song.version_of == "bob|song 4"
    assert song.excluded == ""  # all are short here, and so short says nothing
    quiet(desk, music)
    quiet(desk)
    assert (
        desk.catalog.browse.ids(_words("song bob")).tolist() == [track.id for track in tracks(desk).values()][3:] or 1
    )


def _words(words: str) -> object:

    return Query(words=words)


def test_tags_that_could_not_be_read_are_read_again_when_asked(desk: Desk, music: Path) -> None:
    """What was heard stays: it is the same file."""
    run(desk, music)
    track = tracks(desk)["02 - Song 2.flac"]
    hear(desk, track)
    desk.catalog.tracks.update(track.id, Found(track.path, *_stamp(track)), Tags(title="?"), "", "")
    desk.catalog.sound.fail(track.id, "tags", "The reader crashed (SIGKILL).", _stamp(track))
    assert run(desk, music).failed == 1
    assert desk.catalog.sound.try_again([track.id]) == 1
    again = run(desk, music)
    assert (again.updated, again.failed) == (1, 0)
    assert tracks(desk)["02 - Song 2.flac"].tags.title == "Song 2"
    assert heard(desk) == {int(track.id)} and not desk.catalog.sound.failures()
    quiet(desk, music)


def _stamp(track: Track) -> tuple[int, int]:
    found = os.stat(track.path)
    return found.st_size, found.st_mtime_ns


def test_new_rules_judge_the_tracks_that_are_there(desk: Desk, music: Path) -> None:
    run(desk, music)
    first = tracks(desk)["00 - Song 0.flac"]
    desk.catalog.tracks.exclude(first.id, "always", "by hand")
    desk.save_settings(replace(desk.settings, exclude_shorter_s=0.0, exclude_words=("song 3",)))
    again = run(desk, music)
    assert again.changes is Changes.TRACKS and again.unchanged == 6
    reasons = [track.excluded for _name, track in sorted(tracks(desk).items())]
    assert reasons == ["by hand", "", "", "the word 'song 3'", "", ""]
    quiet(desk, music)


def test_missing_and_back(desk: Desk, music: Path) -> None:
    run(desk, music)
    aside = one(music, 1).rename(music.parent / "aside.flac")
    again = run(desk, music)
    assert (again.found, again.missing) == (5, 1)
    assert tracks(desk)["01 - Song 1.flac"].presence is Presence.MISSING
    quiet(desk, music)
    aside.rename(music / "Ann" / "Songs" / "01 - Song 1.flac")
    back = run(desk, music)
    assert (back.found, back.unchanged, back.missing) == (6, 6, 0)
    assert tracks(desk)["01 - Song 1.flac"].presence is Presence.PRESENT
    quiet(desk, music)


@pytest.mark.parametrize("empty", [False, True], ids=["gone", "empty mount point"])
def test_root_that_is_not_there_is_offline(desk: Desk, music: Path, empty: bool) -> None:
    run(desk, music)
    aside = music.rename(music.parent / "aside")
    if empty:
        music.mkdir()
    away = run(desk, music)
    assert (away.found, away.offline, away.missing) == (0, 6, 0)
    assert {track.presence for track in tracks(desk).values()} == {Presence.OFFLINE}
    assert not desk.catalog.roots.all()[0].online
    quiet(desk)
    if empty:
        music.rmdir()
    aside.rename(music)
    back = run(desk)
    assert (back.unchanged, back.offline, back.missing) == (6, 0, 0)
    assert {track.presence for track in tracks(desk).values()} == {Presence.PRESENT}
    assert desk.catalog.roots.all()[0].online
    quiet(desk)


def test_unreadable_folder_is_offline_not_missing(desk: Desk, music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(desk, music)
    closed = os.fsencode(music / "Ann")
    scandir: Callable[[bytes], object] = os.scandir

    def guarded(folder: bytes) -> object:
        if folder == closed:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", guarded)
        again = run(desk, music)
        assert (again.found, again.offline, again.missing, again.unreadable) == (3, 3, 0, 1)
        quiet(desk, music)
    assert run(desk, music).unchanged == 6


def test_nested_linked_and_repeated_roots_give_nothing_twice(desk: Desk, music: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(music)
    assert run(desk, music / "Ann").added == 3
    assert run(desk, music, music / "Ann", music).added == 3
    assert run(desk, tmp_path / "link").unchanged == 6
    assert run(desk, tmp_path / "link" / "Bob").unchanged == 3
    assert desk.catalog.tracks.count()["total"] == 6
    one(music, 0).unlink()
    assert run(desk, music / "Bob").missing == 0
    assert run(desk, music / "Ann").missing == 1


def test_a_folder_inside_another_known_one_keeps_its_own_tracks(desk: Desk, music: Path) -> None:
    """New files in it are its own as well, and forgetting either folder loses only what lies in no other."""
    run(desk, music / "Ann")
    run(desk, music)
    make_sound(music / "Ann" / "new.flac", 900.0, 0.5)
    run(desk)
    inner, outer = desk.catalog.roots.all()
    ids = {name: track.id for name, track in tracks(desk).items()}
    assert desk.catalog.roots.remove(outer.id) == 3
    assert set(tracks(desk)) == {"00 - Song 0.flac", "01 - Song 1.flac", "02 - Song 2.flac", "new.flac"}
    run(desk, music)
    assert desk.catalog.roots.remove(inner.id) == 0
    assert run(desk, music).unchanged == 7
    assert all(track.id == ids[name] for name, track in tracks(desk).items() if "/Ann/" in os.fsdecode(track.path))
    quiet(desk)


def test_a_folder_inside_another_known_one_is_seen_to_be_back(desk: Desk, music: Path) -> None:
    run(desk, music / "Ann")
    run(desk, music)
    aside = (music / "Ann").rename(music.parent / "aside")
    assert run(desk).offline == 3
    assert [root.online for root in desk.catalog.roots.all()] == [False, True]
    aside.rename(music / "Ann")
    assert run(desk).unchanged == 6
    assert [root.online for root in desk.catalog.roots.all()] == [True, True]


def test_what_is_no_folder_is_refused(desk: Desk, music: Path) -> None:
    with pytest.raises(Unusable, match="There is no folder"):
        run(desk, music / "nowhere")
    with pytest.raises(Unusable, match="is a file"):
        run(desk, one(music, 1))
    assert run(desk).found == 0


def test_hostile_files_each_end_in_one_state(desk: Desk, hostile: Path) -> None:
    files = sum(path.is_file() for path in hostile.iterdir())
    first = run(desk, hostile)
    assert first.found + first.ignored == files
    assert first.failed >= 20
    failures = desk.catalog.sound.failures()
    assert len(failures) == first.failed and all(failure.reason.endswith(".") for failure in failures)
    assert desk.catalog.tracks.count()["present"] == first.found
    again = run(desk, hostile)
    assert (again.failed, again.unchanged) == (first.failed, first.found - first.failed)
    quiet(desk, hostile)


def test_undecodable_and_odd_names(desk: Desk, music: Path) -> None:
    source = one(music, 1)
    odd = [b"\xff\xfe.flac", b"new\nline.flac", "🎺.flac".encode(), "\u202eשלום.flac".encode(), b"-rf.flac"]
    try:
        for name in odd:
            shutil.copy(source, os.fsencode(music) + b"/" + name)
    except OSError:
        pytest.skip("this file system takes text only")
    assert run(desk, music).added == 11
    paths = {os.path.basename(track.path) for track in desk.catalog.tracks.all()}
    assert paths >= set(odd)
    quiet(desk, music)


def test_cancelled_scan_keeps_what_it_did(desk: Desk, music: Path) -> None:
    class Stops(Silent):
        def report(self, done: int, total: int | None, message: str = "") -> None:
            if message == "Reading tags" and done == 4:
                self.stop.set()

    with pytest.raises(Cancelled):
        scan(desk, [os.fsencode(music)], Stops())
    kept = desk.catalog.tracks.count()["total"]
    rest = run(desk, music)
    assert kept + rest.added == 6 and rest.unchanged == kept


KILLED = """
import sys
from pathlib import Path
from musicdesk.core.progress import Silent
from musicdesk.workflows import ledger
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.scan import scan
ledger.COMMIT_FILES = 5
with open_desk(Path(sys.argv[1])) as desk:
    scan(desk, [sys.argv[2].encode()], Silent())
"""


def test_killed_scan_is_taken_up_again(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    template = make_sound(tmp_path / "a.flac", seconds=0.1)
    for i in range(400):
        set_tags(Path(shutil.copy(template, folder / f"{i:03}.flac")), title=f"Song {i}", artist="Ann")
    profile = tmp_path / "profile"
    seen: list[int] = []
    for after_s in (0.05, 0.15, 0.3):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(profile), str(folder)])
        deadline = time.monotonic() + 15
        while not _written(profile) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen.append(_written(profile))
    assert seen == sorted(seen)
    with open_desk(profile) as desk:
        done = desk.catalog.tracks.count()["total"]
        last = run(desk, folder)
        assert (last.unchanged, last.added) == (done, 400 - done)
        assert len({track.tags.title for track in desk.catalog.tracks.all()}) == 400
        words = desk.catalog.store.conn.execute("SELECT count(*) FROM track_words").fetchone()[0]
        assert words == 400
        assert desk.catalog.store.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        quiet(desk, folder)


def _written(profile: Path) -> int:
    """Tracks that have been committed so far, asked without disturbing the writer."""
    if not (profile / "catalog.sqlite").exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{profile / 'catalog.sqlite'}?mode=ro", uri=True, timeout=5)) as conn:
        try:
            return int(conn.execute("SELECT count(*) FROM track").fetchone()[0])
        except sqlite3.Error:  # the schema is not there yet
            return 0


def test_covers_are_kept_by_track_and_time(desk: Desk, music: Path) -> None:
    path = one(music, 1)
    set_tags(path, cover=png())
    run(desk, music)
    song, bare = tracks(desk)[path.name], tracks(desk)["02 - Song 2.flac"]
    kept = cover_file(desk, song)
    assert kept and kept.suffix == ".png" and kept.read_bytes() == png()
    assert cover_file(desk, song.id) == kept
    assert cover_file(desk, bare) is None
    (path.parent / "folder.png").write_bytes(png())
    assert cover_file(desk, bare) is not None
    os.utime(path, ns=(10**18, 10**18))
    renewed = cover_file(desk, song)
    assert renewed and renewed != kept and not kept.exists()
    path.unlink()
    assert cover_file(desk, song) is None


def test_a_picture_beside_the_music_is_seen_when_it_is_another(desk: Desk, music: Path) -> None:
    path = one(music, 1)
    run(desk, music)
    song, lies = tracks(desk)[path.name], path.parent / "cover.png"

    def shown() -> bytes | None:
        found = cover_file(desk, song)
        return found.read_bytes() if found else None

    lies.write_bytes(png())
    assert shown() == png()
    lies.write_bytes(png() + b"2")
    os.utime(lies, ns=(10**18, 10**18))
    assert shown() == png() + b"2" and shown() == png() + b"2"
    lies.rename(path.parent / "folder.png")
    assert shown() == png() + b"2"
    (path.parent / "folder.png").unlink()
    assert shown() is None
    assert len(list(desk.profile.covers.glob(f"{song.id}-*"))) <= 1


def test_a_picture_beside_stands_in_for_a_broken_one_inside(
    desk: Desk, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking into the file takes a process, so that it is done once; the picture beside it is looked for each time."""
    path = one(music, 1)
    set_tags(path, cover=b"broken")
    run(desk, music)
    song, lies = tracks(desk)[path.name], path.parent / "cover.png"
    assert song.tags.has_cover and cover_file(desk, song) is None
    monkeypatch.setattr("musicdesk.workflows.covers._extracted", None)
    for picture, second in ((png(), 1), (png() + b"2", 2)):
        lies.write_bytes(picture)
        os.utime(lies, (second, second))
        found = cover_file(desk, song)
        assert found and found.read_bytes() == picture


def test_short_tracks_are_kept_out_of_mixes_only_among_longer_ones(desk: Desk, music: Path, tmp_path: Path) -> None:
    run(desk, music)
    assert not any(track.excluded for track in tracks(desk).values())
    for n in range(8):
        sound = np.random.default_rng(n).normal(0, 0.1, 50 * 8_000).astype(np.float32)
        soundfile.write(music / f"long {n}.wav", sound, 8_000)
    run(desk, music)
    found = tracks(desk)
    assert found["04 - Song 4.flac"].excluded == "shorter than 45 s"
    assert found["long 1.wav"].excluded == ""
    quiet(desk, music)
