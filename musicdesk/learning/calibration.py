"""How far a stated probability can be believed, and temperature scaling (Guo, Pleiss, Sun, Weinberger 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 10
SIMULATIONS = 200
HOTTEST, COLDEST = 20.0, 0.05


@dataclass(frozen=True, eq=False)
class Reliability:
    """Per bin of equal width over 0..1: mean confidence and share that was right (nan in empty bins), and how many."""

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """float64, the shape of `logits` (n, classes); rows sum to 1."""
    z = logits.astype(np.float64) / temperature
    z = np.exp(z - z.max(axis=1, keepdims=True))
    found: np.ndarray = z / z.sum(axis=1, keepdims=True)
    return found


def nll(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """Mean negative log-likelihood of the right classes, `labels` int (n,)."""
    chosen = softmax(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.mean(np.log(np.maximum(chosen, 1e-12))))


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The T that makes softmax(logits / T) likeliest; 1 where there is nothing to go by."""
    from scipy.optimize import minimize_scalar

    if len(labels) < 2:
        return 1.0
    found = minimize_scalar(
        lambda log_t: nll(logits, labels, float(np.exp(log_t))),
        bounds=(np.log(COLDEST), np.log(HOTTEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


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
