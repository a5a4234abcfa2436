"""The network of the shipped encoder: a fixed sketch of each window, heard twice, as it is and as it was learned.

The sketch (`musicdesk.learning.sketch`) says how bands are filled, move, and go together. Two layers learn from it
what belongs together; beside them, with the same weight, stand its own main directions, which were learned from
nobody's labels and so hold for music that is unlike all that was learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from musicdesk.learning.network import unit
from musicdesk.learning.sketch import levelled, size, sketch

FURTHEST = 5.0  # standard deviations; a number further off says no more
LEFT_OUT = 0.2  # share of the numbers that training hides


@dataclass(frozen=True)
class EarShape:
    """What has to be known to build an ear before its weights are read."""

    dim: int = 256  # width of the feature layer
    out: int = 224  # length of the vectors that leave the network, <= dim + plain
    plain: int = 96  # of these, how many are the sketch's own directions
    hidden: int = 512
    bands: int = 128
    frames: int = 130


class Ear(nn.Module):
    """Log-mel windows to unit vectors, the same at any loudness."""

    mean: Tensor
    sd: Tensor
    center: Tensor
    rotation: Tensor
    directions: Tensor

    def __init__(self, shape: EarShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or EarShape()
        numbers = size(shape.bands)
        self.layers = nn.Sequential(
            nn.Dropout(LEFT_OUT), nn.Linear(numbers, shape.hidden), nn.ReLU(), nn.Dropout(LEFT_OUT)
        )
        self.feature = nn.Linear(shape.hidden, shape.dim)
        # Facts about the training data, not learned by gradient: they travel inside the weights.
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("sd", torch.ones(numbers))
        self.register_buffer("center", torch.zeros(shape.dim))
        self.register_buffer("rotation", torch.eye(shape.dim, shape.out - shape.plain))
        self.register_buffer("directions", torch.eye(numbers, shape.plain))

    def forward(self, windows: Tensor) -> Tensor:
        """Unit vectors, finished. windows: float32 (batch, frames, bands), log10(1 + 10 mel); returns (batch, out)."""
        with torch.autocast(windows.device.type, enabled=False):
            standard = self.standard(windows)
            learned = unit((unit(self.feature(self.layers(standard))) - self.center) @ self.rotation)
            return unit(torch.cat([learned, unit(standard @ self.directions)], dim=1))

    def features(self, windows: Tensor) -> Tensor:
        """The feature layer as it is, (batch, dim): what training works on."""
        features: Tensor = self.feature(self.layers(self.standard(windows)))
        return features

    def standard(self, windows: Tensor) -> Tensor:
        """The sketch of each window in standard deviations, float32 (batch, numbers)."""
        with torch.autocast(windows.device.type, enabled=False), torch.no_grad():
            return ((sketch(levelled(windows.float())) - self.mean) / self.sd).clamp(-FURTHEST, FURTHEST)

    def parameter_count(self) -> int:
        """Learned numbers; the buffers do not count."""
        return sum(parameter.numel() for parameter in self.parameters())
