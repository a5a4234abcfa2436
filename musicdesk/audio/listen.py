"""The functions served in the killable child: one decode, and all that a track's sound has to tell.

with Pool(contract.LISTEN, processes=2, memory=contract.MEMORY_LIMIT) as pool:
    for request, answer in pool.run(requests, deadline_s=...):
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import numpy as np

from musicdesk.audio.contract import MAX_SECONDS, MEMORY_BYTES, deadline_s
from musicdesk.audio.decode import opened
from musicdesk.audio.descriptors import describe, picture
from musicdesk.audio.gather import gather, pieces
from musicdesk.audio.identity import head_of
from musicdesk.audio.loudness import Steps, gain_db, integrated_lufs, k_steps
from musicdesk.audio.overview import exact_bins, peaks_of, sketched_bins
from musicdesk.audio.packing import DAMAGED
from musicdesk.audio.spectrogram import WINDOW_FRAMES, log_mel, windows_of
from musicdesk.core.errors import SoundError
from musicdesk.core.types import MelSpec

__all__ = ["MEMORY_BYTES", "deadline_s", "identity", "listen", "waveform", "windows"]

Head = dict[str, Any]
Arrays = dict[str, np.ndarray]


def listen(request: dict[str, Any]) -> tuple[Head, Arrays]:
    """Hears one track.

    request: `path` (os.fsdecode'd), `windows` (int or None: at most so many), `whole` (bool: decode all of it)
    returns: head `duration_s, rate_hz, channels, codec, audio_hash, tempo, tempo_confidence, loudness_lufs,
             gain_db, peak, key, key_confidence, whole, waveform_exact`; arrays `mel` float16 (windows, 130, 128),
             `descriptors` float32 (len(DESCRIPTOR_NAMES),), `waveform` uint8 (600,)
    raises:  SoundError, SilentAudio
    """
    _one_thread()
    spec = MelSpec()
    with opened(os.fsencode(request["path"])) as source:
        info = source.info
        found = gather(source, spec, request.get("windows"), bool(request.get("whole", False)))
    pictures = [picture(stretch.mono, spec) for stretch in found.stretches]
    told = describe(found.stretches, pictures, found.loudness, spec)
    mel = _windows([each.log_mel for each in pictures], request.get("windows"))
    if found.whole:
        bins = exact_bins(np.concatenate([peaks for _, peaks in found.peaks]))
    else:
        bins = sketched_bins(found.peaks, found.duration_s)
    head = {
        "duration_s": found.duration_s,
        "rate_hz": info.rate_hz,
        "channels": info.channels,
        "codec": info.codec,
        "audio_hash": found.head.hexdigest(),
        "tempo": told.tempo,
        "tempo_confidence": told.tempo_confidence,
        "loudness_lufs": told.loudness_lufs,
        "gain_db": told.gain_db,
        "peak": told.peak,
        "key": told.key,
        "key_confidence": told.key_confidence,
        "whole": found.whole,
        "waveform_exact": found.whole,
    }
    return head, {"mel": mel, "descriptors": told.vector, "waveform": bins}


def windows(request: dict[str, Any]) -> tuple[Head, Arrays]:
    """Only the windows that `listen` hears of `path`, to the last bit, where all else is known: head `audio_hash,
    duration_s`, arrays `mel` float16 (windows, 130, 128) and `starts` float64 (windows,), in seconds.
    Raises SoundError, SilentAudio.
    """
    _one_thread()
    spec = MelSpec()
    with opened(os.fsencode(request["path"])) as source:
        found = gather(source, spec)
    cut = [windows_of(log_mel(stretch.mono, spec)) for stretch in found.stretches]
    step = WINDOW_FRAMES * spec.hop / spec.rate_hz
    starts = [each.start_s + step * np.arange(len(own)) for each, own in zip(found.stretches, cut, strict=True)]
    head = {"audio_hash": found.head.hexdigest(), "duration_s": found.duration_s}
    return head, {"mel": np.concatenate(cut).astype(np.float16), "starts": np.concatenate(starts)}


def _windows(pictures: list[np.ndarray], most: int | None) -> np.ndarray:
    mel = np.concatenate([windows_of(each) for each in pictures]).astype(np.float16)
    if most and len(mel) > most:
        mel = mel[np.linspace(0, len(mel) - 1, most).round().astype(int)]
    return mel


def waveform(request: dict[str, Any]) -> tuple[Head, Arrays]:
    """What only the whole track can tell exactly. Decodes all of `path` in bounded memory.

    returns: head `duration_s, loudness_lufs, gain_db, peak`; arrays `waveform` uint8 (600,), 255 = full scale
    """
    _one_thread()
    peaks: list[np.ndarray] = []
    loudness: list[Steps] = []
    seconds = 0.0
    with opened(os.fsencode(request["path"])) as source:
        for piece in pieces(source.blocks(0.0, MAX_SECONDS)):
            for block in piece:
                peaks.append(peaks_of(block.samples, block.rate_hz))
                loudness.append(k_steps(block.samples, block.rate_hz))
                seconds += block.seconds
    if not peaks:
        raise SoundError(DAMAGED)
    joined = np.concatenate(peaks)
    level = integrated_lufs(loudness)
    head = {"duration_s": seconds, "loudness_lufs": level, "gain_db": gain_db(level), "peak": float(joined.max())}
    return head, {"waveform": exact_bins(joined)}


def identity(request: dict[str, Any]) -> tuple[Head, Arrays]:
    """Only what tells whether `path` is a recording that is known already: head `audio_hash, duration_s`."""
    _one_thread()
    with opened(os.fsencode(request["path"])) as source:
        return {"audio_hash": head_of(source).hexdigest(), "duration_s": source.info.duration_s}, {}


@lru_cache(maxsize=1)
def _one_thread() -> object:
    """One thread per child: there are as many children as the person granted."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
