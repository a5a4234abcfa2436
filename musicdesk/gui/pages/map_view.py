"""The list and the view follow each other: a point ringed and brought into sight, and a list of what is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMarginsF, QObject, QPointF, QRectF

from musicdesk.core.types import TrackId
from musicdesk.gui import words
from musicdesk.gui.pages.map_star import Star
from musicdesk.gui.pages.map_twin import VIEW, Twin
from musicdesk.gui.shell import Shell

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

MARGIN = 64  # pixels from the edge within which a point is well in view
IN_VIEW = 400  # rows of the list


class Following(QObject):
    def __init__(self, shell: Shell, star: Star, twin: Twin, parent: QObject) -> None:
        super().__init__(parent)
        self._shell, self._star, self._twin = shell, star, twin
        self._cloud: CloudView | None = None

    def watch(self, cloud: CloudView) -> None:
        self._cloud = cloud
        cloud.selected.connect(self._selected)
        cloud.rested.connect(self.tell_view)

    def _selected(self, id_: int) -> None:
        """A point was chosen on the map."""
        track = TrackId(int(id_))
        if track >= 0:
            self._shell.set_selected(track)
            self._twin.point_at(track)
            self._star.list_near(track)

    def list_moved(self, track: TrackId) -> None:
        """A row was chosen: its point is ringed and comes into view, with lines to its true neighbours."""
        self.show_point(track)
        self._star.join(track)

    def fly(self, track: TrackId) -> None:
        if self._cloud is not None:
            self._cloud.fly_to(int(track), close=False)
            self.list_moved(track)
            self._twin.point_at(track)

    def show_point(self, track: TrackId) -> None:
        if self._cloud is not None:
            ring(self._cloud, track)

    def tell_view(self) -> None:
        """What is in view, the nearest first, once the camera stands still."""
        if self._cloud is None or not len(self._cloud.ids) or self._twin.shown != VIEW:
            return
        ids = in_sight(self._cloud)
        told = words.count(len(ids), "track") + " in view" + (", the nearest first" if len(ids) > 1 else "")
        self._twin.fill(VIEW, told, ids[:IN_VIEW])
        if (chosen := self._cloud.selection()) >= 0:
            self._twin.point_at(TrackId(chosen))


def ring(cloud: CloudView, track: TrackId) -> None:
    """Selects a point without telling anybody; the camera moves only when it is not well in view."""
    cloud.blockSignals(True)
    cloud.select(int(track))
    cloud.blockSignals(False)
    place = cloud.place_of(int(track))
    if place is None or not well_in_view(cloud, place):
        cloud.fly_to(int(track), close=False)


def well_in_view(cloud: CloudView, place: QPointF) -> bool:
    return QRectF(cloud.rect()).marginsRemoved(QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)).contains(place)


def in_sight(cloud: CloudView) -> np.ndarray:
    """Ids of the points in view, int64 (m,), the nearest to the eye first."""
    width, height = cloud.width(), cloud.height()
    return cloud.enclosed(np.array([[0, 0], [width, 0], [width, height], [0, height]], float))
