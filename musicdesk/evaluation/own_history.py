"""One listener's own history, honestly: what came later, ranked by what was known before.

The history is cut at five moments (`splits.rolling`). A model is told of the plays before a cut and ranks the
library; what was played in the stretch after it should stand high. Discovery and re-listening are two questions:
a track played for the first time is ranked among all that had not been played before, one that comes again among
those that had. Every track counts once a stretch, in the week in which it was first played there; intervals are
bootstraps of whole weeks, for plays of one evening are not independent. Never sampled: all tracks compete, in recall
those that are asked for with each other as well (`hidden`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.evaluation.hidden import COMPETING, NAMES, measured
from musicdesk.evaluation.intervals import Difference, Interval, holm, interval, paired, weeks
from musicdesk.evaluation.splits import rolling

FOLDS = 5
LEAST = 20  # first plays after a cut; fewer say nothing
DAY_S = 86_400.0
DISCOVERY, AGAIN = "discovery", "relistening"

Ranker = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What a model is asked: tracks int64 and moments float64 (plays,) before a cut -> float scores of all ids."""


@dataclass(frozen=True, eq=False)
class Targets:
    """What was played after a cut: rows int64 (t,) of the ids, week int64 (t,), and rivals bool (ids,)."""

    rows: np.ndarray
    week: np.ndarray
    rivals: np.ndarray


Cut: TypeAlias = tuple[np.ndarray, dict[str, Targets]]


def folds(tracks: np.ndarray, moments: np.ndarray, ids: np.ndarray) -> list[Cut]:
    """Per cut: which plays come before it, bool (plays,), and the targets of both questions."""
    return [(before, _targets(before, after, tracks, moments, ids)) for before, after in rolling(moments, FOLDS)]


def window(tracks: np.ndarray, moments: np.ndarray, ids: np.ndarray, days: float) -> list[Cut]:
    """As `folds`, with one cut: the last `days` of the history are what comes after."""
    if not len(moments):
        return []
    before = moments <= moments[-1] - days * DAY_S
    return [(before, _targets(before, ~before, tracks, moments, ids))]


def _targets(
    before: np.ndarray, after: np.ndarray, tracks: np.ndarray, moments: np.ndarray, ids: np.ndarray
) -> dict[str, Targets]:
    known = np.isin(ids, tracks[before])
    played, first = np.unique(tracks[after], return_index=True)
    inside = np.isin(played, ids)
    rows = np.searchsorted(ids, played[inside])
    week = weeks(moments[after][first[inside]])
    new = ~known[rows]
    return {DISCOVERY: Targets(rows[new], week[new], ~known), AGAIN: Targets(rows[~new], week[~new], known)}


def enough(tracks: np.ndarray, moments: np.ndarray, ids: np.ndarray, days: float = 0.0) -> bool:
    """Whether a history has enough first plays, in enough weeks, to say anything by time.

    days: of the window at its end, where that alone is asked about
    """
    if len(np.unique(moments)) < 2 * FOLDS:
        return False
    cuts = window(tracks, moments, ids, days) if days else folds(tracks, moments, ids)
    if not all(before.any() for before, _targets in cuts):
        return False
    parts = [targets[DISCOVERY] for _before, targets in cuts]
    return sum(len(part.rows) for part in parts) >= LEAST and len({w for part in parts for w in part.week.tolist()}) > 1


def own_history(
    models: Mapping[str, Ranker],
    controls: Mapping[str, Ranker],
    tracks: np.ndarray,
    moments: np.ndarray,
    ids: np.ndarray,
    seed: int,
    monitor: Monitor,
    days: float = 0.0,
) -> dict[str, Any]:
    """Figures of models and controls on one history; fit for JSON.

    days: 0 for the five cuts; else one cut, and what was played in so many last days is asked for
    tracks, moments: int64, float64 (plays,), every play that counts in order of time; ids: int64 (n,), ascending
    returns: {split, folds, plays, discovery: {name: figures}, relistening: {name: figures}}; figures are auc,
        recall@10 and @20 (the mean over the cuts, each weighing what is asked for in it) with intervals, `held_out`,
        `control`, and for models `gap`, the difference in auc to the best control, with its interval and Holm's p;
        `competing` as in `evaluation.hidden`
    """
    every: dict[str, Ranker] = {**models, **controls}
    each: dict[str, dict[str, list[np.ndarray]]] = {q: {name: [] for name in every} for q in (DISCOVERY, AGAIN)}
    block: dict[str, list[np.ndarray]] = {DISCOVERY: [], AGAIN: []}
    cuts = window(tracks, moments, ids, days) if days else folds(tracks, moments, ids)
    for number, (before, targets) in enumerate(cuts):
        monitor.check()
        monitor.report(number, len(cuts), "Looking whether it would have known what came next")
        for question, target in targets.items():
            block[question].append(target.week)
        for name, ranker in every.items():
            scores = np.asarray(ranker(tracks[before], moments[before]), np.float64)
            for question, target in targets.items():
                each[question][name].append(measured(scores, target.rows, target.rivals))
    found: dict[str, Any] = {"split": "time", **COMPETING, "folds": len(cuts), "plays": len(tracks)}
    for question in (DISCOVERY, AGAIN):
        week = np.concatenate(block[question]) if block[question] else np.empty(0, np.int64)
        joined = {
            name: np.concatenate(rows) if rows else np.empty((0, len(NAMES))) for name, rows in each[question].items()
        }
        found[question] = _table(joined, set(controls), week, seed)
    return found


def _table(joined: Mapping[str, np.ndarray], controls: set[str], week: np.ndarray, seed: int) -> dict[str, Any]:
    each = {name: dict(zip(NAMES, rows.T, strict=True)) for name, rows in joined.items()}
    table: dict[str, Any] = {name: _figures(values, week, seed) for name, values in each.items()}
    for name, figures in table.items():
        figures["control"] = name in controls
    means = {name: _mean(each[name]["auc"]) for name in controls}
    best = max(sorted(means), key=lambda name: (means[name], name), default="")
    if not np.isfinite(means.get(best, -np.inf)):  # nothing had a rival, so that nothing is better than another
        return table
    gaps = {name: paired(each[name]["auc"], each[best]["auc"], seed, week) for name in each if name not in controls}
    sure = holm({name: gap.p for name, gap in gaps.items()})
    for name, gap in gaps.items():
        table[name]["gap"] = {
            "against": best,
            "auc": round(gap.mean, 4),
            "interval": _limits(gap),
            "p": round(sure[name], 4),
        }
    return table


def _mean(values: np.ndarray) -> float:
    """Of those that are known: what had no rival tells nothing. -inf where none is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else -np.inf


def _figures(each: Mapping[str, np.ndarray], week: np.ndarray, seed: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"held_out": len(week)}
    for name, values in each.items():
        told = interval(values, seed, week)
        figures[name] = round(told.mean, 4) if np.isfinite(told.mean) else None
        figures[f"{name}_interval"] = _limits(told)
    return figures


def _limits(told: Interval | Difference) -> list[float] | None:
    """None where there were fewer than two weeks."""
    return [round(told.low, 4), round(min(told.high, 1.0), 4)] if np.isfinite(told.low) else None
