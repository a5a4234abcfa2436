"""A library in which artists can be told by ear, if one has learned what to listen for: three tones of their own under
noise of a colour that is each track's. An encoder that was never taught hears the colours."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import soundfile

from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.types import MelSpec
from musicdesk.encoders.weights import save
from musicdesk.learning.network import Tower, TowerShape
from musicdesk.learning.windows import MelWindows

RATE, ARTISTS, EACH, SECONDS = 22_050, 32, 3, 7.0
WINDOWS, FRAMES = 4, 130
LESSON = {"epochs": 16, "learning_rate": 3e-3}


def sound(artist: int, track: int) -> np.ndarray:
    """float32 (samples,)"""
    own, all_his = np.random.default_rng([artist, track]), np.random.default_rng([7, artist])
    time = np.arange(int(SECONDS * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * 900 * 2 ** (k / 6) * time) for k in all_his.choice(12, 3, replace=False))
    spectrum = np.fft.rfft(own.normal(size=len(time)))
    heights = np.linspace(np.log(30), np.log(11_000), 9)
    colour = np.interp(np.log(np.fft.rfftfreq(len(time), 1 / RATE) + 30), heights, own.uniform(-24, 6, 9))
    noise = np.fft.irfft(spectrum * 10 ** (colour / 20), len(time))
    return (0.08 * noise / noise.std() + 0.1 * tones).astype(np.float32)


def names(artists: int = ARTISTS) -> list[str]:
    """The group of each track."""
    return [f"artist {artist}" for artist in range(artists) for _ in range(EACH)]


def windows() -> MelWindows:
    """As analysis would keep them."""
    made = []
    for artist in range(ARTISTS):
        for track in range(EACH):
            picture = log_mel(sound(artist, track), MelSpec())
            starts = np.linspace(0, len(picture) - FRAMES, WINDOWS).astype(int)
            made.append(np.stack([picture[at : at + FRAMES] for at in starts]).astype(np.float16))
    return MelWindows.of(np.arange(len(made)), made)


def write(folder: Path) -> Path:
    """The same as tagged files."""
    for artist in range(ARTISTS):
        for track in range(EACH):
            path = folder / f"{artist}" / f"{track}.flac"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, sound(artist, track), RATE)
            audio = mutagen.File(path)
            audio.update({"artist": f"Artist {artist}", "title": f"Song {artist}-{track}"})
            audio.save()
    return folder


def untaught(seed: int = 1) -> Tower:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Tower(TowerShape(dim=32, out=16)).eval()


def bring(folder: Path, name: str = "small") -> str:
    """A small encoder that was never taught, in the profile's folder of encoders; returns its id."""
    return save(folder / name, untaught(), "", name=name, licence="CC0-1.0", data="Nothing.").encoder_id
