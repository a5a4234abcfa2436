"""Songs that one does not own, on the map: hollow rings, their names from near, and a card under the pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen

from musicdesk.core.types import Track
from musicdesk.gui.pages.map_parts import HoverCard
from musicdesk.gui.pages.map_state import Points, ghost_card
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView
    from musicdesk.workflows.trail import Ghosts

LEAST_PX = 3.0  # radius of a ring
SLACK_PX = 4.0  # around it that counts as on it
NAMED = 14  # at once
NAMED_PX = 7.0  # radius of a point at this place from which a ghost is named, unless few are in view
NOBODY = -1


class GhostLayer(QObject):
    """`shown` None means that there are none to be seen."""

    def __init__(self, shell: Shell, card: HoverCard, points: Callable[[], Points | None]) -> None:
        super().__init__(card)
        self._shell, self._card, self._points = shell, card, points
        self._shown: Ghosts | None = None
        self._cloud: CloudView | None = None
        self.over = NOBODY

    @property
    def shown(self) -> Ghosts | None:
        """Of a neighbourhood that is drawn for itself the places are others, and no ghost has one there."""
        points = self._points()
        return self._shown if points is not None and points.around is None else None

    def watch(self, cloud: CloudView) -> None:
        self._cloud = cloud
        cloud.installEventFilter(self)
        cloud.camera_moved.connect(self._leave)

    def show(self, ghosts: Ghosts | None) -> None:
        self._leave()
        self._shown = ghosts

    def at(self, place: QPointF) -> int:
        """The ghost whose ring is under the pointer, the nearest to the eye; -1 where there is none, or a track."""
        shown, cloud = self.shown, self._cloud
        if shown is None or cloud is None or not len(shown.xyz) or cloud.id_at(place) >= 0:
            return NOBODY
        x, y, depth, radius = cloud.spots(shown.xyz).T
        away = np.hypot(x - place.x(), y - place.y()) - np.maximum(radius, LEAST_PX)
        on = np.flatnonzero((radius > 0) & (away <= SLACK_PX))
        return int(on[np.argmin(depth[on])]) if len(on) else NOBODY

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove and not event.buttons().value:
            self._point_at(self.at(event.position()))
        elif event.type() == QEvent.Type.Leave:
            self._leave()
        return False

    def _point_at(self, row: int) -> None:
        if row == self.over:
            return
        self._leave()
        if row == NOBODY or self._cloud is None or self.shown is None:
            return
        self._cloud.leave()  # the card of a track is gone before this one comes
        self.over = row
        near = self._shell.desk.catalog.tracks.get_many(list(self.shown.near[row]))
        self._tell(row, near, self._cloud)

    def _tell(self, row: int, near: Sequence[Track], cloud: CloudView) -> None:
        assert self.shown is not None
        (artist, title), spot = self.shown.names[row], cloud.spots(self.shown.xyz[row])[0]
        said = ghost_card(artist, title, self.shown.crowd, near)
        self._card.say(said, QPointF(float(spot[0]), float(spot[1])))
        cloud.redraw()

    def _leave(self) -> None:
        if self.over != NOBODY:
            self.over = NOBODY
            self._card.hide()
            if self._cloud is not None:
                self._cloud.redraw()

    def paint(self, painter: QPainter, cloud: CloudView, tokens: Tokens) -> None:
        """Hollow rings where songs would lie that one does not have."""
        shown = self.shown
        if shown is None:
            return
        ink, strong = QColor(tokens.text), QColor(tokens.accent)
        ink.setAlphaF(0.55)
        painter.setBrush(QColor(0, 0, 0, 0))
        for row, (x, y, _depth, radius) in enumerate(cloud.spots(shown.xyz).tolist()):
            if radius > 0:
                painter.setPen(QPen(strong if row == self.over else ink, 2.0 if row == self.over else 1.2))
                painter.drawEllipse(QPointF(x, y), max(LEAST_PX, radius), max(LEAST_PX, radius))

    def named(self) -> list[tuple[str, float, float, float]]:
        """What is written of the nearest ghosts in view, with its place and how far beside it: text, x, y, gap."""
        shown, cloud = self.shown, self._cloud
        if shown is None or cloud is None or not len(shown.xyz):
            return []
        x, y, depth, radius = cloud.spots(shown.xyz).T
        seen = np.flatnonzero((radius > 0) & (x > 0) & (x < cloud.width()) & (y > 0) & (y < cloud.height()))
        if len(seen) > NAMED:
            seen = seen[radius[seen] >= NAMED_PX]
        seen = seen[np.argsort(depth[seen], kind="stable")][:NAMED]
        return [
            (shown.names[row][1], float(x[row]), float(y[row]), max(LEAST_PX, float(radius[row])) + 5) for row in seen
        ]
