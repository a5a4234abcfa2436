"""Where on the map a name belongs: the densest spot of all points that bear it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAMPLE = 400  # points of a name that are looked at
LEAST = 3  # points that a name needs
CORE = 0.25  # share of them that makes its densest spot
CLOSE = 0.3  # widest core of a region that is close together, in radii of the map


@dataclass(frozen=True)
class Region:
    """place: (x, y, z) in the space of the points; count: points that bear the name; width: radius of its core"""

    name: str
    place: tuple[float, float, float]
    count: int
    width: float


def regions(xyz: np.ndarray, names: Sequence[str], most: int, close: bool = False) -> list[Region]:
    """Regions of the `most` frequent names, the largest first; '' is no name.

    xyz: float (n, 3), may hold nan; names: n of them; close: only those whose core is small beside the map
    """
    usable = np.isfinite(xyz).all(axis=1)
    counts = Counter(name for name, ok in zip(names, usable.tolist(), strict=True) if name and ok)
    ranked = sorted((name for name in counts if counts[name] >= LEAST), key=lambda name: (-counts[name], name))[:most]
    if not ranked:
        return []
    number = {name: at for at, name in enumerate(ranked)}
    codes = np.fromiter((number.get(name, -1) for name in names), np.int64, len(names))
    codes[~usable] = -1
    order = np.argsort(codes, kind="stable")
    begins = np.searchsorted(codes[order], np.arange(len(ranked) + 1))
    placed = xyz[usable]
    radius = float(np.percentile(np.linalg.norm(placed - np.median(placed, axis=0), axis=1), 90)) or 1.0
    found = []
    for at, name in enumerate(ranked):
        place, width = _core(xyz[order[begins[at] : begins[at + 1]]].astype(np.float64))
        if not close or width <= CLOSE * radius:
            found.append(Region(name, place, counts[name], width))
    return found


def _core(points: np.ndarray) -> tuple[tuple[float, float, float], float]:
    """Middle and radius of the smallest ball around a point that holds its share of the points, (m, 3)."""
    seen = points[:: max(1, len(points) // SAMPLE)]
    within = max(2, round(CORE * len(seen)))
    squares = (seen**2).sum(axis=1)
    away = squares[:, None] + squares - 2 * seen @ seen.T
    reach = np.partition(away, within - 1, axis=1)[:, within - 1]
    best = int(np.argmin(reach))
    x, y, z = (float(value) for value in seen[away[best] <= reach[best]].mean(axis=0))
    return (x, y, z), float(np.sqrt(max(reach[best], 0.0)))
