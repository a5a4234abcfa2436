"""Packed pixels, 0xffRRGGBB: one number a pixel is what numpy moves fastest and screens like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Rgb = tuple[int, int, int]
PURPLE, GREEN, OPAQUE = np.uint32(0x00FF00FF), np.uint32(0x0000FF00), np.uint32(0xFF000000)


def ink(colour: Rgb) -> int:
    return 0xFF000000 | colour[0] << 16 | colour[1] << 8 | colour[2]


def pack(planes: Sequence[np.ndarray]) -> np.ndarray:
    """0xffRRGGBB, uint32, of red, green and blue in 0..255."""
    red, green, blue = ((plane + np.float32(0.5)).astype(np.uint32) for plane in planes)
    red <<= np.uint32(16)
    green <<= np.uint32(8)
    red |= green
    red |= blue
    red |= np.uint32(0xFF000000)
    return red


def swapped(pixels: np.ndarray) -> np.ndarray:
    """Packed pixels of red, green, blue, alpha bytes read as uint32; the alpha is put at full."""
    red, blue = (pixels & np.uint32(255)) << np.uint32(16), pixels >> np.uint32(16) & np.uint32(255)
    both: np.ndarray = red | blue | pixels & GREEN | OPAQUE
    return both


def blended(over: np.ndarray | np.uint32, under: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`share`, uint32 in 0..256, of `over` and the rest of `under`, packed: two channels at once, in the
    gaps between them."""
    rest = np.uint32(256) - share
    channels = []
    for mask in (PURPLE, GREEN):
        channel = under & mask
        channel *= rest
        channel += (over & mask) * share
        channels.append(channel)
    return _joined(*channels)


def darkened(under: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`blended` with black over it, in fewer steps."""
    rest = np.uint32(256) - share
    purple, green = under & PURPLE, under & GREEN
    purple *= rest
    green *= rest
    return _joined(purple, green)


def _joined(purple: np.ndarray, green: np.ndarray) -> np.ndarray:
    """Packed pixels of products with 256 parts, rounded."""
    purple += np.uint32(0x00800080)
    purple >>= np.uint32(8)
    purple &= PURPLE
    green += np.uint32(0x00008000)
    green >>= np.uint32(8)
    green &= GREEN
    purple |= green
    purple |= OPAQUE
    return purple


def mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Bytewise mean, rounded down, of packed pixels."""
    middle: np.ndarray = (a & b) + (((a ^ b) & np.uint32(0xFEFEFEFE)) >> np.uint32(1))
    return middle
