"""The map widget: points by id, hand and keys, hover, selection, what plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from musicdesk.space.camera import Camera
from musicdesk.space.points import Cloud, clean
from musicdesk.space.screen import Screen, at_points

from . import overlay
from .colors import CloudColors
from .gl_view import GlCanvas
from .hand import Hand
from .pick import inside, nearest
from .pilot import Pilot
from .probe import graphics_card, opengl_works
from .scene import Overlay, Scene
from .software import SoftwareCanvas
from .whole import Whole

CLOSE = 0.55  # distance at which a flight to one point ends
NOTHING = -1


class CloudView(QWidget):
    """Create it after the first paint of the window: an OpenGL widget costs 100 ms and 100 MB.

    Left drag or arrows orbit, right or Shift drag pans, the wheel or + and - zoom, Home resets, a click
    or Enter activates, a double click also flies there.
    """

    hovered = Signal(object, QPointF)  # id or -1, the point's place in this widget
    selected = Signal(object)  # id or -1
    activated = Signal(object)  # id
    camera_moved = Signal()
    rested = Signal()  # the camera stands still again

    def __init__(
        self, colors: CloudColors | None = None, parent: QWidget | None = None, software: bool | None = None
    ) -> None:
        """`software` None chooses what is faster here; False draws by OpenGL wherever that works at all."""
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self._scene = Scene(colors or CloudColors())
        self._scene.overlay = self._paint_over
        self._extra: Overlay | None = None
        self._ids = np.empty(0, dtype=np.int64)
        self._by_id: np.ndarray | None = None  # rows in the order of their ids, where that is another
        self._hover = self._selection = self._playing = NOTHING  # ids
        self._pilot, self._whole = Pilot(self._camera_moved, self), Whole()
        self._resting, self._begun = self._pilot.camera, False  # where nobody has moved it; whether points were shown
        self._beat = QTimer(self, interval=33)
        self._beat.timeout.connect(self.redraw)
        self._canvas: GlCanvas | SoftwareCanvas
        if graphics_card() if software is None else opengl_works() and not software:
            self._canvas = GlCanvas(self._scene, self)
            self._canvas.unusable.connect(self._fall_back, Qt.ConnectionType.QueuedConnection)
        else:
            self._canvas = SoftwareCanvas(self._scene, self)
        self._hand = Hand(self, self._pilot)
        self.covered = 0  # pixels at the left edge under something else: the whole map is shown beside them
        self._describe()

    # What it shows

    @property
    def renderer(self) -> str:
        return "opengl" if isinstance(self._canvas, GlCanvas) else "software"

    @property
    def camera(self) -> Camera:
        return self._pilot.camera

    def set_points(
        self,
        ids: Sequence[int] | np.ndarray,
        positions: np.ndarray,
        colours: np.ndarray | None = None,
        sizes: np.ndarray | None = None,
        keep_camera: bool = True,
    ) -> None:
        """Shows these points. ids (n,) ints, positions float (n, 3), colours uint8 (n, 3 or 4), sizes (n,).

        Points with NaN coordinates are left out. Selection and pulse stay with their ids.
        """
        self.set_cloud(ids, clean(positions, colours, sizes), keep_camera)

    def prepare(self, cloud: Cloud | None) -> None:
        """Finds out from where a first `cloud` is seen whole, so that `set_cloud` need not: that may take a turn."""
        if cloud and not self._begun:
            self._whole.seen(cloud, self.size(), self.covered)

    def set_cloud(self, ids: Sequence[int] | np.ndarray, cloud: Cloud, keep_camera: bool = True) -> None:
        """As `set_points`, with points that were made ready elsewhere; `cloud.rows` are rows of `ids`."""
        kept = np.asarray(ids, dtype=np.int64)[cloud.rows]
        fits = not len(kept) or np.abs(kept).max() < 2**31
        self._ids = kept.astype(np.int32) if fits else kept
        sorted_ = bool((kept[1:] > kept[:-1]).all())
        self._by_id = None if sorted_ else np.argsort(kept, kind="stable").astype(np.int32)
        self._scene.show(cloud)
        if len(cloud) and not (self._begun and keep_camera):
            self._begun = True
            self._rest()
        self._set_hover(NOTHING)
        self._describe()
        self.redraw()

    def set_look(self, colours: np.ndarray, sizes: np.ndarray) -> None:
        """Other colours uint8 (n, 4) and sizes (n,) for the same points, in the order in which they were given."""
        cloud = self._scene.cloud
        colours, sizes = colours[cloud.rows], sizes[cloud.rows].astype(np.float32)
        if not (np.array_equal(colours, cloud.colours) and np.array_equal(sizes, cloud.sizes)):
            self._scene.show(replace(cloud, colours=colours, sizes=sizes))
        self.redraw()

    def set_colors(self, colors: CloudColors) -> None:
        self._scene.colors = colors
        self.redraw()

    def set_overlay(self, paint: Overlay | None) -> None:
        """`paint(painter)` runs after the points, in widget coordinates; see `place_of`."""
        self._extra = paint
        self.redraw()

    def set_playing(self, id_: int | None) -> None:
        self._playing = NOTHING if id_ is None else int(id_)
        self._update_beat()
        self.redraw()

    def set_reduced_motion(self, reduced: bool) -> None:
        self._pilot.reduced_motion = reduced
        self._update_beat()
        self.redraw()

    def select(self, id_: int | None) -> None:
        """Rings a point; emits `selected` when that changes anything."""
        chosen = NOTHING if id_ is None else int(id_)
        if chosen != self._selection:
            self._selection = chosen
            self.selected.emit(chosen)
            self.redraw()

    def selection(self) -> int:
        return self._selection

    def fly_to(self, id_: int, close: bool = True) -> bool:
        """Brings a point to the middle; False when it is not on the map."""
        row = self.row_of(int(id_))
        if row >= 0:
            self._look_at(self._scene.cloud.positions[row], close)
        return row >= 0

    def fly_to_place(self, place: np.ndarray, close: bool = True) -> None:
        """Brings a place in the space of the points, float (3,), to the middle."""
        self._look_at(self._scene.cloud.place(place), close)

    def reset_camera(self) -> None:
        self._resting = self._whole.seen(self._scene.cloud, self.size(), self.covered)
        self._pilot.fly(self._resting)

    def place_of(self, id_: int) -> QPointF | None:
        """Where a point is in this widget, or None when it is behind the eye or not on the map."""
        row = self.row_of(int(id_))
        if row < 0:
            return None
        spot = self._scene.spot(row)
        return QPointF(spot.x, spot.y) if spot is not None else None

    def id_at(self, place: QPointF) -> int:
        row = nearest(self._scene.project(), place.x(), place.y())
        return int(self._ids[row]) if row >= 0 else NOTHING

    @property
    def resting(self) -> Camera:
        return self._resting

    @property
    def ids(self) -> np.ndarray:
        """Of the points that are drawn, int (n,), in the order of `seen`."""
        return self._ids

    @property
    def moving(self) -> bool:
        return self._scene.moving

    def seen(self) -> Screen:
        """All points as they are seen now, in pixels of this widget."""
        return self._scene.project()

    def spots(self, positions: np.ndarray) -> np.ndarray:
        """x, y, depth, radius of places in the space of the points, float (m, 3): float32 (m, 4); radius 0 behind."""
        scene, places = self._scene, self._scene.cloud.place(np.asarray(positions).reshape(-1, 3))
        stand_in = replace(scene.cloud, positions=places, sizes=np.ones(len(places), np.float32))
        return at_points(stand_in, scene.camera, scene.width, scene.height, range(len(places)))

    def row_of(self, id_: int) -> int:
        """The row of an id, or -1. A dictionary of a million ids would take 100 MB and half a second."""
        if id_ == NOTHING or not len(self._ids):
            return -1
        at = int(np.searchsorted(self._ids, id_, sorter=self._by_id))
        at = min(at, len(self._ids) - 1)
        row = at if self._by_id is None else int(self._by_id[at])
        return row if self._ids[row] == id_ else -1

    def enclosed(self, outline: np.ndarray) -> np.ndarray:
        """Ids of the points inside a closed line of pixels, float (k, 2): int64 (m,), the nearest to the eye first."""
        rows = inside(screen := self._scene.project(), outline)
        return np.asarray(self._ids[rows[np.argsort(screen.depth[rows], kind="stable")]], np.int64)

    def redraw(self) -> None:
        """What lies over the points has changed. (`update` would only ask this widget, which paints nothing itself.)"""
        self._canvas.refresh()

    def picture(self) -> QImage:
        """What is shown now, with names and rings."""
        if isinstance(self._canvas, GlCanvas):
            return self._canvas.grabFramebuffer()
        return self._canvas.grab().toImage()

    # What the hand reports

    def hover_at(self, place: QPointF) -> None:
        self._set_hover(self.id_at(place))

    def leave(self) -> None:
        self._set_hover(NOTHING)

    def click_at(self, place: QPointF, twice: bool = False) -> None:
        id_ = self.id_at(place)
        if twice:
            if id_ != NOTHING:
                self.fly_to(id_)
            return
        self.select(None if id_ == NOTHING else id_)
        if id_ != NOTHING:
            self.activated.emit(id_)

    def activate_current(self) -> None:
        current = self._selection if self.row_of(self._selection) >= 0 else self._hover
        if current != NOTHING:
            self.activated.emit(current)

    # Inside

    def _look_at(self, position: np.ndarray, close: bool) -> None:
        self._pilot.fly(self.camera.looking_at(position, min(self.camera.distance, CLOSE) if close else None))

    def _rest(self) -> None:
        self._resting = self._whole.seen(self._scene.cloud, self.size(), self.covered)
        self._pilot.turn(self._resting)

    def _set_hover(self, id_: int) -> None:
        if id_ == self._hover:
            return
        self._hover = id_
        self.setCursor(Qt.CursorShape.ArrowCursor if id_ == NOTHING else Qt.CursorShape.PointingHandCursor)
        self.hovered.emit(id_, self.place_of(id_) or QPointF())
        self.redraw()

    def _camera_moved(self, camera: Camera, moving: bool) -> None:
        self._scene.camera, self._scene.moving = camera, moving
        self.camera_moved.emit()
        if not moving:
            self.rested.emit()
        self.redraw()

    def _paint_over(self, painter: QPainter) -> None:
        scene = self._scene
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        for id_, gap, width in ((self._hover, 2.0, 1.4), (self._selection, 3.0, 2.0)):
            row = self.row_of(id_)
            if row >= 0:
                tint = scene.colors.text if id_ == self._hover != self._selection else scene.colors.accent
                overlay.ring(painter, scene, row, tint, gap, width)
        row = self.row_of(self._playing)
        if row >= 0:
            overlay.pulse(painter, scene, row, monotonic(), self._pilot.reduced_motion)
        if self._extra is not None:
            self._extra(painter)

    def _update_beat(self) -> None:
        wanted = self.row_of(self._playing) >= 0 and self.isVisible() and not self._pilot.reduced_motion
        (self._beat.start if wanted else self._beat.stop)()

    def _describe(self) -> None:
        n = len(self._ids)
        self.setAccessibleName(f"Map of {n:,} tracks" if n != 1 else "Map of 1 track")
        self.setAccessibleDescription("Arrow keys turn, plus and minus zoom, Home resets, Enter plays.")

    def _fall_back(self, why: str) -> None:
        """The driver failed after the probe: go on without it."""
        old, self._canvas = self._canvas, SoftwareCanvas(self._scene, self)
        self._canvas.setGeometry(self.rect())
        self._canvas.show()
        old.hide()
        old.release()
        old.deleteLater()

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scene.width, self._scene.height = max(self.width(), 1), max(self.height(), 1)
        if self.camera == self._resting:  # nobody has moved it yet
            self._rest()
        self._canvas.setGeometry(self.rect())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update_beat()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden map moves nothing and gives its buffers back."""
        super().hideEvent(event)
        self._beat.stop()
        self._pilot.stop()
        self._scene.moving = False  # or it would be drawn roughly for ever after
        self._canvas.release()
        self._scene.forget()
