"""The map's picture with what is told beside it: title, legend, scale and sizes, on one plate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.space.layers import Legend, Sized
from musicdesk.space.palette import Rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 100
GROUND: dict[str, Rgb] = {"dark": (17, 19, 23), "light": (246, 247, 249)}
CARD = {"dark": "#181B21", "light": "#FFFFFF"}
INK = {"dark": "#ECEFF4", "light": "#161A21"}
QUIET = {"dark": "#A7AFBD", "light": "#586173"}
LINE = {"dark": "#2A2F39", "light": "#E3E6EB"}
LEGEND_SHARE = 0.19  # of the plate's width
LONGEST = 24  # letters of a line of the legend


@dataclass(frozen=True, eq=False)
class Told:
    title: str
    rest: str  # below the title
    legend: Legend
    sized: Sized


def legend_width(width: int) -> int:
    """Pixels of a plate of `width` that the legend takes."""
    return round(width * LEGEND_SHARE)


def save_plate(target: Path, picture: np.ndarray, told: Told, theme: str) -> None:
    """Writes a PNG: `picture`, uint8 (height, w, 4), and the legend to its right, on a plate that is as high.

    theme: 'dark' or 'light'
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height, inner = picture.shape[:2]
    width = round(inner / (1 - LEGEND_SHARE))
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=_hex(GROUND[theme]))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    axes.imshow(picture, extent=(0, inner, height, 0), interpolation="nearest", aspect="auto")
    axes.set(xlim=(0, width), ylim=(height, 0))
    pen = _Pen(axes, theme, min(width / 1600, height / 1000))
    pen.write(28, 46, told.title, 19, weight="bold")
    pen.write(28, 74, told.rest, 13, quiet=True)
    _legend(pen, inner, width, height, told)
    figure.savefig(target, format="png", facecolor=_hex(GROUND[theme]))


class _Pen:
    """Writes and draws in pixels of a plate 1600 wide, `scale` times as big; y goes down."""

    def __init__(self, axes: Axes, theme: str, scale: float) -> None:
        self.axes, self.theme, self.scale = axes, theme, scale

    def write(self, x: float, y: float, text: str, size: float, *, quiet: bool = False, **more: Any) -> None:
        """size: pixels of the letters; x and y are of the line's start, in pixels as `scale` has it"""
        ink = (QUIET if quiet else INK)[self.theme]
        points = size * self.scale * 72 / DPI
        self.axes.text(x * self.scale, y * self.scale, text, color=ink, fontsize=points, parse_math=False, **more)

    def dot(self, x: float, y: float, colour: str, across: float) -> None:
        points = across * self.scale * 72 / DPI
        self.axes.plot([x * self.scale], [y * self.scale], "o", color=colour, markersize=points, markeredgewidth=0)


def _legend(pen: _Pen, left: int, right: int, bottom: int, told: Told) -> None:
    from matplotlib.patches import Rectangle

    theme, scale, legend = pen.theme, pen.scale, told.legend
    pen.axes.add_patch(Rectangle((left, 0), right - left, bottom, color=CARD[theme], linewidth=0))
    pen.axes.plot([left, left], [0, bottom], color=LINE[theme], linewidth=scale)
    start, end, lowest = left / scale + 24, right / scale - 24, bottom / scale - 24
    at = 46.0
    pen.write(start, at, legend.title, 15, weight="bold")
    if legend.ramp:
        at += 22
        colours = np.array(legend.ramp, dtype=np.uint8)[None]
        box = (start * scale, end * scale, (at + 8) * scale, at * scale)
        pen.axes.imshow(colours, extent=box, interpolation="bilinear", aspect="auto", zorder=3)
        pen.axes.set(xlim=(0, right), ylim=(bottom, 0))
        at += 26
        pen.write(start, at, legend.low, 12, quiet=True)
        pen.write(end, at, legend.high, 12, quiet=True, ha="right")
        at += 6
    for entry in legend.entries:
        at += 27
        if at > lowest:
            break
        pen.dot(start + 6, at - 5, _hex(entry.colour), 11)
        pen.write(start + 24, at, _short(entry.label), 13)
        pen.write(end, at, f"{entry.count:,}", 12, quiet=True, ha="right")
    if legend.note:
        at += 32
        pen.write(start, at, "\n".join(_lines(legend.note)), 12, quiet=True, va="top")
        at += 18 * len(_lines(legend.note))
    _sizes(pen, start, at + 46, lowest, told.sized)


def _sizes(pen: _Pen, start: float, at: float, lowest: float, sized: Sized) -> None:
    if not sized.title or at > lowest:
        return
    pen.write(start, at, f"Size: {sized.title}", 15, weight="bold")
    for what, size in sized.steps:
        at += 29
        if at <= lowest:
            pen.dot(start + 10, at - 5, QUIET[pen.theme], 9 * size)
            pen.write(start + 30, at, _short(what), 13)


def _lines(sentence: str) -> list[str]:
    from textwrap import wrap

    return wrap(sentence, LONGEST + 10)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _hex(colour: Rgb) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)
