"""What the network is asked for, and how pictures are changed so that it may not cheat.

`followed` asks for what a larger network says of the same sound (Hinton, Vinyals, Dean 2015, "Distilling the
knowledge in a neural network"), and for windows to be as near each other as there (Park et al. 2019, "Relational
knowledge distillation").

`alike` is the softmax loss of NT-Xent (Chen et al. 2020, SimCLR) with soft targets as in supervised
contrastive learning (Khosla et al. 2020): windows of the same track belong together fully, windows of
tracks with the same label partly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from musicdesk.learning.network import unit

PAIRS = 2.0  # what the likeness of pairs counts against each window's own
QUIET = 1e-3  # 10 * mel; a silent window is not brought up


@dataclass(frozen=True)
class Augmentation:
    """How strongly pictures are changed. All zero: not at all."""

    gain_db: float = 8.0  # loudness, up to this much up or down
    tilt_db: float = 6.0  # at the lowest and highest band, against each other
    roll_off: float = 0.3  # chance of losing the top bands, as cheap encodings do
    mask_bands: int = 16  # a stripe of at most so many bands is silenced
    mask_frames: int = 24
    mix: float = 0.25  # another window sounds along, at most this loud (amplitude)
    holes: float = 0.0  # chance of losing what a frame's loudest band hides, as cheap encodings do


def alike(features: Tensor, tracks: Tensor, labels: Tensor, temperature: float, label_weight: float) -> Tensor:
    """Cross-entropy between where a window's neighbours should be and where they are.

    features: (n, dim), before scaling; tracks, labels: int (n,), label -1 for none
    label_weight: what a window of another track with the same label counts against one of the same track
    returns: a scalar >= 0; windows that have no partner in the batch do not count
    """
    vectors = unit(features)
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    logits = (vectors @ vectors.T / temperature).masked_fill(itself, -1e4)
    same_track = tracks[:, None] == tracks[None, :]
    same_label = (labels[:, None] == labels[None, :]) & (labels[:, None] >= 0)
    wanted = torch.where(same_track, 1.0, label_weight * same_label.to(vectors.dtype)).masked_fill(itself, 0.0)
    total = wanted.sum(dim=1, keepdim=True)
    target = wanted / total.clamp(min=1e-6)
    losses = -(target * torch.log_softmax(logits, dim=1)).sum(dim=1)
    return losses[total[:, 0] > 0].mean()


def followed(features: Tensor, lessons: Tensor) -> Tensor:
    """How far features are from what was told of the windows: 0 where each, and each pair, is as told.

    features: (n, dim), before scaling; lessons: (n, dim), rows of length 1; returns a scalar >= 0
    """
    vectors = unit(features)
    apart = (1.0 - (vectors * lessons).sum(dim=1)).mean()
    pairs = (vectors @ vectors.T - lessons @ lessons.T).square().mean()
    return apart + PAIRS * pairs


def blended(windows: Tensor, lessons: Tensor, chance: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Some windows sounding with another at most as loud, and between what is told of both (Zhang et al. 2018, mixup).

    windows: float32 (n, frames, bands), log10(1 + 10 mel); lessons: (n, dim), rows of length 1; returns the same two
    """
    n = len(windows)
    sound = torch.expm1(windows * math.log(10.0))
    other = torch.randperm(n, generator=generator)
    share = 0.5 * _uniform(generator, n) * (_uniform(generator, n) < chance)
    loudness = sound.mean(dim=(1, 2)) + QUIET
    added = sound[other] * (share * loudness / loudness[other])[:, None, None]
    mixed = torch.log10(1.0 + sound * (1.0 - share)[:, None, None] + added)
    between = lessons * (1.0 - share)[:, None] + lessons[other] * share[:, None]
    return mixed, unit(between)


def augmented(windows: Tensor, how: Augmentation, generator: torch.Generator) -> Tensor:
    """Pictures as they would be after another mastering, another encoding, in company.

    windows: float32 (n, frames, bands), log10(1 + 10 mel); returns the same shape, >= 0
    Gain, filters and mixing act on the mel amplitudes, where they are true; not on their logarithm.
    """
    n, frames, bands = windows.shape
    sound = torch.expm1(windows * math.log(10.0))  # 10 * mel
    if how.mix:
        share = how.mix * _uniform(generator, n, 1, 1)
        sound = sound + share * sound[torch.randperm(n, generator=generator)]
    place = torch.linspace(-1.0, 1.0, bands)
    gain = how.gain_db * (2 * _uniform(generator, n, 1, 1) - 1)
    tilt = how.tilt_db * (2 * _uniform(generator, n, 1, 1) - 1) * place
    edge = 2 * _uniform(generator, n, 1, 1) * (_uniform(generator, n, 1, 1) < how.roll_off)
    lost = 30.0 * torch.clamp((place - (1.2 - edge)) / 0.2, 0.0, 1.0)  # a slope of 30 dB, then gone
    sound = sound * torch.pow(10.0, (gain + tilt - lost * (edge > 0)) / 20.0)
    if how.holes:
        hidden = torch.pow(10.0, -1.25 - 1.25 * _uniform(generator, n, 1, 1))  # 25 to 50 dB under the loudest
        hidden = hidden * (_uniform(generator, n, 1, 1) < how.holes)
        sound = sound * (sound >= hidden * sound.amax(dim=2, keepdim=True))
    sound = sound * _stripe(generator, n, bands, how.mask_bands)[:, None, :]
    sound = sound * _stripe(generator, n, frames, how.mask_frames)[:, :, None]
    return torch.log10(1.0 + sound)


def _uniform(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(shape, generator=generator)


def _stripe(generator: torch.Generator, n: int, length: int, most: int) -> Tensor:
    """(n, length) of ones with one run of 0..most zeros each."""
    width = _uniform(generator, n, 1) * min(most, length)
    start = _uniform(generator, n, 1) * (length - width)
    at = torch.arange(length)[None, :]
    return ((at < start.floor()) | (at >= (start + width).floor())).float()
