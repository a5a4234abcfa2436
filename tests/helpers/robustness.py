"""Does a track sound the same to an encoder however its file was made? Written, decoded and heard as the program does.

Each change of a track's sound has a bar: the least cosine between the vector of the track as it is and of the
changed one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicdesk.audio.decode import opened
from musicdesk.audio.gather import joined
from musicdesk.core.paths import shipped_models
from tests.helpers.sound import encode, float_wav

Hear = Callable[[Path], np.ndarray]  # the unit vector of a file
EXCERPT_S = 60.0
SHELF_DB = 3.0
LOW_HZ, HIGH_HZ = 250.0, 4_000.0  # corners of the shelves
FAR_SHARE = 0.95  # of the other songs that must be further off than the rest of the same song

BARS = {
    "1.2 s of silence before": 0.995,
    "mp3 at 64 kbit/s": 0.98,
    "6 dB quieter": 0.999,
    "mono": 0.995,
    "low shelf +3 dB": 0.97,
    "low shelf -3 dB": 0.97,
    "high shelf +3 dB": 0.97,
    "high shelf -3 dB": 0.97,
}


@dataclass(frozen=True)
class Robustness:
    """cosines: per change of `BARS`, one a track; apart: per track of two minutes or more the cosine of two excerpts of
    it, and the place where 95 % of its cosines with other songs lie below
    """

    tracks: tuple[str, ...]
    cosines: dict[str, np.ndarray]
    apart: dict[str, tuple[float, float]]

    def misses(self) -> list[str]:
        """What is under its bar, in words."""
        told = [
            f"{name}: {values.min():.4f} at {self.tracks[int(values.argmin())]}, wanted {BARS[name]}"
            for name, values in self.cosines.items()
            if values.min() < BARS[name]
        ]
        return told + [
            f"other {EXCERPT_S:.0f} s: {own:.3f} at {track}, but others reach {far:.3f}"
            for track, (own, far) in self.apart.items()
            if own <= far
        ]

    def table(self) -> str:
        """Markdown: a row per change with its median, its least and its bar."""
        lines = ["| the same track with | median | least | bar | |", "|---|---|---|---|---|"]
        for name, values in self.cosines.items():
            word = "" if values.min() >= BARS[name] else f"missed by {int((values < BARS[name]).sum())}"
            lines.append(f"| {name} | {np.median(values):.4f} | {values.min():.4f} | {BARS[name]} | {word} |")
        if self.apart:
            own, far = np.array(list(self.apart.values())).T
            word = "" if (own > far).all() else f"missed by {int((own <= far).sum())}"
            what = f"other {EXCERPT_S:.0f} s ({len(own)} tracks)"
            over = f"over 95 % of others ({np.median(far):.3f})"
            lines.append(f"| {what} | {np.median(own):.4f} | {own.min():.4f} | {over} | {word} |")
        return "\n".join(lines)


def measure(files: Sequence[Path], folder: Path, hear: Hear, most_s: float = 3_600.0) -> Robustness:
    """Hears every file as it is and changed; `folder` takes the changed files, one at a time.

    most_s: seconds from the beginning that are changed
    """
    cosines: dict[str, list[float]] = {name: [] for name in BARS}
    excerpts: list[tuple[str, list[np.ndarray]]] = []
    for file in files:
        samples, rate_hz = decoded(file)
        begun = samples[: round(most_s * rate_hz)]
        plain = _heard(begun, rate_hz, folder, hear)
        for name in BARS:
            cosines[name].append(float(plain @ _changed(name, begun, rate_hz, folder, hear)))
        excerpts.append((file.name, _excerpts(samples, rate_hz, folder, hear)))
    return Robustness(
        tuple(file.name for file in files),
        {name: np.array(values) for name, values in cosines.items()},
        _apart(excerpts),
    )


def decoded(path: Path) -> tuple[np.ndarray, int]:
    """All of a file: float32 (samples, channels) and its rate."""
    with opened(os.fsencode(path)) as source:
        (block,) = joined(list(source.blocks(0.0, 3_600.0)))
    return block.samples, block.rate_hz


def by_name(name: str, models: Path | None = None) -> Hear:
    """The way of an encoder in `models` (default: where ours are): decoded, windowed and heard as analysis does."""
    from musicdesk.audio.listen import windows
    from musicdesk.encoders.embed import Embedder
    from musicdesk.encoders.weights import load

    embedder = Embedder(load(models or shipped_models(), name), threads=1)

    def hear(path: Path) -> np.ndarray:
        return np.asarray(embedder.embed([windows({"path": os.fspath(path)})[1]["mel"]])[0])

    return hear


def _heard(samples: np.ndarray, rate_hz: int, folder: Path, hear: Hear, mp3: bool = False) -> np.ndarray:
    path = folder / ("changed.mp3" if mp3 else "changed.wav")
    try:
        if mp3:
            encode(path, samples, rate_hz, bit_rate=64_000)
        else:
            float_wav(path, samples, rate_hz)
        return hear(path)
    finally:
        path.unlink(missing_ok=True)


def _changed(name: str, samples: np.ndarray, rate_hz: int, folder: Path, hear: Hear) -> np.ndarray:
    if name == "mp3 at 64 kbit/s":
        return _heard(*_for_mp3(samples, rate_hz), folder, hear, mp3=True)
    if name == "1.2 s of silence before":
        changed = np.concatenate([np.zeros((round(1.2 * rate_hz), samples.shape[1]), np.float32), samples])
    elif name == "6 dB quieter":
        changed = samples * np.float32(10 ** (-6 / 20))
    elif name == "mono":
        changed = samples.mean(axis=1, keepdims=True)
    else:
        side, _shelf, gain, _unit = name.split()
        changed = shelf(samples, rate_hz, side == "low", float(gain))
    return _heard(changed.astype(np.float32), rate_hz, folder, hear)


def _for_mp3(samples: np.ndarray, rate_hz: int) -> tuple[np.ndarray, int]:
    """MP3 knows rates up to 48 kHz and two channels."""
    if rate_hz in (32_000, 44_100, 48_000):
        return samples, rate_hz
    import soxr

    return np.asarray(soxr.resample(samples, rate_hz, 44_100), np.float32), 44_100


def shelf(samples: np.ndarray, rate_hz: int, low: bool, gain_db: float) -> np.ndarray:
    """A shelving filter of slope 1 (Bristow-Johnson, Audio EQ cookbook); float32 (samples, channels)."""
    from scipy.signal import lfilter

    a = 10 ** (gain_db / 40)
    turn = 2 * np.pi * (LOW_HZ if low else HIGH_HZ) / rate_hz
    cosine, alpha = np.cos(turn) * (1 if low else -1), np.sin(turn) / 2 * np.sqrt(2)
    root = 2 * np.sqrt(a) * alpha
    sign = 1 if low else -1
    over = a * np.array([(a + 1) - (a - 1) * cosine + root, sign * 2 * ((a - 1) - (a + 1) * cosine), 0.0])
    over[2] = a * ((a + 1) - (a - 1) * cosine - root)
    under = np.array([(a + 1) + (a - 1) * cosine + root, sign * -2 * ((a - 1) + (a + 1) * cosine), 0.0])
    under[2] = (a + 1) + (a - 1) * cosine - root
    return np.asarray(lfilter(over, under, samples, axis=0), np.float32)


def _excerpts(samples: np.ndarray, rate_hz: int, folder: Path, hear: Hear) -> list[np.ndarray]:
    """Vectors of the first and the last minute; of the whole where there are no two minutes."""
    length = round(EXCERPT_S * rate_hz)
    if len(samples) < 2 * length:
        return [_heard(samples[:length], rate_hz, folder, hear)]
    return [_heard(part, rate_hz, folder, hear) for part in (samples[:length], samples[-length:])]


def _apart(excerpts: list[tuple[str, list[np.ndarray]]]) -> dict[str, tuple[float, float]]:
    found = {}
    for at, (name, own) in enumerate(excerpts):
        others = [vector for other, (_n, vectors) in enumerate(excerpts) if other != at for vector in vectors]
        if len(own) == 2 and others:
            found[name] = (float(own[0] @ own[1]), float(np.quantile(np.stack(others) @ own[0], FAR_SHARE)))
    return found
