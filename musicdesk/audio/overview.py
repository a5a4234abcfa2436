"""The overview of a track for the player's seek bar: 600 peaks."""

from __future__ import annotations

import numpy as np

BINS = 600
BIN_S = 0.05  # seconds per measured peak


def peaks_of(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Largest absolute sample per 50 ms over all channels.

    samples: float32 (n, channels), n > 0; returns: float32 (ceil(n / 50 ms),)
    """
    channels = samples.shape[1]
    count = max(1, round(len(samples) / rate_hz / BIN_S))
    edges = (np.arange(count) * rate_hz * BIN_S).astype(np.int64)
    flat = samples.reshape(-1)
    edges = edges[edges < len(samples)] * channels
    return np.maximum(np.maximum.reduceat(flat, edges), -np.minimum.reduceat(flat, edges))


def exact_bins(peaks: np.ndarray) -> np.ndarray:
    """600 bins from the peaks of a whole track: uint8 (600,), 255 = full scale. peaks: float32 (n,), n > 0"""
    if len(peaks) < BINS:
        peaks = np.repeat(peaks, -(-BINS // len(peaks)))
    edges = np.arange(BINS) * len(peaks) // BINS
    return _bytes(np.maximum.reduceat(peaks, edges))


def sketched_bins(pieces: list[tuple[float, np.ndarray]], duration_s: float) -> np.ndarray:
    """600 bins guessed from pieces (start_s, peaks) of a track: drawn straight between what was heard.

    returns: uint8 (600,), 255 = full scale
    """
    times = np.concatenate([start + (np.arange(len(peaks)) + 0.5) * BIN_S for start, peaks in pieces])
    heights = np.concatenate([peaks for _, peaks in pieces])
    order = np.argsort(times, kind="stable")
    wanted = (np.arange(BINS) + 0.5) / BINS * duration_s
    return _bytes(np.interp(wanted, times[order], heights[order]))


def _bytes(heights: np.ndarray) -> np.ndarray:
    return np.clip(np.round(heights * 255), 0, 255).astype(np.uint8)
