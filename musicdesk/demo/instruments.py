"""Plays one note on an instrument of `resources/demo/instruments.toml`."""

from __future__ import annotations

import zlib

import numpy as np
from scipy import fft

from musicdesk.demo import oscillators as osc
from musicdesk.demo.recipes import Instrument

_FADE_S = 0.004  # every note's last milliseconds, so that none ends in a click


class Player:
    """One instrument at one sample rate. Equal notes are made once and reused.

    brightness: octaves by which the filter corners move, about -1..1
    """

    def __init__(self, name: str, instrument: Instrument, rate: int, brightness: float, seed: int) -> None:
        self.instrument = instrument
        self.rate = rate
        self._brightness = 2.0**brightness
        self._seed = [seed, zlib.crc32(name.encode())]
        self._made: dict[tuple[int, int, int], np.ndarray] = {}

    def note(self, pitch: int, seconds: float, velocity: float) -> np.ndarray:
        """float32 (samples,), mono; the release comes after `seconds`. Louder notes are brighter."""
        layer = 2 if velocity > 0.8 else 1 if velocity > 0.55 else 0
        key = (pitch, max(1, round(seconds * 25)), layer)
        if key not in self._made:
            self._made[key] = self._make(pitch, key[1] / 25, layer)
        loud = float(np.clip(velocity, 0.05, 1.0)) ** 1.3 * self.instrument.gain
        return self._made[key] * np.float32(loud)

    def _make(self, pitch: int, seconds: float, layer: int) -> np.ndarray:
        instrument = self.instrument
        draw = np.random.default_rng([*self._seed, pitch, layer])
        hz = osc.hertz(pitch)
        tail = instrument.release * (2.5 if instrument.engine == "table" else 3.0)
        count = int((seconds + tail) * self.rate) + 1
        bright = self._brightness * (0.75, 1.0, 1.25)[layer]
        if instrument.engine == "fm":
            tone = osc.fm(hz, count, self.rate, instrument.ratio, instrument.index * bright, instrument.index_decay)
        elif instrument.engine == "string":
            hardness = float(np.clip(instrument.hardness * bright**0.6, 0.05, 1.0))
            ring = instrument.ring * float(np.clip((261.6 / hz) ** 0.5, 0.4, 1.6))
            tone = osc.string(hz, count, self.rate, hardness, ring, draw)
        elif instrument.engine == "struck":
            tone = self._struck(hz, count, bright)
        else:
            tone = self._table(hz, count, bright, draw)
        if instrument.breath:
            tone += _breath(count, hz, self.rate, draw) * np.float32(instrument.breath)
        tone *= self._envelope(count, seconds)
        return tone

    def _table(self, hz: float, count: int, bright: float, draw: np.random.Generator) -> np.ndarray:
        instrument = self.instrument
        corners = [max(hz * 1.2, c * bright) for c in (instrument.open_hz, instrument.close_hz)]
        opened, closed = (osc.wavetable(instrument.shape, hz, self.rate, c) for c in corners)
        sweep = np.exp(-np.arange(count, dtype=np.float32) / np.float32(instrument.sweep * self.rate))
        mixed = np.zeros(count, dtype=np.float32)
        spread = np.linspace(-0.5, 0.5, instrument.voices) if instrument.voices > 1 else np.zeros(1)
        for place in spread:
            detuned = hz * 2.0 ** (place * instrument.detune / 1200.0)
            start = float(draw.random()) if instrument.voices > 1 else 0.0
            phase = osc.phases(detuned, count, self.rate, instrument.vibrato, start)
            if instrument.open_hz == instrument.close_hz:
                mixed += osc.read(opened, phase)
            else:
                low = osc.read(closed, phase)
                mixed += low + sweep * (osc.read(opened, phase) - low)
        return mixed / np.float32(instrument.voices**0.5)

    def _struck(self, hz: float, count: int, bright: float) -> np.ndarray:
        instrument = self.instrument
        hardness = float(np.clip(instrument.hardness * bright**0.5, 0.05, 1.0))
        groups = osc.struck_tables(hz, self.rate, hardness)
        t = np.arange(count, dtype=np.float32) / self.rate
        ring = instrument.ring * float(np.clip((261.6 / hz) ** 0.55, 0.25, 2.2))
        tone = np.zeros(count, dtype=np.float32)
        for table, stretch, share in zip(groups, (1.0, 1.0006, 1.0016), (1.0, 0.5, 0.22), strict=True):
            fall = np.float32(6.9 / (ring * share))
            # Two rates, as in real pianos: the first tenth dies quickly, the rest sings on.
            decay = np.float32(0.6) * np.exp(-t * fall * 2) + np.float32(0.4) * np.exp(-t * fall * np.float32(0.7))
            tone += decay * osc.read(table, osc.phases(hz * stretch, count, self.rate))
        return tone

    def _envelope(self, count: int, seconds: float) -> np.ndarray:
        """Attack, decay, sustain, release with rounded corners; zero at both ends. float32 (count,)."""
        instrument, rate = self.instrument, self.rate
        held = min(count, max(1, int(seconds * rate)))
        level = np.ones(count, dtype=np.float32)
        if instrument.engine in ("table", "fm"):
            t = np.arange(held, dtype=np.float32) / rate
            level[:held] = instrument.sustain + (1 - instrument.sustain) * np.exp(-t / (instrument.decay / 2))
            level[held:] = level[held - 1]
        rise = min(held, max(2, int(max(instrument.attack, 0.0015) * rate)))
        level[:rise] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise, dtype=np.float32))
        after = count - held
        if after:
            fall = np.exp(-np.arange(after, dtype=np.float32) / np.float32(max(1.0, instrument.release * rate / 2)))
            level[held:] *= fall
        fade = min(count, int(_FADE_S * rate))
        level[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        return level


def _breath(count: int, hz: float, rate: int, draw: np.random.Generator) -> np.ndarray:
    """Noise around the tone, as in a flute: float32 (count,)."""
    size = fft.next_fast_len(count, real=True)
    noise = fft.rfft(draw.standard_normal(size, dtype=np.float32))
    f = fft.rfftfreq(size, 1 / rate).astype(np.float32) / np.float32(hz)
    band = f**2 / (1 + f**2) / (1 + (f / np.float32(3.5)) ** 2)
    return np.asarray(fft.irfft(noise * band, size)[:count])
