"""What can be said about a track's sound in numbers: tempo, loudness, key, timbre, chroma, cepstra.

All of it comes from the mel projection that the encoder needs anyway, a few long spectra for the chroma,
and the K-weighted power of the decoder's own channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from musicdesk.audio.loudness import FLOOR_LUFS, Steps, gain_db, integrated_lufs
from musicdesk.audio.pitch import PITCHES, chroma, key_of
from musicdesk.audio.pulse import onset_envelope, tempo_of
from musicdesk.audio.spectrogram import compressed, mel_edges, mel_filters, project
from musicdesk.core.types import MelSpec
from musicdesk.learning.cepstra import mfcc, with_differences

ROLLOFF = 0.85  # of the magnitude lies under the rolloff frequency
TIMBRE = ("centroid_hz", "rolloff_hz", "flatness_db", "flux", "zero_crossings")
CEPSTRA = tuple(f"{kind}{i}" for kind in ("mfcc", "mfcc_d", "mfcc_dd") for i in range(13))
SCALARS = ("tempo_bpm", "tempo_confidence", "loudness_lufs", "crest_db", "key_confidence", "majorness")


def _statistics(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_mean" for name in names) + tuple(f"{name}_sd" for name in names)


CHROMA = tuple(f"chroma_{pitch}" for pitch in PITCHES)
DESCRIPTOR_NAMES = SCALARS + _statistics(TIMBRE) + _statistics(CHROMA) + _statistics(CEPSTRA)


@dataclass(frozen=True, eq=False)
class Stretch:
    """An unbroken piece of a track, seconds long.

    mono: float32 (samples,) at 22,050 Hz; peak: of full scale, over all channels
    """

    start_s: float
    mono: np.ndarray
    peak: float


@dataclass(frozen=True, eq=False)
class Picture:
    """What one pass over a stretch gives. mel: float32 (frames, bands) magnitudes; log_mel: its compression;
    timbre: float32 (frames, 5) in the order of TIMBRE; chroma: float32 (spectra, 12)
    """

    mel: np.ndarray
    log_mel: np.ndarray
    timbre: np.ndarray
    chroma: np.ndarray


@dataclass(frozen=True, eq=False)
class Described:
    """`vector` is float32 (len(DESCRIPTOR_NAMES),), finite, in that order; the others are for display."""

    vector: np.ndarray
    tempo: float  # beats per minute, 0 when there is no pulse
    tempo_confidence: float  # 0..1
    loudness_lufs: float  # -70 and up
    gain_db: float  # ReplayGain 2.0, to -18 LUFS
    peak: float  # of full scale
    key: str  # "A minor"
    key_confidence: float  # 0..1


def picture(mono: np.ndarray, spec: MelSpec) -> Picture:
    """Mel, timbre and chroma of one stretch. mono: float32 (samples,) at spec.rate_hz, not empty"""
    columns = _columns(spec)
    projected = project(mono, spec, columns)
    mel = projected[:, : spec.bands]
    log_mel = compressed(mel)
    timbre = np.empty((len(mel), len(TIMBRE)), np.float32)
    timbre[:, 0] = projected[:, -2] / np.maximum(projected[:, -1], np.float32(1e-9))
    timbre[:, 1] = _rolloff(mel, spec)
    timbre[:, 2] = _flatness(mel)
    timbre[:, 3] = np.abs(np.diff(log_mel, axis=0, prepend=log_mel[:1])).mean(axis=1)
    timbre[:, 4] = _zero_crossings(mono, len(mel), spec)
    return Picture(mel, log_mel, timbre, chroma(mono, spec.rate_hz))


def describe(stretches: list[Stretch], pictures: list[Picture], loudness: list[Steps], spec: MelSpec) -> Described:
    """Descriptors of a track from its stretches and their pictures (same order, at least one).

    `loudness` may hold more stretches than the others: it is cheap, so all that was decoded counts.
    """
    level = integrated_lufs(loudness)
    peak = max(stretch.peak for stretch in stretches)
    pulse = tempo_of([onset_envelope(each.log_mel) for each in pictures], spec.rate_hz / spec.hop)
    pitches = np.concatenate([each.chroma for each in pictures])
    key = key_of(pitches.mean(axis=0))
    rms = float(np.sqrt(np.mean([np.dot(each.mono, each.mono) / max(1, len(each.mono)) for each in stretches])))
    crest = 20 * np.log10(max(peak, 1e-5) / max(rms, 1e-5))
    cepstra = np.concatenate([with_differences(mfcc(each.mel)) for each in pictures])
    scalars = np.array([pulse.bpm, pulse.confidence, level, crest, key.confidence, key.majorness])
    timbre = np.concatenate([each.timbre for each in pictures])
    parts = [scalars, *_mean_sd(timbre), *_mean_sd(pitches), *_mean_sd(cepstra)]
    vector = np.nan_to_num(np.concatenate(parts), posinf=0.0, neginf=0.0).astype(np.float32)
    gain = gain_db(level) if level > FLOOR_LUFS else 0.0
    return Described(vector, pulse.bpm, pulse.confidence, level, gain, peak, key.name, key.confidence)


@lru_cache(maxsize=4)
def _columns(spec: MelSpec) -> np.ndarray:
    """Mel filters, and two more columns: frequency and one, for the centroid."""
    freqs = np.linspace(0, spec.rate_hz / 2, 1 + spec.window // 2, dtype=np.float32)
    return np.column_stack([mel_filters(spec), freqs, np.ones_like(freqs)])


def _rolloff(mel: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Frequency under which 85 % of the magnitude lies, to the width of a band. Hz, (frames,)"""
    edges = mel_edges(spec)
    total = np.cumsum(mel * (edges[2:] - edges[:-2]).astype(np.float32), axis=1)
    band = (total < ROLLOFF * total[:, -1:]).sum(axis=1)
    frequencies: np.ndarray = edges[1:-1].astype(np.float32)[np.minimum(band, spec.bands - 1)]
    return frequencies


def _flatness(mel: np.ndarray) -> np.ndarray:
    """Geometric over arithmetic mean of the bands in dB, 0 (noise) down to about -60 (a tone). (frames,)"""
    floored = np.maximum(mel, np.float32(1e-7))
    ratio: np.ndarray = np.log10(floored).mean(axis=1) - np.log10(floored.mean(axis=1))
    return np.float32(20) * ratio


def _zero_crossings(mono: np.ndarray, frames: int, spec: MelSpec) -> np.ndarray:
    """Share of samples at which the sign changes, per hop. (frames,), 0..1"""
    below = np.signbit(mono)
    crossed = below[1:] != below[:-1]
    hops = crossed[: len(crossed) // spec.hop * spec.hop].reshape(-1, spec.hop).mean(axis=1, dtype=np.float32)
    return np.resize(hops if len(hops) else np.float32(crossed.mean() if len(crossed) else 0.0), frames)


def _mean_sd(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows.mean(axis=0), rows.std(axis=0)
