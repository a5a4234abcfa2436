"""The true neighbours of a point: asked for in the thread, listed beside the map and joined by lines on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter

from musicdesk.core.rows import places
from musicdesk.core.types import TrackId
from musicdesk.gui.pages import map_reading
from musicdesk.gui.pages.map_hover import LINES
from musicdesk.gui.pages.map_ink import paint_star
from musicdesk.gui.pages.map_reader import Reader
from musicdesk.gui.pages.map_state import Points
from musicdesk.gui.pages.map_twin import NEAR, Twin
from musicdesk.gui.shell import Shell

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView


class Star(QObject):
    changed = Signal()

    def __init__(self, shell: Shell, reader: Reader, twin: Twin, parent: QObject) -> None:
        super().__init__(parent)
        self._shell, self._reader, self._twin = shell, reader, twin
        self.wanted: TrackId | None = None  # whose list was asked for last
        self.middle: TrackId | None = None
        self.ends: list[TrackId] = []

    def begin(self, points: Points) -> None:
        """Where no list was asked for yet: of what is chosen in the window, or of the first point."""
        if self.wanted is None:
            first = self._shell.selected
            track = first if first is not None and points.holds(first) else TrackId(int(points.ids[0]))
            self.list_near(track, lines=False)

    def leave_out(self, known: np.ndarray) -> None:
        """Tracks that have gone from the library leave the lists, and with its first one a list has no sense.
        known: int64 (n,), all that are there, ascending"""
        self._twin.leave_out(known)
        if self.wanted is not None and places(known, np.array([self.wanted]))[0] < 0:
            self.wanted = None  # `begin` asks for another

    def list_near(self, track: TrackId, lines: bool = True) -> None:
        """The list shows a track and what sounds most like it; `lines` join them on the map."""
        self.wanted = track
        self._reader.ask(
            "near", lambda desk, _stop: map_reading.near(desk, track), partial(self._has_near, track, lines)
        )

    def join(self, track: TrackId) -> None:
        """Only the lines."""
        self._reader.ask("star", lambda desk, _stop: map_reading.near(desk, track, LINES), partial(self.show, track))

    def show(self, track: TrackId, near: list[TrackId]) -> None:
        self.middle, self.ends = track, near[:LINES]
        self.changed.emit()

    def paint(self, painter: QPainter, cloud: CloudView, accent: str) -> None:
        if self.middle is not None:
            paint_star(painter, cloud, self.middle, self.ends, accent)

    def _has_near(self, track: TrackId, lines: bool, near: list[TrackId]) -> None:
        found = {kept.id: kept for kept in self._shell.desk.catalog.tracks.get_many([track, *near])}
        title = f"Sounds like {found[track].tags.title}" if track in found else ""
        self._twin.fill(NEAR, title, [int(one) for one in (track, *near) if one in found])
        if self._twin.shown == NEAR and lines:
            self._twin.point_at(track)
        self.show(track, near if lines else [])
