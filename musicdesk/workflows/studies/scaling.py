"""How time and quality grow with listeners and with songs: weighted matrix factorization on parts of a crowd."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.evaluation import metrics, splits
from musicdesk.evaluation.intervals import Interval, interval
from musicdesk.recommenders.wmf import Wmf
from musicdesk.reports.plots import lines
from musicdesk.reports.report import Entry, Plot, Report, Table
from musicdesk.workflows.studies.plays import NEEDS, plays
from musicdesk.workflows.studies.study import Given, Study

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SHARES = (0.125, 0.25, 0.5, 1.0)
BLOCK = 500


@dataclass(frozen=True, eq=False)
class Step:
    """One training. popular: recall@20 of popularity on the same"""

    listeners: int
    songs: int
    pairs: int
    seconds: float
    recall: Interval
    auc: Interval
    popular: float


def run(given: Given) -> Report:
    data = plays(given, given.count("listeners"))
    held = splits.listeners(data.matrix, min(given.count("asked"), data.matrix.shape[0] // 4), given.seed)
    kinds = {"listeners": list(_by_listeners(given, held)), "songs": list(_by_songs(given, data.matrix))}
    parts: list[Table | Plot] = []
    for kind, steps in kinds.items():
        parts += [_table(given, kind, steps, data.note), _plot(kind, steps)]
    said = "The listeners who are asked are the same for every share of listeners. With fewer songs the choice is "
    said += (
        "smaller, so that figures of different numbers of songs do not compare with each other, but with popularity."
    )
    return Report(STUDY.title, (data.note, said), tuple(parts))


def _by_listeners(given: Given, held: splits.Held) -> Iterator[Step]:
    order = np.random.default_rng(given.seed).permutation(held.train.shape[0])
    for share in SHARES:
        rows = np.sort(order[: max(2, round(share * len(order)))])
        yield _step(given, held.train[rows], held)


def _by_songs(given: Given, matrix: csr_matrix) -> Iterator[Step]:
    """The most played songs, as a catalogue grows; listeners with five of them stay."""
    ranked = np.argsort(-np.asarray((matrix > 0).sum(axis=0)).ravel(), kind="stable")
    for share in SHARES:
        part = matrix[:, np.sort(ranked[: max(20, round(share * len(ranked)))])].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr) >= 5)]
        if part.shape[0] < 8:
            continue
        held = splits.listeners(part, min(given.count("asked"), part.shape[0] // 4), given.seed)
        yield _step(given, held.train, held)


def _step(given: Given, train: csr_matrix, held: splits.Held) -> Step:
    model = Wmf(factors=given.count("factors"), iterations=given.count("iterations"))
    begun = time.monotonic()
    songs = model.factorize(train, given.seed, given.monitor.part(0.12))
    seconds = time.monotonic() - begun
    counts = np.asarray((train > 0).sum(axis=0)).ravel().astype(np.float32)
    blocks, popular = [], []
    for start in range(0, held.shown.shape[0], BLOCK):
        rows = np.arange(start, min(start + BLOCK, held.shown.shape[0]))
        scores = folded(model, songs, held.shown[rows]) @ songs.T
        blocks.append(metrics.places(scores, held.hidden[rows], held.shown[rows]))
        popular.append(metrics.places(np.tile(counts, (len(rows), 1)), held.hidden[rows], held.shown[rows]))
    found = metrics.joined(blocks)
    return Step(
        train.shape[0],
        train.shape[1],
        train.nnz,
        seconds,
        interval(metrics.recall(found, 20), given.seed),
        interval(metrics.auc(found), given.seed),
        metrics.mean(metrics.recall(metrics.joined(popular), 20)),
    )


def folded(model: Wmf, songs: np.ndarray, shown: csr_matrix) -> np.ndarray:
    """float32 (rows, factors): vectors of new listeners, given the songs' vectors (songs, factors)."""
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        solver = AlternatingLeastSquares(songs.shape[1], regularization=model.regularization)
        solver.item_factors = songs
        vectors: np.ndarray = solver.recalculate_user(np.arange(shown.shape[0]), model.confidence.matrix(shown))
    return vectors


def _table(given: Given, kind: str, steps: list[Step], note: str) -> Table:
    rows: list[tuple[Entry, ...]] = [
        (
            *(given.figure(value) for value in (step.listeners, step.songs, step.pairs)),
            given.figure(step.seconds, digits=2),
            given.figure(step.recall.mean, (step.recall.low, step.recall.high)),
            given.figure(step.popular),
            given.figure(step.auc.mean, (step.auc.low, step.auc.high)),
        )
        for step in steps
    ]
    columns = ("listeners", "songs", "pairs", "seconds", "recall@20", "recall@20 of popularity", "AUC")
    return Table(f"More {kind}", columns, tuple(rows), note)


def _plot(kind: str, steps: list[Step]) -> Plot:
    sizes = [float(getattr(step, kind)) for step in steps]
    series = {
        "recall@20": (sizes, [step.recall.mean for step in steps]),
        "recall@20 of popularity": (sizes, [step.popular for step in steps]),
    }
    return lines(f"quality-{kind}", f"Quality with more {kind}", series, kind, "recall@20", log_x=True)


STUDY = Study(
    "scaling",
    "More listeners, more songs",
    "Dudeja et al., Personalized Music Recommendation System (experiments)",
    NEEDS,
    run,
    library=True,
    settings={"listeners": 20_000, "asked": 1_000, "factors": 64, "iterations": 10},
)
