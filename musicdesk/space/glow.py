"""A soft light around the points on a dark background, reckoned on a coarse grid."""

from __future__ import annotations

import numpy as np

from .pixels import Rgb, mean, pack
from .screen import Screen, fog
from .shading import is_dark

MOST = 20_000  # above this many points a glow would be one grey haze
STRENGTH = 0.5
PEAK = 90.0  # brightest glow, of 255
CELL = 8  # pixels; a power of two


def glows(screen: Screen, background: Rgb) -> bool:
    return is_dark(background) and 0 < len(screen.cloud) * screen.cloud.thinning <= MOST


def glow(screen: Screen, background: Rgb) -> np.ndarray:
    """The background with the points' light on it, packed uint32 (height / CELL, width / CELL) rounded up."""
    height, width = -(-screen.height // CELL), -(-screen.width // CELL)
    shown = (screen.x >= 0) & (screen.x < screen.width) & (screen.y >= 0) & (screen.y < screen.height)
    rows = np.flatnonzero(shown & (screen.radius > 0))
    cells = (screen.y[rows] / CELL).astype(np.int32) * width + (screen.x[rows] / CELL).astype(np.int32)
    strength = (1.0 - fog(screen, rows)) * screen.radius[rows] ** 2
    planes = []
    for channel in range(3):
        weight = strength * screen.cloud.colours[rows, channel]
        light = np.bincount(cells, weight, height * width).reshape(height, width).astype(np.float32)
        light *= np.float32(STRENGTH * np.pi / CELL**2 / 255)
        for reach in (1, 2, 2):
            light = _box(_box(light, reach, 0), reach, 1)
        planes.append(np.minimum(background[channel] + np.float32(PEAK) * (1 - np.exp(-light)), 255.0))
    return pack(planes)


def widened(coarse: np.ndarray, height: int, width: int, quick: bool = False) -> np.ndarray:
    """The coarse picture at full size, packed uint32 (height, width), linear between cells.

    Pairs of pixels, or with `quick` four, are alike: their gradient is less than the eye can see.
    """
    alike = 4 if quick else 2
    for _ in range((CELL // alike).bit_length() - 1):
        coarse = _doubled(coarse)
    across = np.empty((coarse.shape[0], alike * coarse.shape[1]), dtype=np.uint32)
    for column in range(alike):
        across[:, column::alike] = coarse
    wide = np.empty((height, width), dtype=np.uint32)
    for line in range(alike):
        wide[line::alike] = across[: (height - line + alike - 1) // alike, :width]
    return wide


def _doubled(packed: np.ndarray) -> np.ndarray:
    """Twice as many pixels both ways, each 3:1 between neighbours; all four bytes of a pixel at once."""
    lines, columns = packed.shape
    padded = np.pad(packed, ((1, 1), (0, 0)), mode="edge")
    tall = np.empty((2 * lines, columns), dtype=np.uint32)
    tall[0::2] = mean(packed, mean(packed, padded[:-2]))
    tall[1::2] = mean(packed, mean(packed, padded[2:]))
    padded = np.pad(tall, ((0, 0), (1, 1)), mode="edge")
    out = np.empty((2 * lines, 2 * columns), dtype=np.uint32)
    out[:, 0::2] = mean(tall, mean(tall, padded[:, :-2]))
    out[:, 1::2] = mean(tall, mean(tall, padded[:, 2:]))
    return out


def _box(values: np.ndarray, reach: int, axis: int) -> np.ndarray:
    """Mean over 2 reach + 1 neighbours along an axis, zero outside."""
    pad = [(0, 0)] * values.ndim
    pad[axis] = (reach + 1, reach)
    total = np.cumsum(np.pad(values, pad), axis=axis, dtype=np.float32)
    n = values.shape[axis]
    ends, starts = [slice(None)] * values.ndim, [slice(None)] * values.ndim
    ends[axis], starts[axis] = slice(2 * reach + 1, 2 * reach + 1 + n), slice(0, n)
    return (total[tuple(ends)] - total[tuple(starts)]) / np.float32(2 * reach + 1)
