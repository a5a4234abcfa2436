"""The map as files: a picture drawn without any display, and the places as numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.files import replacing, write_with
from musicdesk.core.types import TrackId
from musicdesk.space.camera import Camera
from musicdesk.space.layers import Legend, Sized
from musicdesk.space.palette import Rgb
from musicdesk.space.points import clean
from musicdesk.space.splat import render
from musicdesk.workflows.layers import PLAIN, measure, paint

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.workflows.desk import Desk

DPI = 100
SMALLEST, LARGEST = 200, 8_000  # pixels of a side
GROUND = {"dark": (17, 19, 23), "light": (246, 247, 249)}
INK = {"dark": "#ECEFF4", "light": "#161A21"}
LEGEND_SHARE = 0.2  # of the picture's width


@dataclass(frozen=True)
class Look:
    """colour, size: names of layers, size 'none' for equal points; theme: 'dark' or 'light'; width, height: pixels"""

    colour: str = "genre"
    size: str = PLAIN
    theme: str = "dark"
    width: int = 1600
    height: int = 1000


def draw(desk: Desk, target: Path, look: Look | None = None, layout: Layout | None = None) -> Path:
    """Writes a PNG of a layout, unless given the one shown.

    Raises NotReady without one, NotFound for a layer that is none, Unusable for a size that no picture has.
    """
    chosen, shown = look or Look(), layout or shown_layout(desk)
    if not all(SMALLEST <= side <= LARGEST for side in (chosen.width, chosen.height)):
        raise Unusable(f"A picture of the map has sides of {SMALLEST} to {LARGEST} pixels.")
    painted = paint(desk, chosen.colour, shown.ids, chosen.theme == "dark", shown.trust)
    sized = measure(desk, chosen.size, shown.ids)
    cloud = clean(shown.xyz, painted.colours, sized.sizes)
    width = int(chosen.width * (1 - LEGEND_SHARE))
    picture = render(cloud, Camera(), width, chosen.height, GROUND[chosen.theme])
    target = target.absolute()
    told = _Told(heading(shown), painted.legend, sized)
    write_with(target, lambda temp: _save(temp, picture, told, chosen), mode=0o644)
    return target


def write(desk: Desk, target: Path, layout: Layout | None = None) -> Path:
    """Writes `path` (n,) str, `track` int64 (n,), `xyz` float32 (n, 3), `trust` float32 (n,) and `method` of a layout,
    unless given the one shown."""
    shown = layout or shown_layout(desk)
    tracks = desk.catalog.tracks.get_many([TrackId(int(i)) for i in shown.ids])
    target = target.absolute()
    with replacing(target, mode=0o644) as stream:
        paths = np.array([os.fsdecode(track.path) for track in tracks])
        method = np.array(shown.method)
        np.savez(stream, path=paths, track=shown.ids, xyz=shown.xyz, trust=shown.trust, method=method)
    return target


def shown_layout(desk: Desk) -> Layout:
    """Raises NotReady where there is none."""
    layout = desk.catalog.layouts.active()
    if layout is None:
        raise NotReady("There is no map yet; run 'musicdesk map' first.")
    return layout


def heading(layout: Layout) -> str:
    return f"{len(layout.ids):,} tracks, {layout.method}, trustworthiness {layout.trustworthiness:.2f}"


@dataclass(frozen=True, eq=False)
class _Told:
    heading: str
    legend: Legend
    sized: Sized


def _save(target: Path, picture: np.ndarray, told: _Told, look: Look) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    ground, ink, scale = _hex(GROUND[look.theme]), INK[look.theme], min(look.width / 1600, look.height / 1000)
    figure = Figure(figsize=(look.width / DPI, look.height / DPI), dpi=DPI, facecolor=ground)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1 - LEGEND_SHARE, 1.0))
    axes.imshow(picture, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    legend, sized = told.legend, told.sized
    dots, names = [Line2D([], [], linestyle="")], [legend.title]

    def dot(name: str, colour: str, size: float) -> None:
        dots.append(Line2D([], [], marker="o", linestyle="", markersize=size * scale, color=colour))
        names.append(name if len(name) <= 28 else f"{name[:27]}…")

    for entry in legend.entries:
        dot(f"{entry.label}  {entry.count:,}", _hex(entry.colour), 9)
    if sized.title:
        dots += [Line2D([], [], linestyle="")] * 2
        names += ["", f"Size: {sized.title}"]
        for what, size in sized.steps:
            dot(what, ink, 8 * size)
    box = (1 - LEGEND_SHARE + 0.01, 0.94)
    figure.legend(dots, names, loc="upper left", bbox_to_anchor=box, frameon=False, labelcolor=ink, fontsize=12 * scale)
    figure.text(0.02, 0.955, told.heading, color=ink, fontsize=14 * scale, parse_math=False)
    for text in figure.legends[0].get_texts():
        text.set_parse_math(False)
    figure.savefig(target, format="png", facecolor=ground)


def _hex(colour: Rgb) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)
