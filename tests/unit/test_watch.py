"""The watcher: tells changed folders after quiet, and ends without a trace."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers import Observer

from musicdesk.library.watch import LIMIT_REACHED, Watcher

Told = "queue.Queue[set[bytes]]"
Start = Callable[[Path], tuple[Watcher, Told]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Watcher] = []

    def watch(folder: Path) -> tuple[Watcher, Told]:
        told: queue.Queue[set[bytes]] = queue.Queue()
        watcher = Watcher([os.fsencode(folder)], told.put, 0.2, 0.1, [os.fsencode(tmp_path / "profile")])
        watcher.start()
        begun.append(watcher)
        assert watcher.ready.wait(10)
        return watcher, told

    yield watch
    for watcher in begun:
        watcher.stop()
    assert not [thread for thread in threading.enumerate() if "watch" in thread.name or "notify" in thread.name.lower()]


@pytest.fixture(params=["watched", "polled"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "polled":

        def full(*_: object, **__: object) -> None:
            raise OSError(28, "inotify watch limit reached")

        monkeypatch.setattr(Observer, "schedule", full)
    return str(request.param)


def test_new_removed_and_deep_files_are_told(tmp_path: Path, start: Start, way: str) -> None:
    album = tmp_path / "Ann" / "Songs"
    album.mkdir(parents=True)
    watcher, told = start(tmp_path)
    assert watcher.trouble == ("" if way == "watched" else LIMIT_REACHED)
    (album / "a.mp3").write_bytes(b"1")
    (album / "b.mp3").write_bytes(b"1")
    assert os.fsencode(album) in told.get(timeout=10)
    (album / "a.mp3").unlink()
    assert os.fsencode(album) in told.get(timeout=10)
    (tmp_path / "Bob").mkdir()
    seen = told.get(timeout=10)
    assert {os.fsencode(tmp_path), os.fsencode(tmp_path / "Bob")} & seen


def test_covers_beside_the_music_are_told_apart(tmp_path: Path, start: Start) -> None:
    watcher, told = start(tmp_path)
    seen = threading.Semaphore(0)
    watcher.pictured = seen.release
    (tmp_path / "holiday.jpg").write_bytes(b"1")
    assert not seen.acquire(timeout=0.4)
    (tmp_path / "Cover.JPG").write_bytes(b"1")
    assert seen.acquire(timeout=10)
    (tmp_path / "new.png").write_bytes(b"1")
    (tmp_path / "new.png").rename(tmp_path / "folder.png")
    assert seen.acquire(timeout=10)
    with pytest.raises(queue.Empty):  # no scan for them
        told.get(timeout=0.4)


def test_a_burst_is_told_once_and_no_music_not_at_all(tmp_path: Path, start: Start) -> None:
    _watcher, told = start(tmp_path)
    (tmp_path / "cover.jpg").write_bytes(b"1")
    (tmp_path / ".hidden").write_bytes(b"1")
    with pytest.raises(queue.Empty):
        told.get(timeout=0.6)
    for i in range(50):
        (tmp_path / f"{i}.mp3").write_bytes(b"1")
    assert told.get(timeout=10) == {os.fsencode(tmp_path)}
    with pytest.raises(queue.Empty):
        told.get(timeout=0.6)


def test_rewriting_in_place_is_noticed(tmp_path: Path, start: Start) -> None:
    (tmp_path / "a.mp3").write_bytes(b"1")
    _watcher, told = start(tmp_path)
    with (tmp_path / "a.mp3").open("r+b") as stream:
        stream.write(b"2")
    assert told.get(timeout=10) == {os.fsencode(tmp_path)}


def test_folders_that_links_lead_to_are_watched(tmp_path: Path, start: Start, way: str) -> None:
    """Those that are there, those further on, and those that come while it watches."""
    for name in ("music/deep", "outside", "beyond", "later", "profile"):
        (tmp_path / name).mkdir(parents=True)
    root = tmp_path / "music"
    (root / "deep" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside" / "link").symlink_to(tmp_path / "beyond")
    (tmp_path / "beyond" / "back").symlink_to(root)
    (root / "own").symlink_to(tmp_path / "profile")
    _watcher, told = start(root)
    for name in ("outside", "beyond"):
        (tmp_path / name / "a.mp3").write_bytes(b"1")
        assert os.fsencode(tmp_path / name) in told.get(timeout=10)
    (root / "new").symlink_to(tmp_path / "later")
    assert os.fsencode(root) in told.get(timeout=10)
    (tmp_path / "later" / "a.mp3").write_bytes(b"1")
    assert os.fsencode(tmp_path / "later") in told.get(timeout=10)
    (tmp_path / "profile" / "a.mp3").write_bytes(b"1")
    with pytest.raises(queue.Empty):
        told.get(timeout=0.6)


def test_a_limit_that_links_reach_has_all_folders_polled(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("music", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "music" / "link").symlink_to(tmp_path / "outside")
    schedule = Observer.schedule

    def limited(self: object, handler: object, path: str, **how: object) -> object:
        if path.endswith("outside"):
            raise OSError(28, "inotify watch limit reached")
        return schedule(self, handler, path, **how)

    monkeypatch.setattr(Observer, "schedule", limited)
    watcher, told = start(tmp_path / "music")
    assert watcher.trouble == LIMIT_REACHED
    for name in ("music", "outside"):
        (tmp_path / name / "a.mp3").write_bytes(b"1")
        assert os.fsencode(tmp_path / name) in told.get(timeout=10)


def test_stops_at_once_also_before_it_was_ready(tmp_path: Path) -> None:
    watcher = Watcher([os.fsencode(tmp_path), os.fsencode(tmp_path / "nowhere")], lambda _folders: None)
    watcher.stop()
    watcher = Watcher([os.fsencode(tmp_path)], lambda _folders: None)
    watcher.start()
    watcher.stop()
    assert not any(thread.name == "folder watcher" for thread in threading.enumerate())
