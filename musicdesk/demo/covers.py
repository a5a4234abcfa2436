"""Draws album covers: geometric art in the style's colours, with smooth edges, as PNG bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np

SIDE = 500  # pixels


def cover(palette: tuple[str, ...], style: str, seed: int) -> bytes:
    """A PNG of 500 x 500, the same for the same arguments. Each style has its own family of shapes."""
    draw = np.random.default_rng([seed, 81])
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in palette], dtype=np.float64)
    colours = _turned(colours, draw.uniform(-0.35, 0.35))
    y, x = (np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1)).astype(np.float32)
    canvas = _gradient(colours[0], 0.65 * colours[0] + 0.35 * colours[1], x, y, draw)
    _MOTIFS.get(style, _circles)(canvas, colours, x, y, draw)
    return png(np.clip(np.round(canvas), 0, 255).astype(np.uint8))


def _turned(colours: np.ndarray, angle: float) -> np.ndarray:
    """The palette with its hues turned by `angle` (radians) around the axis of greys."""
    third = (1 - np.cos(angle)) / 3
    skew = np.sin(angle) / np.sqrt(3)
    matrix = np.cos(angle) * np.eye(3) + third
    matrix += skew * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    return np.asarray(np.clip(colours @ matrix.T, 0, 255))


def png(pixels: np.ndarray) -> bytes:
    """uint8 (height, width, 3) as a PNG file; every row is stored as its difference to the row above."""
    height, width, _ = pixels.shape
    rows = pixels.reshape(height, width * 3)
    above = np.vstack([np.zeros((1, width * 3), np.uint8), rows[:-1]])
    lines = np.hstack([np.full((height, 1), 2, np.uint8), rows - above])
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _gradient(
    start: np.ndarray, end: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    angle = draw.uniform(0, np.pi / 2)
    along = np.cos(angle) * x + np.sin(angle) * y
    share = ((along - along.min()) / np.ptp(along))[..., None]
    return np.asarray(start + (end - start) * share, dtype=np.float32)


def _paint(canvas: np.ndarray, inside: np.ndarray, colour: np.ndarray, opacity: float = 1.0) -> None:
    """Lays `colour` where the signed distance `inside` (in pictures, > 0 inside) says so, edges smoothed."""
    touched = inside > -0.5 / SIDE
    share = (np.clip(inside[touched] * np.float32(SIDE) + np.float32(0.5), 0, 1) * np.float32(opacity))[:, None]
    under = canvas[touched]
    canvas[touched] = under + (colour.astype(np.float32) - under) * share


def _disc(x: np.ndarray, y: np.ndarray, cx: float, cy: float, radius: float) -> np.ndarray:
    return radius - np.hypot(x - cx, y - cy)


def _circles(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """Wide overlapping discs: quiet."""
    for number in range(6):
        cx, cy, radius = draw.uniform(0.1, 0.9), draw.uniform(0.1, 0.9), draw.uniform(0.12, 0.36)
        _paint(c, _disc(x, y, cx, cy, radius), colours[1 + number % (len(colours) - 1)], 0.35)
    _paint(c, _disc(x, y, 0.5, draw.uniform(0.35, 0.6), 0.13), colours[-1], 0.9)


def _rings(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """A mirror ball: rings cut into sectors."""
    cx, cy = draw.uniform(0.3, 0.7, size=2)
    radius, angle = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
    sectors = int(draw.integers(5, 10))
    for number in range(7, 0, -1):
        outer = 0.085 * number + 0.03
        colour = colours[1 + number % (len(colours) - 1)]
        _paint(c, outer - radius, colour)
        turn = np.sin(sectors * angle + number * 1.3) * radius / sectors
        _paint(c, np.minimum(outer - radius, turn), colours[(number + 2) % len(colours)], 0.6)
    _paint(c, 0.05 - radius, colours[-1])


def _streaks(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """Slanted bars: speed."""
    slope = draw.uniform(0.3, 0.9) * draw.choice([-1, 1])
    along = y + slope * (x - 0.5)
    for _ in range(26):
        middle, width = draw.uniform(-0.2, 1.2), draw.uniform(0.004, 0.035)
        left = draw.uniform(-0.1, 0.7)
        right = left + draw.uniform(0.15, 0.6)
        bar = np.minimum(width - np.abs(along - middle), np.minimum(x - left, right - x))
        _paint(c, bar, colours[int(draw.integers(1, len(colours)))], draw.uniform(0.5, 1.0))


def _pixels(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """A mirrored sprite on a coarse grid."""
    grid = 10
    half = draw.integers(0, len(colours) + 2, size=(grid, grid // 2))
    sprite = np.hstack([half, half[:, ::-1]])
    column = np.clip(((x - 0.1) / 0.8 * grid).astype(int), 0, grid - 1)
    row = np.clip(((y - 0.1) / 0.8 * grid).astype(int), 0, grid - 1)
    inside = (x > 0.1) & (x < 0.9) & (y > 0.1) & (y < 0.9)
    chosen = sprite[row, column]
    for number in range(1, len(colours)):
        c[inside & (chosen == number)] = colours[number]


def _sunset(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """A sun over layered hills, a little faded."""
    cx, cy = draw.uniform(0.3, 0.7), draw.uniform(0.3, 0.48)
    _paint(c, _disc(x, y, cx, cy, 0.2), colours[3], 0.95)
    _paint(c, np.minimum(_disc(x, y, cx, cy, 0.2), 0.006 - np.abs((y - cy) % 0.05 - 0.025)), colours[1], 0.8)
    for number in range(4):
        base = 0.55 + 0.12 * number
        hills = base + sum(
            0.05 / (k + 1) * np.sin(2 * np.pi * (k + 1) * x * draw.uniform(0.6, 1.2) + draw.uniform(0, 6))
            for k in range(3)
        )
        _paint(c, y - hills, colours[(2, 1, 4, 0)[number] % len(colours)], 0.9)


def _keys(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """Narrow upright bars of unlike height on plenty of empty paper, one of them red."""
    count = int(draw.integers(11, 18))
    marked = int(draw.integers(count))
    for number in range(count):
        cx = 0.12 + 0.76 * number / (count - 1)
        height = draw.uniform(0.08, 0.34)
        bar = np.minimum(0.3 / count - np.abs(x - cx), height - np.abs(y - 0.55 + 0.1 * np.sin(3 * cx)))
        _paint(c, bar, colours[3] if number == marked else colours[2 if number % 3 else 4])


def _leaves(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """Leaves scattered on dark green; each is where two discs overlap."""
    for number in range(22):
        cx, cy, turn = draw.uniform(0, 1), draw.uniform(0, 1), draw.uniform(0, np.pi)
        size = draw.uniform(0.09, 0.2)
        dx, dy = np.cos(turn) * size * 0.75, np.sin(turn) * size * 0.75
        leaf = np.minimum(_disc(x, y, cx - dx, cy - dy, size), _disc(x, y, cx + dx, cy + dy, size))
        _paint(c, leaf, colours[1 + number % (len(colours) - 1)], 0.92)
        vein = 0.0025 - np.abs((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn))
        _paint(c, np.minimum(leaf, vein), colours[0], 0.8)


def _shards(c: np.ndarray, colours: np.ndarray, x: np.ndarray, y: np.ndarray, draw: np.random.Generator) -> None:
    """Sharp triangles from one point: an explosion."""
    cx, cy = draw.uniform(0.35, 0.65, size=2)
    angle = np.arctan2(y - cy, x - cx)
    radius = np.hypot(x - cx, y - cy)
    for number in range(18):
        towards, width, reach = draw.uniform(-np.pi, np.pi), draw.uniform(0.04, 0.16), draw.uniform(0.25, 0.85)
        off = np.abs((angle - towards + np.pi) % (2 * np.pi) - np.pi)
        shard = np.minimum((width * (1 - radius / reach) - off) * radius, reach - radius)
        _paint(c, shard, colours[1 + number % (len(colours) - 1)], 0.95)


_MOTIFS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.random.Generator], None]] = {
    "ambient": _circles,
    "chiptune": _pixels,
    "drum_and_bass": _streaks,
    "folk": _leaves,
    "house": _rings,
    "lofi": _sunset,
    "piano": _keys,
    "rock": _shards,
}
