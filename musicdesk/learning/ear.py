"""The network of the shipped encoder: convolutions over each window, and beside them a fixed sketch of it.

The convolutions slide over time with the bands as channels, as in the tower of Lee et al. 2018, but have fewer
layers, normalise each batch, and end in mean and maximum over time. The sketch (`musicdesk.learning.sketch`) says how
bands are filled, move, and go together. Two layers join both.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from musicdesk.learning.network import unit
from musicdesk.learning.sketch import levelled, size, sketch

FURTHEST = 5.0  # standard deviations; a number further off says no more
LEFT_OUT = 0.2  # share of the numbers that training hides
LAYERS = ((192, 5, 2), (0, 5, 2), (0, 3, 1))  # channels (0: as many as the last layer), frames, step


@dataclass(frozen=True)
class EarShape:
    """What has to be known to build an ear before its weights are read."""

    dim: int = 160  # width of the feature layer
    out: int = 160  # length of the vectors that leave the network, <= dim
    hidden: int = 384
    filters: int = 256  # channels of the last convolutions
    bands: int = 128
    frames: int = 130


class Ear(nn.Module):
    """Log-mel windows to unit vectors, the same at any loudness."""

    mean: Tensor
    sd: Tensor
    center: Tensor
    rotation: Tensor

    def __init__(self, shape: EarShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or EarShape()
        numbers = size(shape.bands)
        self.convolutions = Convolutions(shape.bands, shape.filters)
        self.drawn = nn.Sequential(
            nn.Dropout(LEFT_OUT), nn.Linear(numbers, shape.hidden), nn.ReLU(), nn.Dropout(LEFT_OUT)
        )
        self.joined = nn.Sequential(
            nn.Linear(shape.hidden + 2 * shape.filters, shape.hidden),
            nn.BatchNorm1d(shape.hidden),
            nn.ReLU(),
            nn.Dropout(LEFT_OUT),
        )
        self.feature = nn.Linear(shape.hidden, shape.dim)
        # Facts about the training data, not learned by gradient: they travel inside the weights.
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("sd", torch.ones(numbers))
        self.register_buffer("center", torch.zeros(shape.dim))
        self.register_buffer("rotation", torch.eye(shape.dim, shape.out))

    def forward(self, windows: Tensor) -> Tensor:
        """Unit vectors, finished. windows: float32 (batch, frames, bands), log10(1 + 10 mel); returns (batch, out)."""
        with torch.autocast(windows.device.type, enabled=False):
            return unit((unit(self.features(windows)) - self.center) @ self.rotation)

    def features(self, windows: Tensor) -> Tensor:
        """The feature layer as it is, (batch, dim): what training works on."""
        levels = levelled(windows.float())
        heard = torch.cat([self.drawn(self._standard(levels)), self.convolutions(levels)], dim=1)
        features: Tensor = self.feature(self.joined(heard))
        return features

    def _standard(self, levels: Tensor) -> Tensor:
        """The sketch of each window in standard deviations, float32 (batch, numbers)."""
        with torch.autocast(levels.device.type, enabled=False), torch.no_grad():
            return ((sketch(levels) - self.mean) / self.sd).clamp(-FURTHEST, FURTHEST)

    def parameter_count(self) -> int:
        """Learned numbers; the buffers do not count."""
        return sum(parameter.numel() for parameter in self.parameters())


class Convolutions(nn.Module):
    """Levelled pictures (batch, frames, bands) to (batch, 2 * filters): mean and maximum over time."""

    def __init__(self, bands: int, filters: int) -> None:
        super().__init__()
        self.even = nn.BatchNorm1d(bands)
        layers: list[nn.Module] = []
        before = bands
        for channels, frames, step in LAYERS:
            after = channels or filters
            layers += [
                nn.Conv1d(before, after, frames, step, padding=frames // 2, bias=False),
                nn.BatchNorm1d(after),
                nn.ReLU(),
            ]
            before = after
        self.layers = nn.Sequential(*layers)
        self.hide = nn.Dropout(LEFT_OUT)

    def forward(self, levels: Tensor) -> Tensor:
        x = self.layers(self.even(levels.transpose(1, 2)))
        heard: Tensor = self.hide(torch.cat([x.mean(2), x.amax(2)], dim=1))
        return heard
