"""Neural collaborative filtering of pairs: does this member come back to this song? (Zhao, Pu, on KKBox.)

Members and songs have vectors of 64; their dot product is one feature. With the categories of the pair (where it
was heard, the member's city, the song's language, ...) it goes into a layer of 128 ReLU units with dropout, and from
there into a softmax over no and yes. A category is one-hot: its share in the layer is a row of a table.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicdesk.core.progress import Monitor
from musicdesk.learning import course
from musicdesk.learning.device import choose
from musicdesk.learning.supervised import Supervised

ASKED = 16_384  # rows that go through the network at once when it only answers


@dataclass(frozen=True)
class PairSpec:
    """width: of the vectors; hidden: units; dropout: share left out; patience: epochs without a lower validation loss
    dot: whether the dot product is a feature (without it members and songs say nothing)
    """

    width: int = 64
    hidden: int = 128
    dropout: float = 0.5
    rate: float = 1e-3
    batch: int = 128
    epochs: int = 100
    patience: int = 5
    dot: bool = True


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rows of pairs. member, song: int64 (n,), 0 for one that is not known; categories: int64 (n, c), levels numbered
    through over all columns; target: int64 (n,), 0 or 1; members, songs, levels: how many numbers there are
    """

    member: np.ndarray
    song: np.ndarray
    categories: np.ndarray
    target: np.ndarray
    members: int
    songs: int
    levels: int

    def __len__(self) -> int:
        return len(self.target)

    def of(self, rows: np.ndarray) -> Pairs:
        return replace(
            self,
            member=self.member[rows],
            song=self.song[rows],
            categories=self.categories[rows],
            target=self.target[rows],
        )

    def digest(self) -> str:
        total = hashlib.sha256()
        for part in (self.member, self.song, self.categories, self.target):
            total.update(np.ascontiguousarray(part, np.int64).tobytes())
        return total.hexdigest()


class PairNetwork(nn.Module):
    def __init__(self, pairs: Pairs, spec: PairSpec) -> None:
        super().__init__()
        self.spec = spec
        self.member = nn.Embedding(pairs.members, spec.width, padding_idx=0)  # the unknown one stays at zero
        self.song = nn.Embedding(pairs.songs, spec.width, padding_idx=0)
        self.category = nn.EmbeddingBag(max(1, pairs.levels), spec.hidden, mode="sum")
        self.dot = nn.Linear(1, spec.hidden)
        self.drop = nn.Dropout(spec.dropout)
        self.out = nn.Linear(spec.hidden, 2)
        for table in (self.member, self.song):
            nn.init.uniform_(table.weight, -0.05, 0.05)  # Keras' default
            with torch.no_grad():
                table.weight[0] = 0.0
        nn.init.uniform_(self.category.weight, -0.05, 0.05)

    def forward(self, member: Tensor, song: Tensor, categories: Tensor) -> Tensor:
        """Two logits, (batch, 2)."""
        product = (self.member(member) * self.song(song)).sum(dim=1, keepdim=True)
        inner = self.dot(product if self.spec.dot else torch.zeros_like(product))
        if categories.shape[1]:
            inner = inner + self.category(categories)
        logits: Tensor = self.out(self.drop(functional.relu(inner)))
        return logits


@dataclass(frozen=True, eq=False)
class LearnedPairs:
    """network: of the best epoch; losses, validation: of every epoch; curves: 'accuracy' and 'validation accuracy'"""

    network: PairNetwork
    losses: tuple[float, ...]
    validation: tuple[float, ...]
    best: int
    curves: dict[str, list[float]]

    def yes(self, pairs: Pairs) -> np.ndarray:
        """float64 (n,): the probability of yes."""
        with torch.no_grad():
            found: np.ndarray = _logits(self.network, pairs, torch.device("cpu")).softmax(dim=1)[:, 1].double().numpy()
        return found


def learn_pairs(
    train: Pairs,
    validation: Pairs,
    spec: PairSpec,
    seed: int,
    monitor: Monitor,
    scratch: Path | None = None,
    device: str = "cpu",
) -> LearnedPairs:
    """Learns until the validation loss has not fallen for `spec.patience` epochs.

    scratch: where checkpoints are kept. Raises as `course.train`
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PairNetwork(train, spec)
    parts = [torch.from_numpy(part) for part in (train.member, train.song, train.categories, train.target)]

    def loss(chosen: np.ndarray, on: torch.device) -> Tensor:
        rows = torch.from_numpy(chosen)
        member, song, categories, target = (part[rows].to(on) for part in parts)
        return functional.cross_entropy(network(member, song, categories), target)

    def check(on: torch.device) -> float:
        wanted = torch.from_numpy(validation.target).to(on)
        return functional.cross_entropy(_logits(network, validation, on), wanted).item()

    @torch.no_grad()
    def measure() -> dict[str, float]:
        on = next(network.parameters()).device
        kinds = {"accuracy": train, "validation accuracy": validation}
        return {name: _accuracy(_logits(network, part, on), part.target) for name, part in kinds.items()}

    optimizer = torch.optim.Adam(network.parameters(), lr=spec.rate, fused=True)
    rows = np.arange(len(train))
    learner = Supervised(network, optimizer, loss, rows, spec.batch, seed, choose(device), check, "rows")
    plan = course.Course(spec.epochs, spec.patience, "validation loss", falls=True)
    belongs = {"spec": asdict(spec), "seed": seed, "train": train.digest(), "validation": validation.digest()}
    found = course.train(learner, plan, scratch, belongs, monitor, measure)
    network.cpu().eval()
    return LearnedPairs(network, found.losses, found.validation, found.best, found.curves)


def _logits(network: PairNetwork, pairs: Pairs, on: torch.device) -> Tensor:
    given = (torch.from_numpy(part) for part in (pairs.member, pairs.song, pairs.categories))
    parts = [torch.split(part, ASKED) for part in given]
    return torch.cat([network(*(part.to(on) for part in block)) for block in zip(*parts, strict=True)])


def _accuracy(logits: Tensor, target: np.ndarray) -> float:
    return float((logits.argmax(dim=1).cpu().numpy() == target).mean())
