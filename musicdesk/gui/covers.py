"""Cover pictures, read and decoded in a thread: the window only asks, and repaints when they arrive."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from musicdesk.core.killable import Pool
from musicdesk.core.types import Track, TrackId

SIDE = 192  # pixels of the largest picture that the window shows, on a screen with two dots per pixel
KEPT = 600
WAITING = 120  # asked for and not yet read; older wishes have scrolled out of sight
LARGEST = 12_000  # pixels a side; more is a bomb
Read = Callable[[Track, Pool], bytes | None]


@dataclass
class _Known:
    """What is shown of a track. `mark` tells its file from another one; 0 for none."""

    picture: QPixmap | None = None
    mark: int = 0
    asked: int = 0  # the look at the files, of which `Covers` counts them, that it was asked for in


@dataclass(frozen=True)
class _Wish:
    track: Track
    mark: int  # of what is shown


class Covers(QObject):
    """`read(track, pool)` gives a picture's bytes or None; it is called in a thread of its own."""

    arrived = Signal()
    _came = Signal(object, object, object)  # TrackId, a picture, its mark

    def __init__(self, read: Read, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.read = read
        self._known: OrderedDict[TrackId, _Known] = OrderedDict()
        self._look = 1
        self._wanted: deque[_Wish] = deque()
        self._lock = threading.Lock()
        self._working = False
        self._closed = False
        self._threads = QThreadPool(self)
        self._threads.setMaxThreadCount(1)
        self._came.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def picture(self, track: Track) -> QPixmap | None:
        """The cover if it is here; else it is sent for, and `arrived` tells when to paint again."""
        known = self._known.setdefault(track.id, _Known())
        self._known.move_to_end(track.id)
        if known.asked != self._look:
            known.asked = self._look
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            self._send_for(_Wish(track, known.mark))
        return known.picture

    def look_again(self) -> None:
        """Files may be others now: what is painted is read again, and stays as it is until another one is there."""
        self._look += 1
        self.arrived.emit()

    def forget(self) -> None:
        self._known.clear()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._wanted.clear()
        self._threads.waitForDone()

    def next(self) -> _Wish | None:
        """The newest wish, for the reading thread; None ends its work."""
        with self._lock:
            self._working = bool(self._wanted)
            return self._wanted.pop() if self._wanted else None

    def give(self, wish: _Wish, data: bytes | None) -> None:
        """Called in the reading thread. What was shown when it was wished for is not decoded again."""
        mark = hash(data) if data else 0
        image = None if mark == wish.mark else (decoded(data) if data else None) or QImage()
        if not self._closed:
            self._came.emit(wish.track.id, image, mark)

    def _send_for(self, wish: _Wish) -> None:
        with self._lock:
            self._wanted.append(wish)
            given_up = self._wanted.popleft().track.id if len(self._wanted) > WAITING else None
            start = not self._working and not self._closed
            self._working = self._working or start
        if given_up is not None and given_up in self._known:
            self._known[given_up].asked = 0  # it is asked for again when it comes back into sight
        if start:
            self._threads.start(_Reading(self))

    def _keep(self, track: TrackId, image: QImage | None, mark: int) -> None:
        """image: null for none, None where it is what was shown when it was wished for"""
        known = self._known.setdefault(track, _Known(asked=self._look))
        if known.mark == mark:
            return
        if image is None:  # another one came meanwhile
            known.asked = 0
            self.arrived.emit()
            return
        known.picture, known.mark = None if image.isNull() else QPixmap.fromImage(image), mark
        self.arrived.emit()


class _Reading(QRunnable):
    def __init__(self, covers: Covers) -> None:
        super().__init__()
        self._covers = covers

    def run(self) -> None:
        from musicdesk.workflows.covers import cover_pool

        with cover_pool() as pool:
            while (wish := self._covers.next()) is not None:
                self._covers.give(wish, self._covers.read(wish.track, pool))


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
