"""Decoder frames to blocks of packed float samples, by FFmpeg's own conversion.

numpy never sees a decoder's frame: PyAV's `to_ndarray` reads past planar frames of 8 channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from av.filter import Graph

from musicdesk.core.errors import SoundError

RATES_HZ = (1_000, 1_000_000)
MAX_CHANNELS = 64
LOUDEST = 8.0  # samples are clipped to +-18 dB over full scale
PACKED_FRAMES = 65_536  # samples per channel in one block
DAMAGED = "Not one sample of sound could be read from the file; it is probably damaged."


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of sound: `samples` float32 (n, channels), finite, within +-LOUDEST, at `rate_hz`."""

    rate_hz: int
    samples: np.ndarray

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


class Packer:
    """Decoder frames in, packed float blocks out. A change of rate or layout on the way starts a new graph.

    This is av.AudioResampler with one difference: it asks FFmpeg for output once per block, not once per frame.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shape: tuple[str, str, int] | None = None
        self._waiting = 0  # samples pushed and not yet pulled

    def push(self, frame: av.AudioFrame) -> Iterator[Block]:
        """May give blocks; `frame` must hold samples."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.flush()
            check_shape(frame.sample_rate, frame.layout.nb_channels)
            self._graph = _packing_graph(*shape)
            self._shape = shape
        assert self._graph is not None
        frame.pts = None  # files lie about time; samples are counted instead
        self._graph.push(frame)
        self._waiting += frame.samples
        while self._waiting >= PACKED_FRAMES:
            yield self._pull()

    def flush(self) -> Iterator[Block]:
        """The rest."""
        if self._graph is not None:
            self._graph.push(None)
            while self._waiting > 0:
                yield self._pull()
        self._graph = self._shape = None

    def _pull(self) -> Block:
        assert self._graph is not None
        frame = self._graph.pull()
        if not isinstance(frame, av.AudioFrame) or not frame.format.is_packed or frame.samples <= 0:
            raise SoundError(DAMAGED)
        self._waiting -= frame.samples
        channels = frame.layout.nb_channels
        samples = np.frombuffer(memoryview(frame.planes[0]), np.float32, frame.samples * channels)
        return Block(frame.sample_rate, tamed(samples.reshape(-1, channels)))


def _packing_graph(sample_format: str, layout: str, rate_hz: int) -> Graph:
    """FFmpeg's conversion to packed float in blocks of 65,536 samples; rate and channels stay as they are."""
    graph = Graph()
    graph.threads = 1  # starting more costs as much as the conversion
    source = graph.add(
        "abuffer", sample_fmt=sample_format, channel_layout=layout, sample_rate=str(rate_hz), time_base=f"1/{rate_hz}"
    )
    convert = graph.add("aformat", sample_fmts="flt", sample_rates=str(rate_hz), channel_layouts=layout)
    sink = graph.add("abuffersink")
    source.link_to(convert)
    convert.link_to(sink)
    graph.configure()
    graph.set_audio_frame_size(PACKED_FRAMES)
    return graph


def check_shape(rate_hz: int, channels: int) -> None:
    """raises: SoundError when no music has this rate or number of channels"""
    if not RATES_HZ[0] <= rate_hz <= RATES_HZ[1]:
        raise SoundError(f"The file claims a sampling rate of {rate_hz} Hz, which no music has.")
    if not 1 <= channels <= MAX_CHANNELS:
        raise SoundError(f"The file claims {channels} channels, which no music has.")


def tamed(samples: np.ndarray) -> np.ndarray:
    """`samples` with NaN and infinity made silent and peaks clipped to +-LOUDEST. Usually the array itself."""
    if len(samples) and not (samples.min() >= -LOUDEST and samples.max() <= LOUDEST):
        finite = np.where(np.isfinite(samples), samples, np.float32(0))
        return np.clip(finite, -LOUDEST, LOUDEST)
    return samples
