"""Discs of pixels, written by the thousand into a picture's buffers with numpy alone.

Few discs are written pixel by pixel. Of many, each writes the pixel in its middle alone, and the rows that hold any are
spread: a pixel takes the greatest value within a disc around it. That is the same picture, and its cost is the rows',
however many discs lie in them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

CHUNK = 1 << 15  # pixels worked on at a time: their places and values stay in the processor's cache
WRITING = 30  # pixels of whole rows that are compared in the time in which one is written where a disc says


class Discs:
    """Writes discs into buffers of one shape."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._stride = shape[1]
        self._middles = np.full(shape[0] * shape[1], -1, dtype=np.int32)

    def stamp(
        self, buffer: np.ndarray, x: np.ndarray, y: np.ndarray, size: int, values: np.ndarray, keep: bool, shift: int
    ) -> None:
        """Writes a disc of `size` pixels at each (x, y), twice farther from the buffer's edge than it reaches.

        buffer: int32 (height, width) in one piece, -1 where nothing is
        x, y:   float32 (n,) pixels; `shift` is added to both
        values: int32 (n,), ascending from 0; of several on a pixel the last stays
        keep:   a bigger value that a pixel has stays; else there must be none
        """
        if not len(x):
            return
        # Odd discs sit on pixel centres, even ones on pixel corners: half-pixel placement.
        by = np.float32(shift + (0.0 if size % 2 else 0.5))
        middle = (y + by).astype(np.int32)
        top, bottom = int(middle.min()) - size // 2, int(middle.max()) + size // 2 + 1
        middle *= np.int32(self._stride)
        middle += (x + by).astype(np.int32)
        disc, flat = _disc(size, self._stride), buffer.reshape(-1)
        if len(middle) * (len(disc) - 1) * WRITING < (bottom - top) * self._stride * 2 * size:
            _write(flat, middle, disc, values, keep)
        else:
            self._spread(flat, middle, size, values, (top, bottom))

    def _spread(
        self, flat: np.ndarray, middle: np.ndarray, size: int, values: np.ndarray, rows: tuple[int, int]
    ) -> None:
        """As `_write`, and what is greater stays always: values ascend, so that the last is the greatest."""
        self._middles[middle] = values
        stride, lines = self._stride, max(CHUNK // self._stride, size)
        runs = np.empty((2, (lines + size + 2) * stride), dtype=np.int32)
        for top in range(*rows, lines):
            bottom = min(top + lines, rows[1])
            _spread(flat, self._middles, stride, size, (top, bottom), runs)
        self._middles[rows[0] * stride : rows[1] * stride] = -1


def _write(flat: np.ndarray, middle: np.ndarray, disc: np.ndarray, values: np.ndarray, keep: bool) -> None:
    """Writes each value where its disc lies around its middle."""
    step = max(CHUNK // len(disc), 1)
    for begin in range(0, len(middle), step):
        part = slice(begin, begin + step)
        at = (middle[part, None] + disc).reshape(-1)
        value = np.repeat(values[part], len(disc))
        flat[at] = np.maximum(flat.take(at), value) if keep else value


def _spread(
    flat: np.ndarray, middles: np.ndarray, stride: int, size: int, rows: tuple[int, int], spare: np.ndarray
) -> None:
    """Raises the pixels of some rows of `flat` to the greatest of `middles` within a disc around each.

    A disc is rows of pixels: what is greatest in as many pixels from a pixel on is found for all pixels at once, of the
    shortest rows of the disc first, of the longer ones from these.
    """
    half = size // 2
    begin = (rows[0] - half - 1) * stride
    run, length = middles[begin : (rows[1] + half + 1) * stride], 1
    out = flat[rows[0] * stride : rows[1] * stride]
    turn = 0
    for wide, lines in _lines(size):
        while length < wide:
            more = min(length, wide - length)
            longer = spare[turn][: len(run) - more]
            np.maximum(run[: len(run) - more], run[more:], out=longer)
            run, length, turn = longer, length + more, 1 - turn
        for line in lines:
            first = rows[0] * stride - line * stride + half - (size - wide) // 2 - wide + 1 - begin
            np.maximum(out, run[first : first + len(out)], out=out)


@lru_cache(maxsize=256)
def _lines(size: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Lengths of a disc's rows, ascending, with the rows that are so long, counted from its middle."""
    half = size // 2
    found: dict[int, list[int]] = {}
    for line, wide in enumerate(_inside(size).sum(axis=1).tolist()):
        found.setdefault(wide, []).append(line - half)
    return tuple((wide, tuple(found[wide])) for wide in sorted(found) if wide)


def _inside(size: int) -> np.ndarray:
    """bool (size, size): the pixels of a disc."""
    away = np.arange(size) + 0.5 - size / 2
    disc: np.ndarray = away[:, None] ** 2 + away**2 <= (size / 2) ** 2
    return disc


@lru_cache(maxsize=256)
def _disc(size: int, stride: int) -> np.ndarray:
    """Offsets of a disc's pixels from the pixel in its middle, intp (k,)."""
    line, column = np.nonzero(_inside(size))
    offsets: np.ndarray = ((line - size // 2) * stride + column - size // 2).astype(np.intp)
    offsets.setflags(write=False)
    return offsets
