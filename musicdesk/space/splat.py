"""Draws a cloud with numpy alone: for machines without OpenGL, for `map --png`, and as the tests' truth.

Every pixel knows the nearest point that touches it and the nearest that covers it wholly; the first is
blended over the second by how much of the pixel it covers. That is depth-correct with soft edges,
without sorting fragments. While it moves edges are hard: each pixel has the colour of one point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .camera import Camera
from .discs import Discs
from .glow import glow, glows, widened
from .pixels import Rgb, blended, darkened, ink, swapped
from .points import Cloud
from .screen import Screen, back_to_front, fog
from .shading import LAMP, Shade, shade_on

BLOCK = 80_000
CROWD = 150_000  # points of which so many are hidden that it pays to look up only the others
# How much wider than a point the discs are that it touches, where it is small and where steps would be seen, and the
# one that it covers wholly.
TOUCHES, TOUCHES_BIG, BIG, COVERS = +0.6, +2.2, 2.5, -0.8
HARD, HARD_BIG = -0.4, -0.1  # of discs with hard edges, which have as many pixels as the soft ones have light
WHITE = np.uint32(ink((255, 255, 255)))


def render(cloud: Cloud, camera: Camera, width: int, height: int, background: Rgb) -> np.ndarray:
    """The picture of `cloud` as `camera` sees it, uint8 (height, width, 4) RGBA, opaque."""
    screen = Screen(cloud)
    screen.project(camera, width, height)
    packed = Splat(screen).draw(background)
    picture = packed.view(np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(picture[:, :, [2, 1, 0, 3]])


class Splat:
    """Keeps its buffers between frames of one size, and what depends on the cloud alone."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        cloud = screen.cloud
        self._alike = not len(cloud) or bool(np.ptp(cloud.sizes) == 0)
        self._paints = _Paints.of(cloud)
        self._touched = self._covered = np.empty((0, 0), dtype=np.int32)
        self._discs = Discs((0, 0))
        self._margin = 0
        self._places = np.empty((0, 4), dtype=np.float32)

    def draw(self, background: Rgb, quick: bool = False, over: np.ndarray | None = None) -> np.ndarray:
        """uint32 (height, width), each 0xffRRGGBB. The screen must have been projected.

        quick: for movement; edges are hard
        over:  an older picture of that size, which is not needed any more
        """
        screen = self.screen
        queue = _Queue.of(screen)
        canvas = self._ground(queue, background, quick, over)
        if not len(queue.rows):
            return canvas
        self._fit(float(queue.radius.max()))
        self._stamp(queue, self._touched, (HARD, HARD_BIG) if quick else (TOUCHES, TOUCHES_BIG), None)
        if not quick:
            self._covered.fill(-1)
            self._stamp(queue, self._covered, (COVERS, COVERS), self._paints.solid(queue.rows))
        self._resolve(queue, canvas, background, quick)
        return canvas

    def _ground(self, queue: _Queue, background: Rgb, quick: bool, over: np.ndarray | None) -> np.ndarray:
        """What the points are painted on."""
        height, width = self.screen.height, self.screen.width
        if len(queue.rows) and glows(self.screen, background):
            return widened(glow(self.screen, background), height, width, quick)
        canvas = over if over is not None and over.shape == (height, width) else np.empty((height, width), np.uint32)
        canvas.fill(ink(background))
        return canvas

    def _fit(self, widest: float) -> None:
        """Buffers with a margin so wide that no disc has to be clipped."""
        margin = 3 * (int(widest) + 3)
        shape = (self.screen.height + 2 * margin, self.screen.width + 2 * margin)
        self._margin = margin
        if self._touched.shape != shape:
            self._touched, self._covered = np.empty((2, *shape), dtype=np.int32)
            self._discs = Discs(shape)
        self._touched.fill(-1)

    def _stamp(self, queue: _Queue, buffer: np.ndarray, grow: tuple[float, float], some: np.ndarray | None) -> None:
        """Writes the rank of each point, or of `some`, bool (n,), where its disc of 2 radius + grow pixels lies;
        grow: of a small point and of a big one."""
        across = 2 * queue.radius
        across += (
            np.where(queue.radius < BIG, np.float32(grow[0]), np.float32(grow[1])) if grow[0] != grow[1] else grow[0]
        )
        across = np.rint(across).astype(np.int16)
        if grow[0] != grow[1]:
            np.maximum(across, 1, out=across)  # the smallest are seen
        if some is not None:
            across[~some] = 0
        ranks = np.arange(len(across), dtype=np.int32)
        # With points of one size bigger discs are nearer: those of one diameter follow each other.
        in_order = self._alike and some is None
        for size in range(1, int(across.max(initial=0)) + 1):
            mine = slice(*np.searchsorted(across, (size, size + 1)).tolist()) if in_order else across == size
            self._discs.stamp(buffer, queue.x[mine], queue.y[mine], size, ranks[mine], not in_order, self._margin)

    def _resolve(self, queue: _Queue, canvas: np.ndarray, background: Rgb, quick: bool) -> None:
        """Paints what the buffers hold over the canvas, in blocks that fit into the processor's cache."""
        m, (height, width) = self._margin, canvas.shape
        inner = np.s_[m : m + height, m : m + width]
        touched, covered = self._touched[inner], self._covered[inner]
        inks = self._inks(queue, background, [touched] if quick else [touched, covered])
        lines = min(max(BLOCK // width, 1), height)
        x = np.tile(np.arange(width, dtype=np.float32) + np.float32(0.5), lines)
        y = np.repeat(np.arange(lines, dtype=np.float32) + np.float32(0.5), width)
        for top in range(0, height, lines):
            block = np.s_[top : top + lines]
            nearest = touched[block].reshape(-1)
            at = np.flatnonzero(nearest >= 0)
            behind = None if quick else covered[block].reshape(-1).take(at)
            down = y.take(at)
            down += np.float32(top)
            pixels = canvas[block].reshape(-1)
            pixels[at] = inks.over(pixels.take(at), _Fragments(nearest.take(at), behind, x.take(at), down))

    def _inks(self, queue: _Queue, ground: Rgb, buffers: Sequence[np.ndarray]) -> _Inks:
        """buffers: those with the ranks that are seen"""
        number = None
        if len(queue.rows) > CROWD:  # most are hidden: what is looked up per pixel should be short
            number, queue = queue.shortened(buffers)
        if len(self._places) < len(queue.rows):
            self._places = np.empty((len(queue.rows), 4), dtype=np.float32)
        place = self._places[: len(queue.rows)]
        for at, values in enumerate((queue.x, queue.y, queue.radius)):
            place[:, at] = values
        haze = fog(self.screen, queue.rows)
        haze *= np.float32(256)
        tint = self._paints.tint.take(queue.rows)
        place.view(np.uint32)[:, 3] = blended(np.uint32(ink(ground)), tint, haze.astype(np.uint32))
        return _Inks(place, self._paints.opacities(queue.rows), number, shade_on(ground))


class _Queue(NamedTuple):
    """The points on the screen from far to near; a point's place in here is its rank."""

    rows: np.ndarray  # int64 (n,), of the cloud
    x: np.ndarray
    y: np.ndarray
    radius: np.ndarray

    @classmethod
    def of(cls, screen: Screen) -> _Queue:
        x, y, radius = screen.x, screen.y, screen.radius
        seen = (x > -radius) & (x < screen.width + radius) & (y > -radius) & (y < screen.height + radius)
        seen &= radius > 0
        if seen.all():
            rows = back_to_front(screen.depth)
        else:
            rows = np.flatnonzero(seen)
            rows = rows.take(back_to_front(screen.depth.take(rows)))
        return cls(rows, x.take(rows), y.take(rows), radius.take(rows))

    def shortened(self, buffers: Sequence[np.ndarray]) -> tuple[np.ndarray, _Queue]:
        """Those alone whose ranks are in the buffers, and the place of each rank among them, int32 (n,)."""
        seen = np.zeros(len(self.rows) + 1, dtype=bool)  # the last is for -1
        for buffer in buffers:
            seen[buffer] = True
        seen[-1] = False
        number = np.cumsum(seen, dtype=np.int32)
        number -= 1
        kept = np.flatnonzero(seen)
        return number, _Queue(*(part.take(kept) for part in self))


class _Fragments(NamedTuple):
    """The pixels of a block that a point touches, one value each."""

    front: np.ndarray  # rank of the nearest point that touches the pixel
    behind: np.ndarray | None  # rank of the nearest that covers it, or -1; None where edges are hard
    x: np.ndarray
    y: np.ndarray


class _Paints(NamedTuple):
    """How the points of a cloud are painted, from wherever they are seen."""

    tint: np.ndarray  # packed uint32 (n,)
    opacity: np.ndarray | None  # in 256 parts, float32 (n,); None where nothing shines through any point

    @classmethod
    def of(cls, cloud: Cloud) -> _Paints:
        colours = np.ascontiguousarray(cloud.colours)
        tint, alpha = swapped(colours.view(np.uint32).reshape(-1)), colours[:, 3]
        return cls(tint, None if alpha.min(initial=255) == 255 else alpha * np.float32(256 / 255))

    def opacities(self, rows: np.ndarray) -> np.ndarray | None:
        return None if self.opacity is None else self.opacity.take(rows)

    def solid(self, rows: np.ndarray) -> np.ndarray | None:
        """bool (k,): which points let nothing shine through; None for all."""
        return None if self.opacity is None else self.opacity.take(rows) >= 256


class _Inks(NamedTuple):
    """What the points are painted with that are seen anywhere."""

    place: np.ndarray  # x, y, radius, and the bits of the colour with fog mixed in, packed: float32 (k, 4)
    opacity: np.ndarray | None  # in 256 parts, float32 (k,); None where nothing shines through any
    number: np.ndarray | None  # of each rank: its row in these, int32 (n,); None where that is the rank itself
    shade: Shade

    def over(self, canvas: np.ndarray, pixels: _Fragments) -> np.ndarray:
        """The new pixels, packed uint32 (k,), over `canvas`."""
        soft = pixels.behind is not None
        front, cover = self._shaded(pixels.front, pixels.x, pixels.y, soft)
        if pixels.behind is not None and cover is not None:
            hidden = pixels.behind >= 0
            hidden &= pixels.behind != pixels.front
            hidden &= cover < 256
            at = np.flatnonzero(hidden)
            canvas[at] = self._shaded(pixels.behind.take(at), pixels.x.take(at), pixels.y.take(at), soft)[0]
        return front if cover is None else blended(front, canvas, cover)

    def _shaded(
        self, ranks: np.ndarray, x: np.ndarray, y: np.ndarray, soft: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Packed colours and coverage in 256 parts, uint32 (k,) each, of points at pixel centres; no coverage where
        all of it is covered."""
        if self.number is not None:
            ranks = self.number.take(ranks)
        point = self.place.take(ranks, axis=0)
        across, down, radius = point[:, 0] - x, point[:, 1] - y, point[:, 2]
        opacity = None if self.opacity is None else self.opacity.take(ranks)
        cover = opacity
        if soft:
            cover = _edge(across, down, radius)
            cover *= np.float32(256) if opacity is None else opacity
        if cover is not None:
            cover += np.float32(0.5)
        share, tint = self._share(across, down, radius), point.view(np.uint32)[:, 3]
        lit = blended(WHITE, tint, share) if self.shade.towards else darkened(tint, share)
        return lit, None if cover is None else cover.astype(np.uint32)

    def _share(self, across: np.ndarray, down: np.ndarray, radius: np.ndarray) -> np.ndarray:
        """How much of black or white is mixed in by the light, in 256 parts, uint32 (k,); takes what it is given."""
        for away, lamp in ((across, LAMP[0]), (down, LAMP[1])):
            away /= radius
            away += np.float32(lamp)
            away *= away
        across += down
        shade = self.shade
        if shade.bend:
            np.multiply(across, np.float32(256 * shade.bend), out=down)
            down += np.float32(256 * shade.slope)
            across *= down
        else:
            across *= np.float32(256 * shade.slope)
        across += np.float32(256 * shade.least + 0.5)
        return across.astype(np.uint32)


def _edge(across: np.ndarray, down: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """How much of a pixel a point covers, float32 (k,) in 0..1, by the distance of their middles."""
    away: np.ndarray = across * across
    away += down * down
    np.sqrt(away, out=away)
    np.subtract(radius, away, out=away)
    away += np.float32(0.5)
    np.clip(away, 0.0, 1.0, out=away)
    return away
