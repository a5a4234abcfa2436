"""Which parts of a track are heard, and collecting them in bounded memory.

A long track is heard in stretches of 6.1 s, each found by a seek, spread evenly; a short one, one whose
length nobody knows, and one that cannot be sought in, from end to end. What is kept does not grow with
the length: of too many stretches every second one is dropped, again and again. Silence at the beginning
moves the stretches, so that they hold the same music.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from musicdesk.audio.contract import MAX_SECONDS, SHORT_SECONDS
from musicdesk.audio.decode import Source
from musicdesk.audio.descriptors import Stretch
from musicdesk.audio.identity import Head
from musicdesk.audio.loudness import STEP_S, Steps, k_steps
from musicdesk.audio.overview import peaks_of
from musicdesk.audio.packing import DAMAGED, Block
from musicdesk.core.errors import SilentAudio, SoundError
from musicdesk.core.types import MelSpec

STRETCH_S = 6.1  # seconds: two encoder windows and a few samples for the edges; a multiple of overview.BIN_S
WINDOWS_PER_STRETCH = 2
SOUGHT_WINDOWS = 12  # of a track that is heard by seeking
WHOLE_WINDOWS = 120  # of a track that is heard whole
MIN_KEPT_S = 3.1  # seconds: a shorter last stretch adds no window
QUIET_LEAD = 1e-4  # sample under which a beginning counts as silent, -80 dB
LEAST_LEAD_S = 0.05  # encoders' own silence is shorter
MOST_LEAD_S = 60.0  # that are looked at for the first sound
CANCELLED = 0.01  # power of the mean in that of the channels, -20 dB, under which they take each other away
SILENCE = 1e-5  # peak under which nothing can be heard, -100 dB


@dataclass
class Gathered:
    """What was heard of a track; `peaks` are pairs (start_s, float32 peaks per 50 ms)."""

    head: Head
    whole: bool = False
    duration_s: float = 0.0
    stretches: list[Stretch] = field(default_factory=list)
    loudness: list[Steps] = field(default_factory=list)
    peaks: list[tuple[float, np.ndarray]] = field(default_factory=list)


def gather(source: Source, spec: MelSpec, windows: int | None = None, whole: bool = False) -> Gathered:
    """Hears a track.

    windows: at most so many encoder windows are kept; None: 12 by seeking, 120 when `whole`
    raises: SoundError, SilentAudio
    """
    duration = source.info.duration_s
    if not whole and duration is not None and duration > SHORT_SECONDS:
        try:
            if found := _by_seeking(source, duration, spec, windows or SOUGHT_WINDOWS):
                _check_audible(found)
                return found
        except SoundError:
            pass  # it lies about its length, cannot be sought in, or is silent where we looked
    found = _from_end_to_end(source, spec, windows or (WHOLE_WINDOWS if whole else SOUGHT_WINDOWS))
    _check_audible(found)
    return found


def starts_of(duration_s: float, windows: int) -> list[float]:
    """Where the stretches of a track begin: the first at 0, the others in the middle of equal parts."""
    count = max(1, -(-windows // WINDOWS_PER_STRETCH))
    centres = (np.arange(1, count) + 0.5) / count * duration_s
    return [0.0, *(float(min(c - STRETCH_S / 2, duration_s - STRETCH_S - 0.5)) for c in centres)]


def _by_seeking(source: Source, duration_s: float, spec: MelSpec, windows: int) -> Gathered | None:
    """Stretches spread over what sounds; None where that is short."""
    found = Gathered(Head(source.info), duration_s=duration_s)
    opening = _checked(trimmed(source.blocks(0.0, STRETCH_S), STRETCH_S))
    for block in opening:
        found.head.take(block)
    lead = _lead(chain(opening, _late(trimmed(source.blocks(0.0, MOST_LEAD_S), MOST_LEAD_S), _seconds(opening)))) or 0.0
    if lead < LEAST_LEAD_S:
        lead = 0.0
    elif duration_s - lead <= SHORT_SECONDS:
        return None
    else:
        opening = _checked(_late(trimmed(source.blocks(0.0, lead + STRETCH_S), lead + STRETCH_S), lead))
    for start in starts_of(duration_s - lead, windows):
        blocks = _checked(trimmed(source.blocks(lead + start, STRETCH_S), STRETCH_S)) if start else opening
        _add(found, blocks, lead + start)
        found.stretches.append(_stretch(found, blocks, lead + start, spec))
    return found


def _checked(blocks: Iterable[Block]) -> list[Block]:
    """One stretch. Raises SoundError where there is too little."""
    found = joined(list(blocks))
    if _seconds(found) < MIN_KEPT_S:
        raise SoundError(DAMAGED)
    return found


def _late(blocks: Iterable[Block], lead_s: float) -> Iterator[Block]:
    """`blocks` without their first `lead_s` seconds."""
    for block in blocks:
        count = min(len(block.samples), max(0, round(lead_s * block.rate_hz)))
        lead_s -= count / block.rate_hz
        if count < len(block.samples):
            yield Block(block.rate_hz, block.samples[count:])


def _lead(blocks: Iterable[Block]) -> float | None:
    """Seconds of silence at the beginning; None where nothing sounds."""
    seconds = 0.0
    for block in blocks:
        loud = np.flatnonzero((np.abs(block.samples) > QUIET_LEAD).any(axis=1))
        if len(loud):
            return seconds + float(loud[0]) / block.rate_hz
        seconds += block.seconds
    return None


def _seconds(blocks: list[Block]) -> float:
    return sum(block.seconds for block in blocks)


def _from_end_to_end(source: Source, spec: MelSpec, windows: int) -> Gathered:
    found = Gathered(Head(source.info), whole=True)
    keep = max(1, -(-windows // WINDOWS_PER_STRETCH))
    spacing, number, sounds = 1, 0, False
    for blocks in _lead_apart(pieces(source.blocks(0.0, MAX_SECONDS))):
        for block in blocks:
            found.head.take(block)
        start, seconds = found.duration_s, _seconds(blocks)
        found.duration_s += seconds
        _add(found, blocks, start)
        if not sounds and _lead(blocks) is not None:
            found.stretches.clear()  # of the silence before
            spacing, number, sounds = 1, 0, True
        if number % spacing == 0 and (seconds >= MIN_KEPT_S or not found.stretches):
            found.stretches.append(_stretch(found, blocks, start, spec))
        if len(found.stretches) > 2 * keep:
            del found.stretches[1::2]
            spacing *= 2
        number += 1
    if not found.stretches:
        raise SoundError(DAMAGED)
    if len(found.stretches) > keep:
        chosen = np.linspace(0, len(found.stretches) - 1, keep).round().astype(int)
        found.stretches = [found.stretches[i] for i in chosen]
    return found


def pieces(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Cuts a stream of blocks into stretches of 6.1 s, neighbours of equal form joined; the last may be shorter."""
    piece: list[Block] = []
    left = STRETCH_S
    for block in blocks:
        samples = block.samples
        while len(samples):
            count = max(1, round(left * block.rate_hz))
            piece.append(Block(block.rate_hz, samples[:count]))
            left -= piece[-1].seconds
            samples = samples[count:]
            if left < 0.5 / block.rate_hz:
                yield joined(piece)
                piece, left = [], STRETCH_S
    if piece:
        yield joined(piece)


def _lead_apart(cut: Iterator[list[Block]]) -> Iterator[list[Block]]:
    """`pieces`, with silence at the beginning in pieces of its own, in whole steps of the loudness."""
    for piece in cut:
        quiet_s = _lead(piece)
        if quiet_s is None:
            yield piece
            continue
        if steps := int(quiet_s / STEP_S + 1e-6):
            yield list(trimmed(piece, steps * STEP_S))
            cut = pieces(chain(_late(piece, steps * STEP_S), chain.from_iterable(cut)))
        else:
            yield piece
        yield from cut
        return


def trimmed(blocks: Iterable[Block], seconds: float) -> Iterator[Block]:
    """The first `seconds` of `blocks`."""
    for block in blocks:
        count = round(seconds * block.rate_hz)
        if count <= 0:
            return
        yield Block(block.rate_hz, block.samples[:count])
        seconds -= block.seconds


def _add(found: Gathered, blocks: list[Block], start_s: float) -> None:
    for block in blocks:
        found.loudness.append(k_steps(block.samples, block.rate_hz, exact=False))
        found.peaks.append((start_s, peaks_of(block.samples, block.rate_hz)))
        start_s += block.seconds


def _stretch(found: Gathered, blocks: list[Block], start_s: float, spec: MelSpec) -> Stretch:
    mono = np.concatenate([mono_at(block, spec.rate_hz) for block in blocks])
    peak = max(float(peaks.max(initial=0.0)) for _, peaks in found.peaks[-len(blocks) :])
    return Stretch(start_s, mono, peak)


def joined(blocks: list[Block]) -> list[Block]:
    """Neighbours of equal rate and channels as one block each."""
    groups: list[list[Block]] = []
    for block in blocks:
        if groups and _alike(groups[-1][0], block):
            groups[-1].append(block)
        else:
            groups.append([block])
    return [Block(g[0].rate_hz, np.concatenate([b.samples for b in g]) if len(g) > 1 else g[0].samples) for g in groups]


def _alike(one: Block, other: Block) -> bool:
    return one.rate_hz == other.rate_hz and one.samples.shape[1] == other.samples.shape[1]


def mono_at(block: Block, rate_hz: int) -> np.ndarray:
    """Mean of the channels at another rate: float32 (samples,), not empty.

    FFmpeg's own downmix is 3 dB louder and duller at the top, so the mean is taken here. Where the channels take each
    other away, as with one turned upside down, the loudest is heard. Asked of blocks that are `joined`, so that it does
    not hang on how the sound came.
    """
    import soxr

    channels = block.samples.shape[1]
    mono = block.samples @ np.full(channels, 1 / channels, np.float32)
    if channels > 1 and np.dot(mono, mono) < CANCELLED * np.vdot(block.samples, block.samples) / channels:
        mono = np.ascontiguousarray(block.samples[:, np.argmax(np.einsum("ij,ij->j", block.samples, block.samples))])
    if block.rate_hz != rate_hz:
        mono = soxr.resample(mono, block.rate_hz, rate_hz, "HQ")
    return mono if len(mono) else np.zeros(1, np.float32)


def _check_audible(found: Gathered) -> None:
    found_peak = max((float(peaks.max(initial=0.0)) for _, peaks in found.peaks), default=0.0)
    if found_peak < SILENCE:
        raise SilentAudio
