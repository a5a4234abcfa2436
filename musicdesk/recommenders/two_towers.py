"""The networks and the training of the content-user model (Lee et al. 2018, section 3): see `content_user`.

A batch is a set of songs, not of pairs: each is heard once, all its listeners are positives at once, and the other
songs of the batch that a listener has not played are the negatives. Hearing is nearly all of the cost, so a pass over
7,000 songs costs what hearing 7,000 windows does, where the paper's loop hears twenty-one songs for every play.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicdesk.core.progress import Monitor
from musicdesk.learning.memory import Pace
from musicdesk.learning.network import NORM_EPS, Tower, TowerShape, unit
from musicdesk.learning.windowed import hear, mean_over_windows, one_of_each, standardise
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.hearing import cold_auc

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

    from musicdesk.recommenders.content_user import ContentUser

REDRAWS = 4  # of a negative that the listener has played
TABLE_PACE = 5  # times the learning rate, by Adam
NOTHING = 1e-6  # what negatives weigh where there are none
MOST_LISTENERS = 6_144  # of one batch
MOST_VALIDATED = 2_000  # listeners
SMALLEST_BATCH = 16  # songs


class TwoTowers(nn.Module):
    """Listeners and songs as unit vectors of one space.

    Songs: the tower over windows, or, for the control, a table of their numbers. Listeners: a table, then fully
    connected. As in the paper, no ReLU on what the cosine is taken of.
    """

    def __init__(self, listeners: int, songs: int, dim: int, shape: tuple[int, int] | None, sparse: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(listeners, dim, sparse=sparse)
        self.user = nn.Linear(dim, dim)
        self.tower: Tower | nn.Embedding
        if shape is None:
            self.tower = nn.Embedding(songs, dim, sparse=sparse)
            nn.init.normal_(self.tower.weight, std=1 / math.sqrt(dim))
        else:
            self.tower = Tower(TowerShape(dim=dim, out=dim, frames=shape[0], bands=shape[1]))
        nn.init.normal_(self.table.weight, std=1 / math.sqrt(dim))

    def listeners(self, rows: Tensor) -> Tensor:
        """(n, dim) for int (n,)."""
        x: Tensor = self.user(self.table(rows))
        length: Tensor = x.norm(dim=1, keepdim=True)
        return x * (1.0 / (length + NORM_EPS))  # as `unit`, with a cheaper gradient

    def songs(self, given: Tensor) -> Tensor:
        """(n, dim) for windows float (n, frames, bands), or for songs' numbers int (n,)."""
        if isinstance(self.tower, nn.Embedding):
            return unit(self.tower(given))
        return unit(self.tower.features(given).float())


def softmax_loss(logits: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Mean over plays of -log(exp(s) / (exp(s) + sum over negatives of exp(s'))).

    logits: (listeners, songs), cosines over a temperature of .02 or more; rows, columns: int (plays,), all that the
            listeners have played of these songs: the others are the negatives
    """
    own = logits[rows, columns]
    played = torch.zeros(len(logits), device=logits.device).index_add(0, rows, own.exp())
    against = (logits.exp().sum(dim=1) - played).clamp(min=NOTHING)
    return (torch.logaddexp(own, against.log()[rows]) - own).mean()


def hinge_loss(
    scores: Tensor, rows: Tensor, columns: Tensor, negatives: Tensor, counts: Tensor, margin: float
) -> Tensor:
    """Mean over plays of the sum over their negatives of max(0, margin - s + s'); equation 1 of the paper.

    negatives: int (plays, k), columns; counts: bool (plays, k), false where no negative could be drawn
    """
    own = scores[rows, columns]
    loss = functional.relu(margin - own[:, None] + scores[rows[:, None], negatives])
    return (loss * counts).sum(dim=1).mean()


def draw_negatives(played: Tensor, rows: Tensor, k: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """(negatives int (plays, k), counts bool (plays, k)): songs of the batch at random that the listener never played.

    played: bool (listeners, songs); rows: int (plays,). Where all of several draws were played, none counts.
    """
    songs = played.shape[1]
    found = torch.randint(songs, (len(rows), k), generator=draw)
    for _ in range(REDRAWS):
        bad = played[rows[:, None], found]
        if not bad.any():
            break
        found = torch.where(bad, torch.randint(songs, found.shape, generator=draw), found)
    return found, ~played[rows[:, None], found]


@dataclass(frozen=True, eq=False)
class Plays:
    """What is learned from: the listeners' plays of the songs that train, and of those that validate.

    train:    CSC bool (listeners, songs); validate: CSC bool (listeners, songs kept back)
    at:       int64 (songs,), places among the windows, or the songs' numbers for the control; back: of those kept back
    """

    train: csc_matrix
    at: np.ndarray
    validate: csc_matrix
    back: np.ndarray


class TwoTowersLearner:
    """One training. On the processor deterministic by seed; all chance in an epoch comes from its number."""

    def __init__(
        self, plays: Plays, songs: int, windows: MelWindows | None, config: ContentUser, seed: int, device: torch.device
    ) -> None:
        self._plays, self._windows, self._config, self._seed = plays, windows, config, seed
        shape = windows.shape if windows is not None else None
        sparse = config.optimizer == "adam"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = TwoTowers(plays.train.shape[0], songs, config.dim, shape, sparse)
        if windows is not None and isinstance(self.network.tower, Tower):
            standardise(self.network.tower, windows, plays.at)
        self.network.to(device)
        self.optimizers = self._optimizers()
        batch = max(2 * SMALLEST_BATCH, min(config.batch, len(plays.at) // 8))
        self.pace = Pace(device, batch, SMALLEST_BATCH, "songs", self._move)
        self._validated = self._validation_rows()

    def _optimizers(self) -> list[torch.optim.Optimizer]:
        """A row of a table gets a gradient only from its own plays, a small part of the loss: tables go faster."""
        config, network = self._config, self.network
        tables = [network.table.weight]
        if isinstance(network.tower, nn.Embedding):
            tables.append(network.tower.weight)
        others = [value for value in network.parameters() if not any(value is table for table in tables)]
        if config.optimizer == "sgd":
            rates = [config.learning_rate * len(table) for table in tables]
            groups: list[dict[str, Any]] = [
                {"params": [table], "lr": rate} for table, rate in zip(tables, rates, strict=True)
            ]
            return [
                torch.optim.SGD(
                    [{"params": others, "lr": config.learning_rate}, *groups],
                    config.learning_rate,
                    momentum=0.9,
                    nesterov=True,
                ),
            ]
        return [
            torch.optim.Adam(others, config.learning_rate),
            torch.optim.SparseAdam(tables, TABLE_PACE * config.learning_rate),
        ]

    def _move(self, device: torch.device) -> None:
        """Network and optimisers to another device."""
        self.network.to(device)
        for optimizer in self.optimizers:
            optimizer.load_state_dict(optimizer.state_dict())  # takes its tensors to where the parameters are

    def epoch(self, number: int, monitor: Monitor) -> float:
        """One pass over the songs, a random window of each; the mean loss of a play."""
        draw = np.random.default_rng([self._seed, number])
        order = draw.permutation(len(self._plays.at))
        windows = self._drawn(draw)
        noise = torch.Generator().manual_seed(self._seed * 1_000_003 + number)
        total = 0.0
        counted = 0

        def step(start: int, end: int) -> None:
            nonlocal total, counted
            monitor.check()
            chosen = order[start:end]
            loss, plays = self._step(chosen, windows[chosen], noise)
            total += loss * plays
            counted += plays

        self.pace.over(len(order), step)
        return total / max(1, counted)

    def _drawn(self, draw: np.random.Generator) -> np.ndarray:
        """int64 (songs,): a window of each song; for the control the song's number."""
        at = self._plays.at
        return at if self._windows is None else one_of_each(self._windows, at, draw.random(len(at)))

    def _step(self, songs: np.ndarray, windows: np.ndarray, noise: torch.Generator) -> tuple[float, int]:
        """One update; (loss, plays)."""
        listeners, rows, columns = self._pairs(songs, noise)
        if not len(rows):
            return 0.0, 0
        device, config = self.pace.device, self._config
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        heard = self._songs(windows)
        tastes = self.network.listeners(listeners.to(device))
        if config.loss == "hinge":
            played = torch.zeros(len(listeners), len(songs), dtype=torch.bool)
            played[rows, columns] = True
            negatives, counts = (each.to(device) for each in draw_negatives(played, rows, config.negatives, noise))
            scores, rows, columns = tastes @ heard.T, rows.to(device), columns.to(device)
            loss = hinge_loss(scores, rows, columns, negatives, counts, config.margin)
        else:
            logits = tastes @ (heard / config.tau).T
            loss = softmax_loss(logits, rows.to(device), columns.to(device))
        torch.autograd.backward(loss)
        if math.isfinite(value := loss.item()):
            for optimizer in self.optimizers:
                optimizer.step()
        return value, len(rows)

    def _pairs(self, songs: np.ndarray, noise: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """(listeners, rows, columns): who plays any of `songs`, and their plays as places among both; int64.

        Of very many listeners a random part speaks, each with all of her plays: scoring would cost more than hearing.
        """
        part = self._plays.train[:, songs].tocoo()
        listeners, rows = np.unique(part.row.astype(np.int64), return_inverse=True)
        columns = part.col.astype(np.int64)
        if len(listeners) > MOST_LISTENERS:
            chosen = torch.randperm(len(listeners), generator=noise)[:MOST_LISTENERS].numpy()
            place = np.full(len(listeners), -1)
            place[chosen] = np.arange(len(chosen))
            listeners, rows = listeners[chosen], place[rows]
            columns, rows = columns[rows >= 0], rows[rows >= 0]
        return torch.from_numpy(listeners), torch.from_numpy(rows), torch.from_numpy(columns)

    def _songs(self, rows: np.ndarray) -> Tensor:
        """(n, dim) of windows, or of songs' numbers for the control."""
        if self._windows is None:
            return self.network.songs(torch.from_numpy(rows).to(self.pace.device))
        return hear(self.network.songs, self._windows, rows, self.pace.device)

    # what was learned

    def validate(self) -> float | None:
        """AUC over the songs kept back; None where there are none, or where songs are only numbers."""
        if self._windows is None or not len(self._validated):
            return None
        vectors = self.song_vectors(self._plays.back)
        played = self._plays.validate[self._validated].toarray() > 0
        return cold_auc(self.listener_vectors(self._validated) @ vectors.T, played)

    def _validation_rows(self) -> np.ndarray:
        rows = np.unique(self._plays.validate.tocoo().row)
        if len(rows) > MOST_VALIDATED:
            rows = np.sort(np.random.default_rng(self._seed).permutation(rows)[:MOST_VALIDATED])
        return rows

    @torch.inference_mode()
    def listener_vectors(self, rows: np.ndarray) -> np.ndarray:
        """float32 (n, dim), unit."""
        found: np.ndarray = self.network.listeners(torch.from_numpy(rows).to(self.pace.device)).float().cpu().numpy()
        return found

    @torch.inference_mode()
    def song_vectors(self, at: np.ndarray) -> np.ndarray:
        """float32 (n, dim), unit: the mean over all windows of each; for the control, of the songs' numbers."""
        if self._windows is None:
            return self._songs(at).float().cpu().numpy()
        return mean_over_windows(self.network.songs, self._windows, at, self._config.dim, self.pace, unit_length=True)
