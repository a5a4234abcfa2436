"""The larger networks that told the shipped encoder what music is like: musicnn of Pons and Serra 2019, ISC licence.

Written anew after the paper ("musicnn: pre-trained convolutional neural networks for music audio tagging") and run with
the published weights, which are no part of this project: `pip download --no-deps musicnn==0.1.0`, unpack the wheel, and
have TensorFlow, in an environment of its own, write MSD_musicnn and MTT_musicnn as arrays:

    reader = tensorflow.compat.v1.train.NewCheckpointReader("musicnn/MSD_musicnn/")
    numpy.savez("MSD_musicnn.npz", **{name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()})

Two sets of weights are asked: one learned fifty tags of listeners of the Million Song Dataset (rock, jazz, female
vocalists, ...), one fifty of MagnaTagATune (piano, choir, no vocals, ...). A window is told by both networks' last
layers but one, 200 numbers each, and by their tags before the logistic function.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

RATE_HZ, WINDOW, HOP, BANDS, FRAMES = 16_000, 512, 256, 96, 187  # 3 s
EPSILON = 1e-3
TOLD = 500  # numbers
TIMBRE = ("conv2d", "conv2d_1")  # filters over time and bands, the strongest band counts
PACE = ("conv2d_2", "conv2d_3", "conv2d_4")  # filters over time alone
MIDDLE = ("conv2d_5", "conv2d_6", "conv2d_7")
CHUNK = 100  # frames whose patches stand in memory at a time


class Teacher:
    """One network. `weights` by their names in the checkpoint."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = {name: torch.from_numpy(value) for name, value in weights.items()}

    @classmethod
    def read(cls, path: Path) -> Teacher:
        """From the checkpoint's arrays by their names, an `.npz`."""
        with np.load(path) as arrays:
            return cls({name: arrays[name] for name in arrays.files})

    @torch.inference_mode()
    def hear(self, picture: np.ndarray, starts: Sequence[int]) -> np.ndarray:
        """What is told of the windows of a picture that begin at `starts`.

        picture: float32 (frames, 96) of `heard_by_teachers`; returns float32 (len(starts), 250)
        What a window's first and last frames hear beyond it is the music there, not silence as in the original.
        """
        frames = self._frames(torch.from_numpy(picture))
        told = []
        for start in starts:
            window = frames[:, start : start + FRAMES]
            told.append(torch.stack([window.amax(1), window.mean(1)], dim=1).flatten())
        w = self.weights
        last = functional.relu(self._even(torch.stack(told), 9) @ w["dense/kernel"] + w["dense/bias"])
        last = self._even(last, 10)
        tags = last @ w["dense_1/kernel"] + w["dense_1/bias"]
        return torch.cat([last, tags], dim=1).numpy()

    def _frames(self, picture: Tensor) -> Tensor:
        """(753, frames): all that is pooled over time."""
        even = self._even(picture[None, None], 0)[0, 0]
        parts = [self._timbre(even, name, at) for at, name in enumerate(TIMBRE, 1)]
        parts += [self._pace(even, name, at) for at, name in enumerate(PACE, 3)]
        found = [front := torch.cat(parts, dim=1)]
        first = self._middle(front, MIDDLE[0], 6)
        second = self._middle(first, MIDDLE[1], 7) + first
        third = self._middle(second, MIDDLE[2], 8) + second
        return torch.cat([*found, first, second, third], dim=1)[0]

    def _timbre(self, even: Tensor, name: str, at: int) -> Tensor:
        kernel, bias = self.weights[f"{name}/kernel"], self.weights[f"{name}/bias"]
        height, width, _, filters = kernel.shape
        flat = kernel.reshape(height * width, filters)
        padded = functional.pad(even, (0, 0, height // 2, height // 2))
        patches = padded.unfold(0, height, 1).unfold(1, width, 1)
        strongest = [
            (chunk.reshape(-1, height * width) @ flat).view(*chunk.shape[:2], filters).amax(1)
            for chunk in patches.split(CHUNK)
        ]
        return self._even(functional.relu(torch.cat(strongest) + bias).T[None], at)

    def _pace(self, even: Tensor, name: str, at: int) -> Tensor:
        kernel = self.weights[f"{name}/kernel"][:, 0, 0].T[:, None].contiguous()
        before = (kernel.shape[2] - 1) // 2
        padded = functional.pad(even.T[:, None], (before, kernel.shape[2] - 1 - before))
        strongest = functional.conv1d(padded, kernel, self.weights[f"{name}/bias"]).amax(0, keepdim=True)
        return self._even(functional.relu(strongest), at)

    def _middle(self, x: Tensor, name: str, at: int) -> Tensor:
        kernel = self.weights[f"{name}/kernel"][:, :, 0].permute(2, 1, 0).contiguous()
        heard = functional.conv1d(functional.pad(x, (3, 3)), kernel, self.weights[f"{name}/bias"])
        return self._even(functional.relu(heard), at)

    def _even(self, x: Tensor, at: int) -> Tensor:
        """Batch normalisation `at`, channels in the second dimension."""
        name = f"batch_normalization_{at}" if at else "batch_normalization"
        gamma, beta, mean, variance = (
            self.weights[f"{name}/{part}"].view(1, -1, *[1] * (x.ndim - 2))
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return (x - mean) * (gamma / torch.sqrt(variance + EPSILON)) + beta


def heard_by_teachers(sound: np.ndarray) -> np.ndarray:
    """The picture that the networks know, float32 (frames, 96). sound: float32 mono at 16 kHz"""
    mel = librosa.feature.melspectrogram(y=sound, sr=RATE_HZ, n_fft=WINDOW, hop_length=HOP, n_mels=BANDS)
    picture: np.ndarray = np.log10(1.0 + 10_000 * mel.T).astype(np.float32)
    return picture


def told(teachers: Sequence[Teacher], sound: np.ndarray, starts_s: np.ndarray) -> np.ndarray:
    """float32 (len(starts_s), 500): what both tell of the windows of 3 s that begin there, as far as there is sound."""
    picture = heard_by_teachers(sound)
    starts = np.minimum(np.round(starts_s * RATE_HZ / HOP).astype(int), max(0, len(picture) - FRAMES))
    return np.concatenate([teacher.hear(picture, starts.tolist()) for teacher in teachers], axis=1)
