"""Drum strokes: a falling sine for the skin, filtered noise for snares and cymbals."""

from __future__ import annotations

import numpy as np
from scipy import fft

from musicdesk.demo.recipes import Drum

_METAL_HZ = (263.0, 400.0, 421.0, 474.0, 587.0, 845.0)  # the six square waves of classic drum machines
VARIANTS = 3  # strokes of one drum that differ a little, taken in turn


class Kit:
    """The strokes of a kit, made once: `stroke(name, number)` gives float32 (samples,) mono."""

    def __init__(self, drums: dict[str, Drum], rate: int, brightness: float, seed: int) -> None:
        self.drums = drums
        self._strokes: dict[tuple[str, int], np.ndarray] = {}
        self._rate = rate
        self._bright = 2.0 ** (0.5 * brightness)
        self._seed = seed

    def has(self, name: str) -> bool:
        return name in self.drums

    def stroke(self, name: str, number: int) -> np.ndarray:
        key = (name, number % VARIANTS)
        if key not in self._strokes:
            draw = np.random.default_rng([self._seed, 31, key[1], *name.encode()])
            self._strokes[key] = stroke(self.drums[name], self._rate, self._bright, draw)
        return self._strokes[key]


def stroke(drum: Drum, rate: int, bright: float, draw: np.random.Generator) -> np.ndarray:
    """One stroke, float32 (samples,), starting and ending at zero, peak at most `drum.gain`."""
    length = max(6 * drum.tone_decay * (drum.tone > 0), 6 * drum.noise_decay * (drum.noise + drum.metal > 0), 0.05)
    count = fft.next_fast_len(int(min(length, 3.0) * rate), real=True)
    t = np.arange(count, dtype=np.float64) / rate
    sound = np.zeros(count)
    if drum.tone:
        hz = drum.end_hz + (drum.start_hz - drum.end_hz) * np.exp(-t / drum.bend)
        hz *= draw.uniform(0.99, 1.01)
        sound += drum.tone * np.sin(2 * np.pi * np.cumsum(hz) / rate) * np.exp(-t / drum.tone_decay)
    if drum.click:
        sound += drum.click * _band(draw.standard_normal(count), rate, 1500.0, 7000.0 * bright) * np.exp(-t / 0.003)
    if drum.noise or drum.metal:
        noise = drum.noise * draw.standard_normal(count)
        if drum.metal:
            noise += drum.metal * _metal(t)
        noise = _band(noise, rate, drum.low_hz, min(0.45 * rate, drum.high_hz * bright))
        noise *= 0.35 / max(1e-9, float(np.sqrt(np.mean(noise**2))))
        sound += (drum.noise + drum.metal) * noise * _bursts(t, drum)
    if drum.drive:
        sound = np.tanh(sound * (1 + drum.drive)) / np.tanh(1 + drum.drive)
    sound *= drum.gain / max(1.0, float(np.abs(sound).max()))
    return _faded(sound, rate).astype(np.float32)


def _metal(t: np.ndarray) -> np.ndarray:
    # Multiples of high harmonics: the band filter after this keeps only what lies far above the bases.
    squares = np.zeros(len(t))
    for hz in _METAL_HZ:
        squares += (13.7 * hz * t) % 1.0 < 0.5
    return squares / len(_METAL_HZ) - 0.5


def _bursts(t: np.ndarray, drum: Drum) -> np.ndarray:
    """A clap is several hands: short bursts 11 ms apart, the last one rings."""
    level = np.exp(-t / drum.noise_decay)
    for number in range(1, drum.bursts):
        late = t - 0.011 * number
        level = np.where(
            late < 0, level, np.exp(-np.maximum(late, 0) / (0.004 if number < drum.bursts - 1 else drum.noise_decay))
        )
    if drum.bursts > 1:
        level = np.where(t < 0.011, np.exp(-t / 0.004), level)
    return level


def _band(noise: np.ndarray, rate: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Noise between two corners, 24 dB/octave below and above."""
    f = np.maximum(fft.rfftfreq(len(noise), 1 / rate), 1e-3)
    gain = 1 / np.sqrt((1 + (low_hz / f) ** 8) * (1 + (f / high_hz) ** 8))
    return np.asarray(fft.irfft(fft.rfft(noise) * gain, len(noise)))


def _faded(sound: np.ndarray, rate: int) -> np.ndarray:
    rise, fall = int(0.0005 * rate) + 2, int(0.01 * rate)
    sound[:rise] *= np.linspace(0, 1, rise)
    sound[-fall:] *= np.linspace(1, 0, fall)
    return sound
