"""From the windows of tracks to one unit vector per track.

Windows of several tracks share a batch; a track's vector is the mean of its windows' vectors, scaled to
length 1. Windows that are silent beside the loudest of their track do not count: silence is no music.
Memory running out costs speed, never the job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from musicdesk.core.errors import Unusable
from musicdesk.core.types import Edges
from musicdesk.encoders.edges import edges_of
from musicdesk.encoders.networks import fused
from musicdesk.encoders.weights import Encoder
from musicdesk.learning.device import Notice, precision, to_log
from musicdesk.learning.memory import Pace

SILENT = 0.03  # of the mean mel amplitude of a track's loudest window, -30 dB: quieter windows do not count
ABSURD = 12.0  # log10(1 + 10 mel) that no sound reaches; more is not told apart
SMALLEST_BATCH = 8  # windows; a device that cannot hold these is given up for the processor


class NotFinite(Unusable):
    """Some tracks' pictures or vectors hold NaN or infinity; `rows` are their places in the batch."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__(f"{len(rows)} of the tracks gave numbers that are not finite.")
        self.rows = rows


@dataclass(frozen=True, eq=False)
class Heard:
    """vectors: float32 (tracks, dim), rows of norm 1; edges: how each track begins and ends"""

    vectors: np.ndarray
    edges: list[Edges]


class Embedder:
    """Hears windows with one encoder on one device.

    batch: windows per step; threads: for torch on the processor (None leaves torch's own choice)
    """

    def __init__(
        self,
        encoder: Encoder,
        device: torch.device | None = None,
        batch: int = 64,
        threads: int | None = None,
        notice: Notice = to_log,
    ) -> None:
        self.encoder = encoder
        self._pace = Pace(device or torch.device("cpu"), batch, SMALLEST_BATCH, "windows", self._move, notice)
        self._network: torch.nn.Module = fused(encoder.network).to(self.device)
        if threads is not None:
            torch.set_num_threads(threads)

    @property
    def device(self) -> torch.device:
        return self._pace.device

    @property
    def batch(self) -> int:
        """Windows per step; fewer once memory has run out."""
        return self._pace.batch

    def _move(self, device: torch.device) -> None:
        self._network = self._network.to(device)

    @property
    def dim(self) -> int:
        return self.encoder.dim

    def embed(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """One vector per track.

        batch:   per track float (windows >= 1, frames, bands), log10(1 + 10 mel), finite
        returns: float32 (len(batch), dim), rows of norm 1; how tracks are grouped changes it by < 1e-5
        raises:  NotFinite with the rows at fault, ValueError on a wrong shape or a track without windows
        """
        return self.hear(batch).vectors

    def hear(self, batch: Sequence[np.ndarray]) -> Heard:
        """The vectors that `embed` tells of, and how each track begins and ends; raises what that does."""
        if not batch:
            return Heard(np.empty((0, self.dim), dtype=np.float32), [])
        self._check(batch)
        counts = np.array([len(windows) for windows in batch])
        vectors = self._hear(batch, int(counts.sum()))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        amplitude = np.concatenate([_amplitude(windows) for windows in batch])
        audible = np.concatenate([_audible(each) for each in np.split(amplitude, starts[1:])])
        counted = np.add.reduceat(audible.astype(np.float64), starts)
        means = np.add.reduceat(vectors * audible[:, None].astype(np.float64), starts, axis=0) / counted[:, None]
        norms = np.linalg.norm(means, axis=1, keepdims=True)
        bad = ~(np.isfinite(norms) & (norms > 1e-9))[:, 0]
        if bad.any():
            raise NotFinite(np.flatnonzero(bad).tolist())
        parts = zip(*(np.split(each, starts[1:]) for each in (vectors, amplitude, audible)), strict=True)
        edges = [edges_of(own, loud, heard, self._window_s) for own, loud, heard in parts]
        return Heard((means / norms).astype(np.float32), edges)

    @property
    def _window_s(self) -> float:
        card = self.encoder.card
        return card.window_frames * card.mel.hop / card.mel.rate_hz

    def _check(self, batch: Sequence[np.ndarray]) -> None:
        card = self.encoder.card
        wanted = (card.window_frames, card.mel.bands)
        for row, windows in enumerate(batch):
            if windows.ndim != 3 or windows.shape[1:] != wanted or not len(windows):
                raise ValueError(f"track {row}: windows of shape {windows.shape}, wanted (n >= 1, {wanted})")
        bad = [row for row, windows in enumerate(batch) if not np.isfinite(windows).all()]
        if bad:
            raise NotFinite(bad)

    def _hear(self, batch: Sequence[np.ndarray], total: int) -> np.ndarray:
        """float32 (total, dim): vectors of all windows in order. Steps are `self.batch` windows long."""
        windows = np.concatenate(list(batch)).astype(np.float32, copy=False)
        vectors = np.empty((total, self.dim), dtype=np.float32)

        def step(start: int, end: int) -> None:
            vectors[start:end] = self._step(windows[start:end])

        self._pace.over(total, step)
        return vectors

    @torch.inference_mode()
    def _step(self, windows: np.ndarray) -> np.ndarray:
        kind = precision(self.device)
        given = torch.from_numpy(windows).to(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=kind is torch.bfloat16):
            heard = self._network(given)
        vectors: np.ndarray = heard.float().cpu().numpy()
        return vectors


def _amplitude(windows: np.ndarray) -> np.ndarray:
    """float32 (n,): mean mel amplitude of each window. windows: log10(1 + 10 mel)"""
    levels = np.minimum(windows, ABSURD).astype(np.float32)
    amplitude: np.ndarray = np.expm1(levels * np.float32(np.log(10.0))).mean(axis=(1, 2))
    return amplitude


def _audible(amplitude: np.ndarray) -> np.ndarray:
    """bool (n,): which windows of a track count; the loudest always does."""
    loud: np.ndarray = amplitude >= SILENT * amplitude.max()
    return loud
