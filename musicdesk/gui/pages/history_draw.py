"""The History page's charts, drawn by matplotlib into a picture. No Qt; called in a thread.

Nothing is told by colour alone: bars have a scale and their highest one its number, the clock's hours differ in
size, and the parts of a whole have patterns and words.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.dates import written
from musicdesk.workflows.listening import Bin

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 100  # of one device-independent pixel per dot
PX = 72 / DPI  # points
SMALL = 11.5 * PX  # size of the words
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
STEPS = {"month": "%b %Y", "week": "week of %d %b %Y", "day": "%a %d %b %Y"}
LABEL_PX = 64  # room of one word under the bars


@dataclass(frozen=True)
class Ink:
    """Colours as #RRGGBB, by their tokens, and the window's font."""

    ground: str
    text: str
    secondary: str
    line: str
    accent: str
    font: str = ""


@dataclass(frozen=True, eq=False)
class Drawn:
    """rgba: uint8 (height, width, 4); spots: (left, top, width, height) of each value, device-independent pixels."""

    rgba: np.ndarray
    spots: list[tuple[float, float, float, float]]


@dataclass(frozen=True, eq=False)
class Bars:
    """Plays over time."""

    unit: str
    bins: Sequence[Bin]


@dataclass(frozen=True, eq=False)
class Clock:
    """int64 (7, 24): Monday to Sunday by hour."""

    counts: np.ndarray


@dataclass(frozen=True, eq=False)
class Parts:
    """Rows of a whole cut in three: what they are called, and the number of each part."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, int, int], ...]
    parts: tuple[str, str, str] = ("owned", "not sure", "not owned")


Picture = Bars | Clock | Parts


def named(unit: str, start: int) -> str:
    """'Mar 2021', 'week of 04 Mar 2021': what a bin is called."""
    return written(STEPS[unit], time.gmtime(start))


def draw(what: Picture, size: tuple[int, int], ratio: float, ink: Ink) -> Drawn:
    """`size`: width, height in device-independent pixels; `ratio`: dots per pixel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = max(size[0], 120), max(size[1], 60)
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI * ratio, facecolor=ink.ground)
    canvas: Any = FigureCanvasAgg(figure)
    if isinstance(what, Bars):
        spots = _bars(figure, what, (width, height), ink)
    elif isinstance(what, Clock):
        spots = _clock(figure, what, (width, height), ink)
    else:
        spots = _parts(figure, what, (width, height), ink)
    canvas.draw()
    return Drawn(np.array(canvas.buffer_rgba()), spots)


def _axes(figure: Figure, box: tuple[float, float, float, float], size: tuple[int, int], ink: Ink) -> Any:
    """Axes inside (left, bottom, right, top) margins in pixels, without a frame."""
    left, bottom, right, top = box
    width, height = size
    place = (left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height)
    axes = figure.add_axes(place, facecolor=ink.ground)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, pad=5, labelsize=SMALL, labelcolor=ink.secondary, labelfontfamily=_font(ink))
    return axes


def _font(ink: Ink) -> str:
    """The window's font where matplotlib knows it, else its own."""
    from matplotlib.font_manager import fontManager

    return ink.font if ink.font in {font.name for font in fontManager.ttflist} else "DejaVu Sans"


def _spots(axes: Any, boxes: Sequence[tuple[float, float, float, float]], height: int) -> list[Any]:
    """Boxes (left, bottom, right, top) of data as pixels from the upper left corner."""
    if not boxes:
        return []
    corners = np.array(boxes, float).reshape(-1, 2)
    placed = axes.transData.transform(corners) / (axes.figure.dpi / DPI)
    found = []
    for (left, bottom), (right, top) in placed.reshape(-1, 2, 2):
        found.append((float(left), float(height - top), float(right - left), float(top - bottom)))
    return found


def _bars(figure: Figure, what: Bars, size: tuple[int, int], ink: Ink) -> list[Any]:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    counts = np.array([b.plays for b in what.bins], float)
    axes = _axes(figure, (48, 24, 8, 22), size, ink)
    places = np.arange(len(counts))
    axes.bar(places, counts, width=0.82 if len(counts) < 120 else 0.9, color=ink.accent, linewidth=0)
    highest = max(1.0, float(counts.max(initial=0)))
    axes.set_xlim(-0.6, max(len(counts), 8) - 0.4)
    axes.set_ylim(0, highest)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: _short(value)))
    axes.grid(axis="y", color=ink.line, linewidth=1)
    axes.set_axisbelow(True)
    ticks = _ticks(what, size[0] - 56)
    axes.set_xticks([at for at, _text in ticks], [text for _at, text in ticks])
    if len(counts):
        peak = int(counts.argmax())
        share = peak / max(1, len(counts) - 1)
        side = "left" if share < 0.15 else "right" if share > 0.85 else "center"
        told = f"{counts[peak]:,.0f} · {named(what.unit, what.bins[peak].start)}"
        font = {"fontsize": SMALL, "color": ink.text, "family": _font(ink), "parse_math": False}
        axes.annotate(told, (peak, highest), (0, 5), textcoords="offset points", ha=side, va="bottom", **font)
    return _spots(axes, [(at - 0.5, 0, at + 0.5, highest) for at in places], size[1])


def _short(value: float) -> str:
    return f"{value / 1000:,.4g}k" if value >= 10_000 else f"{value:,.0f}"


def _ticks(what: Bars, room: int) -> list[tuple[int, str]]:
    """(place, words) under the bars: as many as have room, years where they begin."""
    most = max(2, room // LABEL_PX)
    if what.unit == "day":
        found = [(at, written("%d %b", time.gmtime(b.start))) for at, b in enumerate(what.bins)]
        return found[:: -(-len(found) // most) or 1]
    form = "%Y" if what.unit == "month" else "%b %Y"
    found = []
    for at, step in enumerate(what.bins):
        text = written(form, time.gmtime(step.start + (6 * 86_400 if what.unit == "week" else 0)))
        if not found or text != found[-1][1]:
            found.append((at, text))
    if len(found) > 1 and found[1][0] - found[0][0] < len(what.bins) / (most * 1.5):
        found = found[1:]  # the first year or month has hardly begun
    return found[:: -(-len(found) // most) or 1]


def _clock(figure: Figure, what: Clock, size: tuple[int, int], ink: Ink) -> list[Any]:
    axes = _axes(figure, (34, 24, 6, 4), size, ink)
    day, hour = np.divmod(np.arange(168), 24)
    share = what.counts.ravel() / max(1, what.counts.max())
    room = min((size[0] - 40) / 24, (size[1] - 28) / 7)
    points = (np.sqrt(share) * room * 0.92 * PX) ** 2  # areas are as plays
    axes.scatter(hour, day, s=np.maximum(points, (1.6 * PX) ** 2), color=np.where(share > 0, ink.accent, ink.line))
    axes.set_xlim(-0.7, 23.7)
    axes.set_ylim(6.6, -0.6)
    axes.set_yticks(range(7), DAYS)
    axes.set_xticks(range(0, 24, 3), [f"{at}:00" for at in range(0, 24, 3)])
    return _spots(axes, [(h - 0.5, d + 0.5, h + 0.5, d - 0.5) for d, h in zip(day, hour, strict=True)], size[1])


def _parts(figure: Figure, what: Parts, size: tuple[int, int], ink: Ink) -> list[Any]:
    """Stacked bars: filled, hatched, outlined."""
    axes = _axes(figure, (52, 26, 4, 4), size, ink)
    looks = (
        {"facecolor": ink.accent, "edgecolor": ink.accent},
        {"facecolor": ink.ground, "edgecolor": ink.accent, "hatch": "//////"},
        {"facecolor": ink.ground, "edgecolor": ink.secondary},
    )
    font = {"fontsize": SMALL, "family": _font(ink), "parse_math": False}
    boxes = []
    for row, counts in enumerate(what.rows):
        left = 0.0
        for part, count in enumerate(counts):
            share = count / max(1, sum(counts))
            axes.barh(row, share, left=left, height=0.5, linewidth=1, **looks[part])
            if share > 0.12:
                words = {"color": ink.ground if part == 0 else ink.text, "ha": "center", "va": "center", **font}
                label = axes.text(left + share / 2, row, f"{share:.0%}", **words)
                if part == 1:
                    label.set_bbox({"facecolor": ink.ground, "edgecolor": "none", "pad": 2})
            boxes.append((left, row + 0.25, left + share, row - 0.25))
            left += share
    axes.set_xlim(-0.005, 1.005)
    axes.set_ylim(len(what.rows) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks(range(len(what.names)), what.names)
    _legend(figure, looks, what.parts, ink)
    return _spots(axes, boxes, size[1])


def _legend(figure: Figure, looks: Sequence[dict[str, Any]], names: Sequence[str], ink: Ink) -> None:
    from matplotlib.patches import Patch

    legend = figure.legend(
        [Patch(linewidth=1, **look) for look in looks],
        names,
        loc="lower left",
        ncols=3,
        frameon=False,
        borderpad=0,
        borderaxespad=0.2,
        columnspacing=1.0,
        handlelength=1.2,
        handletextpad=0.5,
        labelcolor=ink.secondary,
        prop={"size": SMALL, "family": _font(ink)},
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
