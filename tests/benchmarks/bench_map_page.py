"""The Map page at full size: until it is read and shown, the longest stall of the window meanwhile, what is left over.

Run: python -m tests.benchmarks.bench_map_page [TRACKS]; without a display the points are drawn in software.
Bars: 50 ms for a stall of the event loop, which a busy machine makes longer than the page does: beside it stands the
longest stall of an idle loop of the same length. The first opening also makes the view.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from musicdesk.gui.window import MainWindow
from tests.benchmarks.loop import longest_turn
from tests.helpers.big_catalog import fill

TRACKS = 100_000
ROUNDS = 3
WARM_S = 15  # the window reads for its first lists meanwhile


def main(tracks: int = TRACKS) -> dict[str, float]:
    from musicdesk.workflows.desk import open_desk

    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        with open_desk(profile) as desk:
            fill(desk.catalog, tracks, desk.encoder, layout=True)
        return {"tracks": tracks, **opened(profile)}


def opened(profile: Path) -> dict[str, float]:
    """Milliseconds and megabytes of opening the page and leaving it, several times."""
    import psutil

    from musicdesk.gui.main import application, open_window

    app, process = application(), psutil.Process()
    shown = open_window(app, profile)
    shown.window.resize(1280, 800)
    shown.window.show()
    longest_turn(app.processEvents, time.monotonic() + WARM_S)
    idle = longest_turn(app.processEvents, time.monotonic() + 3)
    first, again, waits, kept = 0.0, [], [], []
    for round_ in range(ROUNDS):
        begun = time.perf_counter()
        shown.window.open("map")
        until = time.monotonic() + 120
        stall = longest_turn(app.processEvents, until, partial(_is_read, shown.window))
        waits.append(time.perf_counter() - begun)
        if round_:
            again.append(stall)
        else:
            first = stall
        shown.window.open("settings")
        longest_turn(app.processEvents, time.monotonic() + 0.3)
        gc.collect()
        kept.append(process.memory_info().rss / 1e6)
    shown.close()
    return {
        "until_shown_ms": round(min(waits) * 1000),
        "longest_stall_first_ms": round(first * 1000, 1),
        "longest_stall_again_ms": round(min(again) * 1000, 1),
        "longest_stall_idle_ms": round(idle * 1000, 1),
        "grown_between_visits_mb": round(kept[-1] - kept[0], 1),
    }


def _is_read(window: MainWindow) -> bool:
    """The page is made after it was asked for, in turns."""
    page = window.page
    return getattr(page, "points", None) is not None and page.settled


if __name__ == "__main__":
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(main(*(int(given) for given in sys.argv[1:2])), indent=2))
