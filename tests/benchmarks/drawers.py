"""Ours and others' ways to draw the same points in 3-D, each behind the same two calls.

pyqtgraph and vispy are no part of the program and may be absent: `pip install -e '.[bench]'` brings them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from musicdesk.gui.cloud import CloudView
from musicdesk.gui.cloud.probe import opengl_works
from musicdesk.gui.cloud.software import SoftwareCanvas
from musicdesk.space.camera import Camera
from musicdesk.space.points import clean

WIDTH, HEIGHT = 1000, 700
PATIENCE_S = 60


class Drawer(Protocol):
    """Made with positions float32 (n, 3) in the unit ball or about, colours uint8 (n, 4); the first frame is shown."""

    def frame(self, yaw: float) -> None:
        """Turns the camera there and returns when the frame is on the screen, or in memory where there is none."""

    def close(self) -> None: ...


def wait(done: Callable[[], bool]) -> None:
    end = perf_counter() + PATIENCE_S
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if perf_counter() > end:
            raise RuntimeError(f"no frame came within {PATIENCE_S} s")


def arrived() -> None:
    """Returns when the X server has done all it was sent, or the next way to draw would wait for this one's frame."""
    QApplication.primaryScreen().grabWindow(0, 0, 0, 1, 1)


class Swaps:
    """Waits for frames of an OpenGL widget, until the driver has really finished them."""

    def __init__(self, widget: Any) -> None:
        self._widget, self._swapped = widget, False
        widget.frameSwapped.connect(self._note, Qt.ConnectionType.DirectConnection)

    def _note(self) -> None:
        self._swapped = True

    def wait(self) -> None:
        self._swapped = False
        self._widget.update()
        wait(lambda: self._swapped)
        self._widget.makeCurrent()
        self._widget.context().functions().glFinish()
        self._widget.doneCurrent()


class Paints:
    """Waits for frames of our canvas that numpy draws."""

    def __init__(self, canvas: SoftwareCanvas) -> None:
        self._canvas, self._painted = canvas, False
        paint = canvas.picture

        def counted() -> QImage:
            self._painted = True
            return paint()

        canvas.picture = counted  # type: ignore[method-assign]

    def wait(self) -> None:
        self._painted = False
        self._canvas.update()
        wait(lambda: self._painted)


class Ours:
    """The map's widget. moving: as it is turned, with fewer points and simpler edges where there are many."""

    software = True
    moving = False

    def __init__(self, positions: np.ndarray, colours: np.ndarray) -> None:
        self.view = CloudView(software=self.software)
        self.view.resize(WIDTH, HEIGHT)
        self.view.set_points(np.arange(len(positions)), positions, colours)
        self.view.show()
        canvas = self.view._canvas
        self._frames = Paints(canvas) if isinstance(canvas, SoftwareCanvas) else Swaps(canvas)
        self._frames.wait()
        self.view._pilot.stop()

    def frame(self, yaw: float) -> None:
        self.view._camera_moved(Camera(yaw=yaw), self.moving)
        self._frames.wait()

    def close(self) -> None:
        discard(self.view)


class OursMoving(Ours):
    moving = True


class OursGl(Ours):
    software = False


class OursGlMoving(OursGl):
    moving = True


class Matplotlib:
    """Its 3-D axes, drawn into memory by Agg: without a window it only gets faster."""

    def __init__(self, positions: np.ndarray, colours: np.ndarray) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
        self._canvas = FigureCanvasAgg(figure)
        self._axes: Any = figure.add_axes((0.0, 0.0, 1.0, 1.0), projection="3d")
        self._axes.set_axis_off()
        area = (pixels(len(positions)) * 0.72) ** 2  # points squared at 100 dpi
        self._axes.scatter(*positions.T, c=colours / 255, s=area, linewidths=0)
        self._canvas.draw()

    def frame(self, yaw: float) -> None:
        self._axes.view_init(20, np.degrees(yaw))
        self._canvas.draw()

    def close(self) -> None:
        self._canvas.figure.clear()


class Pyqtgraph:
    def __init__(self, positions: np.ndarray, colours: np.ndarray) -> None:
        from pyqtgraph.opengl import GLScatterPlotItem, GLViewWidget

        self._view = GLViewWidget()
        self._view.resize(WIDTH, HEIGHT)
        size, tint = pixels(len(positions)), (colours / 255).astype(np.float32)
        points = GLScatterPlotItem(pos=positions, color=tint, size=size, glOptions="translucent")
        self._view.addItem(points)
        self._view.setCameraPosition(distance=2.9, elevation=20, azimuth=0)
        self._view.show()
        self._frames = Swaps(self._view)
        self._frames.wait()

    def frame(self, yaw: float) -> None:
        self._view.setCameraPosition(azimuth=float(np.degrees(yaw)))
        self._frames.wait()

    def close(self) -> None:
        discard(self._view)


class Vispy:
    def __init__(self, positions: np.ndarray, colours: np.ndarray) -> None:
        import vispy

        vispy.use("pyside6")
        from vispy import scene

        self._canvas = scene.SceneCanvas(size=(WIDTH, HEIGHT), show=False)
        view = self._canvas.central_widget.add_view()
        markers = scene.visuals.Markers(parent=view.scene)
        markers.set_data(positions, face_color=colours / 255, edge_width=0, size=pixels(len(positions)))
        self._camera = view.camera = scene.TurntableCamera(fov=43, distance=2.9, elevation=20)
        self._canvas.show()
        self._frames = Swaps(self._canvas.native)
        self._frames.wait()

    def frame(self, yaw: float) -> None:
        self._camera.azimuth = float(np.degrees(yaw))
        self._frames.wait()

    def close(self) -> None:
        self._canvas.close()
        QApplication.processEvents()


def pixels(n: int) -> float:
    """Diameter that our map gives n points in the middle of the cloud, so that all paint as much."""
    return clean(np.zeros((n, 3), np.float32)).base_px


def discard(widget: QWidget) -> None:
    widget.close()
    widget.deleteLater()
    QApplication.processEvents()


def drawers() -> dict[str, type]:
    """By name; those that need OpenGL or a package which is not here are left out."""
    found: dict[str, type] = {"ours": Ours, "ours, moving": OursMoving, "matplotlib": Matplotlib}
    if opengl_works():
        found |= {"ours, OpenGL": OursGl, "ours, OpenGL, moving": OursGlMoving}
        if find_spec("pyqtgraph") and find_spec("OpenGL"):
            found["pyqtgraph"] = Pyqtgraph
        if find_spec("vispy"):
            found["vispy"] = Vispy
    return found
