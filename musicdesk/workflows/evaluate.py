"""Evaluating: models asked about what was hidden from them, beside controls, kept as a report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import NotFound, NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.types import RunId
from musicdesk.evaluation import comparison, splits
from musicdesk.evaluation.comparison import Answers, Scorer
from musicdesk.evaluation.splits import Held
from musicdesk.recommenders.base import CrowdFitted, Recommender, TrainingData
from musicdesk.recommenders.registry import configured
from musicdesk.reports.write import write_report
from musicdesk.workflows.evaluate_report import report_of
from musicdesk.workflows.evaluate_time import over_time
from musicdesk.workflows.evaluated import Evaluated
from musicdesk.workflows.reports import folder_of
from musicdesk.workflows.taste import of_crowd, read_run
from musicdesk.workflows.train import heard
from musicdesk.workflows.training_data import training_data, usual_crowd

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

TIME, LISTENERS = "time", "listeners"
SPLITS = {
    LISTENERS: "songs of listeners that no model has met: of each a fifth is hidden, the rest is shown",
    "items": "a fifth of every listener's songs",
    "cold-items": "all plays of a fifth of the songs, which compete among themselves",
}
UNTRAINED = ("item_knn", "ease", "wmf")  # what is compared when nothing has been trained on the crowd
ASKED = 4_000  # listeners that are asked, at most
BY_SOUND = ("content_aware", "content_user", "wmf_regression")  # have a control that hears another song's sound
MOST_DAYS = 36_500
SHARE = 10  # every tenth listener is kept out of training, at most


@dataclass(frozen=True, eq=False)
class Question:
    """held: who is asked what; songs: int64 (m,), the columns that compete; data: what may be learned from"""

    held: Held
    songs: np.ndarray
    data: TrainingData


def evaluate(
    desk: Desk,
    monitor: Monitor,
    runs: Sequence[int] = (),
    crowd: str = "",
    split: str = "",
    seed: int = 0,
    out: Path | None = None,
    days: float = 0.0,
) -> Evaluated:
    """Learns every model anew without what is hidden, asks, compares, and writes the report.

    runs:  whose models and settings are compared; none: the newest run of each model trained on the crowd
    split: '' for listeners where there is a crowd, else time
    days:  of the split time: the last days of the history are what is asked for; 0 for five cuts
    out:   folder of the report, by default the profile's `reports/evaluate`
    raises: NotFound, NotReady without a crowd, Unusable for an unknown split or a run that cannot be used, Cancelled
    """
    name = crowd or usual_crowd(desk)
    split = split or (LISTENERS if name and not days else TIME)
    if days and split != TIME:
        raise Unusable("A number of days belongs to the split 'time', your own history.")
    if not 0 <= days <= MOST_DAYS:
        raise Unusable(f"The window is a number of days from 0 to {MOST_DAYS:,}.")
    if split == TIME:
        if crowd:
            raise Unusable("A crowd's plays have no times; the split 'time' is for your own history.")
        return over_time(desk, runs, seed, out, monitor, days)
    if split not in SPLITS:
        raise Unusable(f"There is no split '{split}'; known are {', '.join((TIME, *SPLITS))}.")
    if not name:
        raise NotReady("There is no crowd to ask; import one first: musicdesk import --crowd NAME PATH.")
    begun = time.monotonic()
    data = training_data(desk, name)
    chosen = _chosen(desk, runs, name, data)
    question = asked_about(data, split, seed)
    notes: list[str] = []
    answers = _answers(desk, chosen, question, seed, monitor.part(0.9), notes)
    if not answers:
        raise NotReady(" ".join(notes))
    controls = _controls(question, seed, monitor.part(0.05))
    models = {key: value for key, value in answers.items() if key in chosen}
    best = max(models, key=lambda key: comparison.figures(models[key], seed)["recall@20"].mean)
    every = {**answers, **controls}
    told = {key: _told(question, value, seed) for key, value in every.items()}
    gaps = comparison.differences(every, best, "recall@20", seed)
    monitor.report(1, 1, "Writing the report")
    found = Evaluated(
        name,
        split,
        seed,
        question.held.shown.shape[0],
        int(question.held.hidden.nnz),
        len(question.songs),
        {key: {"run": chosen[key][0], "parameters": chosen[key][1].parameters(), **told[key]} for key in models},
        {key: told[key] for key in every if key not in models},
        {key: _plain(asdict(gap)) for key, gap in gaps.items()},
        best,
        notes,
        round(time.monotonic() - begun, 2),
        "",
        [],
    )
    files = write_report(report_of(desk, found, every, SPLITS[split]), out or folder_of(desk, "evaluate"))
    return replace(
        found, report=str(files.html), files=[str(path) for path in (files.html, files.markdown, *files.plots)]
    )


def _chosen(
    desk: Desk, runs: Sequence[int], crowd: str, data: TrainingData
) -> dict[str, tuple[int | None, Recommender]]:
    """By the name in the tables: number of the run, if any, and the model with the run's settings.

    raises: NotFound, Unusable for a run of another crowd or one that cannot be used any more
    """
    found: dict[str, tuple[int | None, Recommender]] = {}
    if runs:
        for row in [desk.catalog.runs.get(RunId(run)) for run in runs]:
            of_crowd(row, crowd)
            read_run(desk, row, data)  # figures of one that cannot be used would help nobody
            found[row.model if row.model not in found else f"{row.model} {row.id}"] = (
                int(row.id),
                configured(row.model, row.parameters),
            )
        return found
    for row in desk.catalog.runs.all():  # the newest first
        if row.crowd == crowd and row.model not in found:
            try:
                found[row.model] = (int(row.id), configured(row.model, row.parameters))
            except (NotFound, Unusable):
                continue  # of a version with other settings
    return found or {name: (None, configured(name, {})) for name in UNTRAINED}


def asked_about(data: TrainingData, split: str, seed: int) -> Question:
    """What is hidden of the crowd in `data`, and what is left to learn from. Raises NotReady when nothing can be."""
    assert data.crowd is not None
    plays = data.crowd.plays
    songs = np.arange(plays.shape[1])
    if split == LISTENERS:
        able = int((np.diff(plays.indptr) >= 5).sum())
        held = splits.listeners(plays, max(1, min(ASKED, able // SHARE)), seed)
    elif split == "items":
        held = _some(splits.items(plays, seed), seed)
    else:
        artists = data.crowd.artists
        known = float((artists >= 0).mean()) > 0.5
        parts = splits.disjoint(artists, seed) if known else splits.cold_items(len(songs), seed)
        songs = np.sort(parts.test)
        train = splits.columns(plays, np.concatenate([parts.train, parts.validation]))
        hidden = splits.columns(plays, songs)
        asked = np.flatnonzero((np.diff(train.indptr) > 0) & (np.diff(hidden.indptr) > 0))
        held = _some(Held(train, train[asked], hidden[asked], asked), seed)
    if not held.shown.shape[0] or not held.hidden.nnz:
        raise NotReady(f"The crowd '{data.crowd.name}' has too few plays for anything to be hidden.")
    learned = data.crowd.of(held.train, f"{data.crowd.digest} without {split} {seed}")
    return Question(held, songs, replace(data, crowd=learned))


def _some(held: Held, seed: int) -> Held:
    count = held.shown.shape[0]
    if count <= ASKED:
        return held
    rows = np.sort(np.random.default_rng([seed, 3]).permutation(count)[:ASKED])
    return Held(held.train, held.shown[rows], held.hidden[rows], held.members[rows])


def _answers(
    desk: Desk,
    chosen: dict[str, tuple[int | None, Recommender]],
    question: Question,
    seed: int,
    monitor: Monitor,
    notes: list[str],
) -> dict[str, Answers]:
    """Of every model that can be asked, and of its control with shuffled sound where it has ears."""
    found: dict[str, Answers] = {}
    for key, (_run, model) in chosen.items():
        part = monitor.part(1 / len(chosen))
        try:
            found[key] = _ask(desk, model, question, question.data, seed, part)
            if model.name in BY_SOUND:
                mixed = _shuffled(question.data, seed)
                found[f"{key}, shuffled sound (control)"] = _ask(desk, model, question, mixed, seed, part)
        except (NotReady, Unusable) as error:
            notes.append(f"{key} was left out: {error}")
    return found


def _ask(
    desk: Desk, model: Recommender, question: Question, data: TrainingData, seed: int, monitor: Monitor
) -> Answers:
    if reason := model.why_not(data):
        raise NotReady(reason)
    data = heard(desk, model, data, monitor)
    fitted = model.fit(data, seed, monitor.part(0.8))
    if not isinstance(fitted, CrowdFitted):
        raise Unusable("It speaks to the owner of a library, not to the listeners of a crowd.")
    return comparison.asked(
        fitted.score_crowd, question.held, question.songs, monitor.part(0.2), f"Asking {model.name}"
    )


def _shuffled(data: TrainingData, seed: int) -> TrainingData:
    """Every song that is in the library with the sound, and the tags, of another one."""
    assert data.crowd is not None
    tracks = data.crowd.tracks.copy()
    owned = np.flatnonzero(tracks >= 0)
    tracks[owned] = np.random.default_rng([seed, 4]).permutation(tracks[owned])
    return replace(data, crowd=replace(data.crowd, tracks=tracks, digest=f"{data.crowd.digest} shuffled {seed}"))


def _controls(question: Question, seed: int, monitor: Monitor) -> dict[str, Answers]:
    """Popularity (plays of all others) and chance, asked the same."""
    totals = np.asarray(question.held.train.sum(axis=0), np.float32).ravel()
    draw = np.random.default_rng([seed, 5])
    scorers: dict[str, Scorer] = {
        "popularity": lambda shown, _members: np.tile(totals, (shown.shape[0], 1)),
        "random": lambda shown, _members: draw.random(shown.shape, dtype=np.float32),
    }
    return {
        f"{name} (control)": comparison.asked(score, question.held, question.songs, monitor, f"Asking {name}")
        for name, score in scorers.items()
    }


def _told(question: Question, answers: Answers, seed: int) -> dict[str, Any]:
    crowd = question.data.crowd
    assert crowd is not None
    figures = {name: _plain(asdict(found)) for name, found in comparison.figures(answers, seed).items()}
    return {
        "metrics": figures,
        "lists": comparison.listing(answers, question.held.train, crowd.artists, question.songs),
    }


def _plain(values: dict[str, float]) -> dict[str, float | None]:
    """As JSON can have them: null where there was nothing to measure."""
    return {name: None if np.isnan(value) else value for name, value in values.items()}
