"""Settings of weighted matrix factorization by search (optuna), within a budget; a search that was cut off goes on.

Each trial is measured on listeners who are kept out of training; the best one and the usual settings are compared
at the end on others, whom no trial has seen.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.evaluation import metrics, splits
from musicdesk.evaluation.intervals import interval, paired
from musicdesk.recommenders.wmf import Wmf
from musicdesk.reports.plots import bars, lines
from musicdesk.reports.report import Entry, Part, Report, Table
from musicdesk.workflows.studies.plays import NEEDS, plays
from musicdesk.workflows.studies.scaling import BLOCK, folded
from musicdesk.workflows.studies.study import Given, Study

if TYPE_CHECKING:
    import optuna
    from scipy.sparse import csr_matrix

TRIALS = "trials.log"  # in the study's folder; every finished trial is in it
SHOWN = 10


def run(given: Given) -> Report:
    from optuna.trial import TrialState

    data = plays(given, given.count("listeners"))
    count = min(given.count("asked"), data.matrix.shape[0] // 5)
    last = splits.listeners(data.matrix, count, given.seed)
    asked = splits.listeners(last.train, count, given.seed + 1)
    study = _searched(given, asked, data.note)
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if not done:
        raise Unusable("Not one trial was finished within the budget; give it more seconds.")
    best = _model(given, study.best_params)
    parts: list[Part] = [
        _compared(given, last, best, data.note),
        _best(given, done, data.note),
        lines("trials", "NDCG@100 by trial, and the best so far", _history(done), "trial", "NDCG@100"),
    ]
    if len(done) >= 5 and (weights := _importance(study, given.seed)):
        parts.append(bars("importance", "How much each setting decides (fANOVA)", weights, "share"))
    told = f"{len(done)} trials, kept in {TRIALS}; run it again in the same folder and the search goes on."
    return Report(STUDY.title, (data.note, told), tuple(parts))


def _searched(given: Given, held: splits.Held, note: str) -> optuna.Study:
    """All trials, those of runs before included, until the budget of this run is used up."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(logging.ERROR)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(given.out / TRIALS))),
        study_name=f"wmf, seed {given.seed}, {note}",  # other plays are another search
        direction="maximize",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=given.seed),
    )
    begun, most = time.monotonic(), given.count("trials")
    if not study.trials:
        usual = Wmf()
        factors = min(usual.factors, given.count("most_factors"))
        study.enqueue_trial({"factors": factors, "regularization": usual.regularization, "alpha": usual.alpha})
    finished = sum(trial.state.is_finished() for trial in study.trials)
    for number in range(finished, most):
        given.monitor.check()
        if time.monotonic() - begun > given.number("seconds"):
            break
        trial = study.ask()
        value = float(np.nanmean(_measured(given, held, _suggested(given, trial))))
        study.tell(trial, value)
        given.monitor.figure("NDCG@100", number + 1, value)
        given.monitor.report(number + 1, most, f"Trial {number + 1}: NDCG@100 {value:.4f}")
    return study


def _suggested(given: Given, trial: optuna.Trial) -> Wmf:
    return _model(
        given,
        {
            "factors": trial.suggest_int("factors", 8, given.count("most_factors"), log=True),
            "regularization": trial.suggest_float("regularization", 0.1, 100.0, log=True),
            "alpha": trial.suggest_float("alpha", 0.5, 300.0, log=True),
        },
    )


def _model(given: Given, values: dict[str, Any]) -> Wmf:
    return Wmf(iterations=given.count("iterations"), **values)


def _places(given: Given, held: splits.Held, model: Wmf) -> metrics.Places:
    songs = model.factorize(held.train, given.seed, given.monitor.part(0.0))
    blocks = []
    for start in range(0, held.shown.shape[0], BLOCK):
        rows = np.arange(start, min(start + BLOCK, held.shown.shape[0]))
        shown: csr_matrix = held.shown[rows]
        blocks.append(metrics.places(folded(model, songs, shown) @ songs.T, held.hidden[rows], shown))
    return metrics.joined(blocks)


def _measured(given: Given, held: splits.Held, model: Wmf) -> np.ndarray:
    return metrics.ndcg(_places(given, held, model), 100)


def _compared(given: Given, held: splits.Held, best: Wmf, note: str) -> Table:
    usual = Wmf(iterations=given.count("iterations"))
    kinds = {"the usual settings": usual, "the best of the search": best}
    found = {name: _places(given, held, model) for name, model in kinds.items()}
    base = metrics.ndcg(found["the usual settings"], 100)
    rows: list[tuple[Entry, ...]] = []
    for name, places in found.items():
        cells: list[Entry] = []
        for values in (metrics.ndcg(places, 100), metrics.recall(places, 20)):
            mean = interval(values, given.seed)
            cells.append(given.figure(mean.mean, (mean.low, mean.high), 4))
        gap = paired(metrics.ndcg(places, 100), base, given.seed)
        more: Entry = "" if name == "the usual settings" else given.figure(gap.mean, (gap.low, gap.high), 4)
        rows.append((name, _told(kinds[name]), *cells, more))
    columns = ("", "settings", "NDCG@100", "recall@20", "NDCG@100 above the usual")
    return Table("On listeners whom no trial has seen", columns, tuple(rows), note)


def _told(model: Wmf) -> str:
    return f"{model.factors} factors, regularization {model.regularization:.3g}, alpha {model.alpha:.3g}"


def _best(given: Given, done: list[optuna.trial.FrozenTrial], note: str) -> Table:
    order = sorted(done, key=lambda trial: -(trial.value or 0.0))[:SHOWN]
    rows = tuple(
        (str(trial.number + 1), _told(_model(given, trial.params)), given.figure(trial.value, digits=4))
        for trial in order
    )
    return Table("The best trials", ("trial", "settings", "NDCG@100"), rows, note)


def _history(done: list[optuna.trial.FrozenTrial]) -> dict[str, tuple[list[float], list[float]]]:
    numbers = [float(trial.number + 1) for trial in done]
    values = [float(trial.value or 0.0) for trial in done]
    return {"trial": (numbers, values), "best so far": (numbers, np.maximum.accumulate(values).tolist())}


def _importance(study: optuna.Study, seed: int) -> dict[str, tuple[float, None, None]]:
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    if len({trial.value for trial in study.trials}) < 2:
        return {}
    found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=seed))
    return {name: (float(value), None, None) for name, value in found.items()}


STUDY = Study(
    "search",
    "Settings by search",
    "Dudeja et al., Personalized Music Recommendation System (hyper-parameter search)",
    NEEDS,
    run,
    library=True,
    settings={
        "trials": 20,
        "seconds": 1_800.0,
        "listeners": 10_000,
        "asked": 1_000,
        "iterations": 8,
        "most_factors": 512,
    },
)
