"""An ear: convolutions over each window, and beside them a fixed sketch of it. The shipped encoder has two (`ears`).

The convolutions slide over time with the bands as channels, as in the tower of Lee et al. 2018, or over the picture,
time and bands alike, as in the VGG nets of Choi, Fazekas, Sandler 2016, "Automatic tagging using deep convolutional
neural networks": a sound that is a third higher is the same to these. Both end in mean and maximum over time. The
sketch (`musicdesk.learning.sketch`) says how bands are filled, move, and go together. Two layers join both.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from musicdesk.learning.network import finished
from musicdesk.learning.sketch import levelled, size, sketch

FURTHEST = 5.0  # standard deviations; a number further off says no more
LEFT_OUT = 0.2  # share of the numbers that training hides
IN_TIME = ((192, 5, 2), (0, 5, 2), (0, 3, 1))  # channels (0: as many as the last layer), frames, step
IN_PICTURE = ((12, 2), (32, 2), (64, 2), (64, 1), (0, 2), (0, 1))  # channels (0: as before), step in frames and bands


@dataclass(frozen=True)
class EarShape:
    """What has to be known to build an ear before its weights are read."""

    dim: int = 160  # width of the feature layer
    out: int = 160  # length of the vectors that leave the network, <= dim
    hidden: int = 384
    filters: int = 256  # channels of the last convolutions
    bands: int = 128
    frames: int = 130
    in_picture: bool = False  # convolutions over frames and bands, not over frames alone


class Trunk(nn.Module):
    """Levelled pictures and their sketches to `hidden` numbers each."""

    mean: Tensor
    sd: Tensor

    def __init__(self, shape: EarShape) -> None:
        super().__init__()
        self.shape = shape
        numbers = size(shape.bands)
        self.convolutions = (InPicture if shape.in_picture else InTime)(shape.bands, shape.filters)
        self.drawn = nn.Sequential(
            nn.Dropout(LEFT_OUT), nn.Linear(numbers, shape.hidden), nn.ReLU(), nn.Dropout(LEFT_OUT)
        )
        self.joined = nn.Sequential(
            nn.Linear(shape.hidden + 2 * shape.filters, shape.hidden),
            nn.BatchNorm1d(shape.hidden),
            nn.ReLU(),
            nn.Dropout(LEFT_OUT),
        )
        # Facts about the training data, not learned by gradient: they travel inside the weights.
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("sd", torch.ones(numbers))

    def joint(self, levels: Tensor, drawing: Tensor) -> Tensor:
        """What convolutions and sketch say together, (batch, hidden). drawing: `sketch` of the levels"""
        with torch.autocast(levels.device.type, enabled=False):
            standard = ((drawing - self.mean) / self.sd).clamp(-FURTHEST, FURTHEST)
        joint: Tensor = self.joined(torch.cat([self.drawn(standard), self.convolutions(levels)], dim=1))
        return joint


class Ear(Trunk):
    """Log-mel windows to unit vectors, the same at any loudness."""

    center: Tensor
    rotation: Tensor

    def __init__(self, shape: EarShape | None = None) -> None:
        super().__init__(shape or EarShape())
        self.feature = nn.Linear(self.shape.hidden, self.shape.dim)
        self.register_buffer("center", torch.zeros(self.shape.dim))
        self.register_buffer("rotation", torch.eye(self.shape.dim, self.shape.out))

    def forward(self, windows: Tensor) -> Tensor:
        """Unit vectors, finished. windows: float32 (batch, frames, bands), log10(1 + 10 mel); returns (batch, out)."""
        return self.finished(self.features(windows))

    def features(self, windows: Tensor) -> Tensor:
        """The feature layer as it is, (batch, dim): what training works on."""
        levels, drawing = seen(windows)
        features: Tensor = self.feature(self.joint(levels, drawing))
        return features

    def finished(self, features: Tensor) -> Tensor:
        """Unit vectors (batch, out) of features (batch, dim)."""
        return finished(features, self.center, self.rotation)


def seen(windows: Tensor) -> tuple[Tensor, Tensor]:
    """Levelled pictures, and the sketches of them, which nothing is learned through."""
    levels = levelled(windows.float())
    with torch.autocast(levels.device.type, enabled=False), torch.no_grad():
        return levels, sketch(levels)


class InTime(nn.Module):
    """Levelled pictures (batch, frames, bands) to (batch, 2 * filters): mean and maximum over time."""

    def __init__(self, bands: int, filters: int) -> None:
        super().__init__()
        self.even = nn.BatchNorm1d(bands)
        layers: list[nn.Module] = []
        before = bands
        for channels, frames, step in IN_TIME:
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


class InPicture(nn.Module):
    """Levelled pictures (batch, frames, bands) to (batch, 2 * filters): mean and maximum over time of what all bands
    have on average."""

    def __init__(self, bands: int, filters: int) -> None:
        super().__init__()
        self.even = nn.BatchNorm1d(bands)
        layers: list[nn.Module] = []
        before = 1
        for channels, step in IN_PICTURE:
            after = channels or filters
            layers += [nn.Conv2d(before, after, 3, step, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
            before = after
        self.layers = nn.Sequential(*layers)
        self.layers.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # is faster, with pictures so
        self.hide = nn.Dropout(LEFT_OUT)

    def forward(self, levels: Tensor) -> Tensor:
        picture = self.even(levels.transpose(1, 2))[:, None].contiguous(memory_format=torch.channels_last)
        x = self.layers(picture).mean(2)
        heard: Tensor = self.hide(torch.cat([x.mean(2), x.amax(2)], dim=1))
        return heard
