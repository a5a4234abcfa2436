"""Frame times of the map beside matplotlib, pyqtgraph and vispy on the same points; picking; memory.

With OpenGL:    xvfb-run -a -s "-screen 0 1920x1080x24" env QT_QPA_PLATFORM=xcb python -m tests.benchmarks.bench_map
Without:        QT_QPA_PLATFORM=offscreen python -m tests.benchmarks.bench_map
Prints one line of JSON for each way to draw and number of points, milliseconds; exit 1 when a bar is missed.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time

import numpy as np
from PySide6.QtWidgets import QApplication

from musicdesk.gui.cloud import CloudView
from musicdesk.gui.cloud.pick import nearest
from musicdesk.space.camera import Camera
from musicdesk.space.palette import HUES
from musicdesk.space.points import clean
from musicdesk.space.screen import Screen
from tests.benchmarks.drawers import HEIGHT, WIDTH, Drawer, arrived, drawers

ROUNDS = {10_000: 30, 100_000: 20, 1_000_000: 4}
WARM, ENOUGH_S = 1, 20.0  # frames that are not counted; when a slow way has been measured long enough
OTHERS = ("matplotlib", "pyqtgraph", "vispy")
# Of processor time, which other programs at work leave nearly alone; ours needs one core.
BARS_MS = {
    (100_000, "ours"): 30.0,
    (100_000, "ours, moving"): 30.0,
    (1_000_000, "ours"): 250.0,
    (1_000_000, "ours, moving"): 60.0,
}
FIRST_MS, PICK_MS, BYTES = {100_000: 250.0}, 3.0, 60.0


def clustered(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Positions float32 (n, 3) in twelve clusters within about the unit ball, colours uint8 (n, 4)."""
    rng = np.random.default_rng(seed)
    which = rng.integers(0, len(HUES), n)
    centres = rng.normal(0, 1, (len(HUES), 3))
    hues = np.column_stack([np.array(HUES, dtype=np.uint8), np.full(len(HUES), 255, dtype=np.uint8)])
    return clean(centres[which] + rng.normal(0, 0.25, (n, 3))).positions.copy(), hues[which]


def told(seconds: list[float]) -> dict[str, float]:
    times = 1000 * np.array(seconds)
    return {"least": round(times.min(), 2), "median": round(float(np.median(times)), 2)}


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of all the process's threads on the processor."""
    began, spent = perf_counter(), process_time()
    work()
    return perf_counter() - began, process_time() - spent


def frame(drawer: Drawer, yaw: float) -> None:
    drawer.frame(yaw)
    arrived()


def measure_frames(n: int, rounds: int) -> dict[str, dict[str, object]]:
    """All windows are open at once and take turns, so that a busy machine is as busy for each."""
    positions, colours = clustered(n)
    opened: dict[str, Drawer] = {}
    first: dict[str, tuple[float, float]] = {}
    for name, kind in drawers().items():
        began, spent = perf_counter(), process_time()
        opened[name] = kind(positions, colours)
        first[name] = perf_counter() - began, process_time() - spent
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in opened}
    for step in range(rounds + WARM):
        for name, drawer in opened.items():
            if sum(wall for wall, _ in times[name]) > ENOUGH_S and len(times[name]) >= 2:
                continue
            spent = timed(partial(frame, drawer, 0.02 * step))
            if step >= WARM:  # what is made once at the first frames is not a frame's
                times[name].append(spent)
    for drawer in opened.values():
        drawer.close()
    return {
        name: {
            "first_ms": round(1000 * first[name][0], 1),
            "first_cpu_ms": round(1000 * first[name][1], 1),
            "frame_ms": told([wall for wall, _ in times[name]]),
            "cpu_ms": told([cpu for _, cpu in times[name]]),
        }
        for name in opened
    }


def measure_pick(n: int) -> dict[str, dict[str, float]]:
    """With the projection that a drawn frame has left; `project` is that of a frame."""
    screen = Screen(clean(clustered(n)[0]))
    rng, camera = np.random.default_rng(1), Camera()
    project, pick = [], []
    for x, y in rng.uniform((300, 200), (700, 500), (30, 2)):
        camera = camera.orbited(0.02, 0)
        project.append(timed(partial(screen.project, camera, WIDTH, HEIGHT))[1])
        pick.append(timed(partial(nearest, screen, x, y))[1])
    return {"project_cpu_ms": told(project), "pick_cpu_ms": told(pick)}


def bytes_a_point(n: int) -> float:
    """What the view and its projections hold of n points, numpy's and Python's; the picture itself is left out."""
    positions, colours = clustered(n)
    view = CloudView(software=True)
    view.resize(WIDTH, HEIGHT)
    ids = np.arange(n)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    view.set_points(ids, positions, colours)
    view._scene.project()
    view._scene.drawn(8).project(Camera(), WIDTH, HEIGHT)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    view.deleteLater()
    return round(held / n, 1)


def missed(n: int, frames: dict[str, dict], pick_ms: float, held: float) -> list[str]:
    """Sentences about the bars that n points miss; of processor time where our picture needs one core."""
    found = []
    for (points, name), bar in BARS_MS.items():
        if points == n and (took := frames[name]["cpu_ms"]["median"]) > bar:
            found.append(f"{n:,} points, {name}: {took} ms a frame, bar {bar}")
    if n in FIRST_MS and (took := frames["ours"]["first_cpu_ms"]) > FIRST_MS[n]:
        found.append(f"{n:,} points: {took} ms to the first frame, bar {FIRST_MS[n]}")
    for other in OTHERS:
        for clock in ("frame_ms", "cpu_ms"):
            if other in frames and frames["ours, moving"][clock]["median"] >= frames[other][clock]["median"]:
                found.append(f"{n:,} points: {other} turns them faster by {clock}")
    if pick_ms > PICK_MS:
        found.append(f"{n:,} points: {pick_ms} ms a pick, bar {PICK_MS}")
    if n > 10_000 and held > BYTES:
        found.append(f"{n:,} points: {held} bytes a point, bar {BYTES}")
    return found


def measure(n: int) -> list[str]:
    """Prints the figures of n points; returns sentences about bars that they miss."""
    app = QApplication.instance() or QApplication([])
    frames = measure_frames(n, ROUNDS.get(n, 10))
    for name, figures in frames.items():
        print(json.dumps({"points": n, "way": name, **figures}), flush=True)
    pick, held = measure_pick(n), bytes_a_point(n)
    print(json.dumps({"points": n, **pick, "bytes_a_point": held}), flush=True)
    behind = missed(n, frames, pick["pick_cpu_ms"]["median"], held)
    for sentence in behind:
        print(f"missed: {sentence}", flush=True)
    app.processEvents()
    return behind


def main(arguments: list[str]) -> int:
    """Each number of points in a process of its own: pyqtgraph keeps programs of contexts that are gone."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    counts = [int(argument) for argument in arguments] or list(ROUNDS)
    if len(counts) == 1:
        return 1 if measure(counts[0]) else 0
    command = [sys.executable, "-m", "tests.benchmarks.bench_map"]
    return max([subprocess.run([*command, str(n)], check=False).returncode for n in counts])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
