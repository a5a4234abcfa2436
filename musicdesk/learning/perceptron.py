"""Multi-layer perceptrons that say which tags a vector has: ReLU layers with dropout, one logistic unit per tag."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicdesk.core.progress import Monitor
from musicdesk.learning.course import Course, Outcome, train
from musicdesk.learning.device import choose
from musicdesk.learning.supervised import Supervised

LEAST_TO_HOLD = 20  # rows; of fewer none are kept back
ROWS = 4_096  # that go through the network at once when it only answers


@dataclass(frozen=True)
class Shape:
    """inputs, outputs: lengths of the vectors; hidden: width of each hidden layer; dropout: share left out"""

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    dropout: float = 0.5


class Perceptron(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        widths = (shape.inputs, *shape.hidden)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.drop = nn.Dropout(shape.dropout)
        self.out = nn.Linear(widths[-1], shape.outputs)

    def hidden(self, x: Tensor) -> Tensor:
        """The last hidden layer, (batch, hidden[-1])."""
        for layer in self.layers:
            x = self.drop(functional.relu(layer(x)))
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Logits, (batch, outputs)."""
        logits: Tensor = self.out(self.hidden(x))
        return logits

    @torch.no_grad()
    def heard(self, x: np.ndarray) -> np.ndarray:
        """float32 (n, hidden[-1]): the last hidden layer, without dropout, of x float (n, inputs)."""
        self.eval()
        parts = [self.hidden(torch.from_numpy(part)).numpy() for part in _blocks(x)]
        return np.concatenate(parts) if parts else np.zeros((0, self.out.in_features), np.float32)

    @torch.no_grad()
    def tags(self, x: np.ndarray) -> np.ndarray:
        """float32 (n, outputs): probability of every tag."""
        self.eval()
        parts = [torch.sigmoid(self(torch.from_numpy(part))).numpy() for part in _blocks(x)]
        return np.concatenate(parts) if parts else np.zeros((0, self.shape.outputs), np.float32)


def _blocks(x: np.ndarray) -> list[np.ndarray]:
    given = np.ascontiguousarray(x, np.float32)
    return [given[at : at + ROWS] for at in range(0, len(given), ROWS)]


@dataclass(frozen=True)
class Lesson:
    """optimizer: adagrad or adam; weight_decay: of all weights; hold: share of the rows that decides when to stop"""

    epochs: int = 100
    batch: int = 100
    learning_rate: float = 0.01
    optimizer: str = "adagrad"
    weight_decay: float = 0.0
    patience: int = 10
    hold: float = 0.1


def taught(
    x: np.ndarray,
    y: np.ndarray,
    shape: Shape,
    lesson: Lesson,
    seed: int,
    monitor: Monitor,
    folder: Path | None = None,
    device: str = "cpu",
    belongs: dict[str, Any] | None = None,
) -> tuple[Perceptron, Outcome]:
    """A perceptron that tells tags `y` bool (n, tags) from vectors `x` float (n, d), by logistic loss.

    folder: for checkpoints, which are taken up again when `belongs` and the settings are the same
    raises: Unusable when the loss stops being a number, Cancelled
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Perceptron(shape)
    order = np.random.default_rng(seed).permutation(len(x))
    held, rows = np.split(order, [round(lesson.hold * len(x)) if len(x) >= LEAST_TO_HOLD else 0])
    inputs, wanted = (torch.from_numpy(np.ascontiguousarray(part, np.float32)) for part in (x, y))

    def loss(chosen: np.ndarray, where: torch.device) -> Tensor:
        at = torch.from_numpy(chosen)
        return functional.binary_cross_entropy_with_logits(network(inputs[at].to(where)), wanted[at].to(where))

    def check(where: torch.device) -> float:
        return -loss(held, where).item()

    kind = torch.optim.Adagrad if lesson.optimizer == "adagrad" else torch.optim.Adam
    optimizer = kind(network.parameters(), lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    learner = Supervised(
        network, optimizer, loss, rows, lesson.batch, seed, choose(device), check if len(held) else None, "tracks"
    )
    whole = {"shape": asdict(shape), "lesson": asdict(lesson), "seed": seed, "data": belongs or {}}
    course = Course(lesson.epochs, lesson.patience, "validation log-likelihood")
    outcome = train(learner, course, folder, whole, monitor)
    network.cpu().eval()
    return network, outcome
