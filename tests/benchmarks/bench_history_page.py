"""The History page at full size: what the window waits for, what a thread reads, and the longest stall meanwhile.

    python -m tests.benchmarks.bench_history_page [listens] [songs] [tracks]

Bars: 100 ms for everything that the window waits for, 50 ms for a stall of the event loop, which a busy machine
makes longer than the page does: beside it stands the longest stall of an idle loop of the same length.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from musicdesk.catalog.history import History, reading
from musicdesk.core.types import TrackId
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.listening import look_back
from musicdesk.workflows.listening_read import read
from musicdesk.workflows.match import decide, review, undo
from tests.benchmarks.loop import longest_turn
from tests.helpers.big_catalog import fill
from tests.helpers.big_history import fill_history

SIZES = (1_000_000, 60_000, 100_000)
ROUNDS = 5


def main() -> dict[str, object]:
    given = [int(text) for text in sys.argv[1:]]
    listens, songs, tracks = [*given, *SIZES[len(given) :]]
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        with open_desk(profile) as desk:
            fill_history(desk.catalog, listens, songs, fill(desk.catalog, tracks, desk.encoder))
        return {"listens": listens, "songs": songs, **waited(profile), **in_thread(profile), **stalls(profile)}


def _ms(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return round(statistics.median(took) * 1000, 1)


def waited(profile: Path) -> dict[str, float]:
    """Milliseconds of what is asked while the window waits."""
    with open_desk(profile) as desk:
        history, doubts = desk.catalog.history, review(desk)
        song, track = doubts[0]["song"], TrackId(doubts[0]["candidates"][0]["track"])
        return {
            "page_opened_ms": _ms(lambda: (history.any(), history.listeners(), history.ambiguous())),
            "imports_ms": _ms(lambda: desk.catalog.listens.sources()),
            "songs_to_decide_ms": _ms(lambda: review(desk)),
            "decide_and_undo_ms": _ms(lambda: (decide(desk, song, track), undo(desk))),
            "all_settled_anew_ms": _ms(lambda: desk.catalog.listens.settle()),
        }


def in_thread(profile: Path) -> dict[str, float]:
    """Milliseconds of what is done in a thread: reading once, then any period."""
    with reading(profile / "catalog.sqlite") as conn:
        took = {"read_ms": _ms(lambda: read(conn)), "plays_alone_ms": _ms(lambda: [*History(conn).plays("me")])}
        found = read(conn)
    year = found.span[1] - 365 * 86_400
    return {**took, "all_time_ms": _ms(lambda: look_back(found)), "one_year_ms": _ms(lambda: look_back(found, year))}


def stalls(profile: Path) -> dict[str, float]:
    """Milliseconds: the longest time between two turns of the event loop while the page reads and draws."""
    from musicdesk.gui.main import application, open_window

    app = application()
    opened = open_window(app, profile)
    opened.window.resize(1280, 800)
    opened.window.show()
    idle = longest_turn(app.processEvents, time.monotonic() + 3)
    begun = time.perf_counter()
    page = opened.window.open("history")
    first = time.perf_counter() - begun
    page.finish()
    longest = []
    for _ in range(ROUNDS):
        page._read()  # type: ignore[attr-defined]
        longest.append(longest_turn(app.processEvents, time.monotonic() + 60, lambda: page.settled))
    opened.close()
    return {
        "opened_for_the_first_time_ms": round(first * 1000, 1),
        "longest_stall_first_ms": round(longest[0] * 1000, 1),  # matplotlib is imported in it
        "longest_stall_ms": round(statistics.median(longest[1:]) * 1000, 1),
        "longest_stall_idle_ms": round(idle * 1000, 1),
        "threads_left": threading.active_count(),
    }


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(main(), indent=2))
