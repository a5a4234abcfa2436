"""The least that any analysis must do: decode, mean of channels, resample, log-mel, network. Nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import av
import numpy as np
import soxr

from musicdesk.audio.gather import STRETCH_S, starts_of
from musicdesk.audio.spectrogram import log_mel, windows_of
from musicdesk.core.paths import shipped_models
from musicdesk.core.types import MelSpec

WINDOWS = 12


def hear(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The served function: one file, as many seconds of it as the program hears."""
    _one_thread()
    pictures = []
    with av.open(request["path"]) as container:
        stream = container.streams.audio[0]
        duration = float(container.duration) / 1e6
        for start in starts_of(duration, WINDOWS):
            pictures.append(windows_of(log_mel(_stretch(container, stream, start), MelSpec())))
    return {}, {"vector": _embed(np.concatenate(pictures))}


def _stretch(container: Any, stream: Any, start: float) -> np.ndarray:
    container.seek(int(start * 1e6))
    resampler = av.AudioResampler(format="flt")
    parts: list[np.ndarray] = []
    wanted = int(STRETCH_S * stream.rate)
    for frame in container.decode(stream):
        for packed in resampler.resample(frame):
            parts.append(packed.to_ndarray().reshape(-1, stream.channels))
        if sum(map(len, parts)) >= wanted:
            break
    mono = np.concatenate(parts)[:wanted].mean(axis=1)
    return soxr.resample(mono, stream.rate, MelSpec().rate_hz).astype(np.float32)


def _embed(windows: np.ndarray) -> np.ndarray:
    import torch

    with torch.inference_mode():
        return _network()(torch.from_numpy(windows.astype(np.float32))).mean(0).numpy()


@lru_cache(maxsize=1)
def _one_thread() -> object:
    """As in the program: one thread a process, there are as many processes as cores."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


@lru_cache(maxsize=1)
def _network() -> Any:
    import torch

    from musicdesk.encoders.networks import fused
    from musicdesk.encoders.weights import available, load

    torch.set_num_threads(1)
    folder = shipped_models()
    return fused(load(folder, next(iter(available([folder])))).network)  # as the program
