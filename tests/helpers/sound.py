"""Small sound files for tests, written by PyAV's encoders and libsndfile."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile

# extension: (encoder, muxer, sample format)
CODECS = {
    "mp3": ("libmp3lame", "mp3", "fltp"),
    "flac": ("flac", "flac", "s16"),
    "ogg": ("", "", ""),  # Vorbis, by libsndfile
    "opus": ("libopus", "ogg", "flt"),
    "m4a": ("aac", "ipod", "fltp"),
    "alac.m4a": ("alac", "ipod", "s16p"),
    "wav": ("pcm_s16le", "wav", "s16"),
    "aiff": ("pcm_s16be", "aiff", "s16"),
    "wma": ("wmav2", "asf", "fltp"),
    "wv": ("wavpack", "wv", "fltp"),
    "mka": ("flac", "matroska", "s16"),
}


def tones(seconds: float, rate_hz: int = 44_100, channels: int = 2, seed: int = 0) -> np.ndarray:
    """Something musical: chords that change every half second, a beat, a little noise. float32 (n, channels)"""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    steps = rng.integers(0, 24, (int(seconds * 2) + 1, 3))
    pitch = 110.0 * 2 ** (steps[(time * 2).astype(int)] / 12)
    chord = np.sin(2 * np.pi * np.cumsum(pitch, axis=0) / rate_hz).sum(axis=1) / 6
    beat = np.exp(-((time * 2) % 1) * 20) * rng.standard_normal(len(time)) * 0.3
    pan = np.linspace(0.6, 1.0, channels)
    return ((chord + beat)[:, None] * pan * 0.5).astype(np.float32)


def encode(
    path: Path, samples: np.ndarray, rate_hz: int = 44_100, kind: str | None = None, bit_rate: int | None = None
) -> Path:
    """Writes float32 (n, channels) as `kind` (default: the suffix of `path`); `bit_rate` in bits per second."""
    codec, muxer, form = CODECS[kind or path.suffix[1:]]
    if not codec:
        return _vorbis(path, samples, rate_hz)
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[samples.shape[1]]
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        stream.codec_context.format = form
        stream.bit_rate = bit_rate or 128_000 * samples.shape[1] // 2
        stream.codec_context.time_base = Fraction(1, rate_hz)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts = rate_hz, 0
        size = stream.codec_context.frame_size or 4_096
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate_hz, frame_size=size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            if part is not None:
                container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def _vorbis(path: Path, samples: np.ndarray, rate_hz: int) -> Path:
    with soundfile.SoundFile(
        str(path), "w", samplerate=rate_hz, channels=samples.shape[1], format="OGG", subtype="VORBIS"
    ) as file:
        for at in range(0, len(samples), 8_192):  # libsndfile crashes on long writes of Vorbis
            file.write(samples[at : at + 8_192])
    return path


def float_wav(path: Path, samples: np.ndarray, rate_hz: int = 44_100) -> Path:
    soundfile.write(str(path), samples, rate_hz, subtype="FLOAT")
    return path
