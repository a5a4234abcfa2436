"""Covers arrive later than they are asked for, and hostile pictures do not arrive at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from musicdesk.core.killable import Pool
from musicdesk.core.types import Tags, Track, TrackId
from musicdesk.gui.covers import SIDE, WAITING, Covers, decoded
from tests.helpers.big_catalog import fill
from tests.qt.windows import window

Spin = Callable[..., bool]


def picture(width: int, height: int, colour: int = 0x336699) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(colour)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def track(number: int) -> Track:
    return Track(TrackId(number), b"/m/%d.flac" % number, Tags())


def test_pictures_are_read_in_a_thread_newest_wish_first(app: QApplication, spin: Spin) -> None:
    read: list[int] = []
    threads: set[int] = set()
    gate = threading.Event()

    def reader(wanted: Track, _pool: Pool) -> bytes | None:
        gate.wait(5)
        read.append(int(wanted.id))
        threads.add(threading.get_ident())
        return picture(300, 200) if wanted.id != 3 else None

    covers = Covers(reader)
    assert [covers.picture(track(number)) for number in (1, 2, 3, 4)] == [None] * 4
    gate.set()
    assert spin(lambda: covers.picture(track(4)) and covers.picture(track(1)) and covers.picture(track(2)))
    assert sorted(read) == [1, 2, 3, 4] and read[-1] in (1, 2)
    assert threading.get_ident() not in threads
    assert covers.picture(track(3)) is None
    found = covers.picture(track(1))
    assert found is not None and found.width() == found.height()
    covers.close()
    assert covers.picture(track(9)) is None
    assert read.count(9) == 0


def test_the_same_picture_that_was_away_for_a_moment_is_there_again(app: QApplication, spin: Spin) -> None:
    """Read as none and, before that was shown, as the one before."""
    lies, before = [picture(20, 20)], []
    covers = Covers(lambda _wanted, _pool: lies[0])
    assert spin(lambda: covers.picture(track(1)) is not None)
    before.append(covers._known[TrackId(1)].mark)
    covers._keep(TrackId(1), QImage(), 0)
    covers._keep(TrackId(1), None, before[0])
    assert spin(lambda: covers.picture(track(1)) is not None)
    covers.close()


def test_odd_pictures(app: QApplication) -> None:
    square = decoded(picture(900, 300))
    assert square is not None and square.width() == square.height() <= SIDE
    assert decoded(b"\x89PNG\r\n\x1a\n" + b"x" * 100) is None
    assert decoded(b"") is None
    assert decoded(picture(13_000, 2)) is None


def test_a_picture_that_was_replaced_is_seen_and_stays_until_then(app: QApplication, spin: Spin) -> None:
    lies: dict[int, bytes | None] = {1: picture(20, 20), 2: picture(20, 20)}
    read: list[int] = []

    def reader(wanted: Track, _pool: Pool) -> bytes | None:
        read.append(int(wanted.id))
        return lies[int(wanted.id)]

    covers, painted = Covers(reader), [0]
    covers.arrived.connect(lambda: painted.append(painted[-1] + 1))

    def colour(number: int) -> int | None:
        found = covers.picture(track(number))
        return found.toImage().pixel(3, 3) & 0xFFFFFF if found else None

    assert spin(lambda: colour(1) and colour(2))
    before = painted[-1]
    lies[1] = picture(20, 20, 0xAA2200)
    covers.look_again()
    assert painted[-1] == before + 1 and len(read) == 2, "only what is painted is read again"
    assert colour(1) == colour(2) == 0x336699, "the old one stays meanwhile"
    assert spin(lambda: colour(1) == 0xAA2200)
    assert colour(2) == 0x336699 and spin(lambda: len(read) == 4) and painted[-1] == before + 2
    lies[1] = None
    covers.look_again()
    assert spin(lambda: colour(1) is None) and colour(2) == 0x336699
    covers.close()


def test_what_was_scrolled_past_is_read_when_it_is_seen_again(app: QApplication, spin: Spin) -> None:
    gate = threading.Event()

    def reader(_wanted: Track, _pool: Pool) -> bytes:
        gate.wait(5)
        return picture(20, 20)

    covers = Covers(reader)
    for number in range(1, 2 * WAITING):
        covers.picture(track(number))
    gate.set()
    assert spin(lambda: covers.picture(track(2 * WAITING - 1)))
    assert spin(lambda: covers.picture(track(2)))
    covers.close()


@pytest.mark.parametrize("watched", [True, False])
def test_a_cover_in_a_folder_is_seen_while_the_window_is_open(
    app: QApplication, tmp_path: Path, spin: Spin, watched: bool
) -> None:
    with window(app, tmp_path / "profile") as opened:
        catalog, covers = opened.shell.desk.catalog, opened.window.covers
        [number] = fill(catalog, 1, folder=tmp_path / "music").tolist()
        song = catalog.tracks.get(TrackId(number))
        lies = Path(os.fsdecode(song.path)).parent / "cover.png"
        lies.parent.mkdir(parents=True)
        Path(os.fsdecode(song.path)).write_bytes(b"sound")
        lies.write_bytes(picture(20, 20))
        assert spin(lambda: covers.picture(song))
        opened.shell.change_settings(watch_folders=watched)
        opened.watching.start()
        assert not watched or opened.watching._watcher.ready.wait(10)
        lies.write_bytes(picture(20, 20, 0xAA2200))
        if not watched:
            opened.shell.jobs.start("settle", {"roots": []})

        def replaced() -> bool:
            found = covers.picture(song)
            return found is not None and found.toImage().pixel(3, 3) & 0xFFFFFF == 0xAA2200

        assert spin(replaced, 10)
        assert spin(lambda: not opened.shell.jobs.running(), 10)
