"""The walk over folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from musicdesk.library.find import Walk, find, linked, signature
from musicdesk.library.kinds import is_music_head


def names(*folders: Path) -> list[str]:
    return sorted(os.fsdecode(os.path.basename(found.path)) for found in find([os.fsencode(f) for f in folders]))


def put(folder: Path, *files: str, data: bytes = b"x") -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_music_by_its_ending_whatever_the_case(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3", "b/c/d.FLAC", "e.jpg", "f.Opus", "g.txt", ".hidden.mp3", ".trash/h.mp3")
    walk = Walk([os.fsencode(tmp_path)])
    music = sorted(os.path.basename(stamp[0]) for stamps in walk for stamp in stamps)
    assert music == [b"a.mp3", b"d.FLAC", b"f.Opus"]
    assert walk.ignored == 2


def test_unknown_endings_are_looked_into(tmp_path: Path) -> None:
    put(tmp_path, "a", "b.xyz", data=b"fLaC" + bytes(60))
    put(tmp_path, "c", "d.xyz", "e", data=b"plain text, no sound")
    put(tmp_path, "empty", data=b"")
    assert names(tmp_path) == ["a", "b.xyz"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        *[(b"ID3\x04", True), (b"RIFF\0\0\0\0WAVE", True), (b"RIFF\0\0\0\0AVI ", False), (b"\0\0\0\x20ftypM4A ", True)],
        *[(b"\0\0\0\x20ftypheic", False), (b"\xff\xfb\x90\x44", True), (b"\xff\xff\xff\xff", False)],
        *[(b"\xff\xf1\x50\x80", True), (b"\xff\xd8\xff\xe0", False), (b"", False), (b"OggS", True)],
    ],
)
def test_first_bytes(head: bytes, expected: bool) -> None:
    assert is_music_head(head) is expected


def test_links_are_followed_once_and_make_no_circle(tmp_path: Path) -> None:
    put(tmp_path, "real/a.mp3", "outside/b.mp3")
    root = tmp_path / "real"
    (root / "circle").symlink_to(root)
    (root / "deep").mkdir()
    (root / "deep" / "up").symlink_to(tmp_path)
    (root / "dead").symlink_to(tmp_path / "nowhere")
    (root / "again.mp3").symlink_to(root / "a.mp3")
    (root / "far.mp3").symlink_to(tmp_path / "outside" / "b.mp3")
    found = [os.fsdecode(found.path).removeprefix(str(tmp_path)) for found in find([os.fsencode(root)])]
    assert sorted(found) == ["/real/a.mp3", "/real/deep/up/outside/b.mp3"]


def test_a_file_is_met_once_by_a_link_to_it_and_to_its_folder(tmp_path: Path) -> None:
    """Whichever comes first in the folder: a link to a file is judged when all linked folders are known."""
    put(tmp_path, "outside/b.mp3", "music/c.mp3", "far/d.mp3")
    root = tmp_path / "music"
    for name in ("a", "z"):
        (root / f"{name}.mp3").symlink_to(tmp_path / "outside" / "b.mp3")
    (root / "folder").symlink_to(tmp_path / "outside")
    for name in ("first.mp3", "second.mp3"):
        (root / name).symlink_to(tmp_path / "far" / "d.mp3")
    assert names(root) == ["b.mp3", "c.mp3", "first.mp3"]
    second = os.fsencode(root / "second.mp3")
    known: dict[bytes, int | None] = {second: 7}
    walk = Walk([os.fsencode(root)], known)
    assert sum(len(stamps) for stamps in walk) == 2 and [stamp[0] for stamp in walk.changed] == [second]


def test_the_folders_that_links_lead_to(tmp_path: Path) -> None:
    put(
        tmp_path, "music/a.mp3", "music/.hidden/b.mp3", "outside/c.mp3", "beyond/d.mp3", "profile/e.mp3", "secret/f.mp3"
    )
    root = tmp_path / "music"
    links = {
        "music/b": "outside",
        "music/c": "outside",
        "outside/d": "beyond",
        "beyond/e": "music",
        "music/f": "profile",
    }
    for link, to in {**links, "music/.hidden/g": "secret", "music/h": "nowhere"}.items():
        (tmp_path / link).symlink_to(tmp_path / to)
    avoid = [os.fsencode(tmp_path / "profile")]
    found = [os.path.realpath(os.fsdecode(folder)) for folder in linked([os.fsencode(root)], avoid)]
    assert found == [str(tmp_path / "outside"), str(tmp_path / "beyond")]
    assert list(linked([os.fsencode(tmp_path / "nowhere")])) == []


def test_overlapping_folders_give_nothing_twice(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c.mp3", "a/d.mp3")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert names(tmp_path / "a", tmp_path / "a" / "b", tmp_path / "link", tmp_path / "a") == ["c.mp3", "d.mp3"]


def test_undecodable_names_come_as_bytes(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.mp3"
    try:
        open(path, "wb").close()
    except OSError:
        pytest.skip("this file system takes text only")
    assert [found.path for found in find([os.fsencode(tmp_path)])] == [path]


def test_unreadable_folder_is_reported_not_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "open/a.mp3", "closed/b.mp3")
    closed = os.fsencode(tmp_path / "closed")
    scandir = os.scandir

    def guarded(folder: bytes) -> object:
        if folder == closed:
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    walk = Walk([os.fsencode(tmp_path)])
    assert sum(len(stamps) for stamps in walk) == 1
    assert walk.unreadable == [closed]


def test_known_files_are_counted_and_changed_ones_told(tmp_path: Path) -> None:
    put(tmp_path, "same.mp3", "touched.mp3", "new.mp3", "known-without-ending")
    root = os.fsencode(tmp_path)
    known: dict[bytes, int | None] = {os.path.join(root, b"gone.mp3"): 5, os.path.join(root, b"absent.mp3"): None}
    for name in (b"same.mp3", b"touched.mp3", b"known-without-ending"):
        stat = os.stat(os.path.join(root, name))
        known[os.path.join(root, name)] = signature(stat.st_size, stat.st_mtime_ns)
    os.utime(tmp_path / "touched.mp3", ns=(1, 1))
    walk = Walk([root], known)
    new = [stamp[0] for stamps in walk for stamp in stamps]
    assert new == [os.path.join(root, b"new.mp3")]
    assert walk.same == 2
    assert [stamp[0] for stamp in walk.changed] == [os.path.join(root, b"touched.mp3")]
    assert set(known) == {os.path.join(root, b"gone.mp3"), os.path.join(root, b"absent.mp3")}


def test_times_that_no_database_holds_are_folded(tmp_path: Path) -> None:
    put(tmp_path, "a.mp3")
    try:
        os.utime(tmp_path / "a.mp3", (12_000_000_000, 12_000_000_000))
    except (OSError, OverflowError):
        pytest.skip("this file system knows no such time")
    (found,) = find([os.fsencode(tmp_path)])
    assert abs(found.size + found.mtime_ns) < 2**63
    walk = Walk([os.fsencode(tmp_path)], {found.path: signature(found.size, found.mtime_ns)})
    assert not any(walk) and walk.same == 1


def test_avoided_folders_and_empty_ones(tmp_path: Path) -> None:
    put(tmp_path, "music/a.mp3", "music/profile/cache/b.mp3")
    (tmp_path / "bare").mkdir()
    folders = [os.fsencode(tmp_path / "music"), os.fsencode(tmp_path / "bare")]
    walk = Walk(folders, avoid=[os.fsencode(tmp_path / "music" / "profile")])
    assert [os.path.basename(stamp[0]) for stamps in walk for stamp in stamps] == [b"a.mp3"]
    assert walk.empty == [folders[1]]


def test_music_comes_by_name_on_every_file_system(tmp_path: Path) -> None:
    """What is learned hangs on the order of tracks, and each file system lists in an order of its own."""
    put(tmp_path, "b/2.mp3", "a/9.mp3", "b/1.mp3", "c.mp3", "a/z/1.mp3", "a/10.mp3", "0.mp3")
    walked = [os.fsdecode(stamp[0]) for stamps in Walk([os.fsencode(tmp_path)]) for stamp in stamps]
    found = [os.path.relpath(path, tmp_path) for path in walked]
    assert found == ["0.mp3", "c.mp3", "a/10.mp3", "a/9.mp3", "a/z/1.mp3", "b/1.mp3", "b/2.mp3"]
