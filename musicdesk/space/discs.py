"""Discs of pixels, written by the thousand into a picture's buffers with numpy alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

CHUNK = 1 << 15  # pixels written at a time: their places and values stay in the processor's cache


def stamp(
    buffer: np.ndarray, x: np.ndarray, y: np.ndarray, size: int, values: np.ndarray, keep: bool, shift: int
) -> None:
    """Writes a disc of `size` pixels at each (x, y), of which none may reach over the buffer's edge.

    buffer: int32 (height, width) in one piece
    x, y:   float32 (n,) pixels; `shift` is added to both
    values: int32 (n,), ascending; of several on a pixel the last stays
    keep:   a bigger value that a pixel has stays
    """
    flat, stride = buffer.reshape(-1), buffer.shape[1]
    disc = _disc(size, stride)
    # Odd discs sit on pixel centres, even ones on pixel corners: half-pixel placement.
    by = np.float32(shift + (0.0 if size % 2 else 0.5))
    step = max(CHUNK // len(disc), 1)
    for begin in range(0, len(x), step):
        part = slice(begin, begin + step)
        start = (y[part] + by).astype(np.intp)
        start *= stride
        start += (x[part] + by).astype(np.intp)
        at = (start[:, None] + disc).reshape(-1)
        value = np.repeat(values[part], len(disc))
        flat[at] = np.maximum(flat.take(at), value) if keep else value


@lru_cache(maxsize=256)
def _disc(size: int, stride: int) -> np.ndarray:
    """Offsets of a disc's pixels from the pixel in its middle, intp (k,)."""
    away = np.arange(size) + 0.5 - size / 2
    line, column = np.nonzero(away[:, None] ** 2 + away**2 <= (size / 2) ** 2)
    offsets: np.ndarray = ((line - size // 2) * stride + column - size // 2).astype(np.intp)
    offsets.setflags(write=False)
    return offsets
