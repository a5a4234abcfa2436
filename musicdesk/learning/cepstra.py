"""Mel-frequency cepstra of pictures of sound. Numpy alone; librosa is the test's reference."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

MFCC_COUNT = 13
MEL_FLOOR = 1e-5  # amplitude under which a band counts as silent, -100 dB


def mfcc(mel: np.ndarray) -> np.ndarray:
    """Mel-frequency cepstra: orthonormal DCT-II of the mel levels in dB.

    mel: float32 (frames, bands), magnitudes >= 0
    returns: float32 (frames, 13)
    """
    level = np.float32(20) * np.log10(np.maximum(mel, np.float32(MEL_FLOOR)))
    cepstra: np.ndarray = level @ cosines(mel.shape[1])
    return cepstra


@lru_cache(maxsize=4)
def cosines(bands: int) -> np.ndarray:
    """The orthonormal DCT-II that makes cepstra of levels, float32 (bands, 13)."""
    grid = np.pi / bands * np.outer(np.arange(bands) + 0.5, np.arange(MFCC_COUNT))
    scale = np.sqrt(np.where(np.arange(MFCC_COUNT) == 0, 1 / bands, 2 / bands))
    return (np.cos(grid) * scale).astype(np.float32)


def with_differences(cepstra: np.ndarray) -> np.ndarray:
    """13 cepstra with their first and second differences in time: float32 (frames, 39)."""
    first = np.diff(cepstra, axis=0, prepend=cepstra[:1])
    second = np.diff(first, axis=0, prepend=first[:1])
    return np.hstack([cepstra, first, second])


def mfcc_of_log_mel(picture: np.ndarray) -> np.ndarray:
    """float32 (frames, 13) from a picture (frames, bands) of log10(1 + 10 mel)."""
    return mfcc((np.power(np.float32(10), picture.astype(np.float32)) - np.float32(1)) / np.float32(10))
