"""The network of the shipped encoder: two ears beside each other.

One slides over time and is an encoder of its own, finished; the other slides over the picture, and what it hears is
read together with what the first one does. Vectors are both halves, turned. See `models/ear4.md` for why.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from musicdesk.learning.ear import Ear, EarShape, Trunk, seen
from musicdesk.learning.network import finished, unit


class Ears(nn.Module):
    """Log-mel windows to unit vectors, the same at any loudness.

    shape: `dim` is that of both halves together, `filters` those over time; over the picture there are half as many
    """

    center: Tensor
    rotation: Tensor

    def __init__(self, shape: EarShape) -> None:
        super().__init__()
        self.shape = shape
        half, own = shape.dim // 2, (shape.hidden, shape.filters, shape.bands, shape.frames)
        self.in_time = Ear(EarShape(half, half, *own))
        self.in_picture = Trunk(
            EarShape(half, half, shape.hidden, shape.filters // 2, shape.bands, shape.frames, in_picture=True)
        )
        self.feature = nn.Linear(2 * shape.hidden, half)
        self.register_buffer("center", torch.zeros(shape.dim))
        self.register_buffer("rotation", torch.eye(shape.dim, shape.out))

    def forward(self, windows: Tensor) -> Tensor:
        """Unit vectors, finished. windows: float32 (batch, frames, bands), log10(1 + 10 mel); returns (batch, out)."""
        return finished(self.features(windows), self.center, self.rotation)

    def features(self, windows: Tensor) -> Tensor:
        """What both ears say, (batch, dim), the halves equally long: what training works on."""
        both = self.joint(windows)
        in_time = both[:, self.shape.hidden :]
        return torch.cat([unit(self.feature(both)), self.in_time.finished(self.in_time.feature(in_time))], dim=1)

    def joint(self, windows: Tensor) -> Tensor:
        """What the ear over the picture and then the one over time have joined, (batch, 2 * hidden)."""
        levels, drawing = seen(windows)
        return torch.cat([ear.joint(levels, drawing) for ear in (self.in_picture, self.in_time)], dim=1)
