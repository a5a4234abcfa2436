"""How sure a mean is: bootstrap over users, or over weeks, of one model or of the difference of two.

All models of a table are drawn with the same users each time, so that differences are paired. Percentile intervals
(Efron 1979); where several models are compared with one, their p values are Holm's (1979).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
LEVEL = 0.95
NAN = float("nan")
Z = 1.959963984540054  # of the normal distribution, for LEVEL


@dataclass(frozen=True)
class Interval:
    """A mean with its interval; nan limits with fewer than two to draw from, all nan with nothing."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """`mean` of what the first has more than the second, its interval, and p of its being 0, two-sided.

    With fewer than two to draw from the limits are nan and p is 1: one week, or one listener, is sure of nothing.
    """

    mean: float
    low: float
    high: float
    p: float


def interval(
    values: np.ndarray, seed: int = 0, blocks: np.ndarray | None = None, resamples: int = RESAMPLES
) -> Interval:
    """The mean over users, nan left out.

    values: float (users,), or (events,) with `blocks` int (events,), such as weeks, which are drawn whole
    """
    known = ~np.isnan(values)
    blocks = None if blocks is None else blocks[known]
    if _units(values[known], blocks) < 2:
        return Interval(float(values[known].mean()) if known.any() else NAN, NAN, NAN)
    drawn = _means(values[known][:, None], seed, blocks, resamples)[:, 0]
    return Interval(float(values[known].mean()), *_limits(drawn))


def paired(
    one: np.ndarray, other: np.ndarray, seed: int = 0, blocks: np.ndarray | None = None, resamples: int = RESAMPLES
) -> Difference:
    """The mean of `one` - `other` over the users that have both; p is at least 1 / (resamples + 1)."""
    gap = one - other
    known = ~np.isnan(gap)
    blocks = None if blocks is None else blocks[known]
    if _units(gap[known], blocks) < 2:
        return Difference(float(gap[known].mean()) if known.any() else NAN, NAN, NAN, 1.0)
    drawn = _means(gap[known][:, None], seed, blocks, resamples)[:, 0]
    side = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p = min(1.0, 2 * (side + 1) / (resamples + 1))
    return Difference(float(gap[known].mean()), *_limits(drawn), p)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """p values that hold for all comparisons at once (Holm 1979): the smallest times m, the next times m - 1, ..."""
    order = sorted(p, key=lambda name: p[name])
    found: dict[str, float] = {}
    most = 0.0
    for place, name in enumerate(order):
        most = max(most, min(1.0, p[name] * (len(order) - place)))
        found[name] = most
    return {name: found[name] for name in p}


def wilson(hits: float, trials: float, effect: float = 1.0) -> Interval:
    """The share of `hits` with its score interval (Wilson 1927); nan without trials.

    effect: the design effect, by which trials that come in clumps say less than as many single ones; at least 1
    """
    if not trials:
        return Interval(NAN, NAN, NAN)
    share, n = hits / trials, trials / max(effect, 1.0)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * (share * (1 - share) / n + Z * Z / (4 * n * n)) ** 0.5
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(share, min(low, share), max(high, share))  # a share of 0 or 1 is not outside for rounding


def clumped(hits: np.ndarray, clumps: np.ndarray) -> Interval:
    """The share of `hits`, bool (trials,), where the trials of one clump, int (trials,), such as one list, are not
    independent: Wilson's interval with the trials divided by their design effect (Korn, Graubard 1998)."""
    n = len(hits)
    _, code = np.unique(clumps, return_inverse=True)
    lists = int(code.max(initial=-1)) + 1
    share = float(hits.mean()) if n else NAN
    if lists < 2 or share in (0.0, 1.0):
        return wilson(int(hits.sum()), n)
    apart = np.bincount(code, hits - share, lists)  # of each clump, what it has more than its part
    variance = lists / (lists - 1) * float((apart**2).sum()) / n**2
    return wilson(int(hits.sum()), n, variance / (share * (1 - share) / n))


def weighted(hits: np.ndarray, weights: np.ndarray, clumps: np.ndarray) -> Interval:
    """The share of `hits`, bool (trials,), each counted `weights` times, float > 0 (trials,): a ratio of sums, with
    Wilson's interval at the number of plain trials that would be as sure (linearised, by clumps as in `clumped`)."""
    if not len(hits):
        return Interval(NAN, NAN, NAN)
    total = float(weights.sum())
    share = float(weights @ hits) / total
    _, code = np.unique(clumps, return_inverse=True)
    lists = int(code.max()) + 1
    as_many = total**2 / float(weights @ weights)  # Kish 1965
    if lists > 1 and 0.0 < share < 1.0:
        apart = np.bincount(code, weights * (hits - share), lists)
        variance = lists / (lists - 1) * float(apart @ apart) / total**2
        as_many = min(as_many, share * (1 - share) / variance) if variance > 0 else as_many
    limits = wilson(share * as_many, as_many)
    return Interval(share, limits.low, limits.high)


def weeks(times: np.ndarray) -> np.ndarray:
    """int64 (events,): the week of each time, seconds since 1970; weeks begin on Monday, UTC."""
    return ((np.asarray(times, np.float64) + 3 * 86_400) // (7 * 86_400)).astype(np.int64)


def _units(values: np.ndarray, blocks: np.ndarray | None) -> int:
    """How many can be drawn."""
    return len(values) if blocks is None else len(np.unique(blocks))


def _limits(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _means(values: np.ndarray, seed: int, blocks: np.ndarray | None, resamples: int) -> np.ndarray:
    """float64 (resamples, columns): means of drawn samples of the rows of `values` (n, columns), without nan."""
    size = np.ones(len(values))
    if blocks is not None:
        _, code = np.unique(blocks, return_inverse=True)
        size = np.bincount(code).astype(np.float64)
        values = np.stack([np.bincount(code, column) for column in values.T], axis=1)
    table = np.column_stack([values, size])
    sums = np.concatenate([counts @ table for counts in _counts(len(values), seed, resamples)])
    found: np.ndarray = sums[:, :-1] / sums[:, -1:]
    return found


def _counts(n: int, seed: int, resamples: int) -> Iterator[np.ndarray]:
    """float64 (some, n): how often each of n is in a sample of n with replacement; `resamples` rows in all."""
    draw = np.random.default_rng(seed)
    some = max(1, min(resamples, (1 << 22) // n))
    for start in range(0, resamples, some):
        rows = min(some, resamples - start)
        drawn = draw.integers(0, n, (rows, n)) + (np.arange(rows) * n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)
