"""Songs taken out of listeners' profiles at random: where do they come when the rest is all that is known?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.evaluation import metrics, splits
from musicdesk.evaluation.intervals import interval, paired
from musicdesk.recommenders.base import CrowdFitted, TrainingData
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.reports.plots import lines
from musicdesk.reports.report import Entry, Plot, Report, Table
from musicdesk.workflows.studies.plays import NEEDS, plays
from musicdesk.workflows.studies.study import Given, Study

BLOCK = 500  # listeners that are scored at once
CUTS = (10, 20, 50, 100, 200, 500, 1_000)
MODELS = ("wmf", "ease")  # with the program's own settings


def run(given: Given) -> Report:
    data = plays(given, given.count("listeners"))
    count = min(given.count("asked"), data.matrix.shape[0] // 4)
    held = splits.listeners(data.matrix, count, given.seed, share=given.number("removed"))
    found = {name: _places(given, held, score) for name, score in _scores(given, held).items()}
    parts = (_ranks(given, found, data.note), _found(given, found, data.note), _plot(found))
    removed = (
        f"{count:,} listeners were kept out of training; {given.number('removed'):.0%} of each one's songs, drawn "
    )
    removed += (
        f"at random, were taken out: {held.hidden.nnz:,} songs in all, ranked among all songs not in the profile."
    )
    return Report(STUDY.title, (data.note, removed), parts)


Score = Callable[[np.ndarray], np.ndarray]  # rows of asked listeners -> (rows, songs)


def _scores(given: Given, held: splits.Held) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    for name in MODELS:
        fitted = _fitted(given, name, held, given.monitor.part(0.4))
        if fitted is not None:
            scores[name] = lambda rows, fitted=fitted: fitted.score_crowd(held.shown[rows])  # type: ignore[misc]
    counts = np.asarray((held.train > 0).sum(axis=0)).ravel().astype(np.float32)
    songs = held.train.shape[1]
    scores["popularity (control)"] = lambda rows: np.tile(counts, (len(rows), 1))
    scores["random (control)"] = lambda rows: np.random.default_rng([given.seed, int(rows[0])]).random(
        (len(rows), songs), np.float32
    )
    return scores


def _fitted(given: Given, name: str, held: splits.Held, monitor: Monitor) -> CrowdFitted | None:
    """None where the model says that it cannot learn from these plays."""
    from musicdesk.core.types import Vectors
    from musicdesk.recommenders.registry import configured, models

    if name not in models():
        return None
    factors = {"factors": given.count("factors")} if name == "wmf" else {}
    model = configured(name, factors)
    none = Vectors(np.empty(0, np.int64), np.empty((0, 0), np.float32))
    data = TrainingData(none, crowd=CrowdPlays.bare(held.train))
    if model.why_not(data):
        return None
    fitted = model.fit(data, given.seed, monitor)
    return fitted if isinstance(fitted, CrowdFitted) else None


def _places(given: Given, held: splits.Held, score: Score) -> metrics.Places:
    blocks = []
    for start in range(0, held.shown.shape[0], BLOCK):
        given.monitor.check()
        rows = np.arange(start, min(start + BLOCK, held.shown.shape[0]))
        blocks.append(metrics.places(score(rows), held.hidden[rows], held.shown[rows]))
    return metrics.joined(blocks)


def ranks(found: metrics.Places) -> np.ndarray:
    """float64 (removed songs,): the place of each, from 1; tied songs share the mean of their places."""
    places: np.ndarray = found.before + (found.tied + 1) / 2
    return places


def _ranks(given: Given, found: dict[str, metrics.Places], note: str) -> Table:
    rows: list[tuple[Entry, ...]] = []
    for name, places in found.items():
        at = ranks(places)
        figures = [given.figure(float(np.percentile(at, cut)), digits=0) for cut in (25, 50, 75)]
        share = at / places.candidates[places.user]
        rows.append((name, *figures, given.figure(float(share.mean()), digits=4)))
    columns = ("model", "place, best quarter", "place, median", "place, worst quarter", "mean place, of all songs")
    return Table("Where removed songs come", columns, tuple(rows), note)


def _found(given: Given, found: dict[str, metrics.Places], note: str) -> Table:
    """Means over listeners; the difference to popularity is paired."""
    base = found["popularity (control)"]
    rows: list[tuple[Entry, ...]] = []
    for name, places in found.items():
        cells: list[Entry] = []
        for values in (metrics.recall(places, 20), metrics.recall(places, 50), metrics.ndcg(places, 100)):
            mean = interval(values, given.seed)
            cells.append(given.figure(mean.mean, (mean.low, mean.high)))
        area = metrics.mean(metrics.auc(places))
        gap = paired(metrics.recall(places, 20), metrics.recall(base, 20), given.seed)
        more: Entry = "" if places is base else given.figure(gap.mean, (gap.low, gap.high))
        rows.append((name, *cells, given.figure(area), more))
    columns = ("model", "recall@20", "recall@50", "NDCG@100", "AUC", "recall@20 above popularity")
    return Table("How many are found again", columns, tuple(rows), note)


def _plot(found: dict[str, metrics.Places]) -> Plot:
    series = {
        name: ([float(cut) for cut in CUTS], [metrics.mean(metrics.recall(places, cut)) for cut in CUTS])
        for name, places in found.items()
    }
    return lines("found", "Removed songs among the first k", series, "k", "recall", log_x=True)


STUDY = Study(
    "profile-removal",
    "Songs removed from a profile, and found again",
    "Dudeja et al., Personalized Music Recommendation System (experiments)",
    NEEDS,
    run,
    library=True,
    settings={"listeners": 20_000, "asked": 2_000, "removed": 0.2, "factors": 128},
)
