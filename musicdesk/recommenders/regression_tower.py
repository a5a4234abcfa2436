"""The network that predicts a song's latent factors from its sound, and its training: see `wmf_regression`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicdesk.learning.network import Tower, TowerShape
from musicdesk.learning.supervised import Supervised
from musicdesk.learning.windowed import hear, mean_over_windows, one_of_each, standardise
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.hearing import cold_auc

if TYPE_CHECKING:
    from musicdesk.recommenders.wmf_regression import WmfRegression

LEAST_BATCH, MOST_BATCH = 16, 128  # songs


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


class SoundRegression:
    """From windows to factors. On the processor deterministic by seed."""

    def __init__(
        self, targets: Targets, windows: MelWindows, config: WmfRegression, seed: int, device: torch.device
    ) -> None:
        self._targets, self._windows, self._seed = targets, windows, seed
        learn = np.flatnonzero(~targets.back)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._network = Regressor(config.width, targets.y.shape[1], windows.shape)
        standardise(self._network.tower, windows, targets.at[learn])
        with torch.no_grad():
            self._network.out.bias.copy_(torch.from_numpy(targets.y[learn].mean(axis=0)))
        self._weights = torch.from_numpy(targets.weights / targets.weights[learn].mean())
        optimizer = torch.optim.Adam(self._network.parameters(), config.learning_rate)
        batch = max(LEAST_BATCH, min(MOST_BATCH, len(learn) // 8))
        check = (lambda _device: self.auc()) if len(targets.tastes) else None
        self.learner = Supervised(self._network, optimizer, self._loss, learn, batch, seed, device, check, "songs")

    def _loss(self, songs: np.ndarray, device: torch.device) -> Tensor:
        """The weighed mean squared error of `songs`, by one random window of each."""
        rows = one_of_each(self._windows, self._targets.at[songs], torch.rand(len(songs)).numpy())
        errors = hear(self._network, self._windows, rows, device) - torch.from_numpy(self._targets.y[songs]).to(device)
        return (self._weights[songs].to(device) * errors.square().mean(dim=1)).mean()

    def predict(self, at: np.ndarray) -> np.ndarray:
        """float32 (k, f) of the tracks at the places `at` among the windows: means over all of theirs."""
        width = self._targets.y.shape[1]
        return mean_over_windows(self._network, self._windows, at, width, self.learner.pace, unit_length=False)

    def auc(self) -> float:
        """AUC of listeners over the songs kept back; the squared error says little of what ranks well."""
        predicted = self.predict(self._targets.at[self._targets.back])
        return cold_auc(self._targets.tastes @ predicted.T, self._targets.played)

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
