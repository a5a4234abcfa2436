"""Which point is under the pointer."""

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
