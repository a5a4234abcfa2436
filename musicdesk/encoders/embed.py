"""From the windows of tracks to one unit vector per track.

Windows of several tracks share a batch; a track's vector is the mean of its windows' vectors, scaled to
length 1. Memory running out costs speed, never the job.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from musicdesk.core.errors import Unusable
from musicdesk.encoders.weights import Encoder
from musicdesk.learning.device import Notice, precision, to_log

SMALLEST_BATCH = 8  # windows; a device that cannot hold these is given up for the processor


class NotFinite(Unusable):
    """Some tracks' pictures or vectors hold NaN or infinity; `rows` are their places in the batch."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__(f"{len(rows)} of the tracks gave numbers that are not finite.")
        self.rows = rows


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
        self.device = device or torch.device("cpu")
        self.batch = batch
        self._notice = notice
        self._network: torch.nn.Module = encoder.network.eval().to(self.device)
        if threads is not None:
            torch.set_num_threads(threads)

    @property
    def dim(self) -> int:
        return self.encoder.dim

    def embed(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """One vector per track.

        batch:   per track float (windows >= 1, frames, bands), log10(1 + 10 mel), finite
        returns: float32 (len(batch), dim), rows of norm 1; how tracks are grouped changes it by < 1e-5
        raises:  NotFinite with the rows at fault, ValueError on a wrong shape or a track without windows
        """
        if not batch:
            return np.empty((0, self.dim), dtype=np.float32)
        self._check(batch)
        counts = np.array([len(windows) for windows in batch])
        vectors = self._hear(batch, int(counts.sum()))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        means = np.add.reduceat(vectors.astype(np.float64), starts, axis=0) / counts[:, None]
        norms = np.linalg.norm(means, axis=1, keepdims=True)
        bad = ~(np.isfinite(norms) & (norms > 1e-9))[:, 0]
        if bad.any():
            raise NotFinite(np.flatnonzero(bad).tolist())
        unit: np.ndarray = (means / norms).astype(np.float32)
        return unit

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
        done = 0
        while done < total:
            chunk = windows[done : done + self.batch]
            try:
                vectors[done : done + len(chunk)] = self._step(chunk)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                self._shrink()
                continue
            done += len(chunk)
        return vectors

    @torch.inference_mode()
    def _step(self, windows: np.ndarray) -> np.ndarray:
        kind = precision(self.device)
        given = torch.from_numpy(windows).to(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=kind is torch.bfloat16):
            heard = self._network(given)
        vectors: np.ndarray = heard.float().cpu().numpy()
        return vectors

    def _shrink(self) -> None:
        """Half the batch; below the smallest, the processor. Raises Unusable when nothing is left."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        smallest = 1 if self.device.type == "cpu" else SMALLEST_BATCH
        if self.batch > smallest:
            self.batch = max(smallest, self.batch // 2)
            self._notice(f"Memory ran out; going on with {self.batch} windows at a time.")
        elif self.device.type != "cpu":
            self._notice(f"The {self.device.type} device has too little memory; the processor goes on.")
            self.device = torch.device("cpu")
            self._network = self._network.to(self.device)
        else:
            raise Unusable("There is too little memory to hear even one window of three seconds.")


def _is_out_of_memory(error: BaseException) -> bool:
    """CUDA has its own class; MPS and the processor's allocator only have a text."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text or "not enough memory" in text
