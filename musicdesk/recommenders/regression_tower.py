"""The network that predicts a song's latent factors from its sound, and its training: see `wmf_regression`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicdesk.core.progress import Monitor
from musicdesk.learning.memory import Pace
from musicdesk.learning.network import Tower, TowerShape
from musicdesk.learning.windowed import hear, mean_over_windows, one_of_each, standardise
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.hearing import cold_auc

if TYPE_CHECKING:
    from musicdesk.recommenders.wmf_regression import WmfRegression

SMALLEST_BATCH = 8  # songs
MOST_BATCH = 128


class Regressor(nn.Module):
    """Five convolutions and the feature layer of Lee et al. 2018, then linear to the factors."""

    def __init__(self, width: int, factors: int, shape: tuple[int, int]) -> None:
        super().__init__()
        self.tower = Tower(TowerShape(dim=width, out=width, frames=shape[0], bands=shape[1]))
        self.out = nn.Linear(width, factors)

    def forward(self, windows: Tensor) -> Tensor:
        """(n, factors) for windows float (n, frames, bands)."""
        found: Tensor = self.out(functional.relu(self.tower.features(windows)))
        return found


@dataclass(frozen=True, eq=False)
class Targets:
    """What is to be predicted.

    at:      int64 (songs,), places among the windows; y: float32 (songs, f); weights: float32 (songs,) > 0
    back:    bool (songs,), kept back: they validate
    tastes:  float32 (listeners, f), vectors of some listeners, who know nothing of the songs kept back
    played:  bool (listeners, kept back)
    """

    at: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    back: np.ndarray
    tastes: np.ndarray
    played: np.ndarray


class RegressionLearner:
    """One training; on the processor deterministic by seed, all chance in an epoch from its number."""

    def __init__(
        self, targets: Targets, windows: MelWindows, config: WmfRegression, seed: int, device: torch.device
    ) -> None:
        self._targets, self._windows, self._seed = targets, windows, seed
        self._learn = np.flatnonzero(~targets.back)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = Regressor(config.width, targets.y.shape[1], windows.shape)
        standardise(self.network.tower, windows, targets.at[self._learn])
        with torch.no_grad():
            self.network.out.bias.copy_(torch.from_numpy(targets.y[self._learn].mean(axis=0)))
        self.network.to(device)
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.Adam(self.network.parameters(), config.learning_rate)
        ]
        batch = max(2 * SMALLEST_BATCH, min(MOST_BATCH, len(self._learn) // 8))
        self.pace = Pace(device, batch, SMALLEST_BATCH, "songs", self._move)

    def _move(self, device: torch.device) -> None:
        self.network.to(device)
        for optimizer in self.optimizers:
            optimizer.load_state_dict(optimizer.state_dict())  # takes its tensors to where the parameters are

    def epoch(self, number: int, monitor: Monitor) -> float:
        """One pass over the songs, a random window of each; the weighed mean squared error."""
        draw = np.random.default_rng([self._seed, number])
        order = draw.permutation(self._learn)
        rows = one_of_each(self._windows, self._targets.at[order], draw)
        total = 0.0

        def step(start: int, end: int) -> None:
            nonlocal total
            monitor.check()
            total += (end - start) * self._step(order[start:end], rows[start:end])

        self.pace.over(len(order), step)
        return total / len(order)

    def _step(self, songs: np.ndarray, rows: np.ndarray) -> float:
        device = self.pace.device
        y = torch.from_numpy(self._targets.y[songs]).to(device)
        weights = torch.from_numpy(self._targets.weights[songs]).to(device)
        self.optimizers[0].zero_grad(set_to_none=True)
        errors = (hear(self.network, self._windows, rows, device) - y).square().mean(dim=1)
        loss = (weights * errors).sum() / weights.sum()
        torch.autograd.backward(loss)
        if torch.isfinite(loss):
            self.optimizers[0].step()
        return loss.item()

    def predict(self, at: np.ndarray) -> np.ndarray:
        """float32 (k, f) of the tracks at the places `at` among the windows: means over all of theirs."""
        width = self._targets.y.shape[1]
        return mean_over_windows(self.network, self._windows, at, width, self.pace, unit_length=False)

    def validate(self) -> float | None:
        """AUC of listeners over the songs kept back; the squared error says little of what ranks well."""
        if not len(self._targets.tastes):
            return None
        return cold_auc(
            self._targets.tastes @ self.predict(self._targets.at[self._targets.back]).T, self._targets.played
        )

    def trust(self, permutations: int = 19) -> tuple[float, float]:
        """(R^2 on the songs kept back, the highest R^2 of predictions for other songs: what chance gives)."""
        back, targets = self._targets.back, self._targets
        if back.sum() < 2:
            return 0.0, 0.0
        found, y, w = self.predict(targets.at[back]), targets.y[back], targets.weights[back]
        middle = np.average(targets.y[~back], 0, targets.weights[~back])
        total = float(w @ np.square(y - middle).sum(axis=1))
        draw = np.random.default_rng(self._seed)
        orders = [np.arange(len(y)), *(draw.permutation(len(y)) for _ in range(permutations))]
        r2 = [1 - float(w @ np.square(y - found[order]).sum(axis=1)) / max(total, 1e-12) for order in orders]
        return r2[0], max(r2[1:])
