"""What a window of sound is like, in some hundred fixed numbers: how its bands are filled, move, and go together.

A log-mel picture is brought to one loudness first, so that no number depends on how loud a file is. Nothing here is
learned; a network that learns from little data has less to find out when it may start from these. After the blocks
of Seyerlehner, Schedl, Pohle, Knees 2010, "Using block-level features for genre classification", and the single
Gaussians of cepstra of Mandel, Ellis 2005, "Song-level features and support vector machines".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

LN_10 = math.log(10.0)
LOUDEST = 10.0  # 10 * mel of a levelled picture: root mean square over frames of the mean over bands
QUIET = 1e-4  # the same of what is as good as silent, and is not brought up
GROUPS = 32  # of neighbouring bands, for quantiles
COARSE = 16  # groups of bands, for what repeats
CEPSTRA = 20
QUANTILES = (0.05, 0.25, 0.75, 0.95)
LAGS = (8, 72)  # frames, 0.19 s to 1.67 s: what repeats at the pace of beats
PACES = ((1, 2), (2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (12, 18), (18, 27), (27, 40), (40, 60))  # rfft rows, 1/3 Hz


def levelled(windows: Tensor) -> Tensor:
    """Pictures as they would be at one loudness.

    windows: float32 (n, frames, bands), log10(1 + 10 mel); returns the same shape; silence stays silence
    """
    sound = torch.expm1(windows * LN_10)
    power = sound.mean(dim=2).square().mean(dim=1).sqrt()
    return torch.log10(1.0 + sound * (LOUDEST / (power + QUIET))[:, None, None])


def size(bands: int = 128) -> int:
    """How many numbers `sketch` makes of a window."""
    pairs = CEPSTRA * (CEPSTRA + 1) // 2
    return 3 * bands + len(QUANTILES) * GROUPS + 2 * pairs + COARSE * len(PACES) + LAGS[1] - LAGS[0]


def sketch(levels: Tensor) -> Tensor:
    """float32 (n, size) from levelled pictures (n, frames, bands)."""
    moves = levels[:, 1:] - levels[:, :-1]
    rises = functional.relu(moves)
    mean = levels.mean(1)
    spread = (levels.square().mean(1) - mean.square()).clamp(min=0.0).sqrt()
    parts = [mean, spread, rises.mean(1), _quantiles(levels)]
    cepstra = levels @ _cosines(levels.shape[2], levels.device)
    steps = cepstra[:, 2:] - cepstra[:, :-2]
    parts += [_together(cepstra), _together(steps), _repeats(levels), _pulse(rises)]
    return torch.cat(parts, dim=1)


def _grouped(levels: Tensor, groups: int) -> Tensor:
    n, frames, bands = levels.shape
    return levels.reshape(n, frames, groups, bands // groups).mean(3)


def _quantiles(levels: Tensor) -> Tensor:
    """How loud each group of bands is when it is quiet and when it is loud, against its middle."""
    ordered = _grouped(levels, GROUPS).sort(dim=1).values
    last = ordered.shape[1] - 1
    middle = ordered[:, last // 2]
    return torch.cat([ordered[:, round(share * last)] - middle for share in QUANTILES], dim=1)


def _together(values: Tensor) -> Tensor:
    """The covariance over time of (n, frames, k): half of it as a row, roots of its numbers with their signs."""
    centred = values - values.mean(1, keepdim=True)
    cov = centred.transpose(1, 2) @ centred / values.shape[1]
    row, column = torch.triu_indices(values.shape[2], values.shape[2], device=values.device)
    taken = cov[:, row, column]
    return taken.sign() * taken.abs().sqrt()


def _repeats(levels: Tensor) -> Tensor:
    """How strongly each coarse group of bands swells and fades, by pace: logarithms of magnitudes."""
    coarse = _grouped(levels, COARSE)
    frames = coarse.shape[1]
    fade = torch.hann_window(frames, periodic=False, device=levels.device)[None, :, None]
    magnitude = torch.fft.rfft((coarse - coarse.mean(1, keepdim=True)) * fade, dim=1).abs()
    per_pace = [magnitude[:, first:last].mean(1) for first, last in PACES]
    return torch.log10(1.0 + torch.cat(per_pace, dim=1))


def _pulse(rises: Tensor) -> Tensor:
    """How alike the onsets are to themselves a little later: (n, lags), 1 for a perfect repetition."""
    onsets = rises.mean(2)
    onsets = onsets - onsets.mean(1, keepdim=True)
    padded = torch.fft.rfft(onsets, n=2 * onsets.shape[1], dim=1)
    alike = torch.fft.irfft(padded.abs().square(), dim=1)
    pulse: Tensor = alike[:, LAGS[0] : LAGS[1]] / (alike[:, :1] + 1e-6)
    return pulse


def _cosines(bands: int, device: torch.device) -> Tensor:
    """The orthonormal DCT-II, (bands, CEPSTRA)."""
    grid = math.pi / bands * torch.outer(torch.arange(bands) + 0.5, torch.arange(CEPSTRA))
    scale = torch.full((CEPSTRA,), math.sqrt(2 / bands))
    scale[0] = math.sqrt(1 / bands)
    return (torch.cos(grid) * scale).to(device)
