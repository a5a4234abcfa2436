"""How light falls on a point, so that it looks like a ball: the same numbers for numpy, OpenGL and the page of HTML."""

from __future__ import annotations

from typing import NamedTuple

from .pixels import Rgb

LAMP = (-0.34, -0.4)  # where a point is lit best: radii from its middle, to the right and down


class Shade(NamedTuple):
    """Where q is the square of the distance from the lamp's place, in radii, a point's colour is mixed with `towards`
    (0 black, 1 white) by `least` + `slope` q + `bend` q squared, which is nowhere below 0."""

    towards: float
    least: float
    slope: float
    bend: float

    def share(self, q: float) -> float:
        return max(self.least + q * (self.slope + q * self.bend), 0.0)


ON_DARK = Shade(0.0, 0.0, 0.19, 0.0)  # darker away from the light
ON_LIGHT = Shade(1.0, 0.28, -0.24, 0.052)  # paler towards the light: dark rims would look like dirt on white


def is_dark(background: Rgb) -> bool:
    return sum(background) < 384


def shade_on(background: Rgb) -> Shade:
    return ON_DARK if is_dark(background) else ON_LIGHT
