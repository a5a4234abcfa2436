"""What makes a recording the same recording after it was moved, renamed or retagged."""

from __future__ import annotations

import hashlib

import numpy as np

from musicdesk.audio.decode import SoundInfo, Source
from musicdesk.audio.packing import Block

HEAD_S = 6.0  # seconds of decoded sound that are hashed


class Head:
    """Hash of a track's first 6 s as decoded from the very start, its shape and its exact length.

    Tags lie outside the decoded sound. Sound found by a seek is left out: where a seek lands may depend
    on the size of the tags.
    """

    def __init__(self, info: SoundInfo) -> None:
        self._info = info
        self._left = HEAD_S
        self._form: tuple[int, int] | None = None
        self._hash = hashlib.blake2b(digest_size=16)

    @property
    def full(self) -> bool:
        return self._left <= 0

    def take(self, block: Block) -> None:
        """Hears the next block; blocks must come in order from the start of the file."""
        if self.full:
            return
        samples = block.samples[: max(1, round(self._left * block.rate_hz))]
        self._left -= len(samples) / block.rate_hz
        if self._left < 0.5 / block.rate_hz:
            self._left = 0.0
        form = (block.rate_hz, samples.shape[1])
        if form != self._form:  # so that how the sound was cut into blocks makes no difference
            self._hash.update(f"{form};".encode())
            self._form = form
        self._hash.update(np.clip(samples * np.float32(32767), -32768, 32767).astype("<i2").tobytes())

    def hexdigest(self) -> str:
        """32 hexadecimal digits."""
        whole = self._hash.copy()
        duration = self._info.duration_s
        known = duration is not None and self._info.exact_duration
        whole.update(f"{round(duration * 1000)} ms".encode() if known and duration else b"open end")
        return whole.hexdigest()


def head_of(source: Source) -> Head:
    """Reads only what the hash needs."""
    head = Head(source.info)
    for block in source.blocks(0.0, HEAD_S + 0.1):
        head.take(block)
        if head.full:
            break
    return head
