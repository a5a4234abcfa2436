"""The second opinion: libsndfile in blocks, for files that FFmpeg cannot turn into sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import soundfile

from musicdesk.audio.contract import MAX_SECONDS
from musicdesk.audio.decode import DAMAGED, PACKED_FRAMES, UNKNOWN, Block, SoundInfo, check_shape, tamed
from musicdesk.core.errors import SoundError


class SndfileSource:
    """A file read by libsndfile, block by block; its count of frames is not believed."""

    def __init__(self, file: soundfile.SoundFile) -> None:
        self._file = file
        check_shape(file.samplerate, file.channels)
        claimed = file.frames / file.samplerate
        duration = claimed if 0 < claimed <= MAX_SECONDS else None
        self.info = SoundInfo(file.samplerate, file.channels, file.subtype.lower(), duration)
        if not len(self._read(16)):
            raise SoundError(DAMAGED)
        self._moved = True

    @classmethod
    @contextmanager
    def opened(cls, path: bytes) -> Iterator[SndfileSource]:
        """The open stream is handed over, not the name: libsndfile cannot open every name."""
        with open(path, "rb") as stream:
            try:
                file = soundfile.SoundFile(stream)
            except (soundfile.SoundFileError, RuntimeError, TypeError, ValueError, OSError):
                raise SoundError(UNKNOWN, stage="open") from None
            with file:
                yield cls(file)

    def blocks(self, at_s: float, seconds: float) -> Iterator[Block]:
        """Sound from `at_s` on; see decode.Source."""
        self._go_to(round(at_s * self.info.rate_hz))
        left = round(min(seconds, MAX_SECONDS) * self.info.rate_hz)
        while left > 0:
            samples = self._read(min(PACKED_FRAMES, left))
            if not len(samples):
                return
            left -= len(samples)
            yield Block(self.info.rate_hz, tamed(samples))

    def _go_to(self, frame: int) -> None:
        if frame == 0 and not self._moved:
            return
        try:
            self._file.seek(frame)
        except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
            raise SoundError("The file cannot be read from the middle.") from error
        self._moved = True

    def _read(self, frames: int) -> np.ndarray:
        try:
            self._moved = True
            return self._file.read(frames, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, RuntimeError, ValueError):
            return np.empty((0, self._file.channels), np.float32)
