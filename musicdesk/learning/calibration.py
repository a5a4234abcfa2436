"""How far a stated probability can be believed; temperature scaling (Guo, Pleiss, Sun, Weinberger 2017), and lapses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 10
SIMULATIONS = 200
HOTTEST, COLDEST, MOST_LAPSE = 20.0, 0.05, 0.5
LOG_T_SD, LAPSE_MEAN = 0.5, 0.05  # priors


@dataclass(frozen=True, eq=False)
class Reliability:
    """Per bin of equal width over 0..1: mean confidence and share that was right (nan in empty bins), and how many."""

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """p = (1 - lapse) softmax(logits / temperature) + lapse / classes.

    Temperature alone must call everything unsure when a few tracks are surely wrong (a false tag, an artist unlike all
    others); the lapse rate, as in psychometrics (Wichmann, Hill 2001), is the share of those.
    """

    temperature: float = 1.0
    lapse: float = 0.0

    def of(self, logits: np.ndarray) -> np.ndarray:
        """Probabilities, float64, the shape of `logits` (n, classes); rows sum to 1."""
        z = logits.astype(np.float64) / self.temperature
        z = np.exp(z - z.max(axis=1, keepdims=True))
        found: np.ndarray = (1 - self.lapse) * z / z.sum(axis=1, keepdims=True) + self.lapse / logits.shape[1]
        return found


def nll(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean negative log-likelihood of the right classes, `labels` int (n,)."""
    return float(-np.mean(np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12))))


def calibrated(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """What makes the labels likeliest; nothing changes where there is nothing to go by.

    The n labels are believed to 1 - classes / (n + classes), the rest is spread evenly (Platt 1999, section 2.2):
    that none of a few was wrong is no proof that none will be. For the same reason both numbers have a prior, normal
    for log T and exponential for the lapse rate: a few tracks hardly move them.
    """
    from scipy.optimize import minimize

    if len(labels) < 2:
        return Calibration()
    n, classes = logits.shape
    doubt = classes / (n + classes)

    def missed(x: np.ndarray) -> float:
        told = Calibration(float(np.exp(x[0])), float(x[1])).of(logits)
        even = float(-np.mean(np.log(np.maximum(told, 1e-12))))
        prior = 0.5 * (x[0] / LOG_T_SD) ** 2 + x[1] / LAPSE_MEAN
        return float((1 - doubt) * nll(told, labels) + doubt * even + prior / n)

    bounds = ((np.log(COLDEST), np.log(HOTTEST)), (0.0, MOST_LAPSE))
    found = minimize(missed, np.array([0.0, 0.01]), method="Nelder-Mead", bounds=bounds)
    return Calibration(float(np.exp(found.x[0])), float(found.x[1]))


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> Reliability:
    """confidence: float (n,) in 0..1, of the class that was named; right: bool (n,)"""
    at = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    count = np.bincount(at, minlength=bins)
    with np.errstate(invalid="ignore"):
        told = np.bincount(at, confidence, bins) / count
        hit = np.bincount(at, right.astype(np.float64), bins) / count
    return Reliability(told, hit, count)


def ece(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, bins weighed by what is in them."""
    if not len(confidence):
        return float("nan")
    found = reliability(confidence, right, bins)
    full = found.count > 0
    gap = np.abs(found.confidence[full] - found.accuracy[full])
    return float(np.sum(gap * found.count[full]) / len(confidence))


def ece_by_chance(confidence: np.ndarray, seed: int, bins: int = BINS) -> tuple[float, float]:
    """(mean, 95 % quantile) of the error that a perfectly calibrated model shows at this sample size."""
    rng = np.random.default_rng(seed)
    drawn = [ece(confidence, rng.random(len(confidence)) < confidence, bins) for _ in range(SIMULATIONS)]
    return float(np.mean(drawn)), float(np.quantile(drawn, 0.95))
