"""The course of a training: epochs, each ending in a checkpoint, until what is validated stops getting better.

Whoever trains says what an epoch is (`Learner`); here it is repeated, measured, kept and taken up again. On the
processor, with the same number of threads, a training that was killed comes to the same loss as one that was not.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.learning.checkpoint import Checkpoint, Checkpoints

log = logging.getLogger(__name__)


class Learner(Protocol):
    """What is trained. All chance in an epoch must come from its number (and a seed)."""

    @property
    def network(self) -> nn.Module: ...

    @property
    def optimizers(self) -> list[torch.optim.Optimizer]: ...

    def epoch(self, number: int, monitor: Monitor) -> float:
        """One pass over the data; its mean loss, which may be no number."""
        ...

    def validate(self) -> float | None:
        """How good the network is now, higher is better; None where nothing is kept back to tell."""
        ...


@dataclass(frozen=True)
class Course:
    """epochs: at most; patience: so many in a row without a better validation end it (0: never)
    validation: name of the curve that validation draws; falls: the lower it is the better, as with a loss
    """

    epochs: int
    patience: int = 0
    validation: str = "validation AUC"
    falls: bool = False


@dataclass(frozen=True)
class Outcome:
    """losses, validation: per epoch (validation is empty where there is none); best: the epoch kept, from 1
    curves: what else was measured after each epoch
    """

    losses: tuple[float, ...]
    validation: tuple[float, ...]
    best: int
    curves: dict[str, list[float]] = field(default_factory=dict)


def train(
    learner: Learner,
    course: Course,
    folder: Path | None,
    belongs: dict[str, Any],
    monitor: Monitor,
    measure: Callable[[], Mapping[str, float]] | None = None,
) -> Outcome:
    """Trains, or goes on from the checkpoint in `folder`; the network is then that of the best epoch.

    folder:  None keeps no checkpoints; belongs: what a checkpoint must agree with, fit for JSON
    measure: more figures after each epoch, with the network in evaluation mode; curves are drawn of them
    raises:  Unusable when the loss stops being a number (the last checkpoint stays); Cancelled
    """
    store = Checkpoints(folder, belongs) if folder is not None else None
    run = _Run(learner, course, measure or dict)
    run.restore(store.newest() if store else None)
    run.redraw(monitor)
    while not run.finished:
        monitor.check()
        run.epoch(monitor)
        if store:
            store.write(run.checkpoint())
    return run.outcome()


class _Run:
    def __init__(self, learner: Learner, course: Course, measure: Callable[[], Mapping[str, float]]) -> None:
        self.learner, self.course, self._measure = learner, course, measure
        self.curves: dict[str, list[float]] = {}
        self.losses: list[float] = []
        self.validation: list[float] = []
        self.best: dict[str, Tensor] = {}

    def redraw(self, monitor: Monitor) -> None:
        """The curves of the epochs that need not be run again."""
        for curve, values in (("loss", self.losses), (self.course.validation, self.validation)):
            for number, value in enumerate(values):
                monitor.figure(curve, number + 1, value)

    @property
    def _best_epoch(self) -> int:
        """From 1; the last one where nothing is validated."""
        if not self.validation:
            return len(self.losses)
        sign = -1 if self.course.falls else 1
        return 1 + max(range(len(self.validation)), key=lambda n: sign * self.validation[n])

    @property
    def finished(self) -> bool:
        waited = len(self.validation) - self._best_epoch if self.validation else 0
        return len(self.losses) >= self.course.epochs or 0 < self.course.patience <= waited

    def epoch(self, monitor: Monitor) -> None:
        number = len(self.losses)
        self.learner.network.train()
        loss = self.learner.epoch(number, monitor)
        if not math.isfinite(loss):
            raise Unusable(
                f"Training stopped in epoch {number + 1}: the loss is no longer a number. Train again with a lower "
                "learning rate; the model in use stays as it is."
            )
        self.losses.append(loss)
        monitor.figure("loss", number + 1, loss)
        self.learner.network.eval()
        value = self.learner.validate()
        told = f"epoch {number + 1}: loss {loss:.3f}"
        if value is not None:
            self.validation.append(value)
            monitor.figure(self.course.validation, number + 1, value)
            told += f", {self.course.validation} {value:.3f}"
            if self._best_epoch == len(self.losses):
                self.best = {key: item.detach().clone() for key, item in self.learner.network.state_dict().items()}
        for name, figure in self._measure().items():
            self.curves.setdefault(name, []).append(figure)
            monitor.figure(name, number + 1, figure)
        monitor.report(number + 1, self.course.epochs, told)

    def outcome(self) -> Outcome:
        if self.best:
            self.learner.network.load_state_dict(self.best)
        self.learner.network.eval()
        return Outcome(tuple(self.losses), tuple(self.validation), self._best_epoch, self.curves)

    def checkpoint(self) -> Checkpoint:
        tensors = {f"network.{key}": item for key, item in self.learner.network.state_dict().items()}
        tensors |= {f"best.{key}": item for key, item in self.best.items()}
        tensors |= {f"curve.{name}": torch.tensor(curve, dtype=torch.float64) for name, curve in self.curves.items()}
        tensors["validation"] = torch.tensor(self.validation, dtype=torch.float64)
        for at, optimizer in enumerate(self.learner.optimizers):
            for number, state in optimizer.state_dict()["state"].items():
                for key, item in state.items():
                    tensors[f"optimizer.{at}.{number}.{key}"] = torch.as_tensor(item)
        return Checkpoint(tensors, list(self.losses))

    def restore(self, found: Checkpoint | None) -> None:
        if found is None:
            return
        network: dict[str, Tensor] = {}
        states: dict[int, dict[int, dict[str, Any]]] = {}
        for key, item in found.tensors.items():
            part, _, rest = key.partition(".")
            if part == "network":
                network[rest] = item
            elif part == "best":
                self.best[rest] = item
            elif part == "curve":
                self.curves[rest] = item.tolist()
            elif part == "optimizer":
                at, number, name = rest.split(".", 2)
                whole = item.ndim == 0 and not item.is_floating_point()  # what was a plain number is one again
                states.setdefault(int(at), {}).setdefault(int(number), {})[name] = item.item() if whole else item
        self.learner.network.load_state_dict(network)
        for place, optimizer in enumerate(self.learner.optimizers):
            state: Any = states.get(place, {})
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        self.losses = list(found.losses)
        self.validation = found.tensors["validation"].tolist()
