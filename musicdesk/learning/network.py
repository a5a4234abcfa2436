"""The network that hears: five convolutions over time, one vector per window of three seconds.

The item tower of Lee, Lee, Park, Park, Nam 2018, "Deep Content-User Embedding Model for Music
Recommendation", section 3.3: the bands of a log-mel picture are channels, the convolutions slide over
time alone, each followed by ReLU and max-pooling, then the mean over what time is left, then a linear
feature layer. With dim=256 it has 722,304 parameters.

Read from top to bottom: `Tower.forward` is the whole way from a picture to a unit vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

NORM_EPS = 1e-6  # a silent window must not divide by zero


@dataclass(frozen=True)
class TowerShape:
    """What has to be known to build a tower before its weights are read."""

    dim: int = 256  # width of the feature layer; the paper's embedding size
    out: int = 256  # length of the vectors that leave the network, <= dim
    bands: int = 128
    frames: int = 130  # 3.02 s at hop 512 and 22,050 Hz


class Tower(nn.Module):
    """Log-mel windows to unit vectors."""

    mean: Tensor
    sd: Tensor
    center: Tensor
    rotation: Tensor

    def __init__(self, shape: TowerShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or TowerShape()
        wide = shape.dim
        self.conv1 = nn.Conv1d(shape.bands, 128, 4)
        self.conv2 = nn.Conv1d(128, wide, 4)
        self.conv3 = nn.Conv1d(wide, wide, 4)
        self.conv4 = nn.Conv1d(wide, wide, 2)
        self.conv5 = nn.Conv1d(wide, wide, 1)
        self.feature = nn.Linear(wide, wide)
        # Facts about the training data, not learned by gradient: they travel inside the weights.
        self.register_buffer("mean", torch.zeros(shape.bands))
        self.register_buffer("sd", torch.ones(shape.bands))
        self.register_buffer("center", torch.zeros(wide))
        self.register_buffer("rotation", torch.eye(wide, shape.out))
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4, self.conv5):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, windows: Tensor) -> Tensor:
        """Unit vectors, finished: standardised, heard, centred and turned.

        windows: float32 (batch, frames, bands), log10(1 + 10 mel)
        returns: (batch, out), rows of norm 1
        """
        return finished(self.features(windows), self.center, self.rotation)

    def features(self, windows: Tensor) -> Tensor:
        """The feature layer as it is, (batch, dim): what training works on."""
        x = ((windows - self.mean) / self.sd).transpose(1, 2)  # (batch, bands, frames): bands are channels
        x = _pooled(self.conv1(functional.pad(x, (1, 2))), 4)  # 130 -> 32 frames
        x = _pooled(self.conv2(functional.pad(x, (1, 2))), 4)  # -> 8
        x = _pooled(self.conv3(functional.pad(x, (1, 2))), 4)  # -> 2
        x = _pooled(self.conv4(functional.pad(x, (0, 1))), 2)  # -> 1
        x = functional.relu(self.conv5(x))
        features: Tensor = self.feature(x.mean(dim=2))
        return features

    def parameter_count(self) -> int:
        """Learned numbers; the buffers do not count."""
        return sum(parameter.numel() for parameter in self.parameters())


def _pooled(x: Tensor, size: int) -> Tensor:
    """ReLU and max-pooling; pooling first is the same and has less to do."""
    return functional.relu(functional.max_pool1d(x, size))


def finished(features: Tensor, center: Tensor, rotation: Tensor) -> Tensor:
    """Unit vectors (batch, out) of features (batch, dim): the fixed last step of every network."""
    with torch.autocast(features.device.type, enabled=False):  # small numbers left after the centre
        return unit((unit(features.float()) - center) @ rotation)


def unit(x: Tensor) -> Tensor:
    """Rows scaled to length 1; a zero row stays zero."""
    length: Tensor = x.norm(dim=-1, keepdim=True)
    return x / (length + NORM_EPS)
