"""Everything at the largest size that is claimed: 100,000 tracks, 10 M plays, 1 M songs of a crowd, 100,000 ratings.

    python -m tests.benchmarks.bench_size [FOLDER]      (made by tests.helpers.big_profile, or made now)

Bars: started in 1.5 s, search in 50 ms (95th percentile), every page open in 300 ms, no turn of the event loop over
50 ms while a page opens, loads or scrolls, or a rating is given, 500 MB without a job, a backup while somebody writes.
Each time stands three times: by the clock, as processor time of the window's thread, which a busy machine lengthens
less, and that of the longest turn of the loop.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from musicdesk.catalog import backup
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages import PAGES
from musicdesk.gui.verbs import Choice
from musicdesk.workflows.ahead import at_hand, plays_at_hand, table_at_hand
from musicdesk.workflows.desk import open_desk
from tests.benchmarks.bench_window import WORDS, first_paint
from tests.benchmarks.loop import Time, in_turns
from tests.helpers.big_profile import SIZES, fill_profile

LOADED_S = 120.0  # by when a page must have read everything


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
    found["building"] = _built(app, window).told()
    found["library_read_ahead_s"] = _read_ahead(app, window)
    found["rss_built_mb"] = _resident_mb()
    for place in PAGES:
        found[f"{place.name}_opens"], found[f"{place.name}_reads"] = (
            time.told() for time in _opened(window, place.name)
        )
        found[f"{place.name}_rss_mb"] = _resident_mb()
    page = window.open("library")
    page.finish()
    bar = page.table.verticalScrollBar()
    places = [bar.maximum() * step // 199 for step in range(200)]
    found["scrolling"] = max((in_turns(partial(bar.setValue, at)) for at in places), key=_turn).told()
    found["search_p95"] = _searched(page, WORDS * 3)
    with _busy_thread():
        found["search_p95_beside_a_thread"] = _searched(page, WORDS)
    found["rss_at_the_end_mb"] = _resident_mb()
    found.update(_rated(app, window))
    opened.close()
    return found


def _searched(page, words: Sequence[str]) -> str:  # type: ignore[no-untyped-def]
    """The 95th percentile by the clock."""
    times = sorted((in_turns(partial(_search, page, text)) for text in words), key=lambda found: found.clock)
    return times[int(len(times) * 0.95)].told()


@contextmanager
def _busy_thread() -> Iterator[None]:
    """Another thread computes in Python meanwhile, as one that reads for a page does."""
    stop = threading.Event()

    def compute() -> None:
        while not stop.is_set():
            {number % 977: (number * 7) % 13 for number in range(20_000)}

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _search(page, text: str) -> None:  # type: ignore[no-untyped-def]
    page._change(page.state.search(text))


def _rated(app, window) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """Verdicts that move a list, given on three pages: the longest of nine each, after the first, which reads what the
    others keep up."""
    desk = window.shell.desk
    _until(app, lambda: at_hand(desk) and plays_at_hand(desk))
    found = {}
    for place in ("library", "discover", "map"):
        window.open(place)
        _until(app, lambda: window.page.settled)
        says = [(verb, track) for track in range(1, 5) for verb in ("like", "clear", "dislike")]
        times = [in_turns(partial(window.actions_.perform, verb, Choice((TrackId(track),)))) for verb, track in says]
        found[f"rating_in_{place}"] = max(times[3:], key=_turn).told()
    return found


def _turn(found: Time) -> float:
    return found.turn


def _until(app, over: Callable[[], bool]) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + LOADED_S
    while time.monotonic() < end and not over():
        app.processEvents()
        time.sleep(0.002)


def _built(app, window) -> Time:  # type: ignore[no-untyped-def]
    """The longest turn of the event loop until every page is built that nobody has opened."""
    in_turns(lambda: None)  # the first paint
    found: list[Time] = []
    end = time.monotonic() + LOADED_S
    while time.monotonic() < end and not (len(window.stack.pages) == len(PAGES) and _whole(window)):
        found.append(in_turns(lambda: None))
    return max(found, key=_turn)


def _read_ahead(app, window) -> float:  # type: ignore[no-untyped-def]
    """Seconds until what the Library opens with is read, which a thread does unasked."""
    begun = time.monotonic()
    _until(app, lambda: table_at_hand(window.shell.desk))
    return round(time.monotonic() - begun, 2)


def _whole(window) -> bool:  # type: ignore[no-untyped-def]
    return all(page.built for page in window.stack.pages.values())


def _opened(window, name: str) -> tuple[Time, Time]:  # type: ignore[no-untyped-def]
    """Until the page is painted, and the longest turn of the event loop until it has read everything."""
    shown = in_turns(partial(window.open, name))
    longest, end, quiet = shown, time.monotonic() + LOADED_S, 0
    while time.monotonic() < end and quiet < 30:  # in pauses a page may not have begun to read
        longest = max(longest, in_turns(lambda: time.sleep(0.002)), key=_turn)
        quiet = quiet + 1 if window.page.settled else 0
    return shown, longest


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
