"""Colours of the map: twelve hues that colour-blind eyes can tell apart, and a scale for numbers.

Hues: Okabe and Ito 2008 without black, then Paul Tol's "muted" set (2021). Colour is never the only sign:
the page adds a legend and labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Rgb = tuple[int, int, int]
HUES: tuple[Rgb, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
    (153, 153, 51),
    (136, 34, 85),
    (68, 170, 153),
    (204, 102, 119),
    (110, 90, 200),
)
# The same on a light window, by hand: mixed with black, yellow and orange would look like mud.
ON_LIGHT: tuple[Rgb, ...] = (
    (214, 132, 0),
    (38, 146, 212),
    (0, 146, 104),
    (178, 150, 0),
    (0, 94, 168),
    (206, 74, 0),
    (202, 92, 156),
    (118, 138, 20),
    (136, 34, 85),
    (20, 150, 140),
    (214, 82, 104),
    (104, 82, 206),
)
OTHER: Rgb = (136, 143, 156)  # everything that has no hue of its own
# Viridis (van der Walt and Smith 2015), nine anchors: even in lightness, also for colour-blind eyes.
SCALE = np.array(
    [
        (68, 1, 84), (72, 40, 120), (62, 73, 137), (49, 104, 142), (38, 130, 142),
        (31, 158, 137), (53, 183, 121), (144, 215, 67), (253, 231, 37),
    ],
    dtype=np.float64,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend."""

    label: str
    colour: Rgb
    count: int


def categories(labels: Sequence[str], dark: bool) -> tuple[np.ndarray, list[Entry]]:
    """Colours by label, uint8 (n, 4), and the legend; the 12 most frequent labels get hues, the rest grey.

    Empty labels are grey. Ties in frequency go by name, so the same library always looks the same.
    """
    counts = Counter(label for label in labels if label)
    ranked = sorted(counts, key=lambda label: (-counts[label], label))[: len(HUES)]
    hues = {label: seen_on(HUES[at], dark) for at, label in enumerate(ranked)}
    grey = seen_on(OTHER, dark)
    number = {label: at for at, label in enumerate(ranked)}
    codes = np.fromiter((number.get(label, len(ranked)) for label in labels), np.int64, len(labels))
    tints = np.array([(*hue, 255) for hue in (*hues.values(), grey)], dtype=np.uint8)
    colours = tints[codes]
    legend = [Entry(label, hues[label], counts[label]) for label in ranked]
    rest = len(labels) - sum(entry.count for entry in legend)
    return colours, legend + ([Entry("Other", grey, rest)] if rest else [])


def scaled(
    values: np.ndarray, dark: bool, span: tuple[float, float] | None = None
) -> tuple[np.ndarray, tuple[float, float]]:
    """Colours by number, uint8 (n, 4), and the range they span; not finite is grey.

    Unless `span` is given, the range is the 2nd to 98th percentile, so that one odd year does not flatten all others.
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    known = np.isfinite(numbers)
    colours = np.tile(np.array([*seen_on(OTHER, dark), 255], dtype=np.uint8), (len(numbers), 1))
    if not known.any():
        return colours, (0.0, 0.0)
    low, high = span or (float(edge) for edge in np.percentile(numbers[known], [2, 98]))
    share = np.clip((numbers[known] - low) / (high - low), 0, 1) if high > low else np.full(known.sum(), 0.5)
    colours[known, :3] = along(share, dark)
    return colours, (low, high)


def along(share: np.ndarray, dark: bool) -> np.ndarray:
    """The scale's colours at `share`, float (n,) in 0..1: uint8 (n, 3)."""
    # The dark end would vanish on a dark window, the bright end on a light one.
    at = (0.22 + 0.78 * share if dark else 0.84 * share) * (len(SCALE) - 1)
    parts = [np.interp(at, np.arange(len(SCALE)), SCALE[:, channel]) for channel in range(3)]
    return np.stack(parts, axis=-1).astype(np.uint8)


def seen_on(colour: Rgb, dark: bool) -> Rgb:
    """The colour, lightened or darkened until it stands out from a dark or light window (3:1 at least)."""
    if not dark and colour in HUES:
        return ON_LIGHT[HUES.index(colour)]
    window = luminance((17, 19, 23) if dark else (246, 247, 249))
    towards = 255 if dark else 0
    for share in np.linspace(0, 0.6, 13):
        red, green, blue = (round(part + (towards - part) * float(share)) for part in colour)
        mine = luminance((red, green, blue))
        if (max(mine, window) + 0.05) / (min(mine, window) + 0.05) >= (4.5 if dark else 2.6):
            break
    return red, green, blue


def luminance(colour: Rgb) -> float:
    """Relative luminance 0..1 as WCAG 2.1 defines it."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
