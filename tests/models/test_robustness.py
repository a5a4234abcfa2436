"""An encoder hears the music, not the file: bars on real tracks, and a check of the check."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from musicdesk.audio.listen import windows
from musicdesk.workflows.desk import DEFAULT_ENCODER
from tests.helpers.robustness import BARS, EXCERPT_S, Robustness, by_name, decoded, measure, shelf
from tests.helpers.sound import float_wav, tones

# Whole tracks of unlike kinds and codecs, all but one over two minutes long.
REAL = (
    "Karissa Hobbs/Age of Flowers/Karissa_Hobbs_-_Lets_Go_Fishin.ogg",
    "TAD/忠人 平峰's Album/lobby.mp3",
    "Arvid Picciani/freedroidrpg/temple.ogg",
    "Axel Lopez/Plasma Mobile ringtones/Wubstep.oga",
)


@pytest.mark.real
def test_shipped_encoder_hears_the_music_not_the_file(real_music: Path, tmp_path: Path) -> None:
    found = measure([real_music / name for name in REAL], tmp_path, by_name(DEFAULT_ENCODER), most_s=60.0)
    missed = {name for name, values in found.cosines.items() if values.min() < BARS[name]}
    assert not missed, found.table()
    assert len(found.apart) == 3 and all(own > far for own, far in found.apart.values()), found.table()


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("songs")
    return [
        float_wav(folder / f"{name}.wav", tones(seconds, 16_000, seed=seed), 16_000)
        for seed, (name, seconds) in enumerate((("long", 121.0), ("short", 20.0)))
    ]


def test_check_tells_what_hears_loudness_from_what_does_not(songs: list[Path], tmp_path: Path) -> None:
    """A mean spectrum with its loudness divided out is steady; one with the loudness beside it is not."""

    def timbre(path: Path) -> np.ndarray:
        sound = 10.0 ** windows({"path": os.fspath(path)})[1]["mel"].astype(np.float64) - 1.0
        bands = np.sqrt(sound.mean(axis=(0, 1)))
        return bands / np.linalg.norm(bands)

    def loud(path: Path) -> np.ndarray:
        samples, _rate = decoded(path)
        level = np.array([1.0, 20.0 * np.sqrt(np.square(samples).mean())])
        return level / np.linalg.norm(level)

    steady = measure(songs, tmp_path, timbre)
    assert steady.cosines["6 dB quieter"].min() > 0.9999 and steady.cosines["mono"].min() > 0.9999
    assert set(steady.apart) == {"long.wav"} and not list(tmp_path.iterdir())
    shaken = measure(songs[1:], tmp_path, loud)
    assert any(miss.startswith("6 dB quieter") for miss in shaken.misses()), shaken.table()
    assert shaken.table().count("missed by") >= 1 and len(steady.table().splitlines()) == 3 + len(BARS)


def test_misses_name_the_track() -> None:
    found = Robustness(("a", "b"), {"mono": np.array([0.999, 0.9])}, {"a": (0.4, 0.5), "b": (0.9, 0.5)})
    assert found.misses() == [
        "mono: 0.9000 at b, wanted 0.995",
        f"other {EXCERPT_S:.0f} s: 0.400 at a, but others reach 0.500",
    ]


@pytest.mark.parametrize(("low", "at", "else_at"), [(True, 20, 18_000), (False, 18_000, 20)])
@pytest.mark.parametrize("gain", [3.0, -3.0])
def test_shelves_lift_one_side_alone(low: bool, at: int, else_at: int, gain: float) -> None:
    impulse = np.zeros((44_100, 1), np.float32)
    impulse[0] = 1.0
    level = 20 * np.log10(np.abs(np.fft.rfft(shelf(impulse, 44_100, low, gain)[:, 0])))
    assert level[at] == pytest.approx(gain, abs=0.01) and level[else_at] == pytest.approx(0.0, abs=0.01)
