"""The person's own history as a test: the models, and what a model has to be better than, asked before each cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor, Silent
from musicdesk.core.rows import places
from musicdesk.core.types import Listener
from musicdesk.evaluation.own_history import Ranker, enough, own_history
from musicdesk.recommenders.base import Fitted, Timeline, TrainingData
from musicdesk.recommenders.blend_fitted import BlendFitted
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.own_weights import past
from musicdesk.recommenders.popularity import Popularity

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

TOO_SHORT = (
    "Your history is too short to be cut by time: it needs twenty tracks that were played for the first time after"
    " half of all plays, in more than one week."
)


TOO_SHORT_WINDOW = (
    "In the last {days:.0f} days of your history fewer than twenty tracks were played for the first time, or in one"
    " week alone, or nothing was played before; choose another window."
)


def long_enough(data: TrainingData, days: float = 0.0) -> bool:
    """Whether `data` has a history by which models can be measured over time; `days`: in its last days alone."""
    line = data.timeline
    return line is not None and len(data.vectors) > 0 and enough(line.tracks, line.moments, data.vectors.ids, days)


def by_time(
    fitted: Mapping[str, Fitted], data: TrainingData, seed: int, monitor: Monitor, days: float = 0.0
) -> dict[str, Any]:
    """Figures of trained models and of all controls; see `evaluation.own_history`. Raises NotReady.

    What the models have learned from the library and the crowd stays as it is: the listener's plays are no part of
    it. What a blend has learned from the listener's past is learned again before each cut.
    """
    line = _check(data, days)
    rankers = {name: _asked(model, data.vectors.ids, seed) for name, model in fitted.items()}
    return own_history(rankers, controls(data, seed), line.tracks, line.moments, data.vectors.ids, seed, monitor, days)


def _check(data: TrainingData, days: float) -> Timeline:
    """The plays by their times. Raises NotReady where there are too few."""
    if data.timeline is None or not long_enough(data, days):
        raise NotReady(TOO_SHORT_WINDOW.format(days=days) if days else TOO_SHORT)
    return data.timeline


def evaluate_by_time(desk: Desk, runs: list[int], seed: int, monitor: Monitor, days: float = 0.0) -> dict[str, Any]:
    """Runs by number (the one in use where none is named) on the history of the person at this desk.

    raises: NotFound, NotReady, Unusable for a run that cannot be used any more
    """
    from musicdesk.core.types import RunId
    from musicdesk.workflows.taste import read_run, standing
    from musicdesk.workflows.training_data import training_data

    data = training_data(desk, timed=True)
    if runs:
        _check(data, days)
    fitted: dict[str, Fitted] = {}
    for number in runs:
        run = desk.catalog.runs.get(RunId(number))
        fitted[f"{run.model} (run {number})"] = read_run(desk, run)
    if not runs:
        stood = standing(desk)
        fitted[stood.model] = stood.fitted
    return by_time(fitted, data, seed, monitor, days)


def _asked(model: Fitted, ids: np.ndarray, seed: int) -> Ranker:
    def rank(tracks: np.ndarray, moments: np.ndarray) -> np.ndarray:
        line = Timeline(tracks, moments)
        known = past(line, float(moments[-1]))
        return as_it_was(model, line, known, seed).score(known, ids)

    return rank


def as_it_was(model: Fitted, line: Timeline, known: Listener, seed: int) -> Fitted:
    """The model as it stood after these plays: what a blend has learned from the listener's past is learned again."""
    return model.weighed(line, known, seed) if isinstance(model, BlendFitted) else model


def controls(data: TrainingData, seed: int) -> dict[str, Ranker]:
    """What needs no learning, and what learning from mixed-up sound would reach.

    popularity:   plays of the track and, weighing a tenth, of its artist
    most played:  plays of the track
    recency:      the latest play
    mean of likes: cosine with the weighed mean of what was played
    shuffled content: the content model with every track given the sound of another one
    """
    ids, matrix = data.vectors.ids, data.vectors.matrix
    rng = np.random.default_rng(seed)
    mixed = replace(data.vectors, matrix=matrix[rng.permutation(len(ids))])
    popularity = Popularity().fit(data, seed, Silent())
    shuffled = Content().fit(replace(data, vectors=mixed), seed, Silent())
    chance = rng.random(len(ids))

    def told(of: Callable[[Listener], np.ndarray]) -> Ranker:
        return lambda tracks, moments: of(past(Timeline(tracks, moments), float(moments[-1])))

    def most_played(known: Listener) -> np.ndarray:
        return _by_track(ids, dict(known.plays))

    def mean_of_likes(known: Listener) -> np.ndarray:
        weights = _by_track(ids, dict(known.weights))
        found: np.ndarray = matrix @ (weights @ matrix)
        return found

    def recency(tracks: np.ndarray, moments: np.ndarray) -> np.ndarray:
        return _by_track(ids, dict(zip(tracks.tolist(), moments.tolist(), strict=True)))

    return {
        "popularity": told(lambda known: popularity.score(known, ids)),
        "most played": told(most_played),
        "recency": recency,
        "mean of likes": told(mean_of_likes),
        "shuffled content": told(lambda known: shuffled.score(known, ids)),
        "random": lambda _tracks, _moments: chance,
    }


def _by_track(ids: np.ndarray, values: Mapping[Any, float]) -> np.ndarray:
    """float64 (ids,), 0 where a track has no value."""
    tracks = np.fromiter(values.keys(), np.int64, len(values))
    found = np.zeros(len(ids))
    at = places(ids, tracks)
    known = at >= 0
    found[at[known]] = np.fromiter(values.values(), np.float64, len(values))[known]
    return found
