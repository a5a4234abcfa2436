"""Small music files made on the spot: tones that differ, with tags."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import soundfile

RATE = 22_050


def tone(pitch: float, seconds: float = 4.0, seed: int = 0) -> np.ndarray:
    """A plucked chord over noise, float32 (samples,): enough to tell files apart by ear."""
    t = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(seed).normal(size=len(t))
    beat = np.exp(-6 * (t % 0.5))
    sound = sum(np.sin(2 * np.pi * pitch * step * t) / step for step in (1, 1.26, 1.5))
    return (0.2 * beat * sound + 0.01 * noise).astype(np.float32)


def make_file(path: Path, pitch: float = 220.0, seconds: float = 4.0, **tags: str) -> Path:
    """Writes a flac or ogg file with tags; the sound hangs on `pitch` and `seconds` alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(pitch, seconds, seed=int(pitch)), RATE)
    if tags:
        audio = mutagen.File(path)
        audio.update(tags)
        audio.save()
    return path


def make_library(folder: Path, count: int = 8, seconds: float = 4.0) -> list[Path]:
    """`count` files by `count / 2` artists in two genres."""
    made = []
    for n in range(count):
        artist, genre = f"Artist {n // 2}", ("low", "high")[n % 2]
        pitch = 110.0 * (1 + n % 2) * 2 ** (n / 12)
        path = folder / artist / "Album" / f"{n:02} - Song {n}.flac"
        made.append(make_file(path, pitch, seconds, title=f"Song {n}", artist=artist, genre=genre, album="Album"))
    return made
