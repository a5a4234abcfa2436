"""Loudness against the standard and pyloudnorm, tempo and key against music whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from musicdesk.audio.descriptors import DESCRIPTOR_NAMES, Stretch, describe, picture
from musicdesk.audio.loudness import channel_weights, gain_db, integrated_lufs, k_response, k_steps
from musicdesk.audio.overview import BINS, exact_bins, peaks_of, sketched_bins
from musicdesk.audio.pitch import chroma, key_of
from musicdesk.audio.pulse import onset_envelope, tempo_of
from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.types import MelSpec
from tests.helpers.sound import tones

SPEC = MelSpec()


def sine(db: float, seconds: float = 20.0, hz: float = 1_000.0, rate_hz: int = 48_000, channels: int = 2) -> np.ndarray:
    wave = 10 ** (db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def lufs_of(samples: np.ndarray, rate_hz: int = 48_000, exact: bool = True) -> float:
    return integrated_lufs([k_steps(samples, rate_hz, exact)])


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("exact", [True, False])
def test_ebu_tech_3341_case_1_and_2(rate_hz: int, exact: bool) -> None:
    """A stereo 1 kHz sine at -23 dBFS reads -23.0 +- 0.1 LUFS, at -33 dBFS -33.0."""
    for level in (-23.0, -33.0):
        assert lufs_of(sine(level, rate_hz=rate_hz), rate_hz, exact) == pytest.approx(level, abs=0.1)


def test_ebu_tech_3341_case_3_and_4_gates() -> None:
    """Quiet passages are left out by the relative gate, near-silence by the absolute one."""
    case3 = np.concatenate([sine(-36, 10), sine(-23, 60), sine(-36, 10)])
    case4 = np.concatenate([sine(-72, 10), sine(-36, 10), sine(-23, 60), sine(-36, 10), sine(-72, 10)])
    assert lufs_of(case3) == pytest.approx(-23.0, abs=0.1)
    assert lufs_of(case4) == pytest.approx(-23.0, abs=0.1)


def test_ebu_tech_3341_case_6_surround() -> None:
    """5.0 sound: -28 in front, -24 in the centre, -30 at the back reads -23.0."""
    levels = (-28, -28, -24, -30, -30)
    five = np.concatenate([sine(level, channels=1) for level in levels], axis=1)
    assert lufs_of(five) == pytest.approx(-23.0, abs=0.1)
    with_lfe = np.insert(five, 3, sine(-3, channels=1)[:, 0], axis=1)
    assert lufs_of(with_lfe) == pytest.approx(-23.0, abs=0.1)
    assert channel_weights(6)[3] == 0


def test_k_weighting_is_the_standards_at_48_khz() -> None:
    """The coefficients printed in BS.1770-4, tables 1 and 2."""
    omega = np.linspace(0.001, np.pi, 500)
    z = np.exp(-1j * omega)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    highpass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    assert np.allclose(k_response(omega, 48_000), np.abs(shelf * highpass) ** 2, rtol=1e-6, atol=1e-12)


def test_loudness_is_pyloudnorms() -> None:
    pyloudnorm = pytest.importorskip("pyloudnorm")
    for seed in range(3):
        samples = tones(12.0, seed=seed)
        samples[:, 1] = np.roll(samples[:, 1], 400) * 0.5
        reference = pyloudnorm.Meter(44_100).integrated_loudness(samples.astype(np.float64))
        assert lufs_of(samples, 44_100) == pytest.approx(reference, abs=0.1)
        assert lufs_of(samples, 44_100, exact=False) == pytest.approx(reference, abs=0.6)


def test_replaygain_brings_tracks_to_minus_18() -> None:
    quiet = sine(-30)
    gain = gain_db(lufs_of(quiet))
    assert lufs_of(quiet * np.float32(10 ** (gain / 20))) == pytest.approx(-18.0, abs=0.05)


def test_silence_is_at_the_floor() -> None:
    assert lufs_of(np.zeros((48_000, 2), np.float32)) == -70.0
    assert integrated_lufs([]) == -70.0


@pytest.mark.parametrize("bpm", [70, 96, 120, 128, 150])
def test_tempo_of_a_drum(bpm: int) -> None:
    rng = np.random.default_rng(bpm)
    time = np.arange(22_050 * 6) / 22_050
    envelopes = []
    for phase in (0.0, 0.37, 0.71):
        beat = (time * bpm / 60 + phase) % 1
        drum = np.exp(-beat * 25) * rng.standard_normal(len(time)) * 0.5
        envelopes.append(onset_envelope(log_mel(drum.astype(np.float32), SPEC)))
    pulse = tempo_of(envelopes, SPEC.rate_hz / SPEC.hop)
    assert pulse.bpm == pytest.approx(bpm, rel=0.02)
    assert pulse.confidence > 0.4


def test_noise_has_no_sure_tempo() -> None:
    noise = np.random.default_rng(0).standard_normal(22_050 * 6).astype(np.float32) * 0.1
    assert tempo_of([onset_envelope(log_mel(noise, SPEC))], 43.07).confidence < 0.3
    assert tempo_of([], 43.07).bpm == 0.0
    assert tempo_of([np.zeros(200, np.float32)], 43.07).bpm == 0.0


def chord_sound(degrees: list[int], tonic: int) -> np.ndarray:
    """A second per triad note set, tonic as MIDI number."""
    time = np.arange(22_050) / 22_050
    notes = [440 * 2 ** ((tonic + degree - 69) / 12) for degree in degrees]
    return np.sum([np.sin(2 * np.pi * f * time) + 0.3 * np.sin(4 * np.pi * f * time) for f in notes], axis=0) * 0.1


MAJOR_CADENCE = [[0, 4, 7], [5, 9, 12], [7, 11, 14], [0, 4, 7]]
MINOR_CADENCE = [[0, 3, 7], [5, 8, 12], [7, 10, 14], [0, 3, 7]]


@pytest.mark.parametrize(("tonic", "name"), [(57, "A"), (60, "C"), (62, "D"), (66, "F#")])
def test_key_of_a_cadence(tonic: int, name: str) -> None:
    for cadence, mode in ((MAJOR_CADENCE, "major"), (MINOR_CADENCE, "minor")):
        sound = np.concatenate([chord_sound(degrees, tonic) for degrees in cadence * 2]).astype(np.float32)
        key = key_of(chroma(sound, 22_050).mean(axis=0))
        assert key.name == f"{name} {mode}"
        assert 0 < key.confidence <= 1
        assert (key.majorness > 0) == (mode == "major")


def test_no_pitch_no_key() -> None:
    assert key_of(np.zeros(12)).name == ""


def stretch_of(samples: np.ndarray, rate_hz: int = 22_050) -> Stretch:
    return Stretch(0.0, samples.mean(axis=1), float(np.abs(samples).max()))


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.5, 3.0, 6.1])
def test_the_vector_is_finite_for_every_length(seconds: float) -> None:
    samples = tones(seconds, 22_050, 1)
    stretch = stretch_of(samples)
    told = describe([stretch], [picture(stretch.mono, SPEC)], [k_steps(samples, 22_050)], SPEC)
    assert told.vector.shape == (len(DESCRIPTOR_NAMES),) and told.vector.dtype == np.float32
    assert np.isfinite(told.vector).all()
    assert all(np.isfinite([told.tempo, told.loudness_lufs, told.gain_db, told.peak, told.key_confidence]))


def test_names_are_fixed_and_unique() -> None:
    assert len(set(DESCRIPTOR_NAMES)) == len(DESCRIPTOR_NAMES) == 118
    assert DESCRIPTOR_NAMES[:3] == ("tempo_bpm", "tempo_confidence", "loudness_lufs")
    assert sum(name.startswith("mfcc") for name in DESCRIPTOR_NAMES) == 78


def test_timbre_tells_a_tone_from_noise() -> None:
    low = sine(-12, 6.1, 200.0, 22_050, 1)
    high = sine(-12, 6.1, 4_000.0, 22_050, 1)
    noise = (np.random.default_rng(1).standard_normal((len(low), 1)) * 0.1).astype(np.float32)
    told = {}
    for name, samples in (("low", low), ("high", high), ("noise", noise)):
        stretch = stretch_of(samples)
        vector = describe([stretch], [picture(stretch.mono, SPEC)], [k_steps(samples, 22_050)], SPEC).vector
        told[name] = dict(zip(DESCRIPTOR_NAMES, vector.tolist(), strict=True))
    assert told["high"]["centroid_hz_mean"] == pytest.approx(4_000, rel=0.1)
    assert told["low"]["rolloff_hz_mean"] < 400 < 3_500 < told["high"]["rolloff_hz_mean"] < 4_500
    assert told["noise"]["flatness_db_mean"] > told["low"]["flatness_db_mean"] + 10
    assert told["high"]["zero_crossings_mean"] == pytest.approx(2 * 4_000 / 22_050, rel=0.02)
    assert told["low"]["flux_mean"] < told["noise"]["flux_mean"]


def test_overview_shows_the_peaks() -> None:
    ramp = np.linspace(0, 1, 44_100 * 30, dtype=np.float32)[:, None] * np.ones((1, 2), np.float32)
    peaks = peaks_of(ramp, 44_100)
    assert len(peaks) == 600
    bins = exact_bins(peaks)
    assert bins.shape == (BINS,) and bins.dtype == np.uint8
    assert np.abs(bins.astype(int) - np.linspace(0, 255, BINS)).max() <= 2
    sketch = sketched_bins([(0.0, peaks[:20]), (20.0, peaks[400:420])], 30.0)
    assert np.abs(sketch[:420].astype(int) - bins[:420]).max() <= 3
    assert exact_bins(np.array([0.5], np.float32)).tolist() == [128] * BINS
    assert peaks_of(np.full((1, 1), -0.25, np.float32), 44_100).tolist() == [0.25]
