"""The dense autoencoder 128-64-3-64-128 (Campbell, "Music Recommendation with Autoencoder Model").

Its three-unit code is the place of a track on the map. Inputs are standardised; the loss is the mean
squared error plus an activity penalty on the code.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from musicdesk.core.progress import Monitor
from musicdesk.learning import course
from musicdesk.learning.device import choose
from musicdesk.learning.supervised import Supervised

HIDDEN = (128, 64)
CODE = 3


@dataclass(frozen=True)
class AutoencoderSpec:
    """hidden:   widths from the input to the code; back again from the code
    code:     activation of the code, 'relu' as in the source, 'leaky' (slope 0.3), or 'linear'
    penalty:  weight of the code's activity penalty; norm: 1 or 2
    epochs, batch: as in the source; `most_steps` bounds the work on big libraries (batches then grow up to
              `most_batch`), `least_steps` gives small ones more epochs
    noise:    deviation of noise on the inputs at 100 rows, less with more (100 / n of it): a denoising
              autoencoder (Vincent et al. 2008), which few rows need; the source has none
    cosine:   the rate falls to zero (`learn_beside` alone)
    linear:   hidden layers without activation; with a linear code and no penalty it is PCA
    """

    hidden: tuple[int, ...] = HIDDEN
    code: str = "relu"
    penalty: float = 0.01
    norm: int = 2
    epochs: int = 100
    batch: int = 32
    most_batch: int = 512
    most_steps: int = 4_000
    least_steps: int = 0
    noise: float = 0.0
    rate: float = 1e-3
    cosine: bool = False
    linear: bool = False


# For the map. On 400 real clips the source's ReLU code with its penalty of .01 lost units in both starts tried
# (trustworthiness .54 and .84, a sheet or a line). A leaky code lost none in eight starts; this one gives .93, PCA .85.
MAP = AutoencoderSpec(code="leaky", penalty=1e-3, batch=64, rate=2e-3, least_steps=600, noise=1.0)


@dataclass(frozen=True, eq=False)
class Coded:
    """code: float32 (n, 3); loss: mean squared error per feature after training; steps: batches it took"""

    code: np.ndarray
    loss: float
    steps: int


def train(features: np.ndarray, spec: AutoencoderSpec, seed: int, monitor: Monitor) -> Coded:
    """Learns to rebuild `features` through three units and tells where each row falls.

    features: float32 (n, d), standardised, finite, n >= 2
    The same on every run on the CPU. Raises Cancelled.
    """
    data = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
    n = len(data)
    batch = int(min(spec.most_batch, max(spec.batch, -(-n * spec.epochs // spec.most_steps)), n))
    per_epoch = -(-n // batch)
    steps = min(spec.most_steps, max(spec.least_steps, spec.epochs * per_epoch))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, decoder = _networks(data.shape[1], spec, nn.Linear)
    order = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=spec.rate, fused=True)
    rows = torch.empty(0, dtype=torch.int64)
    noise = spec.noise * min(1.0, 100 / n)
    for step in range(steps):
        if not len(rows):
            rows = torch.randperm(n, generator=order)
            monitor.check()
            monitor.report(1000 * step // steps, 1000, "Drawing the map")
        part, rows = data[rows[:batch]], rows[batch:]
        code = encoder(part + noise * torch.randn(part.shape, generator=order) if noise else part)
        loss = torch.nn.functional.mse_loss(decoder(code), part) + spec.penalty * _activity(code, spec.norm)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call,unused-ignore]
        optimiser.step()
    with torch.no_grad():
        parts = [data[start : start + 8_192] for start in range(0, n, 8_192)]
        codes = [encoder(part) for part in parts]
        errors = [((decoder(code) - part) ** 2).sum() for code, part in zip(codes, parts, strict=True)]
        total = float(torch.stack(errors).sum()) / data.numel()
        return Coded(torch.cat(codes).numpy(), total, steps)


def _activity(code: Tensor, norm: int) -> Tensor:
    """Per item, as Keras counts it: the sum over units, averaged over the batch. (..., batch, 3) -> (...)"""
    return (code.abs() if norm == 1 else code.square()).sum(dim=-1).mean(dim=-1)


def _networks(dim: int, spec: AutoencoderSpec, layer: Callable[[int, int], nn.Module]) -> tuple[nn.Module, nn.Module]:
    """Encoder and decoder, at their start as Keras' defaults have it, which the source used."""
    last = {"relu": nn.ReLU(), "leaky": nn.LeakyReLU(0.3), "linear": nn.Identity()}[spec.code]
    between = nn.Identity if spec.linear else nn.ReLU
    down, up = [dim, *spec.hidden], [CODE, *reversed(spec.hidden)]
    encoder: list[nn.Module] = []
    for wide, narrow in pairwise(down):
        encoder += [layer(wide, narrow), between()]
    decoder: list[nn.Module] = []
    for narrow, wide in pairwise(up):
        decoder += [layer(narrow, wide), between()]
    encoder += [layer(down[-1], CODE), last]
    decoder += [layer(up[-1], dim)]
    for part in (*encoder, *decoder):
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)
    return nn.Sequential(*encoder), nn.Sequential(*decoder)


class Beside(nn.Module):
    """`side` linear layers beside each other: (side, batch, in) -> (side, batch, out). Small layers cost mostly
    their call; five beside each other cost little more than one."""

    def __init__(self, side: int, inputs: int, outputs: int) -> None:
        super().__init__()
        reach = (6 / (inputs + outputs)) ** 0.5  # Glorot and Bengio 2010
        self.weight = nn.Parameter(torch.empty(side, inputs, outputs).uniform_(-reach, reach))
        self.bias = nn.Parameter(torch.zeros(side, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


class Autoencoders(nn.Module):
    """`side` networks of one shape with starts of their own: (side, batch, dim) -> code (side, batch, 3), rebuilt."""

    def __init__(self, dim: int, spec: AutoencoderSpec, side: int = 1, seed: int = 0) -> None:
        super().__init__()
        self.side = side
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder, self.decoder = _networks(dim, spec, lambda i, o: Beside(side, i, o))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        code = self.encoder(x)
        return code, self.decoder(code)

    @torch.no_grad()
    def errors(self, x: Tensor) -> Tensor:
        """Mean squared error per feature of each network, without penalty, float64 (side,)."""
        parts = [(self(part)[1] - part).square().sum(dim=(1, 2), dtype=torch.float64) for part in _blocks(x)]
        return torch.stack(parts).sum(dim=0) / (x.shape[1] * x.shape[2])


def _blocks(x: Tensor) -> tuple[Tensor, ...]:
    return torch.split(x, 8_192, dim=1)


@dataclass(frozen=True, eq=False)
class Learned:
    """networks: on the processor; losses: of every epoch, with penalty, mean over the networks
    train, validation: errors without penalty, float (side, epochs); validation is empty where nothing was held back
    """

    networks: Autoencoders
    losses: np.ndarray
    train: np.ndarray
    validation: np.ndarray

    def codes(self, features: np.ndarray) -> np.ndarray:
        """float32 (side, n, 3). features: float (n, d), the same for all networks, or (side, n, d)"""
        given = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
        with torch.no_grad():
            found: np.ndarray = self.networks.encoder(given.expand(self.networks.side, *given.shape[-2:])).numpy()
        return found

    def encoder(self, number: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weights float32 (in, out) and biases (out,) of one network's encoder, layer by layer."""
        layers = [part for part in self.networks.encoder.modules() if isinstance(part, Beside)]
        return [(part.weight[number].detach().numpy(), part.bias[number, 0].detach().numpy()) for part in layers]


class _Learner(Supervised):
    """Rows in batches; the rate falls to zero along half a wave where the specification says so."""

    spec: AutoencoderSpec

    def epoch(self, number: int, monitor: Monitor) -> float:
        if self.spec.cosine:
            for group in self.optimizers[0].param_groups:
                group["lr"] = self.spec.rate * 0.5 * (1 + math.cos(math.pi * number / self.spec.epochs))
        return super().epoch(number, monitor)


def learn_beside(
    train: np.ndarray,
    validation: np.ndarray,
    spec: AutoencoderSpec,
    seed: int,
    monitor: Monitor,
    scratch: Path | None = None,
    device: str = "cpu",
) -> Learned:
    """Trains a network on each of `train` (side, n, d); `validation` (side, m, d), m may be 0, is only measured.

    Batches are `spec.batch` rows for `spec.epochs` epochs, as in the source. scratch: where checkpoints are kept
    raises: as `course.train`
    """
    data, held = (torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32)) for part in (train, validation))
    side, rows, dim = data.shape
    networks = Autoencoders(dim, spec, side, seed)
    # A broken row is a batch of a hundredfold loss; a shorter memory than the usual .999 forgets it sooner.
    optimizer = torch.optim.Adam(networks.parameters(), lr=spec.rate, betas=(0.9, 0.95), fused=True)

    def loss(chosen: np.ndarray, on: torch.device) -> Tensor:
        part = data[:, torch.from_numpy(chosen)].to(on)
        code, rebuilt = networks(part)
        each = (rebuilt - part).square().mean(dim=(1, 2)) + spec.penalty * _activity(code, spec.norm)
        total: Tensor = each.sum()
        return total

    def measure() -> dict[str, float]:
        on = next(networks.parameters()).device
        told = {f"error {k}": float(value) for k, value in enumerate(networks.errors(data.to(on)))}
        if held.shape[1]:
            errors = networks.errors(held.to(on))
            told |= {f"validation error {k}": float(value) for k, value in enumerate(errors)}
        return told

    learner = _Learner(networks, optimizer, loss, np.arange(rows), spec.batch, seed, choose(device), what="rows")
    learner.spec = spec
    found = course.train(
        learner, course.Course(spec.epochs), scratch, _belongs(data, held, spec, seed), monitor, measure
    )
    networks.cpu().eval()
    errors, validations = (
        np.array([found.curves[f"{name} {k}"] for k in range(side) if f"{name} {k}" in found.curves])
        for name in ("error", "validation error")
    )
    return Learned(networks, np.array(found.losses) / side, errors, validations)


def _belongs(data: Tensor, held: Tensor, spec: AutoencoderSpec, seed: int) -> dict[str, Any]:
    total = hashlib.sha256(data.numpy().tobytes())
    total.update(held.numpy().tobytes())
    return {"spec": asdict(spec), "seed": seed, "data": total.hexdigest()}


def is_degenerate(code: np.ndarray) -> bool:
    """Whether the code lives in fewer than three dimensions: a unit is dead or two say the same.

    A dead ReLU unit is 0 for nearly all tracks; the map would be a sheet or a line.
    """
    deviation = code.std(axis=0)
    if (
        deviation.max(initial=0.0) <= 1e-5 * max(1.0, float(np.abs(code).max(initial=0.0)))
        or deviation.min() < 0.02 * deviation.max()
    ):
        return True
    if (np.mean(np.abs(code) < 1e-6, axis=0) > 0.8).any():
        return True
    values = np.linalg.eigvalsh(np.corrcoef(code.T))
    return bool(values[0] < 1e-3)
