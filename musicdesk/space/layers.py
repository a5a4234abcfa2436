"""What a value looks like on the map: colours, sizes, and a legend whose entries part the points.

Categories get hues (`palette`), numbers a scale that is even for colour-blind eyes. Colour is never the only sign:
each point also has a row of the legend, which says it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from musicdesk.space import palette
from musicdesk.space.palette import Entry, Rgb

UNKNOWN = "Unknown"
RAMP = 9  # colours that a legend shows of a scale
SMALLEST, LARGEST, USUAL = 0.5, 2.2, 1.0


@dataclass(frozen=True)
class Scale:
    """How numbers are told. `edges` ascending cut them into len(edges) + 1 bins, `labels` from least to most.

    step:    instead of edges: regular bins of so much; `named` says a bin by its lower end
    log:     colours and sizes go by sign(x) log(1 + |x|)
    span:    the range of the colours, where it is not to follow from the values
    tell:    a value in words, for the ends of the scale
    unknown: what a point without a value is called
    """

    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    step: float = 0.0
    log: bool = False
    span: tuple[float, float] | None = None
    tell: Callable[[float], str] = "{:,.0f}".format
    named: Callable[[float], str] = "{:,.0f}".format
    unknown: str = UNKNOWN

    def curved(self, values: np.ndarray) -> np.ndarray:
        return np.sign(values) * np.log1p(np.abs(values)) if self.log else values

    def bins(self, values: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Bin of each of the finite `values`, int64 (n,), and the bins' labels."""
        if not self.step:
            return np.searchsorted(np.array(self.edges), values, side="right"), list(self.labels)
        if not len(values):
            return np.empty(0, np.int64), []
        lower, at = np.unique(np.floor(values / self.step), return_inverse=True)
        return at, [self.named(float(edge) * self.step) for edge in lower]


@dataclass(frozen=True)
class Legend:
    """`entries` part the points: their counts sum to n. A scale also has `ramp`, colours from `low` to `high`.

    note: a sentence where nothing is known of any point, else ''
    """

    title: str
    entries: tuple[Entry, ...]
    ramp: tuple[Rgb, ...] = ()
    low: str = ""
    high: str = ""
    note: str = ""

    @property
    def continuous(self) -> bool:
        return bool(self.ramp)


@dataclass(frozen=True, eq=False)
class Painted:
    """colours: uint8 (n, 4), opaque; codes: int64 (n,), the row of `legend.entries` that each point belongs to"""

    colours: np.ndarray
    codes: np.ndarray
    legend: Legend


@dataclass(frozen=True, eq=False)
class Sized:
    """sizes: float32 (n,), 0.5 to 2.2, 1 a usual point; steps: (what, size) of a few sizes, from least to most"""

    sizes: np.ndarray
    title: str
    steps: tuple[tuple[str, float], ...]


def by_category(labels: Sequence[str], title: str, dark: bool) -> Painted:
    """The twelve most frequent labels by hue, all others and empty ones grey, as "Other"."""
    colours, entries = palette.categories(labels, dark)
    at = {entry.label: row for row, entry in enumerate(entries) if entry.label != "Other" or row < len(entries) - 1}
    codes = np.fromiter((at.get(label, len(entries) - 1) for label in labels), np.int64, len(labels))
    return Painted(colours, codes, Legend(title, tuple(entries)))


def by_choice(
    labels: Sequence[str], choices: Sequence[tuple[str, Rgb]], title: str, dark: bool, unknown: str = UNKNOWN
) -> Painted:
    """Labels that are known beforehand, each with its colour and in this order; others are grey, as `unknown`."""
    named = [(label, palette.seen_on(hue, dark)) for label, hue in (*choices, (unknown, palette.OTHER))]
    at = {label: row for row, (label, _hue) in enumerate(named)}
    codes = np.fromiter((at.get(label, len(choices)) for label in labels), np.int64, len(labels))
    tints = np.array([(*hue, 255) for _label, hue in named], np.uint8)
    return _without_empty(tints[codes], codes, title, named)


def by_number(values: np.ndarray, scale: Scale, title: str, dark: bool) -> Painted:
    """values: float (n,), nan where unknown (grey, the last entry)"""
    numbers = np.asarray(values, np.float64).reshape(-1)
    known = np.isfinite(numbers)
    span = tuple(float(scale.curved(np.array(end))) for end in scale.span) if scale.span else None
    colours, _range = palette.scaled(scale.curved(numbers), dark, (span[0], span[1]) if span else None)
    bins, labels = scale.bins(numbers[known])
    codes = np.full(len(numbers), len(labels), np.int64)
    codes[known] = bins
    # A bin is shown in the colour of its median point, so that the legend holds no colour that the map lacks.
    hues: list[tuple[str, Rgb]] = []
    for row, label in enumerate((*labels, scale.unknown)):
        mine = np.flatnonzero(codes == row)
        middle = mine[np.argsort(numbers[mine], kind="stable")[len(mine) // 2]] if len(mine) else -1
        hues.append((label, _rgb(colours[middle]) if middle >= 0 else palette.OTHER))
    painted = _without_empty(colours, codes, title, hues)
    if not known.any():
        return painted
    low, high = scale.span or (float(end) for end in np.percentile(numbers[known], [2, 98]))
    ramp = tuple(_rgb(colour) for colour in palette.along(np.linspace(0, 1, RAMP), dark))
    legend = Legend(title, painted.legend.entries, ramp, scale.tell(low), scale.tell(high))
    return Painted(colours, painted.codes, legend)


def sizes(values: np.ndarray, scale: Scale, title: str) -> Sized:
    """Area grows with the value; unknown is smallest. values: float (n,), nan where unknown"""
    numbers = np.asarray(values, np.float64).reshape(-1)
    known = np.isfinite(numbers)
    found = np.full(len(numbers), SMALLEST)
    if not known.any():
        return Sized(np.full(len(numbers), USUAL, np.float32), title, ())
    low, high = scale.span or (float(end) for end in np.percentile(numbers[known], [2, 98]))
    ends = scale.curved(np.array([low, high]))
    share = (scale.curved(numbers[known]) - ends[0]) / (ends[1] - ends[0]) if high > low else np.full(known.sum(), 0.3)
    found[known] = _size(np.clip(share, 0, 1))
    if not high > low:
        return Sized(found.astype(np.float32), title, ((scale.tell(low), float(_size(np.array(0.3)))),))
    steps = tuple((scale.tell(end), float(_size(np.array(at)))) for end, at in ((low, 0.0), (high, 1.0)))
    return Sized(found.astype(np.float32), title, steps)


def _size(share: np.ndarray) -> np.ndarray:
    size: np.ndarray = np.sqrt(SMALLEST**2 + share * (LARGEST**2 - SMALLEST**2))
    return size


def _without_empty(colours: np.ndarray, codes: np.ndarray, title: str, named: Sequence[tuple[str, Rgb]]) -> Painted:
    """Entries that no point belongs to are left out, and the codes counted anew."""
    counts = np.bincount(codes, minlength=len(named))
    kept = np.flatnonzero(counts)
    entries = tuple(Entry(*named[row], int(counts[row])) for row in kept.tolist())
    return Painted(colours, np.searchsorted(kept, codes), Legend(title, entries))


def _rgb(colour: np.ndarray) -> Rgb:
    return int(colour[0]), int(colour[1]), int(colour[2])
