"""What every training on windows of sound does: a random window of each track, and the mean over all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from musicdesk.learning.device import precision
from musicdesk.learning.memory import Pace
from musicdesk.learning.network import NORM_EPS, Tower
from musicdesk.learning.windows import MelWindows


def one_of_each(windows: MelWindows, at: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """int64 (k,): a window of each of the tracks at the places `at`; chance: float (k,) in [0, 1) draws it."""
    counts = windows.counts[at]
    drawn: np.ndarray = windows.first[at] + np.minimum((chance * counts).astype(np.int64), counts - 1)
    return drawn


def standardise(tower: Tower, windows: MelWindows, at: np.ndarray) -> None:
    """Mean and deviation of the bands over the tracks that train go into the tower."""
    mean, sd = windows.only(np.unique(at)).statistics()
    tower.mean.copy_(torch.from_numpy(mean))
    tower.sd.copy_(torch.from_numpy(sd))


def hear(network: Callable[[Tensor], Tensor], windows: MelWindows, rows: np.ndarray, device: torch.device) -> Tensor:
    """What `network` makes of the windows `rows`, float32 on `device`; bfloat16 inside where the hardware has it."""
    given = torch.from_numpy(windows.take(rows)).to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision(device) is torch.bfloat16):
        return network(given).float()


@torch.inference_mode()
def mean_over_windows(
    network: Callable[[Tensor], Tensor], windows: MelWindows, at: np.ndarray, dim: int, pace: Pace, unit_length: bool
) -> np.ndarray:
    """float32 (k, dim): of the tracks at the places `at`, the mean of what `network` makes of all their windows."""
    rows, counts = windows.windows_of(at), windows.counts[at]
    vectors = np.empty((len(rows), dim), np.float32)

    def step(start: int, end: int) -> None:
        vectors[start:end] = hear(network, windows, rows[start:end], pace.device).cpu().numpy()

    pace.over(len(rows), step)
    if not len(at):
        return vectors
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    means = np.add.reduceat(vectors.astype(np.float64), starts, axis=0) / counts[:, None]
    if unit_length:
        means = means / (np.linalg.norm(means, axis=1, keepdims=True) + NORM_EPS)
    found: np.ndarray = means.astype(np.float32)
    return found
