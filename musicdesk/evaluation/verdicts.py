"""How good yes-or-no verdicts are: the table of truth against verdict, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.evaluation.intervals import LEVEL, Interval

RESAMPLES = 500


@dataclass(frozen=True)
class Confusion:
    """Counts of truth and verdict: a yes that was said to be yes, a no said to be yes, and so on."""

    true_yes: int
    false_yes: int
    true_no: int
    false_no: int

    def __post_init__(self) -> None:
        """Accuracy is a mean of sensitivity and specificity, weighed by how many there are of each; figures that
        do not agree with that are wrong, whoever prints them."""
        if self.true_yes + self.false_no and self.true_no + self.false_yes:
            share = (self.true_yes + self.false_no) / self.count
            between = share * self.sensitivity + (1 - share) * self.specificity
            assert abs(self.accuracy - between) < 1e-9

    @property
    def count(self) -> int:
        return self.true_yes + self.false_yes + self.true_no + self.false_no

    @property
    def accuracy(self) -> float:
        return _share(self.true_yes + self.true_no, self.count)

    @property
    def sensitivity(self) -> float:
        """Share of what is yes that was said to be."""
        return _share(self.true_yes, self.true_yes + self.false_no)

    @property
    def specificity(self) -> float:
        """Share of what is no that was said to be."""
        return _share(self.true_no, self.true_no + self.false_yes)

    def table(self) -> np.ndarray:
        """int64 (2, 2): rows are the truth (no, yes), columns the verdict."""
        return np.array([[self.true_no, self.false_yes], [self.false_no, self.true_yes]])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def confusion(target: np.ndarray, said: np.ndarray) -> Confusion:
    """target, said: bool or 0/1 (n,)"""
    truth, verdict = np.asarray(target, bool), np.asarray(said, bool)
    counts = [(truth & verdict), (~truth & verdict), (~truth & ~verdict), (truth & ~verdict)]
    return Confusion(*(int(part.sum()) for part in counts))


def auc(target: np.ndarray, scores: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Area under the ROC curve with its bootstrap interval over rows; nan when all are of one class."""
    from sklearn.metrics import roc_auc_score

    nan = float("nan")
    if len(np.unique(target)) < 2:
        return Interval(nan, nan, nan)
    draw = np.random.default_rng(seed)
    _, place = np.unique(scores, return_inverse=True)
    found = []
    for _ in range(resamples):
        times = np.bincount(draw.integers(0, len(target), len(target)), minlength=len(target))
        found.append(_area(place, times * target, times * (1 - target)))
    low, high = np.nanquantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(roc_auc_score(target, scores)), float(low), float(high))


def _area(place: np.ndarray, yes: np.ndarray, no: np.ndarray) -> float:
    """The same area of rows that count several times; `place` numbers the scores from the lowest, ties alike."""
    positive, negative = np.bincount(place, yes), np.bincount(place, no)
    below = np.cumsum(negative) - negative / 2  # tied ones half
    whole = float(positive.sum() * negative.sum())
    return float(positive @ below) / whole if whole else float("nan")
