"""Which measures of sound matter: what a model loses when one is shuffled (Breiman 2001), on held-back songs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.reports.plots import bars
from musicdesk.reports.report import Entry, Part, Report, Table
from musicdesk.workflows.studies.sounds import NEEDS, Sounds, sounds
from musicdesk.workflows.studies.study import Given, Study

LEAST = 40  # songs with a known answer
HELD = 0.3
SHOWN = 20


@dataclass(frozen=True, eq=False)
class Target:
    """What is to be told from the sound. rows: int64, songs with an answer; groups: songs of one group stay on one
    side of the split, so that nothing is told by recognising an artist; None where the artist is the answer
    """

    name: str
    score: str
    rows: np.ndarray
    answers: np.ndarray
    groups: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Importance:
    """means, deviations: float64 (d,), loss of score when a measure is shuffled; score: of the model; chance: of the
    same model taught on shuffled answers
    """

    means: np.ndarray
    deviations: np.ndarray
    score: float
    chance: float


def run(given: Given) -> Report:
    songs = sounds(given)
    found = targets(songs, given.count("classes"))
    if not found:
        raise Unusable("Neither tags nor artists nor popularity are known of enough songs to learn from.")
    parts: list[Part] = []
    scores: list[tuple[Entry, ...]] = []
    for target in found:
        given.monitor.check()
        told = importance(songs, target, given)
        ours = (given.figure(told.score), given.figure(told.chance))
        scores.append((target.name, given.figure(len(target.rows)), target.score, *ours))
        parts += [_table(given, songs, target, told), _plot(songs, target, told)]
    columns = ("what is told", "songs", "score", "model", "shuffled answers")
    overall = Table("How much the sound tells", columns, tuple(scores), songs.note)
    return Report(STUDY.title, (songs.note,), (overall, *parts))


def targets(songs: Sounds, classes: int) -> list[Target]:
    artist = songs.artist.astype(str)
    found = []
    for name, words, groups in (("tag", songs.tag.astype(str), artist), ("artist", artist, None)):
        names, counts = np.unique(words[words != ""], return_counts=True)
        most = names[np.argsort(-counts, kind="stable")][:classes]
        rows = np.flatnonzero(np.isin(words, most))
        if len(most) >= 2 and len(rows) >= LEAST and counts.max() >= 5:
            found.append(Target(name, "balanced accuracy", rows, words[rows], None if groups is None else groups[rows]))
    known = np.flatnonzero(np.isfinite(songs.popularity) & (songs.popularity > 0))
    if len(known) >= LEAST and np.ptp(songs.popularity[known]) > 0:
        found.append(Target("popularity", "R^2", known, songs.popularity[known], artist[known]))
    return found


def importance(songs: Sounds, target: Target, given: Given) -> Importance:
    from sklearn.inspection import permutation_importance

    x, y = songs.sound[target.rows], target.answers
    train, held = _split(target, given.seed)
    model = _model(target, given).fit(x[train], y[train])
    shuffled = np.random.default_rng(given.seed).permutation(y[train])
    control = _model(target, given).fit(x[train], shuffled)
    found = permutation_importance(
        model, x[held], y[held], scoring=_scored, n_repeats=given.count("repeats"), random_state=given.seed
    )
    return Importance(
        found.importances_mean,
        found.importances_std,
        _scored(model, x[held], y[held]),
        _scored(control, x[held], y[held]),
    )


def _split(target: Target, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

    blank = np.zeros(len(target.rows))
    if target.groups is None and np.unique(target.answers, return_counts=True)[1].min() >= 2:
        parts = StratifiedShuffleSplit(1, test_size=HELD, random_state=seed).split(blank, target.answers)
    else:
        groups = np.arange(len(blank)) if target.groups is None else target.groups
        parts = GroupShuffleSplit(1, test_size=HELD, random_state=seed).split(blank, groups=groups)
    train, held = next(iter(parts))
    return train, held


def _model(target: Target, given: Given) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    kind = ExtraTreesRegressor if target.score == "R^2" else ExtraTreesClassifier
    return kind(given.count("trees"), min_samples_leaf=3, random_state=given.seed, n_jobs=1)


def _scored(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """R^2, or balanced accuracy: the mean over the classes that are there of the share that was told."""
    from sklearn.metrics import r2_score, recall_score

    said = model.predict(x)
    if y.dtype.kind == "f":
        return float(r2_score(y, said))
    return float(recall_score(y, said, labels=np.unique(y), average="macro", zero_division=0))


def _order(told: Importance) -> np.ndarray:
    found: np.ndarray = np.argsort(-told.means, kind="stable")[:SHOWN]
    return found


def _table(given: Given, songs: Sounds, target: Target, told: Importance) -> Table:
    """Intervals are two deviations over the shuffles."""
    rows = tuple(
        (
            songs.measures[n],
            given.figure(
                float(told.means[n]),
                (float(told.means[n] - 2 * told.deviations[n]), float(told.means[n] + 2 * told.deviations[n])),
                4,
            ),
        )
        for n in _order(told)
    )
    return Table(f"What tells the {target.name}", ("measure", "score lost without it"), rows, songs.note)


def _plot(songs: Sounds, target: Target, told: Importance) -> Part:
    values = {
        songs.measures[n]: (
            float(told.means[n]),
            float(told.means[n] - 2 * told.deviations[n]),
            float(told.means[n] + 2 * told.deviations[n]),
        )
        for n in _order(told)[:12]
    }
    caption = f"What is lost of the {target.name} when a measure is shuffled"
    return bars(f"importance-{target.name}", caption, values, "score lost", chance=0.0)


STUDY = Study(
    "features",
    "Which measures of sound matter",
    "Dudeja et al., Personalized Music Recommendation System (experiments)",
    NEEDS,
    run,
    library=True,
    settings={"classes": 10, "trees": 100, "repeats": 5},
)
