"""Scores of unlike models on one scale: each becomes what its rank would be in a normal distribution.

Rank-normal scores (van der Waerden 1952) do not care for units or outliers, and keep the order: equal scores stay
equal, a higher one stays higher. Of many scores the distribution is read off at some hundred places.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

SAMPLE = 4_096
PLACES = 129
BINS = 4_096  # of equal width, between which the distribution is a straight line
_INVERSE = NormalDist().inv_cdf
LEAST_BINS = 32  # that the middle half of all scores must be spread over


def rank_normal(scores: np.ndarray) -> np.ndarray:
    """float32 (n,), about standard normal; 0 for all when they are all the same.

    scores: float32 (n,), finite; ties share the middle of their ranks
    """
    n = len(scores)
    if not n:
        return np.zeros(0, np.float32)
    sample = np.sort(scores if n <= SAMPLE else np.append(scores[:: -(-n // SAMPLE)], (scores.min(), scores.max())))
    m = len(sample)
    if sample[0] == sample[-1]:
        return np.zeros(n, np.float32)
    knots = np.unique(sample if m <= PLACES else sample[_places(m)])
    middle = (np.searchsorted(sample, knots, "left") + np.searchsorted(sample, knots, "right")) / (2 * m)
    if m < n:  # the extremes of all, of which the sample has more than its share
        middle[0], middle[-1] = _end(sample, n), 1 - _end(-sample[::-1], n)
    z = np.array([_INVERSE(p) for p in np.clip(middle, 0.5 / n, 1 - 0.5 / n).tolist()])
    half = float(sample[3 * m // 4] - sample[m // 4])
    if n > BINS and half > LEAST_BINS * float(sample[-1] - sample[0]) / BINS:
        return _looked_up(scores, knots.astype(np.float64), z)
    found: np.ndarray = np.interp(scores, knots, z).astype(np.float32)
    return found


def _looked_up(scores: np.ndarray, knots: np.ndarray, z: np.ndarray) -> np.ndarray:
    """np.interp by a table: scores are many, and a search for each takes its time."""
    low, width = float(knots[0]), float(knots[-1] - knots[0]) / BINS
    edges = np.interp(low + width * np.arange(BINS + 2), knots, z).astype(np.float32)
    place = (scores - np.float32(low)) * np.float32(1 / width)
    bins = place.astype(np.int32)
    np.clip(bins, 0, BINS, out=bins)
    place -= bins
    found: np.ndarray = edges[bins]
    found += place * np.diff(edges)[bins]
    return found


def _end(ordered: np.ndarray, n: int) -> float:
    """Middle rank 0..1 of the lowest score: that of a single one of n where it is alone, else its share's middle."""
    ties = int(np.searchsorted(ordered, ordered[0], "right"))
    return 0.5 / n if ties <= 2 else ties / (2 * len(ordered))


def _places(m: int) -> np.ndarray:
    """Places in m sorted scores: evenly spread, and closer together towards both ends."""
    even = np.linspace(0, m - 1, PLACES)
    tail = np.geomspace(1, m / 8, PLACES // 4)
    return np.unique(np.concatenate([even, tail - 1, m - tail]).astype(np.int64))
