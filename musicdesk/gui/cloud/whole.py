"""From where a whole cloud is seen. Of many points it takes a turn to find out, so that this can be done beforehand."""

from __future__ import annotations

import weakref

from PySide6.QtCore import QSize

from musicdesk.space.camera import Camera
from musicdesk.space.framing import framed
from musicdesk.space.points import Cloud


class Whole:
    """Keeps the last answer, and not the cloud."""

    def __init__(self) -> None:
        self._known: tuple[weakref.ref[Cloud], tuple[QSize, int], Camera] | None = None

    def seen(self, cloud: Cloud, size: QSize, covered: int) -> Camera:
        """The camera that shows all points, as large as a view of this size allows.

        covered: pixels at the view's left edge in which nothing is to be
        """
        view, known = (size, covered), self._known
        if known is not None and known[0]() is cloud and known[1] == view:
            return known[2]
        clear = min(covered, size.width() // 3)
        aspect = (size.width() - clear) / max(size.height(), 1)
        camera = framed(cloud.positions, aspect).panned(clear / 2, 0, size.height())
        self._known = (weakref.ref(cloud), view, camera)
        return camera
