"""Which point is under the pointer, and which lie inside a line drawn around them."""

from __future__ import annotations

import numpy as np

from musicdesk.space.screen import Screen


def nearest(screen: Screen, x: float, y: float, slack: float = 6.0) -> int:
    """Row of the point under (x, y) pixels, or -1.

    Of the discs that hold the pointer the front-most counts, as the eye sees it; when none does, the
    nearest rim within `slack` pixels. Brute force over the projected buffers: no tree to rebuild.
    """
    if not len(screen.cloud):
        return -1
    rows = screen.around(x, y, slack + screen.widest)
    if not len(rows):
        return -1
    away = np.hypot(screen.x[rows] - x, screen.y[rows] - y) - screen.radius[rows]
    away[screen.radius[rows] <= 0] = np.inf
    inside = away <= 0
    if inside.any():
        rows = rows[inside]
        return int(rows[np.argmin(screen.depth[rows])])
    best = int(np.argmin(away))
    return int(rows[best]) if away[best] <= slack else -1


def inside(screen: Screen, outline: np.ndarray) -> np.ndarray:
    """Rows of the points inside a closed line, int64 (m,). outline: float (k, 2) pixels; it may cross itself."""
    line = np.asarray(outline, np.float32).reshape(-1, 2)
    if len(line) < 3 or not len(screen.cloud):
        return np.empty(0, np.int64)
    low, high = line.min(axis=0), line.max(axis=0)
    rows = np.flatnonzero((screen.x >= low[0]) & (screen.x <= high[0]))
    rows = rows[(screen.y[rows] >= low[1]) & (screen.y[rows] <= high[1]) & (screen.radius[rows] > 0)]
    x, y = screen.x[rows], screen.y[rows]
    odd = np.zeros(len(rows), bool)
    for (ax, ay), (bx, by) in zip(line, np.roll(line, -1, axis=0), strict=True):
        if ay != by:  # how often a ray to the right crosses the line
            crossed = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
            odd ^= crossed
    found: np.ndarray = rows[odd]
    return found
