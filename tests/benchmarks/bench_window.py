"""The window at 100,000 tracks: first paint, search as you type, sorting, and the longest stall under load.

Run: python -m tests.benchmarks.bench_window. Targets: painted within 1.0 s of the process's start (importing,
opening the catalog and drawing), no stall of the event loop over 50 ms while two workers are busy.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from musicdesk.workflows.desk import open_desk
from tests.helpers.big_catalog import fill

TRACKS = 100_000
STARTS = 5
WORDS = ("river", "gar", "gold eng", "m", "hollow", "silver mo", "dub", "waltz 7", "st", "winter story")
BUSY = """
import json, sys, time
sys.stdin.readline()
print(json.dumps({"event": "started"}), flush=True)
begun, step = time.time(), 0
while time.time() - begun < 8:
    for _ in range(200_000):
        step += 1
    event = {"event": "progress", "done": step, "total": None, "message": "", "rate": 1, "eta": 1}
    print(json.dumps(event), flush=True)
print(json.dumps({"event": "finished", "result": {}, "what": []}), flush=True)
"""
PAINT = """
import sys, time
from pathlib import Path
import musicdesk.workflows.desk  # first, as the command line does: after PySide6 every import is slower
from musicdesk.gui.main import application, open_window
app = application()
opened = open_window(app, Path(sys.argv[1]))
def painted():
    print(time.time() - float(sys.argv[2]), flush=True)
    opened.close()
    app.quit()
opened.window.painted.connect(painted)
opened.window.show()
app.exec()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        with open_desk(profile) as desk:
            fill(desk.catalog, TRACKS, desk.encoder)
        found = {"tracks": TRACKS, "painted_s": first_paint(profile), **inside(profile)}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def first_paint(profile: Path) -> float:
    """Seconds from the start of the process to the first paint, the median of some starts."""
    times = []
    for _ in range(STARTS):
        command = [sys.executable, "-c", PAINT, str(profile), str(time.time())]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        times.append(float(done.stdout.split()[0]))
    return round(statistics.median(times), 3)


def inside(profile: Path) -> dict[str, object]:
    """Milliseconds of searching, sorting and stalls, in one open window."""
    from musicdesk.gui.main import application, open_window
    from musicdesk.gui.pages import place_of

    app = application()
    opened = open_window(app, profile, command=[sys.executable, "-c", BUSY])
    opened.window.show()
    place_of("library").load()
    page = opened.window.open("library")
    page.finish()
    for _ in range(50):
        app.processEvents()
    searches = [_timed(app, lambda text=text: page._change(page.state.search(text))) for text in WORDS * 3]  # type: ignore[attr-defined]
    page._clear()  # type: ignore[attr-defined]
    columns = ("title", "album", "genre", "year", "length", "plays", "artist")
    sorts = [_timed(app, lambda name=name: page._sort(name, False)) for name in columns]  # type: ignore[attr-defined]
    stall = _longest_stall(app, opened.shell.jobs)
    opened.close()
    return {
        "search_p95_ms": round(sorted(searches)[int(len(searches) * 0.95)] * 1000, 1),
        "sort_worst_ms": round(max(sorts) * 1000, 1),
        "longest_stall_ms_two_workers": round(stall * 1000, 1),
    }


def _timed(app, doing) -> float:  # type: ignore[no-untyped-def]
    """Seconds until the change is painted."""
    begun = time.perf_counter()
    doing()
    app.processEvents()
    return time.perf_counter() - begun


def _longest_stall(app, jobs) -> float:  # type: ignore[no-untyped-def]
    """The longest time between two turns of the event loop while two workers report."""
    jobs.start("scan")
    jobs.start("waveform", {"track": 1})
    begun = last = time.perf_counter()
    longest = 0.0
    while time.perf_counter() - begun < 6:
        app.processEvents()
        now = time.perf_counter()
        if now - begun > 1.5:  # both have started
            longest = max(longest, now - last)
        last = now
        time.sleep(0.001)
    return longest


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
