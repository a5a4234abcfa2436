"""How a track begins and how it ends: the mean of its first and of its last audible windows."""

from __future__ import annotations

import numpy as np

from musicdesk.core.types import Edges

SECONDS = 6.0  # of sound at either end


def edges_of(vectors: np.ndarray, amplitude: np.ndarray, audible: np.ndarray, window_s: float) -> Edges:
    """Of one track, its windows in the order of time.

    vectors:   float32 (n, dim), finite; amplitude: float32 (n,), mean mel amplitude, not all 0
    audible:   bool (n,), which windows count, see `embed.audible`; at least one
    window_s:  seconds of a window
    """
    counted = np.flatnonzero(audible)
    few = max(1, round(SECONDS / window_s))
    whole = float(amplitude[counted].mean())
    first, last = counted[:few], counted[-few:]
    levels = [_decibels(float(amplitude[places].mean()), whole) for places in (first, last)]
    return Edges(_unit(vectors[first]), _unit(vectors[last]), *levels)


def _unit(vectors: np.ndarray) -> np.ndarray:
    """float32 (dim,): their mean, of length 1; zeros where they cancel out, which is as near to anything as to all."""
    mean = vectors.astype(np.float64).mean(axis=0)
    unit: np.ndarray = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
    return unit


def _decibels(amplitude: float, beside: float) -> float:
    return float(20.0 * np.log10(max(amplitude, 1e-9) / max(beside, 1e-9)))
