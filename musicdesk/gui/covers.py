"""Cover pictures, read in a child process and decoded in a thread: the window only asks and repaints."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from musicdesk.core.killable import Fate, Pool
from musicdesk.core.types import Track, TrackId

SIDE = 192  # pixels of the largest picture that the window shows, on a screen with two dots per pixel
KEPT = 600
WAITING = 120  # asked for and not yet read; older wishes have scrolled out of sight
DEADLINE_S = 10.0
MEMORY = 1 << 30
LARGEST = 12_000  # pixels a side; more is a bomb
Read = Callable[[list[tuple[TrackId, bytes]], Callable[[TrackId, bytes], None]], None]


class Covers(QObject):
    arrived = Signal()
    _came = Signal(object, QImage)

    def __init__(self, read: Read | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read = read or read_in_child
        self._known: OrderedDict[TrackId, QPixmap | None] = OrderedDict()
        self._wanted: deque[tuple[TrackId, bytes]] = deque(maxlen=WAITING)
        self._lock = threading.Lock()
        self._working = False
        self._closed = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._came.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def picture(self, track: Track) -> QPixmap | None:
        """The cover if it is here; else it is sent for, and `arrived` tells when to paint again."""
        if track.id in self._known:
            self._known.move_to_end(track.id)
            return self._known[track.id]
        self._known[track.id] = None
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        with self._lock:
            self._wanted.append((track.id, track.path))
            start = not self._working and not self._closed
            self._working = self._working or start
        if start:
            self._pool.start(_Reading(self))
        return None

    def forget(self) -> None:
        self._known.clear()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._wanted.clear()
        self._pool.waitForDone(int(DEADLINE_S * 1000))

    def take(self) -> list[tuple[TrackId, bytes]]:
        """The newest wishes, for the reading thread; empty ends its work."""
        with self._lock:
            batch = [self._wanted.pop() for _ in range(min(8, len(self._wanted)))]
            self._working = bool(batch)
            return batch

    def give(self, track: TrackId, data: bytes) -> None:
        """Called in the reading thread."""
        image = decoded(data)
        if image is not None and not self._closed:
            self._came.emit(track, image)

    def _keep(self, track: TrackId, image: QImage) -> None:
        self._known[track] = QPixmap.fromImage(image)
        self.arrived.emit()


class _Reading(QRunnable):
    def __init__(self, covers: Covers) -> None:
        super().__init__()
        self._covers = covers

    def run(self) -> None:
        while batch := self._covers.take():
            self._covers._read(batch, self._covers.give)


def read_in_child(batch: list[tuple[TrackId, bytes]], give: Callable[[TrackId, bytes], None]) -> None:
    """Reads tags where a hostile file can do no harm."""
    requests = [{"path": os.fsdecode(path), "track": int(track)} for track, path in batch]
    with Pool("musicdesk.library.cover:served", 1, MEMORY) as pool:
        for request, answer in pool.run(requests, DEADLINE_S):
            if answer.fate is Fate.OK and answer.head.get("found"):
                give(TrackId(request["track"]), answer.arrays["bytes"].tobytes())


def decoded(data: bytes) -> QImage | None:
    """A square picture of at most SIDE pixels, or None when Qt cannot read it."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > LARGEST:
        return None
    reader.setScaledSize(size.scaled(QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return None
    side = min(image.width(), image.height())
    return image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)
