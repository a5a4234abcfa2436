"""The map as files: a picture drawn without any display, and the places as numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.files import replacing, write_with
from musicdesk.core.genres import same_spelling
from musicdesk.core.types import TrackId
from musicdesk.space import palette
from musicdesk.space.camera import Camera
from musicdesk.space.points import clean
from musicdesk.space.splat import render

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.workflows.desk import Desk

WIDTH, HEIGHT, DPI = 1600, 1000, 100
GROUND = {"dark": (17, 19, 23), "light": (246, 247, 249)}
INK = {"dark": "#ECEFF4", "light": "#161A21"}
LEGEND_SHARE = 0.2  # of the picture's width


def draw(desk: Desk, target: Path, colour: str = "genre", theme: str = "dark") -> Path:
    """Writes a PNG of the layout shown, coloured by `genre`, `artist` or `year`. Raises NotReady without one."""
    layout = _layout(desk)
    colours, legend = _coloured(desk, layout, colour, theme == "dark")
    width = int(WIDTH * (1 - LEGEND_SHARE))
    picture = render(clean(layout.xyz, colours), Camera(), width, HEIGHT, GROUND[theme])
    target = target.absolute()
    write_with(target, lambda temp: _save(temp, picture, legend, theme, _heading(layout)), mode=0o644)
    return target


def write(desk: Desk, target: Path) -> Path:
    """Writes `path` (n,) str and `xyz` float32 (n, 3) of the layout shown."""
    layout = _layout(desk)
    tracks = desk.catalog.tracks.get_many([TrackId(int(i)) for i in layout.ids])
    target = target.absolute()
    with replacing(target, mode=0o644) as stream:
        paths = np.array([os.fsdecode(track.path) for track in tracks])
        np.savez(stream, path=paths, track=layout.ids, xyz=layout.xyz, method=np.array(layout.method))
    return target


def _layout(desk: Desk) -> Layout:
    layout = desk.catalog.layouts.active()
    if layout is None:
        raise NotReady("There is no map yet; run 'musicdesk map' first.")
    return layout


def _coloured(desk: Desk, layout: Layout, colour: str, dark: bool) -> tuple[np.ndarray, list[palette.Entry]]:
    meta = desk.catalog.browse.meta(layout.ids)
    if colour == "year":
        years = np.array([year or np.nan for year in meta["year"]], np.float64)
        colours, (low, high) = palette.scaled(years, dark)
        ends = [palette.Entry(f"{year:.0f}", _rgb(colours, years, year), 0) for year in (low, high) if year]
        return colours, ends
    return palette.categories(same_spelling([value or "" for value in meta[colour]]), dark)


def _rgb(colours: np.ndarray, years: np.ndarray, year: float) -> palette.Rgb:
    nearest = int(np.nanargmin(np.abs(years - year)))
    red, green, blue = (int(part) for part in colours[nearest, :3])
    return red, green, blue


def _heading(layout: Layout) -> str:
    return f"{len(layout.ids):,} tracks, {layout.method}, trustworthiness {layout.trustworthiness:.2f}"


def _save(target: Path, picture: np.ndarray, legend: list[palette.Entry], theme: str, heading: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    ground = _hex(GROUND[theme])
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=ground)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1 - LEGEND_SHARE, 1.0))
    axes.imshow(picture, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    dots = [Line2D([], [], marker="o", linestyle="", markersize=9, color=_hex(entry.colour)) for entry in legend]
    names = [f"{entry.label}  {entry.count:,}" if entry.count else entry.label for entry in legend]
    box = (1 - LEGEND_SHARE + 0.01, 0.94)
    figure.legend(dots, names, loc="upper left", bbox_to_anchor=box, frameon=False, labelcolor=INK[theme], fontsize=12)
    figure.text(0.02, 0.955, heading, color=INK[theme], fontsize=14, parse_math=False)
    figure.savefig(target, format="png", facecolor=ground)


def _hex(colour: palette.Rgb) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)
