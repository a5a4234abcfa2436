"""The model for one listener: how fast a rating moves the list at 100,000 tracks, and fold-in by songs known.

    python -m tests.benchmarks.bench_personal

speed:   milliseconds of the processor and, with `_wall`, by the clock beside the load; sums with one thread, as in the
         window; 50,000 played tracks and 60 likes (bars: rating to new list 100, scoring 20)
fold-in: planted world, AUC of a listener's other songs by the number of songs that are shown
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.progress import Silent
from musicdesk.core.types import Listener, TrackId, Verdict
from musicdesk.demo.world import WorldSpec
from musicdesk.recommenders.blend import Blend
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.rate import rate
from musicdesk.workflows.recommend import Request, draft
from musicdesk.workflows.taste import standing
from tests.helpers import planted_taste
from tests.helpers.big_catalog import fill
from tests.helpers.planted_taste import auc, plays_of

TRACKS, LIKES, ROUNDS = 100_000, 60, 15
SHOWN = (2, 4, 10, 20, 40)
WORLD = WorldSpec(genres=12, artists=150, tracks=1_500, listeners=1_500, plays_median=0.06, seed=5)
ASKED = 150


def main() -> None:
    found = {"speed": speed(), "fold_in": fold_in()}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def speed() -> dict[str, float]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"), tempfile.TemporaryDirectory() as folder, open_desk(Path(folder)) as desk:
        ids = fill(desk.catalog, TRACKS, desk.encoder)
        for track in ids[:: TRACKS // LIKES]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        fresh = iter(ids[5::97].tolist())
        begun = time.process_time()
        fitted = standing(desk).fitted
        learned = time.process_time() - begun
        me = desk.catalog.feedback.listener()
        others = (replace(me, liked={**me.liked, TrackId(track): 1.0}) for track in fresh)

        def both() -> None:
            rate(desk, TrackId(next(fresh)), Verdict.LIKE)
            draft(desk, Request())

        return {
            "played": len(me.plays),
            "learned_on_the_spot_ms": round(1000 * learned, 1),
            "score_ms": timed(lambda: fitted.score(next(others), desk.vectors().ids)),
            "rating_ms": timed(lambda: rate(desk, TrackId(next(fresh)), Verdict.LIKE)),
            "rating_to_new_list_ms": timed(both),
            "rating_to_new_list_wall": timed(both, time.perf_counter),
            "load": round(os.getloadavg()[0], 1),
        }


def timed(doing: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    """Median milliseconds, of the processor: what it takes whatever else the machine does."""
    doing()
    times = []
    for _ in range(ROUNDS):
        begun = clock()
        doing()
        times.append(clock() - begun)
    return round(1000 * statistics.median(times), 1)


def fold_in() -> list[dict[str, float]]:
    """Every song is owned, and listeners who are asked are no part of the crowd: songs shown decide alone."""
    world = planted_taste.world(WORLD)
    data = planted_taste.data(world, Listener(), with_crowd=True, owned=1.0)
    assert data.crowd is not None
    crowd = data.crowd.of(data.crowd.plays[ASKED:])
    made = Blend(factors=32, regularization=5.0).fit(replace(data, crowd=crowd), 0, Silent())
    models = {"fold-in": made.parts["crowd"], "blend": made, "content": made.parts["content"]}
    ids, truth = data.vectors.ids, world.affinity()
    rows = []
    for shown in SHOWN:
        row: dict[str, float] = {"songs": shown}
        for name, model in models.items():
            row[name] = round(float(np.mean(list(asked(world, model.score, ids, shown)))), 3)
        known = list(asked(world, None, ids, shown, truth))
        row["truth"], row["listeners"] = round(float(np.mean(known)), 3), len(known)
        rows.append(row)
    return rows


def asked(world: Any, score: Any, ids: np.ndarray, shown: int, truth: np.ndarray | None = None) -> Iterator[float]:
    """AUC for each listener who has twice as many songs as are shown."""
    for listener in range(ASKED):
        every = plays_of(world, listener)
        if len(every.plays) < 2 * shown:
            continue
        order = np.random.default_rng(listener).permutation(sorted(every.plays))
        seen = Listener(plays={TrackId(int(track)): every.plays[TrackId(int(track))] for track in order[:shown]})
        scores = truth[listener] if truth is not None else score(seen, ids)
        left_out = np.isin(ids, order[:shown])
        yield auc(scores, np.isin(ids, order[shown:]), left_out)


if __name__ == "__main__":
    main()
