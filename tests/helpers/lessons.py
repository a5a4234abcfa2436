"""What larger networks tell of music, as it is and changed: the lessons that the shipped encoder learned from."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr
from scipy.signal import butter, correlate, sosfilt

from musicdesk.audio.decode import Block, opened
from musicdesk.audio.gather import mono_at
from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.errors import SoundError
from musicdesk.core.types import MelSpec
from musicdesk.encoders.whitening import main_directions
from tests.helpers.hearing_study import FRAMES
from tests.helpers.teacher import RATE_HZ, Teacher, told

SPEC = MelSpec()
PLAIN, CHANGED = 8, 12  # windows of a piece as it is, and of one that was changed
LENGTH_S, SHORTEST_S = 20, 7
FASTER = (0.8, 1.25)
KBITS = (32, 48, 64, 64, 96)  # of mono MP3


@dataclass(frozen=True)
class Lessons:
    """mels: float16 (windows, 130, 128); track: int (windows,); told: float32 (windows, 500)
    plain: bool (windows,), of a piece that was not changed
    """

    mels: np.ndarray
    track: np.ndarray
    told: np.ndarray
    plain: np.ndarray

    def targets(self, width: int) -> np.ndarray:
        """float32 (windows, width), rows of length 1: what is told, on its main directions over the plain pieces."""
        told = self.told[self.plain]
        standard = (self.told - told.mean(0)) / (told.std(0) + 1e-6)
        turned = standard @ main_directions(standard[self.plain], width, 0.0).astype(np.float32)
        found: np.ndarray = turned / (np.linalg.norm(turned, axis=1, keepdims=True) + 1e-9)
        return found.astype(np.float32)


def read(folder: Path, *kinds: str) -> Lessons:
    """The lessons of these kinds in a folder ("plain", "changed", "held"), in the order of their names."""
    paths = [path for kind in sorted(kinds) for path in sorted(folder.glob(f"{kind}-*.npz"))]
    parts = [(path.name.startswith("plain"), np.load(path)) for path in paths]
    counts = [len(part["told"]) for _, part in parts]
    return Lessons(
        np.concatenate([part["mels"] for _, part in parts]),
        np.repeat(np.arange(len(parts)), counts),
        np.concatenate([part["told"] for _, part in parts]).astype(np.float32),
        np.repeat([plain for plain, _ in parts], counts),
    )


def collect(pieces: Sequence[dict[str, str]], teachers: Sequence[Teacher], folder: Path, kind: str) -> None:
    """Has every stretch of every piece told as it is; the same is told of it as a poor MP3. What is there stays.

    pieces: with `file` and `start_s`; kind: "plain" for those to learn from, "held" for those to judge by
    """
    folder.mkdir(parents=True, exist_ok=True)
    stretches = [{**piece, "start_s": start} for piece in pieces for start in (piece.get("start_s") or "0").split()]
    for number, piece in enumerate(stretches):
        if not (path := folder / f"{kind}-{number:05d}.npz").exists() and (sound := _sound(piece)) is not None:
            _tell_plain(sound, teachers, path, np.random.default_rng([1, number]))


def collect_changed(pieces: Sequence[dict[str, str]], teachers: Sequence[Teacher], folder: Path, count: int) -> None:
    """`count` more: pieces faster or slower, two at once, with a band of frequencies up or down."""
    for number in range(count):
        if not (path := folder / f"changed-{number:05d}.npz").exists():
            _tell_changed(pieces, teachers, path, np.random.default_rng([2, number]))


def _tell_plain(sound: np.ndarray, teachers: Sequence[Teacher], path: Path, by: np.random.Generator) -> None:
    pictures = [_picture(each) for each in (sound, as_mp3(sound, int(by.choice(KBITS))))]
    starts = np.linspace(0, len(pictures[0]) - FRAMES, PLAIN).astype(int)
    heard = _told(teachers, sound, starts)
    np.savez(
        path,
        mels=np.concatenate([_windows(picture, starts) for picture in pictures]),
        told=np.concatenate([heard] * 2),
    )


def _tell_changed(
    pieces: Sequence[dict[str, str]], teachers: Sequence[Teacher], path: Path, by: np.random.Generator
) -> None:
    sound, other = (_sound(pieces[int(by.integers(len(pieces)))]) for _ in range(2))
    if sound is None or other is None:
        return
    if by.random() < 0.7:
        sound = _at_speed(sound, float(np.exp(by.uniform(*np.log(FASTER)))))
    if by.random() < 0.5:
        sound = _together(sound, other, float(10 ** (by.uniform(-9, 0) / 20)))
    if by.random() < 0.4:
        sound = _band_moved(sound, by)
    sound = sound[: LENGTH_S * SPEC.rate_hz]
    if len(sound) >= SHORTEST_S * SPEC.rate_hz:
        picture = _picture(sound)
        starts = np.sort(by.integers(0, len(picture) - FRAMES, CHANGED))
        np.savez(path, mels=_windows(picture, starts), told=_told(teachers, sound, starts))


def _sound(piece: dict[str, str]) -> np.ndarray | None:
    """float32 mono at 22,050 Hz, a little more than is heard of it; None where it is too short or cannot be heard."""
    start = float((piece.get("start_s") or "0").split()[0])
    try:
        with opened(os.fsencode(piece["file"])) as source:
            blocks = list(source.blocks(start, LENGTH_S * FASTER[1] + 2))
    except (SoundError, OSError, ValueError):
        return None
    if not blocks:  # it ends before that
        return None
    sound = mono_at(Block(blocks[0].rate_hz, np.concatenate([block.samples for block in blocks])), SPEC.rate_hz)
    return np.asarray(sound) if len(sound) >= SHORTEST_S * SPEC.rate_hz else None


def _at_speed(sound: np.ndarray, faster: float) -> np.ndarray:
    found: np.ndarray = soxr.resample(sound, SPEC.rate_hz * faster, SPEC.rate_hz, quality="MQ")
    return found


def _together(sound: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    other = np.resize(other, len(sound))
    louder = (np.sqrt((sound**2).mean()) + 1e-5) / (np.sqrt((other**2).mean()) + 1e-5)
    return _unclipped(sound + share * louder * other)


def _band_moved(sound: np.ndarray, by: np.random.Generator) -> np.ndarray:
    low = float(np.exp(by.uniform(np.log(60), np.log(4_000))))
    band = butter(2, [low, min(10_000, low * by.uniform(2, 6))], "band", fs=SPEC.rate_hz, output="sos")
    return _unclipped(sound + (10 ** (by.uniform(-12, 8) / 20) - 1) * sosfilt(band, sound).astype(np.float32))


def _unclipped(sound: np.ndarray) -> np.ndarray:
    found: np.ndarray = (sound / max(1.0, float(np.abs(sound).max()))).astype(np.float32)
    return found


def as_mp3(sound: np.ndarray, kbit: int) -> np.ndarray:
    """What is left after a mono MP3 of so many kbit/s, as long and at the same place. sound: float32 at 22,050 Hz"""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=SPEC.rate_hz, layout="mono")
        stream.bit_rate = kbit * 1_000
        samples = (np.clip(sound, -1, 1) * 32_767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.rate = SPEC.rate_hz
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    file.seek(0)
    with av.open(file) as container:
        back = np.concatenate([frame.to_ndarray().mean(0) for frame in container.decode(audio=0)]).astype(np.float32)
    late = int(np.argmax(correlate(back[:60_000], sound[4_000:40_000], "valid", method="fft"))) - 4_000
    return np.resize(np.roll(back, -late), len(sound)).astype(np.float32)


def _picture(sound: np.ndarray) -> np.ndarray:
    return log_mel(np.ascontiguousarray(sound), SPEC)


def _windows(picture: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return np.stack([picture[at : at + FRAMES] for at in starts]).astype(np.float16)


def _told(teachers: Sequence[Teacher], sound: np.ndarray, starts: np.ndarray) -> np.ndarray:
    slow = soxr.resample(sound, SPEC.rate_hz, RATE_HZ, quality="HQ")
    return told(teachers, slow, starts * SPEC.hop / SPEC.rate_hz).astype(np.float16)
