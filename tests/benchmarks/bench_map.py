"""Frame times of the map while it turns, first frame, and picking.

With OpenGL:    xvfb-run -a -s "-screen 0 1920x1080x24" env QT_QPA_PLATFORM=xcb python tests/benchmarks/bench_map.py
Without:        QT_QPA_PLATFORM=offscreen python tests/benchmarks/bench_map.py
Prints one line of JSON per (renderer, points); milliseconds, medians and the 95th percentile.
"""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter, process_time

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from musicdesk.gui.cloud import CloudView
from musicdesk.gui.cloud.pick import nearest
from musicdesk.gui.cloud.probe import opengl_works
from musicdesk.gui.cloud.software import SoftwareCanvas
from musicdesk.space.camera import Camera
from musicdesk.space.palette import HUES
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen

WIDTH, HEIGHT, FRAMES = 1000, 700, 60


def clustered(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Positions float (n, 3) in twelve clusters, colours uint8 (n, 4)."""
    rng = np.random.default_rng(seed)
    which = rng.integers(0, len(HUES), n)
    centres = rng.normal(0, 1, (len(HUES), 3))
    hues = np.column_stack([np.array(HUES, dtype=np.uint8), np.full(len(HUES), 255, dtype=np.uint8)])
    return centres[which] + rng.normal(0, 0.25, (n, 3)), hues[which]


def milliseconds(seconds: list[float]) -> dict[str, float]:
    times = 1000 * np.array(seconds)
    return {"median": round(float(np.median(times)), 2), "p95": round(float(np.percentile(times, 95)), 2)}


def measure_view(n: int, software: bool, frames: int = FRAMES) -> dict[str, object]:
    """Opens a window with n points and turns it frame by frame, each waited for.

    cpu_ms counts all threads of the process: on a busy machine it is the steadier figure, and with
    software OpenGL about cores times what a frame takes on an idle one.
    """

    app = QApplication.instance() or QApplication([])
    positions, colours = clustered(n)
    view = CloudView(software=software)
    view.resize(WIDTH, HEIGHT)
    began = perf_counter()
    view.set_points(np.arange(n), positions, colours)
    view.show()
    frame = Frames(view)
    frame.wait()
    first = perf_counter() - began
    wall, cpu = [], []
    for step in range(frames):
        since, spent = perf_counter(), process_time()
        view._pilot.turn(view.camera.orbited(0.02, 0.003 * np.cos(step / 9)))
        frame.wait()
        wall.append(perf_counter() - since)
        cpu.append(process_time() - spent)
    result = {"renderer": view.renderer, "points": n, "first_frame_ms": round(1000 * first, 1)}
    view.close()
    view.deleteLater()
    app.processEvents()
    return result | {"frame_ms": milliseconds(wall), "cpu_ms": milliseconds(cpu)}


class Frames:
    """Counts frames that are really on the screen."""

    def __init__(self, view: CloudView) -> None:
        self._done = False
        self._canvas = view._canvas
        if isinstance(self._canvas, SoftwareCanvas):
            paint = self._canvas.picture

            def counted() -> QImage:
                self._done = True
                return paint()

            self._canvas.picture = counted  # type: ignore[method-assign]
        else:
            self._canvas.frameSwapped.connect(self._swapped)

    def _swapped(self) -> None:
        self._done = True

    def wait(self) -> None:
        self._done = False
        self._canvas.update()
        end = perf_counter() + 30
        while not self._done:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if perf_counter() > end:
                raise RuntimeError("no frame came within 30 s")
        if not isinstance(self._canvas, SoftwareCanvas):
            self._canvas.makeCurrent()
            self._canvas.context().functions().glFinish()


def measure_pick(n: int) -> dict[str, object]:
    screen = Screen(clean(clustered(n)[0]))
    rng, camera = np.random.default_rng(1), Camera()
    project, pick = [], []
    for x, y in rng.uniform((300, 200), (700, 500), (30, 2)):
        camera = camera.orbited(0.02, 0)
        began = perf_counter()
        screen.project(camera, WIDTH, HEIGHT)
        between = perf_counter()
        nearest(screen, x, y)
        pick.append(perf_counter() - between)
        project.append(between - began)
    return {"points": n, "project_ms": milliseconds(project), "pick_ms": milliseconds(pick)}


def main(arguments: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    counts = [int(argument) for argument in arguments] or [1_000, 10_000, 100_000, 1_000_000]

    app = QApplication.instance() or QApplication([])
    for n in counts:
        for software in (False, True) if opengl_works() else (True,):
            print(json.dumps(measure_view(n, software, FRAMES if n <= 100_000 else 15)), flush=True)
        print(json.dumps(measure_pick(n)), flush=True)
    app.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
