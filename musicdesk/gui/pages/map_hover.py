"""What the pointer tells about the point under it: the card at once, its true neighbours as soon as they are found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QWidget

from musicdesk.core.types import TrackId
from musicdesk.gui.covers import Covers
from musicdesk.gui.pages import map_reading
from musicdesk.gui.pages.map_parts import HoverCard
from musicdesk.gui.pages.map_reader import Reader
from musicdesk.gui.pages.map_state import Points, standing
from musicdesk.gui.shell import Shell

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

LINES = 8  # true neighbours that are joined with a point


class Hover(QObject):
    moved = Signal(object)  # TrackId under the pointer, or None
    joined = Signal(object, object)  # TrackId under the pointer, ids of its true neighbours

    def __init__(
        self, shell: Shell, covers: Covers, room: QWidget, reader: Reader, points: Callable[[], Points | None]
    ) -> None:
        super().__init__(room)
        self._shell, self._reader, self._points = shell, reader, points
        self._cloud: CloudView | None = None
        self.card = HoverCard(shell, covers, room)
        self.over: TrackId | None = None

    def watch(self, cloud: CloudView) -> None:
        self._cloud = cloud
        cloud.hovered.connect(self._hovered)
        cloud.camera_moved.connect(self._camera_moved)

    def _camera_moved(self) -> None:
        """Told once more at rest, when nothing has moved: a point that was pointed at meanwhile keeps its card."""
        if self._cloud is not None and self._cloud.moving:
            self.card.hide()

    def hide(self) -> None:
        self.over = None
        self.card.hide()

    def _hovered(self, id_: int, place: QPointF) -> None:
        self.over = TrackId(int(id_)) if int(id_) >= 0 else None
        self.moved.emit(self.over)
        if self.over is None:
            self.card.hide()
            return
        self._tell(self.over, place, [])
        track = self.over
        self._reader.ask(
            "hover", lambda desk, _stop: map_reading.near(desk, track, LINES), partial(self._has_near, track)
        )

    def _has_near(self, track: TrackId, near: list[TrackId]) -> None:
        place = self._cloud.place_of(int(track)) if self._cloud is not None else None
        if self.over == track and place is not None and self.card.isVisible():
            self._tell(track, place, near)
            self.joined.emit(track, near)

    def _tell(self, track: TrackId, place: QPointF, near: list[TrackId]) -> None:
        tracks, points = self._shell.desk.catalog.tracks, self._points()
        found = tracks.get_many([track])
        if found and points is not None:
            believed = standing(points.trust_of(track), len(near))
            self.card.tell(found[0], tracks.get_many(near[:3]), place, believed)
