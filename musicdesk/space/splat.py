"""Draws a cloud with numpy alone: for machines without OpenGL, for `map --png`, and as the tests' truth.

Every pixel knows the nearest point that touches it and the nearest that covers it wholly; the first is
blended over the second by how much of the pixel it covers. That is depth-correct with soft edges,
without sorting fragments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .camera import Camera
from .glow import glow, glows, widened
from .pixels import Rgb, ink, pack, unpack
from .points import Cloud
from .screen import Screen, back_to_front, fog

BLOCK = 40_000  # pixels worked on at a time
RIM_SHADE = 0.26  # how much darker a point is at its rim


def render(cloud: Cloud, camera: Camera, width: int, height: int, background: Rgb) -> np.ndarray:
    """The picture of `cloud` as `camera` sees it, uint8 (height, width, 4) RGBA, opaque."""
    screen = Screen(cloud)
    screen.project(camera, width, height)
    packed = Splat(screen).draw(background)
    picture = packed.view(np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(picture[:, :, [2, 1, 0, 3]])


class Splat:
    """Keeps its buffers between frames of one size."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._touched = self._covered = np.empty((0, 0), dtype=np.int32)
        self._margin = 0
        self._alike = not len(screen.cloud) or bool(np.ptp(screen.cloud.sizes) == 0)

    def draw(self, background: Rgb, quick: bool = False) -> np.ndarray:
        """uint32 (height, width), each 0xffRRGGBB. The screen must have been projected.

        quick: for movement; soft edges are blended over the background instead of over the point behind
        """
        screen = self.screen
        width, height = screen.width, screen.height
        ground = np.array(background, dtype=np.float32)
        canvas = np.full((height, width), ink(background), dtype=np.uint32)
        rows = self._on_screen()
        if not len(rows):
            return canvas
        rows = rows[back_to_front(screen.depth[rows])]
        if glows(screen, background):
            canvas = widened(glow(screen, background), height, width)
        self._fit(rows)
        self._stamp(rows, self._touched, +0.6)
        if not quick:
            self._covered.fill(-1)
            self._stamp(rows, self._covered, -0.8)
        self._resolve(rows, ground, canvas, quick)
        return canvas

    def _on_screen(self) -> np.ndarray:
        s = self.screen
        x_in = (s.x > -s.radius) & (s.x < s.width + s.radius)
        return np.flatnonzero(x_in & (s.y > -s.radius) & (s.y < s.height + s.radius) & (s.radius > 0))

    def _fit(self, rows: np.ndarray) -> None:
        """Buffers with a margin so wide that no stamp has to be clipped."""
        margin = 2 * (int(self.screen.radius[rows].max()) + 3)
        shape = (self.screen.height + 2 * margin, self.screen.width + 2 * margin)
        self._margin = margin
        if self._touched.shape != shape:
            self._touched, self._covered = np.empty((2, *shape), dtype=np.int32)
        self._touched.fill(-1)

    def _stamp(self, rows: np.ndarray, buffer: np.ndarray, grow: float) -> None:
        """Writes the rank of each point (far to near) where its disc of 2 radius + grow pixels lies."""
        screen, flat, stride = self.screen, buffer.reshape(-1), buffer.shape[1]
        diameter = np.rint(2 * screen.radius[rows] + grow).astype(np.int16)
        x, y = screen.x[rows], screen.y[rows]
        for size in range(1, int(diameter.max(initial=0)) + 1):
            ranks = np.flatnonzero(diameter == size).astype(np.int32)
            if not len(ranks):
                continue
            # Odd discs sit on pixel centres, even ones on pixel corners: half-pixel placement.
            shift = self._margin - size // 2 + (0.0 if size % 2 else 0.5)
            column = (x[ranks] + np.float32(shift)).astype(np.int32)
            start = (y[ranks] + np.float32(shift)).astype(np.int32) * np.int32(stride) + column
            at = (start.astype(np.intp)[:, None] + _disc(size, stride)).reshape(-1)
            value = np.repeat(ranks, len(at) // len(ranks))
            # Ranks rise within `value`; of several writes to a pixel the last stays, which is the nearest.
            # With points of one size bigger discs are nearer anyway, so nothing has to be compared.
            flat[at] = value if self._alike else np.maximum(flat.take(at), value)

    def _resolve(self, rows: np.ndarray, ground: np.ndarray, canvas: np.ndarray, quick: bool) -> None:
        """Paints what the buffers hold over the canvas, in blocks that fit into the processor's cache."""
        m, (height, width) = self._margin, canvas.shape
        inner = np.s_[m : m + height, m : m + width]
        touched, covered = self._touched[inner], self._covered[inner]
        table = _paint_table(self.screen, rows, ground)
        lines = min(max(BLOCK // width, 1), height)
        x = np.tile(np.arange(width, dtype=np.float32) + np.float32(0.5), lines)
        y = np.repeat(np.arange(lines, dtype=np.float32) + np.float32(0.5), width)
        for top in range(0, height, lines):
            block = np.s_[top : top + lines]
            nearest = touched[block].reshape(-1)
            at = np.flatnonzero(nearest >= 0)
            front = nearest.take(at)
            behind = None if quick else covered[block].reshape(-1).take(at)
            fragments = _Fragments(front, behind, x.take(at), y.take(at) + np.float32(top))
            pixels = canvas[block].reshape(-1)
            pixels[at] = _blended(table, fragments, pixels.take(at))


class _Fragments(NamedTuple):
    """The pixels of a block that a point touches, one value each."""

    front: np.ndarray  # rank of the nearest point that touches the pixel
    behind: np.ndarray | None  # rank of the nearest that covers it, or -1
    x: np.ndarray
    y: np.ndarray


def _blended(table: np.ndarray, pixels: _Fragments, canvas: np.ndarray) -> np.ndarray:
    """The new pixels, packed uint32 (k,), over `canvas`."""
    over, alpha = _shade(table, pixels.front, pixels.x, pixels.y)
    under = unpack(canvas)
    if pixels.behind is not None:
        hidden = np.flatnonzero((pixels.behind >= 0) & (pixels.behind != pixels.front) & (alpha < 0.999))
        shaded, _ = _shade(table, pixels.behind[hidden], pixels.x[hidden], pixels.y[hidden])
        for plane, part in zip(under, shaded, strict=True):
            plane[hidden] = part
    for plane, part in zip(under, over, strict=True):
        part -= plane
        part *= alpha
        plane += part
    return pack(under)


def _paint_table(screen: Screen, rows: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """x, y, radius, red, green, blue (fog mixed in), opacity per point: float32 (n, 8), one cache line's half."""
    table = np.empty((len(rows), 8), dtype=np.float32)
    table[:, 0], table[:, 1], table[:, 2] = screen.x[rows], screen.y[rows], screen.radius[rows]
    haze = fog(screen, rows)
    colours = screen.cloud.colours.take(rows, axis=0)
    clear = 1.0 - haze
    for channel in range(3):
        table[:, 3 + channel] = colours[:, channel] * clear + ground[channel] * haze
    table[:, 6] = colours[:, 3] * np.float32(1 / 255)
    return table


def _shade(table: np.ndarray, ranks: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Red, green, blue and coverage, float32 (k,) each, of points (by rank) at pixel centres."""
    point = table.take(ranks, axis=0)
    radius = point[:, 2]
    across, down = point[:, 0] - x, point[:, 1] - y
    away = np.sqrt(across * across + down * down)
    alpha = np.clip(radius - away + np.float32(0.5), 0.0, 1.0)
    alpha *= point[:, 6]
    away /= radius
    light = 1.0 - np.float32(RIM_SHADE) * np.minimum(away * away, 1.0)
    return [point[:, channel] * light for channel in (3, 4, 5)], alpha


def _disc(size: int, stride: int) -> np.ndarray:
    """Offsets of the pixels of a disc of `size` pixels from its left upper corner, intp (k,)."""
    away = np.arange(size) + 0.5 - size / 2
    line, column = np.nonzero(away[:, None] ** 2 + away**2 <= (size / 2) ** 2)
    return (line * stride + column).astype(np.intp)
