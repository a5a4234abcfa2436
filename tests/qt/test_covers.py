"""Covers arrive later than they are asked for, and hostile pictures do not arrive at all."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from musicdesk.core.killable import Pool
from musicdesk.core.types import Tags, Track, TrackId
from musicdesk.gui.covers import SIDE, Covers, decoded

Spin = Callable[..., bool]


def picture(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0x336699)
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


def test_odd_pictures(app: QApplication) -> None:
    square = decoded(picture(900, 300))
    assert square is not None and square.width() == square.height() <= SIDE
    assert decoded(b"\x89PNG\r\n\x1a\n" + b"x" * 100) is None
    assert decoded(b"") is None
    assert decoded(picture(13_000, 2)) is None
