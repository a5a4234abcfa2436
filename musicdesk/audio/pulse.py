"""Tempo: how regular the onsets are, and at what distance.

The autocorrelation of the onset envelope is averaged over the stretches of a track and read at multiples
of each beat length; a mild preference for about 120 BPM settles octaves (Ellis 2007, Beat tracking by
dynamic programming, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOWEST_BPM, HIGHEST_BPM, STEPS = 50.0, 210.0, 480
PREFERRED_BPM, PREFERENCE_OCTAVES = 120.0, 0.7
BEATS = 4  # multiples of the beat that are looked at
MIN_FRAMES = 100  # 2.3 s: with less there is no telling


@dataclass(frozen=True, slots=True)
class Pulse:
    bpm: float  # 0 when there is none
    confidence: float  # 0..1: how much of the onsets' energy comes back on the beat


def onset_envelope(log_mel: np.ndarray) -> np.ndarray:
    """Mean rise of the bands per frame, float32 (frames - 1,), without its slow part."""
    rise: np.ndarray = np.maximum(np.diff(log_mel, axis=0), np.float32(0)).mean(axis=1)
    return rise - rise.mean() if len(rise) else rise


def tempo_of(envelopes: list[np.ndarray], frames_per_s: float) -> Pulse:
    """The commonest pulse of a track's stretches. envelopes: float32 (frames,) each"""
    usable = [each for each in envelopes if len(each) >= MIN_FRAMES]
    if not usable:
        return Pulse(0.0, 0.0)
    length = min(len(each) for each in usable)
    correlation = np.sum([_autocorrelation(each, length) for each in usable], axis=0)
    if correlation[0] <= 1e-9:
        return Pulse(0.0, 0.0)
    correlation = correlation / correlation[0]
    bpm = np.geomspace(LOWEST_BPM, HIGHEST_BPM, STEPS)
    lags = 60.0 / bpm[:, None] * frames_per_s * np.arange(1, BEATS + 1)
    inside = lags < length - 2
    read = np.interp(lags, np.arange(length), correlation) * inside
    comb = read.sum(axis=1) / np.maximum(1, inside.sum(axis=1))
    preference = np.exp(-0.5 * (np.log2(bpm / PREFERRED_BPM) / PREFERENCE_OCTAVES) ** 2)
    best = int(np.argmax(comb * preference))
    confidence = float(np.clip(comb[best], 0.0, 1.0))
    return Pulse(float(bpm[best]), confidence) if confidence > 0 else Pulse(0.0, 0.0)


def _autocorrelation(envelope: np.ndarray, length: int) -> np.ndarray:
    """Unbiased for the lag, float64 (length,); lags near the length are too noisy to be used."""
    size = 1 << int(np.ceil(np.log2(2 * len(envelope))))
    spectrum = np.fft.rfft(envelope, size)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, size)[:length]
    overlap = len(envelope) - np.arange(length)
    return correlation * len(envelope) / np.maximum(overlap, len(envelope) // 4)
