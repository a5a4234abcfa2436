"""How much each part of a blend says about one listener: from the listener's own past, shrunk to equal.

The past is cut at five moments. With what was known before each, the parts rank the tracks not played until then;
those first played in the stretch after it should stand high. Plays again are left out: they need no recommender,
and would give all weight to one's own counts. Over all mixtures w (shares in tenths, which sum to 1) the weights are
the mean of the Gibbs posterior

    p(w) ~ exp(-RATE * sum over plays of l(w)),    l = log(1 + tracks before it) / log(1 + all of them),

(Bissiri, Holmes, Walker 2016). The prior is flat, so that with little evidence the mean is the equal mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product

import numpy as np

from musicdesk.core.types import Listener, TrackId
from musicdesk.recommenders.base import ItemIds, Timeline
from musicdesk.recommenders.ranks import rank_normal

FOLDS = 5
FIRST = 0.5  # of the plays are known before the first cut
STEPS = 10  # shares in tenths
RATE = 1.0
MOST_OTHERS = 4_000  # tracks that the played ones are ranked among
HALF_LIFE_S = 180.0 * 86_400

Scorer = Callable[[Listener, ItemIds], np.ndarray]


def past(timeline: Timeline, until: float) -> Listener:
    """The listener as known by the plays up to a moment: counts, and weights that fade (half after 180 days)."""
    known = timeline.moments <= until
    tracks, at = np.unique(timeline.tracks[known], return_inverse=True)
    ages = until - timeline.moments[known]
    weights = np.minimum(np.bincount(at, 2.0 ** (-ages / HALF_LIFE_S), len(tracks)), 50.0)
    names = [TrackId(track) for track in tracks.tolist()]
    counts = np.bincount(at, minlength=len(tracks)).tolist()
    return Listener(
        "past", plays=dict(zip(names, counts, strict=True)), weights=dict(zip(names, weights.tolist(), strict=True))
    )


def cuts(timeline: Timeline) -> list[tuple[float, float]]:
    """(from, to) of each stretch, of about equally many plays; none where there are too few moments."""
    if len(np.unique(timeline.moments)) < 2 * FOLDS:
        return []
    ends = np.quantile(timeline.moments, np.linspace(FIRST, 1.0, FOLDS + 1), method="lower")
    return [(float(start), float(end)) for start, end in pairwise(ends) if end > start]


def own_weights(parts: Sequence[Scorer], timeline: Timeline, ids: np.ndarray, seed: int) -> np.ndarray:
    """float64 (parts,), sum 1. ids: int64 (n,), ascending, the library."""
    grid = mixtures(len(parts))
    losses = np.zeros(len(grid))
    rng = np.random.default_rng(seed)
    for start, end in cuts(timeline):
        after = (timeline.moments > start) & (timeline.moments <= end)
        unknown = ids[~np.isin(ids, timeline.tracks[timeline.moments <= start])]
        rows = np.flatnonzero(np.isin(unknown, timeline.tracks[after]))
        if not len(rows) or len(rows) == len(unknown):
            continue
        known = past(timeline, start)
        table = np.stack([rank_normal(part(known, unknown)) for part in parts], axis=1)
        others = rng.permutation(np.setdiff1d(np.arange(len(unknown)), rows))[:MOST_OTHERS]
        losses += _losses(table, rows, others, grid, len(unknown))
    chance = np.exp(-RATE * (losses - losses.min()))
    found: np.ndarray = chance @ grid / chance.sum()
    return found


def _losses(table: np.ndarray, rows: np.ndarray, others: np.ndarray, grid: np.ndarray, n: int) -> np.ndarray:
    """float64 (mixtures,): the summed loss of the first played `rows`, ranked among `others`, scaled up to all n."""
    scores = table @ grid.T.astype(np.float32)
    found = np.empty(len(grid))
    for column in range(len(grid)):
        rivals = np.sort(scores[others, column])
        mine = scores[rows, column]
        below = (np.searchsorted(rivals, mine, "left") + np.searchsorted(rivals, mine, "right")) / 2
        before = (len(rivals) - below) * (n / len(rivals))
        found[column] = (np.log1p(before) / np.log1p(n)).sum()
    return found


def mixtures(parts: int) -> np.ndarray:
    """float64 (mixtures, parts): every way to share ten tenths."""
    shares = [row for row in product(range(STEPS + 1), repeat=parts - 1) if sum(row) <= STEPS]
    return np.array([(*row, STEPS - sum(row)) for row in shares], np.float64) / STEPS
