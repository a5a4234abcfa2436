"""Packed pixels, 0xffRRGGBB: one number a pixel is what numpy moves fastest and screens like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Rgb = tuple[int, int, int]


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


def unpack(packed: np.ndarray) -> list[np.ndarray]:
    return [(packed >> np.uint32(shift) & np.uint32(255)).astype(np.float32) for shift in (16, 8, 0)]


def mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Bytewise mean, rounded down, of packed pixels."""
    middle: np.ndarray = (a & b) + (((a ^ b) & np.uint32(0xFEFEFEFE)) >> np.uint32(1))
    return middle
