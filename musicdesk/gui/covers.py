"""Cover pictures, read and decoded in a thread: the window only asks, and repaints when they arrive."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from musicdesk.core.killable import Pool
from musicdesk.core.types import Track, TrackId

SIDE = 192  # pixels of the largest picture that the window shows, on a screen with two dots per pixel
KEPT = 600
WAITING = 120  # asked for and not yet read; older wishes have scrolled out of sight
LARGEST = 12_000  # pixels a side; more is a bomb
Read = Callable[[Track, Pool], bytes | None]


class Covers(QObject):
    """`read(track, pool)` gives a picture's bytes or None; it is called in a thread of its own."""

    arrived = Signal()
    _came = Signal(object, QImage)

    def __init__(self, read: Read, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.read = read
        self._known: OrderedDict[TrackId, QPixmap | None] = OrderedDict()
        self._wanted: deque[Track] = deque(maxlen=WAITING)
        self._lock = threading.Lock()
        self._working = False
        self._closed = False
        self._threads = QThreadPool(self)
        self._threads.setMaxThreadCount(1)
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
            self._wanted.append(track)
            start = not self._working and not self._closed
            self._working = self._working or start
        if start:
            self._threads.start(_Reading(self))
        return None

    def forget(self) -> None:
        self._known.clear()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._wanted.clear()
        self._threads.waitForDone()

    def next(self) -> Track | None:
        """The newest wish, for the reading thread; None ends its work."""
        with self._lock:
            self._working = bool(self._wanted)
            return self._wanted.pop() if self._wanted else None

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
        from musicdesk.workflows.covers import cover_pool

        with cover_pool() as pool:
            while (track := self._covers.next()) is not None:
                if data := self._covers.read(track, pool):
                    self._covers.give(track.id, data)


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
