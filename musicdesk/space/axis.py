"""A direction in the space of sound, learned from tracks at either end of it. Arrays in, arrays out.

Fisher's linear discriminant with the covariance of the whole library instead of that of ten examples: the difference of
the two means, freed of what all music varies in anyway. The covariance is shrunk towards a sphere (Ledoit, Wolf 2004,
with a fixed share).
"""

from __future__ import annotations

import numpy as np

SAMPLE = 8_192  # rows that the covariance and the middle are told by: a window waits for them
SHRINK = 0.3  # share of the sphere in the covariance


def direction(vectors: np.ndarray, lows: np.ndarray, highs: np.ndarray) -> np.ndarray:
    """float64 (dim,), a unit vector from the low end to the high one; zeros where the ends are the same.

    vectors: float32 (n, dim), the library; lows, highs: int64 rows of the tracks at the ends, at least one each
    """
    apart = _apart(vectors, lows, highs)
    return _unit(np.linalg.solve(_covariance(vectors), apart))


def places(vectors: np.ndarray, along: np.ndarray) -> np.ndarray:
    """float32 (n,): share of the library that lies nearer to the low end, 0..1; ties share the middle."""
    values = vectors @ along.astype(np.float32)
    ordered = np.sort(values)
    below = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2
    found: np.ndarray = (below / max(len(values), 1)).astype(np.float32)
    return found


def agreement(vectors: np.ndarray, lows: np.ndarray, highs: np.ndarray) -> tuple[int, int]:
    """(how many of the examples fall on their side of the library's middle when the axis is learned from the others,
    how many could be asked): whether the ends differ in sound at all."""
    apart, left_out, sides = [], [], []
    for mine, side in ((lows, -1.0), (highs, 1.0)):
        for row in mine if len(mine) > 1 else ():
            others = mine[mine != row]
            apart.append(_apart(vectors, *((others, highs) if side < 0 else (lows, others))))
            left_out.append(row)
            sides.append(side)
    if not apart:
        return 0, 0
    along = np.linalg.solve(_covariance(vectors), np.array(apart).T)
    middle = np.median(_sample(vectors) @ along, axis=0)
    values = np.einsum("nd,dn->n", vectors[left_out].astype(np.float64), along)
    return int((np.array(sides) * (values - middle) > 0).sum()), len(apart)


def _apart(vectors: np.ndarray, lows: np.ndarray, highs: np.ndarray) -> np.ndarray:
    found: np.ndarray = vectors[highs].mean(axis=0, dtype=np.float64) - vectors[lows].mean(axis=0, dtype=np.float64)
    return found


def _sample(vectors: np.ndarray) -> np.ndarray:
    """At most SAMPLE rows, evenly from all."""
    found: np.ndarray = vectors[:: max(1, -(-len(vectors) // SAMPLE))]
    return found


def _covariance(vectors: np.ndarray) -> np.ndarray:
    some = _sample(vectors)
    centred = some - some.mean(axis=0)
    found = (centred.T @ centred).astype(np.float64) / max(len(some), 1)
    sphere = np.trace(found) / len(found)
    shrunk: np.ndarray = (1.0 - SHRINK) * found + (SHRINK * sphere + 1e-9) * np.eye(len(found))
    return shrunk


def _unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-12 else np.zeros_like(vector)
