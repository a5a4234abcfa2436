"""How many of the points are drawn while they move: as many as the machine paints in time."""

from __future__ import annotations

SLOW_S, QUICK_S = 0.045, 0.016  # a frame that takes longer loses half its points; a shorter one may have twice as many
WEIGHT = 0.4  # of the newest frame in the running mean
STEEPEST = 8  # 2 ** 8: of a million points four thousand are left


class Detail:
    """Learns from the time frames take. Levels double the step, so that fewer points are always some of more:
    what is left out or added between two frames does not make the others jump."""

    def __init__(self, fair: int) -> None:
        """fair: points that are surely drawn in time, where it begins"""
        self._fair = fair
        self._points = 0
        self._level = 0
        self._mean: float | None = None

    def begin(self, points: int) -> None:
        """Another cloud is shown; one of about the same size keeps what was learnt."""
        if self._points and 0.5 < points / self._points < 2.0:
            return
        self._points, self._level, self._mean = points, 0, None
        while points >> self._level > self._fair and self._level < STEEPEST:
            self._level += 1

    @property
    def step(self) -> int:
        """Every how-manieth point is drawn."""
        return 1 << self._level

    def took(self, seconds: float) -> None:
        """A frame of the movement at the present step has taken this long."""
        self._mean = seconds if self._mean is None else (1 - WEIGHT) * self._mean + WEIGHT * seconds
        if self._mean > SLOW_S and self._level < STEEPEST and self._points >> self._level > 1_000:
            self._level, self._mean = self._level + 1, None
        elif self._mean < QUICK_S and self._level > 0:
            self._level, self._mean = self._level - 1, None
