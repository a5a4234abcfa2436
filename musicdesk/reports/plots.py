"""Plots of reports, by matplotlib without a window. Markers, strokes and hatches tell series apart, not only colour."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.reports.report import Plot, known

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS = 100  # per inch
MARKERS = "os^Dvx*P"
STROKES = ("-", "--", "-.", ":")
HATCHES = ("", "//", "..", "xx", "\\\\", "++")
# After Okabe and Ito 2008 (the blue lighter, for dark pages): told apart by all kinds of colour vision.
COLOURS = ("#2485CC", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


@dataclass(frozen=True)
class Theme:
    ground: str
    ink: str
    line: str


LIGHT = Theme("#FFFFFF", "#161A21", "#C9CFD8")
DARK = Theme("#181B21", "#ECEFF4", "#3A414D")

Series = Mapping[str, tuple[Sequence[float], Sequence[float]]]  # name -> x, y
Estimate = tuple[float, float | None, float | None]  # value, ends of its interval or None


def png(plot: Plot, theme: Theme = LIGHT) -> bytes:
    """The plot as a PNG file. The same plot gives the same bytes."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_style(theme)):
        figure = Figure(figsize=(plot.width, plot.height), dpi=DOTS, layout="constrained")
        FigureCanvasAgg(figure)
        plot.draw(figure)
        out = io.BytesIO()
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _style(theme: Theme) -> Any:
    ink = dict.fromkeys(("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color"), theme.ink)
    grounds = ("figure.facecolor", "savefig.facecolor", "axes.facecolor", "legend.facecolor")
    ground = dict.fromkeys(grounds, theme.ground)
    lines = dict.fromkeys(("axes.edgecolor", "grid.color", "legend.edgecolor"), theme.line)
    panes = dict.fromkeys(("axes3d.xaxis.panecolor", "axes3d.yaxis.panecolor", "axes3d.zaxis.panecolor"), theme.ground)
    rest = {"axes.grid": True, "grid.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False}
    return {
        **ink,
        **ground,
        **lines,
        **panes,
        **rest,
        "font.size": 10.0,
        "axes.axisbelow": True,
        "hatch.linewidth": 0.6,
    }


def lines(
    name: str, caption: str, series: Series, x: str, y: str, *, diagonal: bool = False, log_x: bool = False
) -> Plot:
    """Curves with markers. diagonal: the line of chance from (0, 0) to (1, 1)"""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        if diagonal:
            axes.plot([0, 1], [0, 1], color="#8A93A3", linewidth=1, linestyle=":")
        for (label, (xs, ys)), marker, stroke, colour in zip(
            series.items(), cycle(MARKERS), cycle(STROKES), cycle(COLOURS), strict=False
        ):
            every = max(1, len(xs) // 12)
            axes.plot(xs, ys, stroke, color=colour, marker=marker, markevery=every, markersize=5, label=label)
        if log_x:
            axes.set_xscale("log")
        _labelled(axes, x, y, len(series) > 1)

    return Plot(name, caption, draw)


def bars(name: str, caption: str, values: Mapping[str, Estimate], x: str, *, chance: float | None = None) -> Plot:
    """Level bars, the first on top, with intervals and the value written at the end. chance: a line to compare with"""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        at = np.arange(len(values))[::-1]
        found = list(values.values())
        heights = [value for value, _low, _high in found]
        drawn = axes.barh(at, heights, height=0.6, color=COLOURS[0], edgecolor="#586173")
        for bar, hatch in zip(drawn, cycle(HATCHES), strict=False):
            bar.set_hatch(hatch)
        for place, (value, low, high) in zip(at, found, strict=True):
            end = value
            if known(low) and known(high):
                end = max(value, high)
                reach = [[max(0.0, value - low)], [max(0.0, high - value)]]
                axes.errorbar(value, place, xerr=reach, color="#8A93A3", capsize=3)
            axes.annotate(f" {value:.3f}", (max(end, 0.0), place), va="center", fontsize=9)
        if chance is not None:
            axes.axvline(chance, color="#8A93A3", linestyle=":")
        axes.set_yticks(at, list(values))
        axes.margins(x=0.15)
        axes.grid(axis="y", visible=False)
        _labelled(axes, x, "", legend=False)

    return Plot(name, caption, draw, height=max(2.4, 0.9 + 0.36 * len(values)))


def matrix(name: str, caption: str, counts: Mapping[str, np.ndarray], labels: Sequence[str]) -> Plot:
    """Confusion matrices side by side: rows are the truth, columns what was said; counts and shares of the row."""

    def draw(figure: Figure) -> None:
        for number, (title, table) in enumerate(counts.items()):
            axes = figure.add_subplot(1, len(counts), number + 1)
            shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
            axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
            for (row, column), share in np.ndenumerate(shares):
                ink = "white" if share > 0.55 else "#161A21"
                said = f"{int(table[row, column]):,}\n{share:.0%}"
                axes.text(column, row, said, ha="center", va="center", color=ink)
            axes.set_xticks(range(len(labels)), list(labels))
            axes.set_yticks(range(len(labels)), list(labels))
            axes.set_title(title)
            axes.grid(visible=False)
            _labelled(axes, "said", "truth", legend=False)

    return Plot(name, caption, draw, width=3.6 * len(counts), height=3.6)


def points3(name: str, caption: str, xyz: np.ndarray, groups: Sequence[str], axes_names: Sequence[str]) -> Plot:
    """A cloud of points, float (n, 3), a marker and a colour per group; '' is the rest, drawn faintly."""
    group = np.array(groups)

    def draw(figure: Figure) -> None:
        axes: Any = figure.add_subplot(projection="3d")
        for label in ["", *sorted(set(groups) - {""})]:
            chosen = xyz[group == label]
            place = 0 if not label else sorted(set(groups) - {""}).index(label)
            look = (
                {"color": "#8A93A3", "alpha": 0.25, "s": 3, "label": "other"}
                if not label
                else {"color": COLOURS[place % 6], "marker": MARKERS[place % 8], "s": 12, "label": label}
            )
            if len(chosen):
                axes.scatter(*chosen.T, **look, linewidths=0.5)
        axes.set_xlabel(axes_names[0])
        axes.set_ylabel(axes_names[1])
        axes.set_zlabel(axes_names[2])
        if len(set(groups)) > 1:
            axes.legend(loc="upper left", fontsize=8)

    return Plot(name, caption, draw, height=5.6)


def scatter(name: str, caption: str, series: Series, x: str, y: str, *, named: bool = False) -> Plot:
    """Points by group. named: each group is one point, with its name beside it"""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for (label, (xs, ys)), marker, colour in zip(series.items(), cycle(MARKERS), cycle(COLOURS), strict=False):
            axes.scatter(
                xs, ys, marker=marker, color=colour, s=45 if named else 10, alpha=1 if named else 0.6, label=label
            )
            if named:
                axes.annotate(f"  {label}", (xs[0], ys[0]), va="center", fontsize=9)
        axes.margins(0.12)
        _labelled(axes, x, y, legend=len(series) > 1 and not named)

    return Plot(name, caption, draw)


def histogram(name: str, caption: str, series: Mapping[str, np.ndarray], x: str, bins: int = 40) -> Plot:
    """Outlined shares per bin, one stroke per series, over the same bins."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        edges = np.histogram_bin_edges(np.concatenate(list(series.values())), bins).tolist()
        for (label, values), stroke, colour in zip(series.items(), cycle(STROKES), cycle(COLOURS), strict=False):
            weights = np.full(len(values), 1.0 / max(1, len(values)))
            look: dict[str, Any] = {"linestyle": stroke, "color": colour, "label": label, "linewidth": 1.6}
            axes.hist(values, edges, weights=weights, histtype="step", **look)
        _labelled(axes, x, "share", len(series) > 1)

    return Plot(name, caption, draw)


def image(name: str, caption: str, data: bytes) -> Plot:
    """A PNG that is there already."""

    def draw(figure: Figure) -> None:
        from matplotlib.image import imread

        figure.set_layout_engine("none")
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.imshow(imread(io.BytesIO(data)), interpolation="nearest", aspect="auto")
        axes.axis("off")

    return Plot(name, caption, draw, width=16.0, height=10.0)


def _labelled(axes: Axes, x: str, y: str, legend: bool) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if legend:
        axes.legend(fontsize=9, framealpha=0.9)
