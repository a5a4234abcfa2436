"""Pitch classes and key.

Chroma: magnitudes of long spectra added by pitch class. Key: the profile of Krumhansl and Kessler 1982
that correlates best with the mean chroma (Krumhansl 1990, Cognitive Foundations of Musical Pitch).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
SPECTRUM = 8_192  # samples: 2.7 Hz per bin at 22,050 Hz, a semitone from 46 Hz on
SPACING = 16_384  # samples between spectra: every second stretch is looked at
RANGE_HZ = (60.0, 2_000.0)
CLEAR_MARGIN = 0.15  # lead over the runner-up at which a key is beyond doubt


@dataclass(frozen=True, slots=True)
class Key:
    name: str  # "A minor"
    confidence: float  # 0..1
    majorness: float  # -1..1: best major correlation minus best minor one


def chroma(mono: np.ndarray, rate_hz: int) -> np.ndarray:
    """Share of each pitch class, float32 (spectra, 12), rows of sum 1 (0 in silence)."""
    from scipy import fft

    if len(mono) < SPECTRUM:
        mono = np.pad(mono, (0, SPECTRUM - len(mono)))
    frames = np.lib.stride_tricks.sliding_window_view(mono, SPECTRUM)[::SPACING]
    classes = _classes(rate_hz)
    magnitude = np.abs(fft.rfft(frames * _taper(), axis=1)[:, : len(classes)])  # (spectra, bins up to 2 kHz)
    rows: np.ndarray = magnitude @ classes
    rows /= np.maximum(rows.sum(axis=1, keepdims=True), np.float32(1e-6))
    return rows


def key_of(mean_chroma: np.ndarray) -> Key:
    """The best of 24 keys for a mean chroma (12,)."""
    if mean_chroma.std() < 1e-6:
        return Key("", 0.0, 0.0)
    scores = _profiles() @ ((mean_chroma - mean_chroma.mean()) / (mean_chroma.std() * 12))
    order = np.argsort(scores)[::-1]
    best = int(order[0])
    lead = float(scores[best] - scores[int(order[1])]) / CLEAR_MARGIN
    confidence = float(np.clip(scores[best], 0, 1) * np.clip(lead, 0, 1))
    name = f"{PITCHES[best % 12]} {'major' if best < 12 else 'minor'}"
    return Key(name, confidence, float(scores[:12].max() - scores[12:].max()))


@lru_cache(maxsize=1)
def _profiles() -> np.ndarray:
    """float64 (24, 12): twelve major keys from C on, then twelve minor; mean 0, sd 1."""
    rows = [np.roll(profile, shift) for profile in (MAJOR, MINOR) for shift in range(12)]
    table: np.ndarray = np.array(rows)
    table = (table - table.mean(axis=1, keepdims=True)) / table.std(axis=1, keepdims=True)
    return table


@lru_cache(maxsize=1)
def _taper() -> np.ndarray:
    return np.hanning(SPECTRUM).astype(np.float32)


@lru_cache(maxsize=4)
def _classes(rate_hz: int) -> np.ndarray:
    """float32 (bins up to 2 kHz, 12): each bin goes to its pitch class, less the further it lies from the pitch."""
    freqs = np.arange(1 + SPECTRUM // 2) * rate_hz / SPECTRUM
    bins = int(np.searchsorted(freqs, RANGE_HZ[1]))
    table = np.zeros((bins, 12), np.float32)
    used = np.flatnonzero(freqs[:bins] >= RANGE_HZ[0])
    semitone = 69 + 12 * np.log2(freqs[used] / 440.0)
    nearest = np.round(semitone).astype(int)
    table[used, nearest % 12] = np.cos(np.pi * (semitone - nearest)) ** 2
    return table
