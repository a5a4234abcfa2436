"""Ways to draw a map, side by side on the same features."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.space.graph import nearest
from musicdesk.space.newcomers import LEAST, placed_among
from musicdesk.space.projection import place
from musicdesk.space.trust import EXACT, NEIGHBOURS, SAMPLE, shared, trust

HELD = 7  # every seventh track is placed later


@dataclass(frozen=True)
class Compared:
    """trustworthiness, continuity: 0..1, over 15 neighbours; overlap: share of the 15 that are the 15 on the map
    seconds:  of drawing, without checking
    in_sample, out_of_sample: trustworthiness of tracks that a map was drawn from, and of those placed on it later
              (a seventh); nan where there are too few
    """

    method: str
    placed_by: str
    trustworthiness: float
    continuity: float
    overlap: float
    seconds: float
    in_sample: float
    out_of_sample: float


def compared(
    truth: np.ndarray, features: np.ndarray, method: str, seed: int, monitor: Monitor, later: bool = True
) -> Compared:
    """Draws `features` float32 (n, d) by `method` and asks how the neighbours in `truth` float32 (n, e) fare.

    later: whether to draw once more without a seventh of the tracks, and place those on it
    """
    begun = time.perf_counter()
    placed = place(features, method, seed, monitor=monitor)
    seconds = time.perf_counter() - begun
    found = trust(truth, placed.xyz, monitor=monitor)
    overlap = float(shared(nearest(truth, NEIGHBOURS)[0], nearest(placed.xyz, NEIGHBOURS)[0]).mean())
    inside, outside = _later(truth, features, method, seed, monitor) if later else (np.nan, np.nan)
    told = (found.trustworthiness, found.continuity, overlap, seconds, inside, outside)
    return Compared(method, placed.by, *told)


def _later(truth: np.ndarray, features: np.ndarray, method: str, seed: int, monitor: Monitor) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(truth))
    held, first = np.sort(order[: len(truth) // HELD]), np.sort(order[len(truth) // HELD :])
    if len(first) < LEAST or not len(held):
        return np.nan, np.nan
    xyz = np.empty((len(truth), 3), np.float32)
    xyz[first] = place(features[first], method, seed, monitor=monitor).xyz
    xyz[held] = placed_among(truth[first], xyz[first], truth[held], seed, monitor)
    most = len(truth) if len(truth) <= EXACT else SAMPLE
    inside, outside = (trust(truth, xyz, asked=rows[:most], monitor=monitor).trustworthiness for rows in (first, held))
    return inside, outside
