"""What a model's vectors know of tags: a perceptron learns to tell the tags from them (Lee et al. 2018, section 4.4).

The perceptron has two layers, and every track is asked about once, by a perceptron that was not taught by its artist.
Whatever the vectors do not hold it cannot tell: AUC per tag, and their mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicdesk.core.progress import Monitor, WithoutCurves

FOLDS = 5
MOST_TAGS = 50
HIDDEN = 256
CHANCE = 0.5


@dataclass(frozen=True, eq=False)
class Transfer:
    """auc: float64 (tags,), nan for a tag that no fold could ask about; control: the same with the vectors of other
    tracks"""

    auc: np.ndarray
    control: np.ndarray


def transfer(
    vectors: np.ndarray,
    has: np.ndarray,
    groups: np.ndarray,
    seed: int,
    monitor: Monitor,
    epochs: int = 60,
    device: str = "cpu",
) -> Transfer:
    """vectors: float (n, d), any scale; has: bool (n, tags); groups: int64 (n,), rows of one group stay together,
    those below 0 stand alone. Deterministic by `seed`.
    """
    x = vectors.astype(np.float32)
    x = (x - x.mean(0)) / np.maximum(x.std(0), 1e-6)
    folds = _folds(groups, seed)
    told = _asked(x, has, folds, seed, monitor.part(0.5), epochs, device)
    mixed = np.random.default_rng(seed).permutation(len(x))
    chance = _asked(x[mixed], has, folds, seed, monitor.part(0.5), epochs, device)
    return Transfer(aucs(told, has, folds), aucs(chance, has, folds))


def _folds(groups: np.ndarray, seed: int) -> np.ndarray:
    alone = np.where(groups < 0, groups.max(initial=0) + 1 + np.arange(len(groups)), groups)
    names, at = np.unique(alone, return_inverse=True)
    folds: np.ndarray = np.random.default_rng(seed).permutation(np.arange(len(names)) % FOLDS)[at]
    return folds


def _asked(
    x: np.ndarray, has: np.ndarray, folds: np.ndarray, seed: int, monitor: Monitor, epochs: int, device: str
) -> np.ndarray:
    """float32 (n, tags): probability of every tag, by the perceptron of the other folds."""
    from musicdesk.learning.perceptron import Lesson, Shape, taught

    shape = Shape(x.shape[1], (HIDDEN,), has.shape[1], 0.5)
    lesson = Lesson(epochs, 64, 1e-3, "adam", 1e-4, patience=8)
    told = np.zeros(has.shape, np.float32)
    for fold in range(FOLDS):
        test = folds == fold
        if not test.any() or test.all():
            continue
        network, _ = taught(
            x[~test], has[~test], shape, lesson, seed, WithoutCurves(monitor.part(1 / FOLDS)), device=device
        )
        told[test] = network.tags(x[test])
    return told


def aucs(told: np.ndarray, has: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """float64 (tags,): mean AUC over the folds in which some have the tag and some have not; scores of two folds are
    never compared."""
    from sklearn.metrics import roc_auc_score

    found = np.full((FOLDS, has.shape[1]), np.nan)
    for fold in range(FOLDS):
        test = folds == fold
        for tag in np.flatnonzero(has[test].any(0) & ~has[test].all(0)):
            found[fold, tag] = roc_auc_score(has[test, tag], told[test, tag])
    asked = ~np.isnan(found).all(0)
    means = np.full(has.shape[1], np.nan)
    means[asked] = np.nanmean(found[:, asked], axis=0)
    return means


@dataclass(frozen=True, eq=False)
class Items:
    """Tagged items with the vectors of several models, as far as each model knows them.

    names: of the tags; has: bool (n, tags); groups: int64 (n,), artists
    vectors: by model, (rows int64 (m,), float (m, d))
    """

    names: tuple[str, ...]
    has: np.ndarray
    groups: np.ndarray
    vectors: dict[str, tuple[np.ndarray, np.ndarray]]

    def known_to_all(self) -> Items:
        """Only what every model knows: figures of different items are no comparison."""
        rows = np.arange(len(self.has))
        for own, _ in self.vectors.values():
            rows = np.intersect1d(rows, own)
        kept = {}
        for name, (own, table) in self.vectors.items():
            kept[name] = (np.arange(len(rows)), table[np.searchsorted(own, rows)])
        return replace(self, has=self.has[rows], groups=self.groups[rows], vectors=kept)
