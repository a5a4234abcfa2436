"""What larger networks tell of music, as it is and changed: the lessons that the shipped encoder learned from.

Two are asked: `tests.helpers.teacher`, and the encoder that musicdesk shipped before, which two other networks had
taught (musicnn of Pons, Serra 2019, learned from the tags of the Million Song Dataset's and MagnaTagATune's listeners).
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr
import torch
from scipy.signal import butter, correlate, sosfilt

from musicdesk.audio.decode import Block, opened
from musicdesk.audio.gather import mono_at
from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.errors import SoundError
from musicdesk.core.types import MelSpec
from musicdesk.encoders.weights import Encoder
from musicdesk.encoders.whitening import main_directions
from tests.helpers.hearing_study import FRAMES
from tests.helpers.teacher import LAST, TAGS, Teacher

SPEC = MelSpec()
WINDOWS = 10  # of each form of a piece
LENGTH_S, SHORTEST_S = 20, 7
FASTER = (0.8, 1.25)
KBITS = (32, 48, 64, 64, 96)  # of mono MP3
STRETCHED = -0.5  # the larger network's main directions count more than they do by themselves


@dataclass(frozen=True)
class Lessons:
    """mels: float16 (windows, 130, 128); track: int (windows,); told: float32 (windows, 384 + 527 + the older's)
    plain: bool (windows,), of the piece as it is
    """

    mels: np.ndarray
    track: np.ndarray
    told: np.ndarray
    plain: np.ndarray

    def of_both(self, width: int) -> np.ndarray:
        """float32 (windows, width), rows of length 1: what both tell, on its main directions over the plain windows."""
        return self._turned(np.concatenate([_unit(self._last()), _unit(self.told[:, LAST + TAGS :])], axis=1), width, 0)

    def of_the_larger(self, width: int) -> np.ndarray:
        """The same of what the larger network tells alone, its main directions stretched."""
        return self._turned(self._last(), width, STRETCHED)

    def _last(self) -> np.ndarray:
        """The last layer of convolutions in standard deviations, float32 (windows, 384)."""
        last = self.told[:, :LAST]
        found: np.ndarray = (last - last[self.plain].mean(0)) / (last[self.plain].std(0) + 1e-6)
        return found

    def _turned(self, rows: np.ndarray, width: int, strength: float) -> np.ndarray:
        centred = rows - rows[self.plain].mean(0)
        directions = main_directions(centred[self.plain].astype(np.float64), width, strength)
        return _unit(centred @ directions.astype(np.float32))


@dataclass(frozen=True)
class Panel:
    """Those who tell."""

    teacher: Teacher
    older: Encoder

    def tell(self, sound: np.ndarray, windows: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """float16 (n, numbers): of the windows (n, 130, 128) of a sound that begin at these frames of its picture."""
        told = self.teacher.tell(sound, SPEC.rate_hz, starts * SPEC.hop / SPEC.rate_hz)
        with torch.inference_mode():
            older = self.older.network(torch.from_numpy(windows.astype(np.float32))).numpy()
        return np.concatenate([told, older], axis=1).astype(np.float16)


def read(folder: Path, kind: str) -> Lessons:
    """The lessons of this kind in a folder: "plain", to learn from, or "held", to judge by."""
    parts = [np.load(path) for path in sorted(folder.glob(f"{kind}-*.npz"))]
    counts = [len(part["told"]) for part in parts]
    return Lessons(
        np.concatenate([part["mels"] for part in parts]),
        np.repeat(np.arange(len(parts)), counts),
        np.concatenate([part["told"] for part in parts]).astype(np.float32),
        np.concatenate([part["plain"] for part in parts]),
    )


def collect(
    name: str, pieces: Sequence[dict[str, str]], held: np.ndarray, panel: Panel, to: Path, changed: int
) -> None:
    """Has every stretch of a list's pieces told, as it is and as a poor MP3; what is there stays.

    pieces: with `path`, `file` and `start_s`; held: bool (pieces,), of which nothing may be learned
    changed: how many changed forms of each piece (and of others of the list) are told besides, of those not held
    """
    to.mkdir(parents=True, exist_ok=True)
    stretches = [
        ({**piece, "start_s": start}, bool(away))
        for piece, away in zip(pieces, held, strict=True)
        for start in (piece.get("start_s") or "0").split()
    ]
    others = [piece for piece, away in stretches if not away]
    for number, (piece, away) in enumerate(stretches):
        file = f"{'held' if away else 'plain'}-{name}-{piece['path'].replace('/', '+')}-{piece['start_s']}.npz"
        if (to / file).exists() or (sound := _sound(piece)) is None:
            continue
        by = np.random.default_rng([5, number])
        sound = sound[: LENGTH_S * SPEC.rate_hz]
        forms = _plain(sound, panel, by)
        if not away:
            forms += [_changed(sound if not form else None, others, panel, by) for form in range(changed)]
        mels, told = zip(*forms, strict=True)
        plain = np.repeat([form == 0 for form in range(len(forms))], [len(part) for part in mels])
        np.savez(to / file, mels=np.concatenate(mels), told=np.concatenate(told), plain=plain)


Form = tuple[np.ndarray, np.ndarray]  # windows, and what is told of them


def _plain(sound: np.ndarray, panel: Panel, by: np.random.Generator) -> list[Form]:
    """A piece as it is, and as a poor MP3, of which the same is told."""
    picture = _picture(sound)
    starts = np.linspace(0, len(picture) - FRAMES, WINDOWS).astype(int)
    windows = _windows(picture, starts)
    told = panel.tell(sound, windows, starts)
    return [(windows, told), (_windows(_picture(as_mp3(sound, int(by.choice(KBITS)))), starts), told)]


def _changed(sound: np.ndarray | None, others: Sequence[dict[str, str]], panel: Panel, by: np.random.Generator) -> Form:
    """A piece (None: any) faster or slower, with another, with a band of frequencies up or down; windows of it."""
    while sound is None:
        sound = _sound(others[int(by.integers(len(others)))])
    other = _sound(others[int(by.integers(len(others)))])
    if by.random() < 0.7:
        sound = _at_speed(sound, float(np.exp(by.uniform(*np.log(FASTER)))))
    if other is not None and by.random() < 0.5:
        sound = _together(sound, other, float(10 ** (by.uniform(-9, 0) / 20)))
    if by.random() < 0.4:
        sound = _band_moved(sound, by)
    sound = sound[: LENGTH_S * SPEC.rate_hz]
    picture = _picture(sound)
    starts = np.sort(by.integers(0, len(picture) - FRAMES, WINDOWS))
    windows = _windows(picture, starts)
    return windows, panel.tell(sound, windows, starts)


def _unit(rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = (rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)).astype(np.float32)
    return found


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
