"""Reverb, echo, chorus, drive, filters, limiter. Arrays are float32; stereo is (2, samples)."""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage, signal


def reverb(send: np.ndarray, rate: int, seconds: float, seed: int, tone_hz: float = 4_500.0) -> np.ndarray:
    """A room: `send` (samples,) convolved with decaying noise, a different one for each ear: (2, samples).

    seconds: time to -60 dB; high frequencies die sooner. The energy of the impulse is 1.
    """
    impulses = [_impulse(rate, seconds, tone_hz, np.random.default_rng([seed, 41, ear])) for ear in range(2)]
    length = len(impulses[0])
    size = 1 << (3 * length).bit_length()  # overlap-add: blocks that fit the cache beat one long transform
    hop = size - length + 1
    spectra = [fft.rfft(impulse, n=size) for impulse in impulses]
    wet = np.zeros((2, len(send) + size), dtype=np.float32)
    for start in range(0, len(send), hop):
        block = fft.rfft(send[start : start + hop], n=size)
        for ear, spectrum in enumerate(spectra):
            wet[ear, start : start + size] += fft.irfft(block * spectrum, n=size)
    return wet[:, : len(send)]


def _impulse(rate: int, seconds: float, tone_hz: float, draw: np.random.Generator) -> np.ndarray:
    count = int(seconds * rate)
    t = np.arange(count, dtype=np.float32) / rate
    noise = draw.standard_normal(count).astype(np.float32)
    dark = signal.sosfilt(_low(tone_hz * 0.35, rate), noise)
    bright = signal.sosfilt(_low(tone_hz, rate), noise)
    fall = np.exp(-t * np.float32(6.9 / seconds))
    tail = dark * fall + (bright - dark) * fall**2.5
    tail = signal.sosfilt(_high(180.0, rate), tail)
    tail *= 1 - np.exp(-t / 0.012)  # the room takes a moment to answer
    for delay in draw.uniform(0.008, 0.05, size=5):  # first walls
        tail[int(delay * rate)] += float(draw.choice([-1, 1])) * 3.0 * float(np.exp(-delay * 30))
    return np.asarray(tail / np.sqrt(np.sum(tail**2)), dtype=np.float32)


def echo(send: np.ndarray, rate: int, seconds: float, feedback: float = 0.42) -> np.ndarray:
    """Echoes that bounce from ear to ear and grow darker: `send` (samples,) -> (2, samples)."""
    wet = np.zeros((2, len(send)), dtype=np.float32)
    step = max(1, int(seconds * rate))
    copy = send
    soften = _low(3_000.0, rate)
    for number in range(1, 6):
        at = number * step
        if at >= len(send):
            break
        copy = signal.sosfilt(soften, copy) if number <= 3 else copy
        wet[number % 2, at:] += np.float32(feedback**number) * copy[: len(send) - at]
    return wet


def _delayed(padded: np.ndarray, lag: np.ndarray, reach: int) -> np.ndarray:
    """`padded` (..., reach + samples) read `lag` samples back, float32 (samples,), 0 <= lag < reach - 1."""
    delayed = np.empty((*padded.shape[:-1], len(lag)), dtype=np.float32)
    for start in range(0, len(lag), 16_384):  # blocks that stay in the cache: three times as fast
        some = lag[start : start + 16_384]
        whole = some.astype(np.int32)
        where = np.arange(reach + start, reach + start + len(some)) - whole
        later = padded[..., where]
        delayed[..., start : start + len(some)] = later + (some - whole) * (padded[..., where - 1] - later)
    return delayed


def chorus(sound: np.ndarray, rate: int, depth: float) -> np.ndarray:
    """Two slowly wandering copies, one per ear: `sound` (samples,) -> (2, samples); `depth` 0..1."""
    t = np.arange(len(sound), dtype=np.float32) / np.float32(rate)
    reach = int(0.017 * rate)
    padded = np.concatenate([np.zeros(reach, dtype=np.float32), sound])
    out = np.empty((2, len(sound)), dtype=np.float32)
    for ear, hz in enumerate((0.61, 0.47)):
        wander = np.sin(np.float32(2 * np.pi) * (np.float32(hz) * t + np.float32(0.25 * ear)))
        lag = np.float32(rate) * (np.float32(0.012) + np.float32(0.0035) * wander)
        copy = _delayed(padded, lag, reach)
        out[ear] = (sound + np.float32(depth) * copy) * np.float32(1 / (1 + 0.6 * depth))
    return out


def drive(sound: np.ndarray, rate: int, amount: float) -> np.ndarray:
    """A guitar amplifier: treble into a soft clip, then a loudspeaker that ends near 4.5 kHz."""
    tight = signal.sosfilt(_high(110.0, rate), sound)
    level = float(np.sqrt(np.mean(tight**2))) or 1.0
    hot = np.tanh(tight * np.float32(0.35 * amount / level))
    spoken = signal.sosfilt(_low(4_300.0, rate, order=4), hot)
    return np.asarray(
        spoken * np.float32(1.6 * level / max(1e-6, float(np.sqrt(np.mean(spoken**2))))), dtype=np.float32
    )


def tilt(stereo: np.ndarray, rate: int, decibels: float) -> np.ndarray:
    """Turns the spectrum around 900 Hz: treble up by `decibels`, bass down by as much (halved)."""
    low = signal.sosfilt(_low(900.0, rate, order=1), stereo, axis=-1)
    up, down = 10 ** (decibels / 20), 10 ** (-decibels / 40)
    return np.asarray(np.float32(up) * (stereo - low) + np.float32(down) * low, dtype=np.float32)


def wow(stereo: np.ndarray, rate: int, depth_s: float) -> np.ndarray:
    """A tape that does not run quite evenly: times wander by `depth_s`."""
    t = np.arange(stereo.shape[1], dtype=np.float32) / np.float32(rate)
    wave = np.float32(0.7) * np.sin(np.float32(2 * np.pi * 0.53) * t)
    wave += np.float32(0.3) * np.sin(np.float32(2 * np.pi * 1.27) * t + np.float32(1))
    reach = int(2 * rate * depth_s) + 4
    padded = np.pad(stereo, ((0, 0), (reach, 0)))
    return _delayed(padded, np.float32(rate * depth_s) * (1 + wave), reach)


def limiter(stereo: np.ndarray, rate: int, ceiling: float) -> np.ndarray:
    """Turns peaks down smoothly, 4 ms ahead of them, so that nothing exceeds `ceiling` (linear)."""
    peak = np.abs(stereo).max(axis=0)
    wanted = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9)).astype(np.float32)
    if wanted.min() >= 1.0:
        return stereo
    width = int(0.004 * rate) | 1
    # The minimum over two widths, averaged over one, is never above the gain that a peak needs.
    gain = ndimage.uniform_filter1d(ndimage.minimum_filter1d(wanted, 2 * width + 1), width)
    return np.asarray(stereo * np.minimum(gain, 1.0))


def _low(hz: float, rate: int, order: int = 2) -> np.ndarray:
    sos = signal.butter(order, min(hz, 0.45 * rate), fs=rate, output="sos")
    return np.asarray(sos, dtype=np.float32)


def _high(hz: float, rate: int) -> np.ndarray:
    return np.asarray(signal.butter(2, hz, "high", fs=rate, output="sos"), dtype=np.float32)
