"""The network that told the shipped encoder what music is like: mn04 of Schmid, Koutini, Widmer 2023, MIT licence.

Written anew after the papers ("Efficient large-scale audio tagging via transformer-to-CNN knowledge distillation";
Howard et al. 2019, "Searching for MobileNetV3") and run with the published weights, which are no part of this
project: `mn04_as_mAP_432.pt` of the release v0.0.1 of github.com/fschmid56/EfficientAT. It was taught what AudioSet's
527 sounds are, some hundred of them kinds of music and instruments, by people's words and by a transformer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soxr
import torch
from torch import Tensor
from torch.nn import functional

RATE_HZ, WINDOW, HOP, FFT, BANDS = 32_000, 800, 320, 1_024, 128
FRAMES = 302  # 3 s
HIGHEST_HZ = 15_000.0
PRE_EMPHASIS, FLOOR = 0.97, 1e-5
LOUDNESS = 0.1  # root mean square that a piece is brought to
STEPS = (1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1)  # of the fifteen blocks
FIRST_HARD = 7  # from this block on, hard swish in place of ReLU
EPSILON = 1e-3
LAST, TAGS = 384, 527  # numbers of the last layer of convolutions, and tags before the logistic function


class Teacher:
    """The network. `weights` by their names in the checkpoint."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights = weights
        self._mel = _mel_filters()

    @classmethod
    def read(cls, path: Path) -> Teacher:
        """From the published checkpoint, a `.pt`; only tensors are read from it."""
        return cls(torch.load(path, weights_only=True, map_location="cpu"))

    @torch.inference_mode()
    def tell(self, sound: np.ndarray, rate_hz: int, starts_s: np.ndarray) -> np.ndarray:
        """What is told of the windows of 3 s that begin there, as far as there is sound.

        sound: float32 mono; returns float32 (len(starts_s), 384 + 527): the last layer's means, and the tags
        """
        picture = self._picture(soxr.resample(sound, rate_hz, RATE_HZ, quality="HQ"))
        starts = np.clip(np.round(starts_s * RATE_HZ / HOP).astype(int), 0, max(0, picture.shape[1] - FRAMES))
        x = self._even(torch.stack([picture[:, at : at + FRAMES] for at in starts])[:, None], "features.0", 2)
        x = functional.hardswish(x)
        for number in range(1, len(STEPS) + 1):
            x = self._block(x, number)
        last = functional.hardswish(self._even(x, "features.16")).mean((2, 3))
        tags = self._dense(functional.hardswish(self._dense(last, "classifier.2")), "classifier.5")
        return torch.cat([last, tags], dim=1).numpy()

    def _picture(self, sound: np.ndarray) -> Tensor:
        """(bands, frames), as the network knows sound."""
        level = LOUDNESS / (float(np.sqrt(np.square(sound).mean())) + 1e-6)
        wave = torch.from_numpy(np.ascontiguousarray(sound * level, dtype=np.float32))
        wave = wave[1:] - PRE_EMPHASIS * wave[:-1]
        window = torch.hann_window(WINDOW, periodic=False)
        spectrum = torch.stft(wave[None], FFT, HOP, WINDOW, window, center=True, return_complex=True)[0]
        power = spectrum.abs().square()
        return ((self._mel @ power + FLOOR).log() + 4.5) / 5.0

    def _block(self, x: Tensor, number: int) -> Tensor:
        """An inverted residual: channels are widened, each is convolved by itself, weighed, and narrowed again."""
        swish: Callable[[Tensor], Tensor] = functional.hardswish if number >= FIRST_HARD else functional.relu
        name, at, step = f"features.{number}.block", 0, STEPS[number - 1]
        y = x
        if self.weights[f"{name}.0.0.weight"].shape[2] == 1:
            y, at = swish(self._even(y, f"{name}.0")), 1
        y = swish(self._even(y, f"{name}.{at}", step, y.shape[1]))
        if f"{name}.{at + 1}.conc_se_layers.0.fc1.weight" in self.weights:
            at += 1
            gate = f"{name}.{at}.conc_se_layers.0"
            opened = self._dense(functional.relu(self._dense(y.mean((2, 3)), f"{gate}.fc1")), f"{gate}.fc2")
            y = y * torch.sigmoid(opened)[:, :, None, None]
        y = self._even(y, f"{name}.{at + 1}")
        return y + x if step == 1 and y.shape == x.shape else y

    def _even(self, x: Tensor, name: str, step: int = 1, groups: int = 1) -> Tensor:
        """A convolution and its batch normalisation."""
        kernel = self.weights[f"{name}.0.weight"]
        y = functional.conv2d(x, kernel, stride=step, padding=kernel.shape[2] // 2, groups=groups)
        mean, variance, weight, bias = (
            self.weights[f"{name}.1.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return functional.batch_norm(y, mean, variance, weight, bias, eps=EPSILON)

    def _dense(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])


def _mel_filters() -> Tensor:
    """(bands, FFT / 2 + 1): triangles, even on the scale 1127 ln(1 + f / 700), as Kaldi has them."""
    edges = np.linspace(0.0, _mel(HIGHEST_HZ), BANDS + 2)
    at = _mel(np.arange(FFT // 2 + 1) * RATE_HZ / FFT)[None]
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((at - low) / (middle - low), (high - at) / (high - middle))
    return torch.from_numpy(np.maximum(triangles, 0.0).astype(np.float32))


def _mel(hz: float | np.ndarray) -> np.ndarray:
    found: np.ndarray = 1127.0 * np.log1p(np.asarray(hz) / 700.0)
    return found
