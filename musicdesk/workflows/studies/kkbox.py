"""Zhao, Pu, "Content based music recommendation with deep learning": does a member of KKBox come back to a song?

Half of the rows to learn from, a quarter to know when to stop, a quarter to measure on; drawn at random, and once
more in the order of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotFound
from musicdesk.evaluation.verdicts import Confusion, auc, confusion
from musicdesk.reports.plots import lines, matrix
from musicdesk.reports.report import Entry, Part, Plot, Report, Table
from musicdesk.workflows.studies import kkbox_data, published
from musicdesk.workflows.studies.kkbox_data import Listens, read_listens
from musicdesk.workflows.studies.study import Given, Study

if TYPE_CHECKING:
    from musicdesk.learning.pairs import LearnedPairs

RANDOM, TIME = "at random", "in order of time"
PARTS = ("train", "validation", "test")
CUTS = (0.5, 0.75)
CURVE_POINTS = 200


@dataclass(frozen=True, eq=False)
class Part3:
    """What a network says of one of the three parts: target int64 (n,), yes float64 (n,)."""

    target: np.ndarray
    yes: np.ndarray

    @property
    def confusion(self) -> Confusion:
        return confusion(self.target, self.yes > 0.5)

    @property
    def majority(self) -> float:
        return float(max(self.target.mean(), 1 - self.target.mean()))


@dataclass(frozen=True, eq=False)
class Trained:
    learned: LearnedPairs
    parts: dict[str, Part3]


def split(count: int, order: str, seed: int) -> list[np.ndarray]:
    """Rows of train, validation and test, 50/25/25."""
    rows = np.random.default_rng(seed).permutation(count) if order == RANDOM else np.arange(count)
    return np.split(rows, [int(cut * count) for cut in CUTS])


def run(given: Given) -> Report:
    if given.data is None or not given.data.is_dir():
        raise NotFound(f"The study 'kkbox' needs {kkbox_data.NEEDS}")
    listens = read_listens(given.data)
    whole = {order: _trained(given, listens, order, True, 0.35) for order in (RANDOM, TIME)}
    without = _trained(given, listens, RANDOM, False, 0.3)
    note = _size(given, listens)
    parts: list[Part] = [
        _figures(given, whole, note),
        _ablation(given, whole[RANDOM], without, note),
        *(plot for order, trained in whole.items() for plot in _curves(order, trained)),
        *(_matrices(order, trained) for order, trained in whole.items()),
        _roc(whole, without),
    ]
    if not given.made_up:
        keys = ("train", "validation", "test", "sensitivity", "specificity")
        parts.append(published.readings(*(f"kkbox.{key}" for key in keys)))
    return Report(STUDY.title, (note, *_notes(given, whole)), tuple(parts))


def _trained(given: Given, listens: Listens, order: str, dot: bool, share: float) -> Trained:
    from musicdesk.learning.pairs import PairSpec, learn_pairs

    rows = split(len(listens), order, given.seed)
    pairs = listens.pairs(rows[0], bool(given.count("time")))
    spec = PairSpec(epochs=given.count("epochs"), patience=given.count("patience"), dot=dot)
    place = given.out / "checkpoints" / f"{'random' if order == RANDOM else 'time'}{'' if dot else '-without-dot'}"
    known, asked = pairs.of(rows[0]), pairs.of(rows[1])
    learned = learn_pairs(known, asked, spec, given.seed, given.monitor.part(share), place, given.desk.device)
    target = listens.target
    said = {name: Part3(target[part], learned.yes(pairs.of(part))) for name, part in zip(PARTS, rows, strict=True)}
    return Trained(learned, said)


def _figures(given: Given, whole: dict[str, Trained], note: str) -> Table:
    columns = ["split", "part", "rows", "accuracy", "majority class", "AUC", "sensitivity", "specificity"]
    rows: list[tuple[Entry, ...]] = []
    for order, trained in whole.items():
        for name, part in trained.parts.items():
            theirs: list[Entry] = []
            if not given.made_up:
                theirs = [published.cell(f"kkbox.{name}") if order == RANDOM else ""]
            rows.append((order, name, *_row(given, part), *theirs))
    if not given.made_up:
        columns.append("published accuracy")
    return Table("Does the listener come back within a month?", tuple(columns), tuple(rows), note)


def _row(given: Given, part: Part3) -> tuple[Entry, ...]:
    from musicdesk.evaluation.intervals import interval

    table, area = part.confusion, auc(part.target, part.yes, given.seed)
    right = interval(((part.yes > 0.5) == (part.target == 1)).astype(np.float64), given.seed)
    return (
        given.figure(table.count),
        given.figure(table.accuracy, (right.low, right.high), 4),
        given.figure(part.majority, digits=4),
        given.figure(area.mean, (area.low, area.high)),
        given.figure(table.sensitivity),
        given.figure(table.specificity),
    )


def _ablation(given: Given, whole: Trained, without: Trained, note: str) -> Table:
    kinds = {"as the source has it": whole, "without the dot product": without}
    rows = tuple((name, *_row(given, trained.parts["test"])) for name, trained in kinds.items())
    columns = ("network", "rows", "accuracy", "majority class", "AUC", "sensitivity", "specificity")
    return Table(f"What the dot product adds, test rows {RANDOM}", columns, rows, note)


def _curves(order: str, trained: Trained) -> tuple[Plot, Plot]:
    learned = trained.learned
    epochs = [float(epoch) for epoch in range(1, len(learned.losses) + 1)]
    name = "random" if order == RANDOM else "time"
    loss = {"train, with dropout": (epochs, learned.losses), "validation": (epochs, learned.validation)}
    right = {
        "train": (epochs, learned.curves["accuracy"]),
        "validation": (epochs, learned.curves["validation accuracy"]),
    }
    kept = f"epoch {learned.best} is kept"
    return (
        lines(f"loss-{name}", f"Loss by epoch, rows {order}; {kept}", loss, "epoch", "cross entropy"),
        lines(f"accuracy-{name}", f"Accuracy by epoch, rows {order}; {kept}", right, "epoch", "accuracy"),
    )


def _matrices(order: str, trained: Trained) -> Plot:
    name = "random" if order == RANDOM else "time"
    tables = {part: trained.parts[part].confusion.table() for part in ("validation", "test")}
    return matrix(f"confusion-{name}", f"Truth and verdict, rows {order}", tables, ("stays away", "comes back"))


def _roc(whole: dict[str, Trained], without: Trained) -> Plot:
    from sklearn.metrics import roc_curve

    series = {}
    for name, trained in {**whole, "at random, without the dot product": without}.items():
        part = trained.parts["test"]
        false, true, _ = roc_curve(part.target, part.yes)
        at = np.linspace(0, len(false) - 1, min(len(false), CURVE_POINTS)).astype(int)
        series[name] = (false[at].tolist(), true[at].tolist())
    return lines("roc", "ROC of the test rows", series, "false yes", "true yes", diagonal=True)


def _size(given: Given, listens: Listens) -> str:
    whole = "On the whole" if len(listens) == kkbox_data.FULL else f"On {len(listens):,} of {kkbox_data.FULL:,} rows of"
    time = "with" if given.count("time") else "without"
    return (
        f"{whole} KKBox's train.csv; songs.csv tells about {listens.known_songs():.0%} of them; {time} time features."
    )


def _notes(given: Given, whole: dict[str, Trained]) -> tuple[str, ...]:
    tests = {order: trained.parts["test"] for order, trained in whole.items()}
    told = "; ".join(f"{order} {part.confusion.accuracy - part.majority:+.4f}" for order, part in tests.items())
    plain = f"Accuracy above the majority class, test rows: {told}."
    if given.made_up:
        return (plain,)
    differs = (
        "What differs from the source: the share of the rows, and with it how often a member and a song are known; "
        "levels of fewer than five train rows count as unknown; the batch (128) and the rate (.001, Adam) are ours, "
        "the source does not tell them."
    )
    return plain, differs


STUDY = Study(
    "kkbox",
    "Coming back to a song on KKBox, by neural collaborative filtering",
    "Zhao, Pu, Content based music recommendation with deep learning",
    kkbox_data.NEEDS,
    run,
    settings={"epochs": 100, "patience": 5, "time": 0},
)
