"""A learner of rows: shuffled batches, one loss, one optimiser. A batch too big for memory is added up in parts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from musicdesk.core.progress import Monitor
from musicdesk.learning.device import Notice, to_log
from musicdesk.learning.memory import Pace

Loss = Callable[[np.ndarray, torch.device], Tensor]  # rows int64 (k,) -> the mean loss over them
Figure = Callable[[torch.device], float]


class Supervised:
    """A `Learner` (see `course`): all chance comes from (seed, epoch).

    loss:  mean loss of some of `rows`, int64 (n,)
    check: how good the network is now, higher is better; None where nothing is kept back to tell
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        loss: Loss,
        rows: np.ndarray,
        batch: int,
        seed: int,
        device: torch.device,
        check: Figure | None = None,
        what: str = "tracks",
        notice: Notice = to_log,
    ) -> None:
        self.network, self.optimizers = network, [optimizer]
        self._loss, self._rows, self._batch, self._seed, self._check = loss, rows, batch, seed, check
        self.pace = Pace(device, batch, 1, what, self._move, notice)
        self._move(device)

    def _move(self, device: torch.device) -> None:
        self.network.to(device)
        for optimizer in self.optimizers:  # its state goes where the parameters are
            optimizer.load_state_dict(optimizer.state_dict())

    def epoch(self, number: int, monitor: Monitor) -> float:
        order = np.random.default_rng([self._seed, number]).permutation(self._rows)
        total = 0.0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed * 1_000_003 + number)
            for start in range(0, len(order), self._batch):
                monitor.check()
                rows = order[start : start + self._batch]
                total += self._step(rows) * len(rows)
        return total / max(1, len(order))

    def _step(self, rows: np.ndarray) -> float:
        """One step of the optimiser; the mean loss of `rows` before it. Nothing is learned from a loss that is none."""
        self.optimizers[0].zero_grad(set_to_none=True)
        values: list[float] = []

        def part(start: int, end: int) -> None:
            loss = self._loss(rows[start:end], self.pace.device) * ((end - start) / len(rows))
            torch.autograd.backward(loss)
            values.append(loss.item())

        self.pace.over(len(rows), part)
        total = sum(values)
        if np.isfinite(total):
            self.optimizers[0].step()
        return total

    @torch.no_grad()
    def validate(self) -> float | None:
        return self._check(self.pace.device) if self._check else None
