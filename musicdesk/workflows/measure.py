"""How good a model is, measured when it is trained: on what was hidden from it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.evaluation import comparison, splits
from musicdesk.evaluation.comparison import Answers
from musicdesk.evaluation.holdout import evaluate
from musicdesk.recommenders.base import CrowdFitted, Fitted, Recommender, TrainingData
from musicdesk.recommenders.registry import USES_CROWD
from musicdesk.workflows.own_history import by_time, long_enough

LISTENERS = 2_000  # of a crowd that are kept out and asked, at most
LEAST = 20  # listeners who can be asked; fewer say nothing
MOST_PAIRS = 5_000_000  # of a bigger crowd, learning twice would take hours: `evaluate` does it when asked
UNMEASURED: dict[str, Any] = {"held_out": 0, "note": "Not measured; 'musicdesk evaluate' does it.", "controls": {}}


def measured(model: Recommender, fitted: Fitted, data: TrainingData, seed: int, monitor: Monitor) -> dict[str, Any]:
    """Figures with intervals and controls, fit for JSON.

    Of what was learned from a crowd for its listeners, on some whom it has not met. Of other models on the listener's
    own history over time where that is long enough (`evaluation.own_history`: first plays, and re-listening beside
    them), else on hidden likes and plays (`evaluation.holdout`).
    """
    if data.crowd is not None and _for_listeners(model, fitted):
        return _on_listeners(model, data, seed, monitor)
    if long_enough(data):
        return _over_time(fitted, data, seed, monitor)
    return evaluate(model, data, seed, monitor)


def _for_listeners(model: Recommender, fitted: Fitted) -> bool:
    """Whether what it takes from a crowd is for the crowd's listeners: the blend uses one, and speaks to its owner."""
    return model.needs_crowd or (model.name not in USES_CROWD and isinstance(fitted, CrowdFitted))


def _on_listeners(model: Recommender, data: TrainingData, seed: int, monitor: Monitor) -> dict[str, Any]:
    """The model is fitted once more without a tenth of its listeners, who are then shown to it with a fifth of their
    songs hidden; the model that is kept has learned from all."""
    assert data.crowd is not None
    plays = data.crowd.plays
    if plays.nnz > MOST_PAIRS:
        return UNMEASURED
    able = int((np.diff(plays.indptr) >= 5).sum())
    if able < LEAST:
        note = f"{able} listeners have five songs or more; a measure needs {LEAST} of them."
        return {**UNMEASURED, "note": note}
    held = splits.listeners(plays, min(LISTENERS, max(able // 10, LEAST // 2)), seed)
    rest = replace(data, crowd=data.crowd.of(held.train, f"{data.crowd.digest} without {seed}"), scratch=None)
    if model.why_not(rest):
        return UNMEASURED
    fitted = model.fit(rest, seed, monitor.part(0.9))
    if not isinstance(fitted, CrowdFitted):
        return UNMEASURED
    songs = np.arange(plays.shape[1])
    totals = np.asarray(held.train.sum(axis=0), np.float32).ravel()
    draw = np.random.default_rng([seed, 5])
    scorers: dict[str, comparison.Scorer] = {
        "model": fitted.score_crowd,
        "popularity": lambda shown, _members: np.tile(totals, (shown.shape[0], 1)),
        "random": lambda shown, _members: draw.random(shown.shape, dtype=np.float32),
    }
    message = "Asking listeners it has not met"
    answers = {
        name: comparison.asked(score, held, songs, monitor.part(0.03), message) for name, score in scorers.items()
    }
    return {
        "held_out": int(held.hidden.nnz),
        "listeners": held.shown.shape[0],
        "candidates": len(songs),
        "note": "",
        **_figures(answers.pop("model"), seed),
        "controls": {name: _figures(found, seed) for name, found in answers.items()},
    }


def _figures(answers: Answers, seed: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in comparison.figures(answers, seed).items():
        told = {key: None if np.isnan(part) else round(part, 4) for key, part in asdict(value).items()}
        found[name], found[f"{name}_interval"] = told["mean"], [told["low"], told["high"]]
    return found


def _over_time(fitted: Fitted, data: TrainingData, seed: int, monitor: Monitor) -> dict[str, Any]:
    """In the shape of `holdout.evaluate`: figures of first plays, and `relistening` with the same of the others."""
    found = by_time({"model": fitted}, data, seed, monitor)
    both = {question: dict(found[question]) for question in ("discovery", "relistening")}
    told = {question: {**table.pop("model"), "controls": table} for question, table in both.items()}
    return {
        **told["discovery"],
        "split": "time",
        "competing": found["competing"],
        "parts": found["folds"],
        "candidates": len(data.vectors),
        "note": "",
        "relistening": told["relistening"],
    }
