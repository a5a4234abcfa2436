"""Everything at the largest size that is claimed: 100,000 tracks, 10 M plays, 1 M songs of a crowd, 100,000 ratings.

    python -m tests.benchmarks.bench_size [FOLDER]      (made by tests.helpers.big_profile, or made now)

Bars: started in 1.5 s, search in 50 ms (95th percentile), every page open in 300 ms, no stall of the event loop over
50 ms while a page opens, loads or scrolls, 500 MB without a job, a backup while somebody writes. Each time stands
twice: by the clock, and as processor time of the window's thread, which a busy machine does not lengthen.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from musicdesk.catalog import backup
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages import PAGES
from musicdesk.workflows.ahead import table_at_hand
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.rate import rate
from tests.benchmarks.bench_window import WORDS, first_paint
from tests.helpers.big_profile import SIZES, fill_profile

LOADED_S = 120.0  # by when a page must have read everything


@dataclass
class Time:
    """Milliseconds by the clock, and of the thread's processor time."""

    clock: float
    worked: float

    def told(self) -> str:
        return f"{self.clock:.0f} ms, {self.worked:.0f} ms of work"


def main() -> None:
    if len(sys.argv) > 1:
        found = measured(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            fill_profile(Path(folder), *SIZES)
            found = measured(Path(folder))
    print(json.dumps(found, indent=2))


def measured(profile: Path) -> dict[str, object]:
    """The window in a process of its own, so that what it needs is its own."""
    code = f"from tests.benchmarks.bench_size import *; print(json.dumps(in_window(Path({str(profile)!r}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {
        "catalog_mb": round((profile / "catalog.sqlite").stat().st_size / 1e6),
        "painted_s": first_paint(profile),
        **json.loads(done.stdout),
        **backup_while_writing(profile),
    }


def in_window(profile: Path) -> dict[str, object]:
    from musicdesk.gui.main import application, open_window

    app = application()
    opened = open_window(app, profile)
    window, found = opened.window, {}
    window.resize(1280, 800)
    window.show()
    found["rss_started_mb"] = _resident_mb()
    found["building_longest_stall"] = _built(app, window).told()
    found["library_read_ahead_s"] = _read_ahead(app, window)
    found["rss_built_mb"] = _resident_mb()
    for place in PAGES:
        shown, longest = _opened(app, window, place.name)
        found[f"{place.name}_opens"] = shown.told()
        found[f"{place.name}_longest_stall"] = longest.told()
        found[f"{place.name}_rss_mb"] = _resident_mb()
    page = window.open("library")
    page.finish()
    longest = Time(0, 0)
    bar = page.table.verticalScrollBar()
    for step in range(200):
        at = bar.maximum() * step // 199
        longest = _longer(longest, _timed(app, lambda at=at: bar.setValue(at)))
    found["scrolling_longest_stall"] = longest.told()
    times = [_timed(app, lambda text=text: page._change(page.state.search(text))) for text in WORDS * 3]
    at = int(len(times) * 0.95)
    found["search_p95"] = Time(sorted(t.clock for t in times)[at], sorted(t.worked for t in times)[at]).told()
    found["rss_at_the_end_mb"] = _resident_mb()
    found["rating"] = _rated(app, window.shell.desk)
    opened.close()
    return found


def _rated(app, desk) -> str:  # type: ignore[no-untyped-def]
    """A like that moves a list: the longest of ten, after the first, which reads what the others keep up."""
    rate(desk, TrackId(SIZES[0]), Verdict.LIKE)
    times = [_timed(app, partial(rate, desk, TrackId(SIZES[0] - at), Verdict.LIKE)) for at in range(1, 11)]
    return max(times, key=lambda found: found.worked).told()


def _built(app, window) -> Time:  # type: ignore[no-untyped-def]
    """The longest turn of the event loop until every page is built that nobody has opened."""
    longest, end = Time(0, 0), time.monotonic() + LOADED_S
    _timed(app, lambda: None)  # the first paint
    while time.monotonic() < end and not (len(window.stack.pages) == len(PAGES) and _whole(window)):
        longest = _longer(longest, _timed(app, lambda: None))
        time.sleep(0.002)
    return longest


def _read_ahead(app, window) -> float:  # type: ignore[no-untyped-def]
    """Seconds until what the Library opens with is read, which a thread does unasked."""
    begun = time.monotonic()
    while not table_at_hand(window.shell.desk) and time.monotonic() - begun < LOADED_S:
        app.processEvents()
        time.sleep(0.002)
    return round(time.monotonic() - begun, 2)


def _whole(window) -> bool:  # type: ignore[no-untyped-def]
    return all(page.built for page in window.stack.pages.values())


def _opened(app, window, name: str) -> tuple[Time, Time]:  # type: ignore[no-untyped-def]
    """Until the page is painted, and the longest turn of the event loop until it has read everything."""
    shown = _timed(app, lambda: window.open(name))
    longest, end, quiet = shown, time.monotonic() + LOADED_S, 0
    while time.monotonic() < end and quiet < 100:  # in pauses a page may not have begun to read
        longest = _longer(longest, _timed(app, lambda: None))
        quiet = quiet + 1 if window.page.settled else 0
        time.sleep(0.002)
    return shown, longest


def _timed(app, doing: Callable[[], object]) -> Time:  # type: ignore[no-untyped-def]
    begun, worked = time.perf_counter(), time.thread_time()
    doing()
    app.processEvents()
    return Time((time.perf_counter() - begun) * 1000, (time.thread_time() - worked) * 1000)


def _longer(one: Time, other: Time) -> Time:
    return max(one, other, key=lambda found: found.worked)


def _resident_mb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def backup_while_writing(profile: Path) -> dict[str, object]:
    """A backup while ratings are given, one after the other: how long both take, and that it is whole."""
    waits: list[float] = []
    stop = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "backup.sqlite"
        with open_desk(profile) as desk:
            before = desk.catalog.feedback.stamp()
            helper = threading.Thread(target=lambda: (backup.make(profile / "catalog.sqlite", target), stop.set()))
            begun = time.perf_counter()
            helper.start()
            while not stop.is_set():
                at = time.perf_counter()
                desk.catalog.feedback.rate(TrackId(1 + len(waits)), Verdict.LIKE)
                waits.append(time.perf_counter() - at)
                time.sleep(0.02)
            helper.join()
            seconds = time.perf_counter() - begun
            assert desk.catalog.feedback.stamp() != before
        with closing(sqlite3.connect(target)) as conn:
            assert conn.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        wal = profile / "catalog.sqlite-wal"
        return {
            "backup_s": round(seconds, 1),
            "ratings_meanwhile": len(waits),
            "longest_rating_ms": round(max(waits) * 1000),
            "wal_mb": round(wal.stat().st_size / 1e6) if wal.exists() else 0,
        }


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
