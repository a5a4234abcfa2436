"""The second opinion: libsndfile in blocks, for files that FFmpeg cannot turn into sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import soundfile

from musicdesk.audio.contract import MAX_SECONDS
from musicdesk.audio.decode import SoundInfo
from musicdesk.audio.packing import DAMAGED, PACKED_FRAMES, Block, check_shape, tamed
from musicdesk.core.errors import SoundError


class SndfileSource:
    """A file read by libsndfile, block by block; its count of frames is not believed."""

    def __init__(self, file: soundfile.SoundFile) -> None:
        self._file = file
        check_shape(file.samplerate, file.channels)
        claimed = file.frames / file.samplerate
        duration = claimed if 0 < claimed <= MAX_SECONDS else None
        self.info = SoundInfo(file.samplerate, file.channels, file.subtype.lower(), duration)
        self._first: np.ndarray | None = self._read(PACKED_FRAMES)  # some formats cannot go back, so it is kept
        if not len(self._first):
            raise SoundError(DAMAGED)

    @classmethod
    @contextmanager
    def opened(cls, path: bytes, refused: SoundError) -> Iterator[SndfileSource]:
        """The open stream is handed over, not the name: libsndfile cannot open every name.

        raises: `refused`, FFmpeg's reason, when libsndfile cannot open the file either
        """
        with open(path, "rb") as stream:
            try:
                file = soundfile.SoundFile(stream)
            except (soundfile.SoundFileError, RuntimeError, TypeError, ValueError, OSError):
                raise refused from None
            with file:
                yield cls(file)

    def blocks(self, at_s: float, seconds: float) -> Iterator[Block]:
        """Sound from `at_s` on; see decode.Source."""
        left = round(min(seconds, MAX_SECONDS) * self.info.rate_hz)
        first, self._first = self._first, None
        if at_s > 0 or first is None:
            self._go_to(round(at_s * self.info.rate_hz))
            first = self._read(PACKED_FRAMES)
        samples = first
        while left > 0 and len(samples):
            yield Block(self.info.rate_hz, tamed(samples[:left]))
            left -= len(samples)
            samples = self._read(PACKED_FRAMES) if left > 0 else samples

    def _go_to(self, frame: int) -> None:
        try:
            self._file.seek(frame)
        except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
            raise SoundError("The file cannot be read from the middle.") from error

    def _read(self, frames: int) -> np.ndarray:
        try:
            samples: np.ndarray = self._file.read(frames, dtype="float32", always_2d=True)
            return samples
        except (soundfile.SoundFileError, RuntimeError, ValueError):
            return np.empty((0, self._file.channels), np.float32)
