"""Small movements of the view: a point ringed and brought into sight; what is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMarginsF, QRectF

from musicdesk.core.types import TrackId

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView

MARGIN = 64  # pixels from the edge within which a point is well in view


def ring(cloud: CloudView, track: TrackId) -> None:
    """Selects a point without telling anybody; the camera moves only when it is not well in view."""
    cloud.blockSignals(True)
    cloud.select(int(track))
    cloud.blockSignals(False)
    place = cloud.place_of(int(track))
    edge = QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)
    if place is None or not QRectF(cloud.rect()).marginsRemoved(edge).contains(place):
        cloud.fly_to(int(track), close=False)


def in_sight(cloud: CloudView) -> np.ndarray:
    """Ids of the points in view, int64 (m,), the nearest to the eye first."""
    width, height = cloud.width(), cloud.height()
    return cloud.enclosed(np.array([[0, 0], [width, 0], [width, height], [0, height]], float))
