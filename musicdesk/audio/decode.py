"""Opening a file and turning it into blocks of sound, by FFmpeg and, when that gives nothing, by libsndfile.

Runs in a killable child (core.killable): decoders crash, loop and ask for gigabytes. Nothing here believes
a header: sound comes in bounded blocks, counted in seconds as it arrives. Decoder frames are converted to
packed float before numpy sees them, since PyAV's `to_ndarray` reads past planar frames of 8 channels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import av

from musicdesk.audio.contract import MAX_SECONDS
from musicdesk.audio.packing import DAMAGED, Block, Packer, check_shape
from musicdesk.core.errors import SoundError
from musicdesk.core.reading import why_closed

# Containers that hold one piece of sound. Playlists and concat lists are not among them: they open siblings.
DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,dts,dtshd,eac3,flac,iff,loas,matroska,mov,mp3,mpc,mpc8,ogg,"
    "oma,qoa,tak,truehd,tta,voc,w64,wav,wv,xwma"
)
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS, "fflags": "fastseek"}
QUICK_PROBE = {**OPTIONS, "probesize": "65536"}  # bytes; the default reads 5 MB of a wav in search of DTS

WARM_UP_S = 0.1  # sound dropped after a seek, until bit reservoirs and prediction have filled
MISSED_S = 10.0  # a seek that lands further off, and by a tenth of the length, has failed
MAX_BAD_PACKETS = 500  # in a row

UNKNOWN = "The file is not in a sound format that musicdesk can read."


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What the file claims about itself; `duration_s` is None when it says nothing believable.

    `exact_duration` is False where FFmpeg guesses the length from the file's size, tags included.
    """

    rate_hz: int
    channels: int
    codec: str
    duration_s: float | None
    exact_duration: bool = True


class Source(Protocol):
    """An open file. `blocks` may be called repeatedly; each call reads from `at_s` on, `seconds` at most."""

    @property
    def info(self) -> SoundInfo: ...

    def blocks(self, at_s: float, seconds: float) -> Iterator[Block]: ...


@contextmanager
def opened(path: bytes) -> Iterator[Source]:
    """Opens `path` with the first reader that gets sound out of it.

    raises: SoundError with a sentence for a person
    """
    check_file(path)
    try:
        source = FFmpegSource(path)
    except SoundError as refused:
        from musicdesk.audio.second import SndfileSource

        with SndfileSource.opened(path, refused) as other:
            yield other
        return
    try:
        yield source
    finally:
        source.close()


def check_file(path: bytes) -> None:
    """raises: SoundError when there is no file to read or nothing in it"""
    if reason := why_closed(path):
        raise SoundError(reason, stage="open")
    if not os.path.getsize(path):
        raise SoundError("The file is empty.", stage="open")


class FFmpegSource:
    """A file read by FFmpeg. Opening it decodes the beginning, so that a file without sound fails here."""

    def __init__(self, path: bytes) -> None:
        av.logging.set_level(av.logging.PANIC)
        self._start: Iterator[av.AudioFrame] | None = None  # the beginning, as long as it is unread
        self._name = "file:" + os.fsdecode(path)
        self._container, self._stream = _open_stream(self._name)
        try:
            self.info = self._probe(path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._container.close()

    def blocks(self, at_s: float, seconds: float) -> Iterator[Block]:
        """Sound from about `at_s` on, in blocks of 65,536 samples or less; ends early at the end of the file."""
        seconds = min(seconds, MAX_SECONDS)
        taken_s = 0.0
        if at_s > 0:
            self._go_to(at_s)
            taken_s = -WARM_UP_S
        elif self._start is None:  # read again from the start: only a fresh decoder gives the same samples
            self.close()
            self._container, self._stream = _open_stream(self._name)
        frames, self._start = self._start or self._frames(), None
        frames = self._landed(frames, at_s) if at_s > 0 else frames
        packer = Packer()
        try:
            for frame in frames:
                taken_s += frame.samples / max(1, frame.sample_rate)
                if taken_s > 0:
                    yield from packer.push(frame)
                if taken_s >= seconds:
                    break
            yield from packer.flush()
        except (av.error.FFmpegError, ValueError) as error:
            raise SoundError("The file changes its form in a way that cannot be followed.") from error

    def _go_to(self, at_s: float) -> None:
        self._start = None
        begin = self._container.start_time or 0
        try:
            self._container.seek(begin + int(at_s * av.time_base))
        except (av.error.FFmpegError, ValueError, OverflowError) as error:
            raise SoundError("The file cannot be read from the middle.") from error

    def _landed(self, frames: Iterator[av.AudioFrame], at_s: float) -> Iterator[av.AudioFrame]:
        """`frames`, when they begin near `at_s`; some files send every seek back to their beginning."""
        first = next(frames, None)
        if first is None:
            return iter(())
        if first.time is not None:
            began = (self._container.start_time or 0) / av.time_base
            if abs(first.time - began - at_s) > max(MISSED_S, 0.1 * (self.info.duration_s or 0.0)):
                raise SoundError("The file cannot be read from the middle.")
        return chain([first], frames)

    def _frames(self) -> Iterator[av.AudioFrame]:
        bad = 0
        packets = self._container.demux(self._stream)
        while bad < MAX_BAD_PACKETS:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError, ValueError):
                return  # the end, or a truncated file: what came before counts
            try:
                frames = packet.decode()
                bad = 0 if frames else bad
            except (av.error.FFmpegError, ValueError):
                bad += 1
                continue
            yield from (frame for frame in frames if isinstance(frame, av.AudioFrame) and frame.samples > 0)

    def _probe(self, path: bytes) -> SoundInfo:
        """Decodes the first frame and keeps it: a claim about rate and channels counts only when sound agrees."""
        frames = self._frames()
        first = next(frames, None)
        if first is None:
            raise SoundError(DAMAGED)
        duration = self._claimed_duration()
        self._start = chain([first], frames)
        exact = knows_length(path, self._container.format.name)
        if duration is None:
            duration, exact = self._counted_duration(), False
            self._start = None
        codec = self._stream.codec_context.name
        info = SoundInfo(first.sample_rate, first.layout.nb_channels, codec, duration, exact)
        check_shape(info.rate_hz, info.channels)
        return info

    def _claimed_duration(self) -> float | None:
        if self._stream.duration and self._stream.time_base:
            seconds = float(self._stream.duration * self._stream.time_base)
        elif self._container.duration:
            seconds = self._container.duration / av.time_base
        else:
            return None
        return seconds if 0 < seconds <= MAX_SECONDS else None

    def _counted_duration(self) -> float | None:
        """Length by the packets' clock, for files that do not state it. Reads the file without decoding it."""
        end = 0
        try:
            for packet in self._container.demux(self._stream):
                if packet.pts is not None:
                    end = max(end, packet.pts + (packet.duration or 0))
        except (av.error.FFmpegError, ValueError):
            pass  # truncated: up to here
        seconds = float(end * (self._stream.time_base or 0))
        return seconds if 0 < seconds <= MAX_SECONDS else None


def _open_stream(name: str) -> tuple[av.container.InputContainer, av.AudioStream]:
    """Opens with a small probe first, and with FFmpeg's own when that found no stream with a rate."""
    for options in (QUICK_PROBE, OPTIONS):
        try:
            container = av.open(name, metadata_errors="replace", options=options)
        except (av.error.FFmpegError, OSError, ValueError, OverflowError):
            continue
        streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
        if streams and (streams[0].rate or options is OPTIONS):
            streams[0].codec_context.thread_count = 1
            if "mp4" in container.format.name:  # what to cut off stands in a tag there, and tags change
                streams[0].codec_context.flags2 |= av.codec.context.Flags2.skip_manual
            return container, streams[0]
        container.close()
        if options is OPTIONS:
            raise SoundError("There is no sound in the file.")
    raise SoundError(UNKNOWN, stage="open")


def knows_length(path: bytes, demuxer: str) -> bool:
    """Whether the container states its length. Bare streams of frames do not, save MP3 with a Xing or VBRI frame."""
    if demuxer != "mp3":
        return demuxer not in ("aac", "ac3", "eac3", "amr", "dts", "loas", "truehd")
    with open(path, "rb") as stream:
        start = stream.read(10)
        while start[:3] == b"ID3" and len(start) == 10:
            size = sum((byte & 127) << shift for byte, shift in zip(start[6:], (21, 14, 7, 0), strict=True))
            stream.seek(size + (10 if start[5] & 16 else 0), os.SEEK_CUR)
            start = stream.read(10)
        start += stream.read(8_192)
    return any(mark in start for mark in (b"Xing", b"Info", b"VBRI"))
