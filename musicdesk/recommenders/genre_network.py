"""The network that hears genres (Dudeja et al., "Personalized Music Recommendation System").

It hears a second of sound twice: as a log-mel picture of 128 bands x 44 frames (1,024/512 at 22,050 Hz), and as 13 mel
cepstra with their first and second differences, 39 numbers a frame. The picture goes through convolutions, each
with ReLU and max-pooling; of the cepstra mean and deviation over the second join before the first of two fully
connected layers. The second of them is the track's representation; a softmax over it names the genre.

Read from top to bottom: `GenreNetwork.forward` is the whole way from a picture to logits.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicdesk.learning.cepstra import MEL_FLOOR, MFCC_COUNT, cosines

FRAMES = 44  # of a picture: 1.02 s


@dataclass(frozen=True)
class GenreShape:
    """genres: how many; channels: of the three convolutions; first, second: widths of the fully connected layers"""

    genres: int
    bands: int = 128
    channels: tuple[int, int, int] = (16, 32, 64)
    first: int = 128
    second: int = 64
    dropout: float = 0.3


class GenreNetwork(nn.Module):
    """Log-mel pictures to genres. mean, sd: of every band; level, spread: of the cepstra's 78 statistics."""

    mean: Tensor
    sd: Tensor
    level: Tensor
    spread: Tensor
    dct: Tensor

    def __init__(self, shape: GenreShape) -> None:
        super().__init__()
        self.shape = shape
        a, b, c = shape.channels
        self.conv1 = nn.Conv2d(1, a, 3, padding=1)
        self.conv2 = nn.Conv2d(a, b, 3, padding=1)
        self.conv3 = nn.Conv2d(b, c, 3, padding=1)
        statistics = 2 * 3 * MFCC_COUNT
        self.fc1 = nn.Linear(c * (shape.bands // 16) * (FRAMES // 8) + statistics, shape.first)
        self.fc2 = nn.Linear(shape.first, shape.second)
        self.drop = nn.Dropout(shape.dropout)
        self.out = nn.Linear(shape.second, shape.genres)
        self.register_buffer("mean", torch.zeros(shape.bands))
        self.register_buffer("sd", torch.ones(shape.bands))
        self.register_buffer("level", torch.zeros(statistics))
        self.register_buffer("spread", torch.ones(statistics))
        self.register_buffer("dct", torch.from_numpy(cosines(shape.bands).copy()))

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits, (batch, genres). pictures: float32 (batch, 44, bands), log10(1 + 10 mel)"""
        logits: Tensor = self.out(self.drop(self.represented(pictures)))
        return logits

    def represented(self, pictures: Tensor) -> Tensor:
        """The second fully connected layer, (batch, second)."""
        x = ((pictures - self.mean) / self.sd).transpose(1, 2)[:, None]  # (batch, 1, bands, frames)
        x = functional.max_pool2d(functional.relu(self.conv1(x)), (4, 2))  # 128 x 44 -> 32 x 22
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)  # -> 16 x 11
        x = functional.max_pool2d(functional.relu(self.conv3(x)), 2)  # -> 8 x 5
        told = (self.cepstra(pictures) - self.level) / self.spread
        x = torch.cat([x.flatten(1), told], dim=1)
        x = self.drop(functional.relu(self.fc1(x)))
        return functional.relu(self.fc2(x))

    def cepstra(self, pictures: Tensor) -> Tensor:
        """Mean and deviation over time of the 39 numbers a frame, (batch, 78)."""
        mel = (torch.pow(10.0, pictures) - 1.0) / 10.0
        still = 20.0 * torch.log10(mel.clamp_min(MEL_FLOOR)) @ self.dct
        first = torch.diff(still, dim=1, prepend=still[:, :1])
        second = torch.diff(first, dim=1, prepend=first[:, :1])
        frames = torch.cat([still, first, second], dim=2)
        return torch.cat([frames.mean(dim=1), frames.std(dim=1)], dim=1)
