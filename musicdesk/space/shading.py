"""How light falls on a point, so that it looks like a ball: the same numbers for numpy, OpenGL and the page of HTML."""

from __future__ import annotations

from typing import NamedTuple

from .pixels import Rgb

LAMP = (-0.34, -0.4)  # where a point is lit best: radii from its middle, to the right and down


class Shade(NamedTuple):
    """At a distance of d radii from the lamp's place a point's colour is mixed with `towards` (0 black, 1 white) by
    `least` + `slope` d squared, at least 0."""

    towards: float
    least: float
    slope: float


ON_DARK = Shade(0.0, 0.0, 0.19)  # darker away from the light
ON_LIGHT = Shade(1.0, 0.34, -0.5)  # paler towards the light: dark rims would look like dirt on white


def is_dark(background: Rgb) -> bool:
    return sum(background) < 384


def shade_on(background: Rgb) -> Shade:
    return ON_DARK if is_dark(background) else ON_LIGHT
