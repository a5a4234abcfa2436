"""Moves the camera: by steps of the hand at once, by flights over time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer

from musicdesk.space.camera import Camera, between

FRAME_MS = 16
REST_MS = 180  # after the last movement


class Pilot(QObject):
    """`moved(camera, moving)` is called on the way and once more, with moving False, at rest."""

    def __init__(self, moved: Callable[[Camera, bool], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._moved = moved
        self.camera = Camera()
        self.reduced_motion = False
        self._flight: tuple[Camera, Camera, float, float] | None = None
        self._frame = QTimer(self, interval=FRAME_MS)
        self._frame.timeout.connect(self._step)
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._settle)

    @property
    def flying(self) -> bool:
        return self._flight is not None

    def turn(self, camera: Camera) -> None:
        """Where the hand wants it, now; ends a flight."""
        self._end_flight()
        self.camera = camera
        self._rest.start()
        self._moved(camera, True)

    def fly(self, camera: Camera, seconds: float = 0.7) -> None:
        """There in `seconds`, or at once when motion is unwanted."""
        if self.reduced_motion or seconds <= 0:
            self.turn(camera)
            return
        self._flight = (self.camera, camera, monotonic(), seconds)
        self._frame.start()

    def stop(self) -> None:
        self._end_flight()
        self._rest.stop()

    def _step(self) -> None:
        if self._flight is None:
            return
        start, end, since, seconds = self._flight
        share = (monotonic() - since) / seconds
        self.camera = between(start, end, share)
        if share >= 1.0:
            self._end_flight()
            self._rest.start()
        self._moved(self.camera, True)

    def _end_flight(self) -> None:
        self._flight = None
        self._frame.stop()

    def _settle(self) -> None:
        self._moved(self.camera, False)
