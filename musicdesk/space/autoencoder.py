"""The dense autoencoder 128-64-3-64-128 (Campbell, "Music Recommendation with Autoencoder Model").

Its three-unit code is the place of a track on the map. Inputs are standardised; the loss is the mean
squared error plus an activity penalty on the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.progress import Monitor

if TYPE_CHECKING:
    from torch import Tensor, nn

HIDDEN = (128, 64)
CODE = 3


@dataclass(frozen=True)
class AutoencoderSpec:
    """code:     activation of the code, 'relu' as in the source, 'leaky' (slope 0.3), or 'linear'
    penalty:  weight of the code's activity penalty; norm: 1 or 2
    epochs, batch: as in the source; `most_steps` bounds the work on big libraries (batches then grow up to
              `most_batch`), `least_steps` gives small ones more epochs
    noise:    deviation of noise on the inputs at 100 rows, less with more (100 / n of it): a denoising
              autoencoder (Vincent et al. 2008), which few rows need; the source has none
    """

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
    import torch

    data = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
    n = len(data)
    batch = int(min(spec.most_batch, max(spec.batch, -(-n * spec.epochs // spec.most_steps)), n))
    per_epoch = -(-n // batch)
    steps = min(spec.most_steps, max(spec.least_steps, spec.epochs * per_epoch))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, decoder = _networks(data.shape[1], spec.code)
    order = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=spec.rate, fused=True)
    rows = torch.empty(0, dtype=torch.int64)
    noise = spec.noise * min(1.0, 100 / n)
    for step in range(steps):
        if not len(rows):
            rows = torch.randperm(n, generator=order)
            monitor.check()
            monitor.report(step, steps, "Folding the sound into three dimensions")
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
    """Per item, as Keras counts it: the sum over units, averaged over the batch."""
    return (code.abs() if norm == 1 else code.square()).sum(dim=1).mean()


def _networks(dim: int, code: str) -> tuple[nn.Module, nn.Module]:
    from torch import nn

    wide, narrow = HIDDEN
    last = {"relu": nn.ReLU(), "leaky": nn.LeakyReLU(0.3), "linear": nn.Identity()}[code]
    encoder = nn.Sequential(
        *(nn.Linear(dim, wide), nn.ReLU(), nn.Linear(wide, narrow), nn.ReLU(), nn.Linear(narrow, CODE), last)
    )
    decoder = nn.Sequential(
        *(nn.Linear(CODE, narrow), nn.ReLU(), nn.Linear(narrow, wide), nn.ReLU(), nn.Linear(wide, dim))
    )
    for layer in (*encoder, *decoder):
        if isinstance(layer, nn.Linear):  # Keras' defaults, which the source used
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return encoder, decoder


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
