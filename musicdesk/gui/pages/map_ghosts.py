"""Songs that one does not own, on the map: hollow rings, their names from near, a card under the pointer, and a list
that follows them and that they follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

from musicdesk.gui.pages.map_parts import HoverCard
from musicdesk.gui.pages.map_state import Points, ghost_card
from musicdesk.gui.pages.map_twin import GHOSTS, Twin
from musicdesk.gui.pages.map_view import well_in_view
from musicdesk.gui.shell import Shell
from musicdesk.gui.style.tokens import Tokens

if TYPE_CHECKING:
    from musicdesk.gui.cloud import CloudView
    from musicdesk.workflows.trail import Ghosts

LEAST_PX = 3.0  # radius of a ring
CHOSEN_PX = 4.0  # from a ring to the one around it that says that it is chosen
SLACK_PX = 4.0  # around it that counts as on it
NAMED = 14  # at once
NAMED_PX = 7.0  # radius of a point at this place from which a ghost is named, unless few are in view
NOBODY = -1


class GhostLayer(QObject):
    """`shown` None means that there are none to be seen; `over` is under the pointer, `chosen` in the list."""

    def __init__(self, shell: Shell, card: HoverCard, points: Callable[[], Points | None]) -> None:
        super().__init__(card)
        self._shell, self._card, self._points = shell, card, points
        self._shown: Ghosts | None = None
        self._cloud: CloudView | None = None
        self._twin: Twin | None = None
        self._pressed: QPointF | None = None  # where a click began
        self.over = self.chosen = NOBODY

    @property
    def shown(self) -> Ghosts | None:
        """Of a neighbourhood that is drawn for itself the places are others, and no ghost has one there."""
        points = self._points()
        return self._shown if points is not None and points.around is None else None

    def watch(self, cloud: CloudView) -> None:
        self._cloud = cloud
        cloud.installEventFilter(self)
        cloud.camera_moved.connect(self._leave)
        cloud.rested.connect(self._tell_chosen)

    def follow(self, twin: Twin) -> None:
        self._twin = twin
        twin.ghosts.moved.connect(self.choose)
        twin.ghosts.wanted.connect(self._fly)
        twin.ghosts.left.connect(self._card.hide)
        twin.turned.connect(self._turned)

    def show(self, ghosts: Ghosts | None) -> None:
        self._leave()
        self._shown, self.chosen = ghosts, NOBODY
        if self._twin is not None:
            self._twin.fill_ghosts(self.shown.names if self.shown is not None else [])

    def choose(self, row: int) -> None:
        """Rings a ghost, brings it into sight, and tells its card; the list has gone there, or the pointer."""
        shown, cloud = self.shown, self._cloud
        if shown is None or cloud is None:
            return
        self.chosen = row
        x, y, _depth, radius = cloud.spots(shown.xyz[row])[0].tolist()
        if radius <= 0 or not well_in_view(cloud, QPointF(x, y)):
            cloud.fly_to_place(shown.xyz[row], close=False)
        else:
            self._tell_chosen()
        cloud.redraw()

    def _fly(self, row: int) -> None:
        if self.shown is not None and self._cloud is not None:
            self._cloud.fly_to_place(self.shown.xyz[row])

    def _turned(self, name: str) -> None:
        """Where the list shows something else none is chosen any more."""
        if name != GHOSTS and self.chosen != NOBODY:
            self.chosen = NOBODY
            self._card.hide()
            if self._twin is not None:
                self._twin.ghosts.point_at(NOBODY)
            if self._cloud is not None:
                self._cloud.redraw()

    def _tell_chosen(self) -> None:
        """Its card, while the keyboard is in the list."""
        listening = self._twin is not None and self._twin.ghosts.hasFocus()
        if self.chosen != NOBODY and self._cloud is not None and self.shown is not None and listening:
            self._tell(self.chosen, self._cloud)

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
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            if not event.buttons().value:
                self._point_at(self.at(event.position()))
            elif self._pressed is not None and _far(event.position() - self._pressed):
                self._pressed = None
        elif isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            self._click(event)
        elif event.type() == QEvent.Type.Leave:
            self._leave()
        return False

    def _click(self, event: QMouseEvent) -> None:
        """On a ring it goes to the song's row; a drag turns the map."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = event.position()
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            self._pressed = None
            if self._twin is not None and (row := self.at(event.position())) != NOBODY:
                self._twin.turn(GHOSTS)
                self._twin.ghosts.point_at(row)
                self.choose(row)

    def _point_at(self, row: int) -> None:
        if row == self.over:
            return
        self._leave()
        if row == NOBODY or self._cloud is None or self.shown is None:
            return
        self._cloud.leave()  # the card of a track is gone before this one comes
        self.over = row
        self._tell(row, self._cloud)

    def _tell(self, row: int, cloud: CloudView) -> None:
        assert self.shown is not None
        near = self._shell.desk.catalog.tracks.get_many(list(self.shown.near[row]))
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
                far = row not in (self.over, self.chosen)
                painter.setPen(QPen(ink if far else strong, 1.2 if far else 2.0))
                painter.drawEllipse(QPointF(x, y), max(LEAST_PX, radius), max(LEAST_PX, radius))
                if row == self.chosen:  # as a chosen point is ringed
                    painter.drawEllipse(QPointF(x, y), radius + CHOSEN_PX, radius + CHOSEN_PX)

    def rings(self) -> np.ndarray:
        """x, y and radius of the rings in view, float32 (k, 3)."""
        shown, cloud = self.shown, self._cloud
        if shown is None or cloud is None or not len(shown.xyz):
            return np.empty((0, 3), np.float32)
        spots = cloud.spots(shown.xyz)
        found: np.ndarray = spots[spots[:, 3] > 0][:, [0, 1, 3]]
        return found

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


def _far(step: QPointF) -> bool:
    """Whether the hand has moved so far that it drags."""
    return step.manhattanLength() >= QApplication.startDragDistance() / 2
