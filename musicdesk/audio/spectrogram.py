"""Sound to pictures: magnitude spectra, log-mel. Numpy and scipy.fft alone; librosa is the test's reference.

Frames are not padded: frame i covers samples [i * hop, i * hop + window).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from musicdesk.core.types import MelSpec

WINDOW_FRAMES = 130  # one window of an encoder: 3.04 s (Lee et al. 2018)
FFT_ROWS = 512  # frames per transform: the working set stays in the cache


def window_samples(windows: int, spec: MelSpec) -> int:
    """Samples that hold exactly `windows` windows of 130 frames."""
    return (windows * WINDOW_FRAMES - 1) * spec.hop + spec.window


def log_mel(samples: np.ndarray, spec: MelSpec) -> np.ndarray:
    """Log-mel picture of mono sound.

    samples: float32 (samples,) at spec.rate_hz; fewer than one window are padded with silence
    returns: float32 (frames, spec.bands), log10(1 + 10 mel) of the mel magnitude; Lee et al. 2018, section 3.3
    """
    return compressed(project(samples, spec, mel_filters(spec)))


def compressed(mel: np.ndarray) -> np.ndarray:
    """log10(1 + 10 mel), the compression of Lee et al. 2018. float32, any shape, mel >= 0."""
    levels: np.ndarray = np.log10(np.float32(1) + np.float32(10) * mel)
    return levels


def project(samples: np.ndarray, spec: MelSpec, columns: np.ndarray) -> np.ndarray:
    """Magnitude spectra times `columns`, without keeping the spectra.

    samples: float32 (samples,); columns: float32 (1 + window / 2, k)
    returns: float32 (frames, k)
    """
    from scipy import fft

    if len(samples) < spec.window:
        samples = np.pad(samples, (0, spec.window - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, spec.window)[:: spec.hop]
    hann = hann_window(spec.window)
    result = np.empty((len(frames), columns.shape[1]), np.float32)
    for at in range(0, len(frames), FFT_ROWS):
        rows = slice(at, at + FFT_ROWS)
        np.matmul(np.abs(fft.rfft(frames[rows] * hann, axis=1)), columns, out=result[rows])
    return result


@lru_cache(maxsize=8)
def hann_window(length: int) -> np.ndarray:
    """Periodic Hann window, float32 (length,)."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


@lru_cache(maxsize=4)
def mel_filters(spec: MelSpec) -> np.ndarray:
    """Triangles on Slaney's mel scale, each of area 1 (Slaney, Auditory Toolbox, 1998).

    returns: float32 (1 + window / 2, bands)
    """
    edges = mel_edges(spec)
    freqs = np.linspace(0, spec.rate_hz / 2, 1 + spec.window // 2)
    rise = (freqs[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - freqs[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rise, fall))
    filters: np.ndarray = (triangles * (2 / (edges[2:] - edges[:-2]))).astype(np.float32)
    return filters


@lru_cache(maxsize=4)
def mel_edges(spec: MelSpec) -> np.ndarray:
    """Corner frequencies in Hz, float64 (bands + 2,): linear up to 1 kHz, then 27 steps per factor 6.4."""
    step_hz, knee_hz, log_step = 200 / 3, 1_000.0, np.log(6.4) / 27
    knee = knee_hz / step_hz
    top = knee + np.log(spec.rate_hz / 2 / knee_hz) / log_step
    mels = np.linspace(0, top, spec.bands + 2)
    edges: np.ndarray = np.where(
        mels < knee, mels * step_hz, knee_hz * np.exp(log_step * (np.maximum(mels, knee) - knee))
    )
    return edges


def windows_of(picture: np.ndarray) -> np.ndarray:
    """Cuts (frames, bands) into (n, 130, bands), n >= 1; a picture shorter than one window is repeated to fill it."""
    if len(picture) < WINDOW_FRAMES:
        picture = np.tile(picture, (-(-WINDOW_FRAMES // max(1, len(picture))), 1))[:WINDOW_FRAMES]
    count = len(picture) // WINDOW_FRAMES
    return picture[: count * WINDOW_FRAMES].reshape(count, WINDOW_FRAMES, -1)
