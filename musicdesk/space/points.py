"""The points of the map, cleaned once so that no renderer meets a NaN or an empty extent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SAMPLE = 50_000  # points that are enough to find the extent of many
FARTHEST = 1e100  # what is farther is no place; squares of it must stay finite
REACH = 98.0  # per cent of the points that lie inside the unit ball; outliers may stick out


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points ready to draw, moved and scaled into about the unit ball.

    positions: float32 (n, 3), finite; 98 % of them within distance 1 of the origin; each axis lies together in memory
    colours:   uint8 (n, 4), RGBA
    sizes:     float32 (n,), 1 is a normal point
    rows:      int32 (n,), the row each point had in what was given (rows with NaN are left out)
    thinning:  every how-manieth point of a bigger cloud these are; 1 for all
    """

    positions: np.ndarray
    colours: np.ndarray
    sizes: np.ndarray
    rows: np.ndarray
    centre: np.ndarray
    radius: float
    thinning: int = 1

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def base_px(self) -> float:
        """Diameter of a normal point at the resting distance in a view 700 px high: fewer are bigger."""
        return float(np.clip(54.0 * max(len(self), 1) ** -0.25, 2.0, 26.0))

    def place(self, positions: np.ndarray) -> np.ndarray:
        """Moves other points of the same space, float (m, 3), into the cloud's ball."""
        placed: np.ndarray = (np.asarray(positions, dtype=np.float64) - self.centre) / self.radius
        return placed.astype(np.float32)

    def thinned(self, step: int) -> Cloud:
        """Every step-th point, without a copy: what is drawn of many points while they move."""
        if step <= 1:
            return self
        some = slice(None, None, step)
        return replace(
            self,
            positions=self.positions[some],
            colours=self.colours[some],
            sizes=self.sizes[some],
            rows=self.rows[some],
            thinning=self.thinning * step,
        )


def clean(positions: np.ndarray, colours: np.ndarray | None = None, sizes: np.ndarray | None = None) -> Cloud:
    """Builds a `Cloud` from anything a projection may give.

    positions: float (n, 3); rows that are not finite, or absurdly far, are left out; n may be 0
    colours:   uint8 (n, 3 or 4) or None for a calm blue
    sizes:     float (n,) > 0 or None for 1; not finite counts as 1; clipped to 0.2..5
    raises:    ValueError when the lengths differ
    """
    given = np.asarray(positions)
    given = given.astype(np.float64) if given.dtype.kind != "f" else given
    given = given.reshape(-1, 3)
    tint = _with_alpha(colours, len(given))
    size = np.ones(len(given)) if sizes is None else np.asarray(sizes, dtype=np.float64).reshape(-1)
    if len(tint) != len(given) or len(size) != len(given):
        raise ValueError(f"{len(given)} positions, {len(tint)} colours, {len(size)} sizes")
    limit = min(FARTHEST, float(np.finfo(given.dtype).max))
    rows = np.flatnonzero((np.abs(given) <= limit).all(axis=1))
    whole = len(rows) == len(given)
    kept = given if whole else given[rows]
    centre, radius = _ball(kept)
    axes = np.empty((3, len(kept)), dtype=np.float32)
    for axis, values in enumerate(axes):  # one by one: a million points leave no big array behind on the way
        values[:] = (kept[:, axis] - centre[axis]) / radius
    size = np.clip(np.nan_to_num(size[rows], nan=1.0), 0.2, 5.0)
    return Cloud(
        positions=axes.T,
        colours=tint.copy() if whole else tint[rows],
        sizes=size.astype(np.float32),
        rows=rows.astype(np.int32),
        centre=centre,
        radius=radius,
    )


def _with_alpha(colours: np.ndarray | None, n: int) -> np.ndarray:
    if colours is None:
        return np.tile(np.array([124, 156, 255, 255], dtype=np.uint8), (n, 1))
    tint = np.asarray(colours, dtype=np.uint8)
    tint = tint.reshape(-1, tint.shape[1] if tint.ndim == 2 else 4)
    if tint.shape[1] == 4:
        return tint
    return np.column_stack([tint, np.full(len(tint), 255, dtype=np.uint8)])


def _ball(positions: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and radius that hold most points; radius 1 when they are all at one place."""
    if not len(positions):
        return np.zeros(3), 1.0
    some = positions[:: max(len(positions) // SAMPLE, 1)]
    some = some.astype(np.float64)
    low, high = np.percentile(some, [100 - REACH, REACH], axis=0)
    centre = (low + high) / 2
    radius = float(np.percentile(np.linalg.norm(some - centre, axis=1), REACH))
    tiny = 1e-12 * max(1.0, float(np.abs(centre).max()))
    return centre, radius if radius > tiny else 1.0
