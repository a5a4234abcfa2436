"""An evaluation as a report: tables with intervals, curves, and how varied the lists are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.evaluation import comparison
from musicdesk.evaluation.comparison import METRICS, Answers
from musicdesk.reports.plots import lines, scatter
from musicdesk.reports.report import Cell, Entry, Origin, Report, Table
from musicdesk.workflows.evaluated import Evaluated, origin_of
from musicdesk.workflows.genre_report import genre_parts

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

CUTS = np.array([1, 2, 5, 10, 20, 50, 100, 200])
PLACES = np.array([0.5, 1.5, 2.5, 5.5, 10.5, 20.5, 50.5, 100.5])
LISTS = {
    "coverage": "share of songs in any list",
    "gini": "Gini",
    "novelty": "novelty, bits",
    "distance": "distance inside",
    "different artists": "different artists",
}


def report_of(desk: Desk, found: Evaluated, every: Mapping[str, Answers], hidden: str) -> Report:
    """found: the figures; every: the answers of models and controls by name; hidden: what was hidden, in words"""
    origin = origin_of(desk)
    told = {**found.models, **found.controls}
    note = (
        f"The crowd '{found.crowd}': {hidden}; {found.listeners:,} listeners asked for {found.hidden:,} hidden plays "
        f"among {found.songs:,} songs, seed {found.seed}."
    )
    parts = (
        _figures(told, note, origin),
        _gaps(found, origin),
        *_curves(every),
        _lists(told, origin),
        *_plane(told),
        *genre_parts(desk, origin),
        "Every model was trained anew without what was hidden, with its run's settings. Recall divides by the smaller "
        "of the list's length and the hidden songs; every song that the listener had not played competes, none is "
        "sampled. Intervals are 95 %, by bootstrap over listeners; differences are paired, p after Holm.",
    )
    return Report("Your models compared", tuple(found.notes), parts)


def _figures(told: Mapping[str, Any], note: str, origin: Origin) -> Table:
    rows = [
        (name, *(_cell(values["metrics"][metric], origin) for metric in METRICS)) for name, values in _ordered(told)
    ]
    return Table("What was found of the hidden plays", ("model", *METRICS), tuple(rows), note)


def _ordered(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    def recall(item: tuple[str, Any]) -> float:
        value = item[1]["metrics"]["recall@20"]["mean"]
        return float("inf") if value is None else -value

    return sorted(told.items(), key=recall)


def _cell(values: Mapping[str, float | None], origin: Origin) -> Entry:
    mean, low, high = (values[key] for key in ("mean", "low", "high"))
    return "–" if mean is None else Cell(mean, origin, low, high)


def _gaps(found: Evaluated, origin: Origin) -> Table:
    rows = tuple(
        (name, _cell(gap, origin), Cell(gap["p"], origin, digits=4)) for name, gap in found.differences.items()
    )
    note = "Paired by listener; p of there being no difference, for all comparisons at once."
    return Table(f"Recall@20 of {found.best}, less that of", ("model", "difference", "p"), rows, note)


def _curves(every: Mapping[str, Answers]) -> list[Any]:
    rates = np.concatenate([[0.0], np.geomspace(0.0005, 1.0, 60)])
    middles = np.sqrt(np.maximum(PLACES[:-1], 0.7) * PLACES[1:])
    recalls = {
        name: (CUTS.tolist(), comparison.recall_curve(answers, CUTS).tolist()) for name, answers in every.items()
    }
    rocs = {name: (rates.tolist(), comparison.roc(answers, rates).tolist()) for name, answers in every.items()}
    hits = {
        name: (middles.tolist(), comparison.hits_by_place(answers, PLACES).tolist()) for name, answers in every.items()
    }
    return [
        lines("recall", "Share of the hidden plays among the first k", recalls, "k", "recall@k", log_x=True),
        lines("roc", "Hidden plays found against other songs listed", rocs, "others", "found", diagonal=True),
        lines(
            "places", "The chance that the song at a place was one of the hidden", hits, "place", "chance", log_x=True
        ),
    ]


def _lists(told: Mapping[str, Any], origin: Origin) -> Table:
    rows = []
    for name, values in _ordered(told):
        cells = [values["lists"][key] for key in LISTS]
        rows.append((name, *("–" if value is None else Cell(value, origin) for value in cells)))
    note = (
        f"The first {comparison.LENGTH} songs of every listener. Distance: 1 - cosine of the songs' listeners, over "
        "the pairs of a list."
    )
    return Table("What the lists are like", ("model", *LISTS.values()), tuple(rows), note)


def _plane(told: Mapping[str, Any]) -> list[Any]:
    points = {
        name: ([values["lists"]["novelty"]], [values["lists"]["distance"]])
        for name, values in told.items()
        if None not in (values["lists"]["novelty"], values["lists"]["distance"])
    }
    caption = "How new the songs of a list are, and how unlike each other"
    return [scatter("plane", caption, points, "novelty, bits", "distance inside lists", named=True)] if points else []
