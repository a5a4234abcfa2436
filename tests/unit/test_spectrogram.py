"""Pictures agree with librosa, which is the reference here and never used by the program's hot path."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from musicdesk.audio.spectrogram import (
    WINDOW_FRAMES,
    log_mel,
    mel_filters,
    project,
    window_samples,
    windows_of,
)
from musicdesk.core.types import MelSpec
from musicdesk.learning.cepstra import mfcc, mfcc_of_log_mel, with_differences
from tests.helpers.sound import tones

SPEC = MelSpec()


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return tones(7.0, 22_050, 1)[:, 0]


def reference_mel(sound: np.ndarray, spec: MelSpec) -> np.ndarray:
    return librosa.feature.melspectrogram(
        y=sound,
        sr=spec.rate_hz,
        n_fft=spec.window,
        hop_length=spec.hop,
        n_mels=spec.bands,
        power=1.0,
        center=False,
    ).T


@pytest.mark.parametrize("spec", [SPEC, MelSpec(16_000, 512, 256, 96), MelSpec(44_100, 2_048, 441, 64)])
def test_filters_are_librosas(spec: MelSpec) -> None:
    theirs = librosa.filters.mel(sr=spec.rate_hz, n_fft=spec.window, n_mels=spec.bands)
    assert np.abs(mel_filters(spec).T - theirs).max() < 1e-8


def test_log_mel_is_librosas(sound: np.ndarray) -> None:
    ours, theirs = log_mel(sound, SPEC), np.log10(1 + 10 * reference_mel(sound, SPEC))
    assert ours.shape == theirs.shape and ours.dtype == np.float32
    assert np.abs(ours - theirs).max() < 1e-4
    decibels = 20 * np.abs(np.log10((10**ours - 1) / 10 + 1e-3) - np.log10(reference_mel(sound, SPEC) + 1e-3))
    assert decibels.max() < 1e-3


def test_mfcc_is_librosas(sound: np.ndarray) -> None:
    mel = reference_mel(sound, SPEC)
    theirs = librosa.feature.mfcc(S=20 * np.log10(np.maximum(mel, 1e-5)).T, n_mfcc=13).T
    assert np.abs(mfcc(mel) - theirs).max() < 1e-3 * np.abs(theirs).max()
    assert np.abs(mfcc_of_log_mel(np.log10(1 + 10 * mel)) - mfcc(mel)).max() < 0.05
    full = with_differences(mfcc(mel))
    assert full.shape == (len(mel), 39)
    assert np.allclose(full[1:, 13:26], np.diff(theirs, axis=0), atol=0.05)


def test_chunks_make_no_difference(sound: np.ndarray) -> None:
    long = np.tile(sound, 4)
    whole, part = log_mel(long, SPEC), log_mel(long[600 * SPEC.hop :], SPEC)
    assert len(whole) > 1_024
    assert np.allclose(whole[600:], part, atol=1e-6)


def test_short_sound_is_padded() -> None:
    assert log_mel(np.ones(10, np.float32), SPEC).shape == (1, 128)
    assert project(np.zeros(0, np.float32), SPEC, mel_filters(SPEC)).max() == 0


def test_windows_are_130_frames() -> None:
    assert len(log_mel(np.zeros(window_samples(2, SPEC), np.float32), SPEC)) == 2 * WINDOW_FRAMES
    picture = np.arange(300 * 2).reshape(300, 2)
    assert windows_of(picture).shape == (2, 130, 2)
    short = windows_of(picture[:50])
    assert short.shape == (1, 130, 2)
    assert np.array_equal(short[0, 50:100], picture[:50])
