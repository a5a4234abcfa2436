"""Where tones come from: band-limited wavetables, FM, plucked strings. All float32, mono.

Band-limiting: a wavetable holds only the harmonics that fit below 45 % of the sample rate at its pitch.
Strings: Karplus and Strong 1983, computed a period at a time so that numpy does the work.
FM: Chowning 1973, with the depth held so that the strong sidebands stay under the Nyquist frequency.
"""

from __future__ import annotations

import functools

import numpy as np

TABLE = 2_048  # points of one period; linear interpolation keeps errors below -70 dB for 20 harmonics


def hertz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


@functools.lru_cache(maxsize=512)
def wavetable(shape: str, hz: float, rate: int, corner_hz: float) -> np.ndarray:
    """One period of `shape` at `hz` through a 24 dB/octave low-pass: float32 (TABLE + 1,), RMS about 0.25.

    shape: saw, square, pulse (25 %), triangle, sine, organ (drawbars 8', 4', 2 2/3', 2')
    """
    top = max(1, min(TABLE // 2 - 1, int(0.45 * rate / hz)))
    k = np.arange(1, top + 1, dtype=np.float64)
    level = _harmonics(shape, k) / np.sqrt(1.0 + (k * hz / corner_hz) ** 4)
    return _table(k, level)


def _harmonics(shape: str, k: np.ndarray) -> np.ndarray:
    odd = k % 2 == 1
    if shape == "square":
        return np.where(odd, 1.0 / k, 0.0)
    if shape == "pulse":
        return np.asarray(np.sin(np.pi * k * 0.25) / k)
    if shape == "triangle":
        return np.where(odd, 1.0 / k**2, 0.0) * np.where(k % 4 == 3, -1.0, 1.0)
    if shape == "sine":
        return np.where(k == 1, 1.0, 0.0)
    if shape == "organ":
        bars = {1: 1.0, 2: 0.7, 3: 0.45, 4: 0.4, 6: 0.15, 8: 0.12}
        return np.array([bars.get(int(n), 0.0) for n in k])
    return 1.0 / k


def _table(k: np.ndarray, level: np.ndarray) -> np.ndarray:
    spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
    spectrum[k.astype(int)] = -1j * level
    period = np.fft.irfft(spectrum)
    period *= 0.25 / max(1e-9, float(np.sqrt(np.mean(period**2))))
    return np.append(period, period[0]).astype(np.float32)


@functools.lru_cache(maxsize=512)
def struck_tables(hz: float, rate: int, hardness: float) -> tuple[np.ndarray, ...]:
    """Three groups of partials of a struck string (1-2, 3-5, 6 and up) as wavetables, common scale.

    The groups decay at their own speeds and are stretched a little against each other, which stands for
    the inharmonicity of stiff strings. float32 (TABLE + 1,) each.
    """
    top = max(1, min(40, int(0.45 * rate / hz)))
    k = np.arange(1, top + 1, dtype=np.float64)
    hammer = np.exp(-k * hz / (600.0 + 5_200.0 * hardness**1.5))
    comb = np.abs(np.sin(np.pi * k / 7.7)) + 0.12  # struck at about an eighth of its length
    level = comb * hammer / k**0.55
    level *= 0.35 / np.sqrt(0.5 * np.sum(level**2))
    groups = []
    for low, high in ((1, 2), (3, 5), (6, top)):
        chosen = (k >= low) & (k <= high)
        spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
        spectrum[k[chosen].astype(int)] = -0.5j * TABLE * level[chosen]
        period = np.fft.irfft(spectrum)
        groups.append(np.append(period, period[0]).astype(np.float32))
    return tuple(groups)


def read(table: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """The table at `phase` (periods, any real number >= 0): float32, linear interpolation."""
    where = phase * TABLE
    whole = where.astype(np.int64)
    part = (where - whole).astype(np.float32)
    whole &= TABLE - 1
    left = table[whole]
    return np.asarray(left + part * (table[whole + 1] - left))


def phases(hz: float, count: int, rate: int, vibrato_cents: float = 0.0, start: float = 0.0) -> np.ndarray:
    """Phase in periods, float64 (count,). Vibrato of 5.3 Hz comes in after a third of a second."""
    steady = start + np.arange(count) * (hz / rate)
    if not vibrato_cents:
        return steady
    t = np.arange(count, dtype=np.float32) / rate
    depth = hz * (2.0 ** (vibrato_cents / 1200.0) - 1.0) / (2 * np.pi * 5.3)
    swell = np.clip((t - 0.15) / 0.4, 0.0, 1.0)
    return np.asarray(np.maximum(steady - depth * swell * np.cos(2 * np.pi * 5.3 * t) + depth, 0.0))


def fm(hz: float, count: int, rate: int, ratio: float, index: float, index_decay: float) -> np.ndarray:
    """Two operators, the modulator's depth falling: float32 (count,), amplitude 0.35."""
    t = np.arange(count, dtype=np.float32) / rate
    room = max(0.0, (0.42 * rate / hz - 1.0) / ratio - 1.0)  # Carson: sidebands reach ratio * (index + 1)
    depth = np.float32(min(index, room)) * np.exp(-t / index_decay)
    carrier = np.float32(2 * np.pi) * ((np.arange(count) * (hz / rate)) % 1.0).astype(np.float32)
    modulator = np.float32(2 * np.pi) * ((np.arange(count) * (hz * ratio / rate)) % 1.0).astype(np.float32)
    tone: np.ndarray = np.float32(0.35) * np.sin(carrier + depth * np.sin(modulator))
    return tone


def string(hz: float, count: int, rate: int, hardness: float, ring_s: float, draw: np.random.Generator) -> np.ndarray:
    """A plucked string: float32 (count,), peak about 0.6.

    The loop runs at a whole number of samples; the exact pitch comes from reading it at another speed.
    """
    period = max(8, round(rate / hz - 0.5))
    speed = hz * (period + 0.5) / rate
    needed = int(count * speed) + 2
    loss = 10.0 ** (-3.0 * period / rate / ring_s)
    rounds = needed // period + 2
    out = np.zeros((rounds, period))
    out[0] = _pluck(period, hardness, draw)
    last = 0.0
    for number in range(1, rounds):
        before = out[number - 1]
        shifted = np.empty(period)
        shifted[0], shifted[1:] = last, before[:-1]
        out[number] = (0.5 * loss) * (before + shifted)
        last = before[-1]
    flat = out.reshape(-1)
    where = np.arange(count) * speed
    whole = where.astype(np.int64)
    part = where - whole
    return (flat[whole] * (1 - part) + flat[whole + 1] * part).astype(np.float32)


def _pluck(period: int, hardness: float, draw: np.random.Generator) -> np.ndarray:
    """The string's first shape: noise, softened by the finger, with the comb of the plucking point."""
    spectrum = np.fft.rfft(draw.uniform(-1, 1, period))
    k = np.arange(len(spectrum))
    spectrum = np.exp(1j * np.angle(spectrum))  # even loudness from note to note, random phases
    spectrum *= np.exp(-k / (3.0 + 30.0 * hardness**1.5)) * (np.abs(np.sin(np.pi * k * 0.18)) + 0.05)
    spectrum[0] = 0.0
    shape = np.fft.irfft(spectrum, period)
    shape *= 0.6 / max(1e-9, float(np.abs(shape).max()))
    return np.asarray(shape)
