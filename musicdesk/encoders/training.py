"""Teaching the tower to hear: from windows, tracks and labels to weights, by one configuration and seed.

    config = read_config(Path("resources/ear4.training.toml"))
    trained = train_encoder(mels, track_of_window, label_of_track, config, folder, monitor)

Every epoch ends in a checkpoint; calling again with the same data and configuration goes on from there
and, on the processor with the same number of threads, comes to the same loss as an undisturbed run.
"""

from __future__ import annotations

import hashlib
import math
import time
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.encoders.data import Windows, batches
from musicdesk.encoders.networks import Network, built, like, standardise
from musicdesk.encoders.objectives import Augmentation, alike, augmented, blended, followed
from musicdesk.encoders.whitening import whiten
from musicdesk.learning.checkpoint import Checkpoint, Checkpoints


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides what comes out, apart from the data."""

    name: str = "tower"
    seed: int = 1
    epochs: int = 30
    tracks_per_batch: int = 96
    windows_per_track: int = 2  # per batch
    kind: str = "tower"  # of network, see `musicdesk.encoders.networks`; one that is taught further stays what it is
    width: int = 256  # of the feature layer
    out: int = 128  # length of the finished vectors
    hidden: int = 512  # an ear's
    filters: int = 256  # an ear's
    centred: bool = True  # whether what all vectors have in common is taken away
    whitening: float = 0.5  # 0: only turned; 1: all directions equally long; below 0: the strongest longer
    learning_rate: float = 1e-3
    warm_up: float = 0.05  # share of all steps
    weight_decay: float = 1e-2
    temperature: float = 0.1
    label_weight: float = 0.3
    contrast: float = 1.0  # weight of what belongs together in the loss
    lesson: float = 0.0  # weight of what a larger network says of the windows; 0 where there are no lessons
    blend: float = 0.3  # where there are: chance of a window to sound with another
    still: str = ""  # the part of the network that does not learn
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True, eq=False)
class TrainedEncoder:
    """The network in evaluation mode on the processor, and how it came to be."""

    network: Network
    config: TrainingConfig
    losses: tuple[float, ...]  # mean loss of every epoch
    seconds: float  # of this call; a resumed run counts only its own part


def read_config(path: Path, **changes: Any) -> TrainingConfig:
    """A configuration from TOML; absent keys keep their defaults. Raises Unusable on unknown ones."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        sound = Augmentation(**values.pop("augmentation", {}))
        return replace(TrainingConfig(**values, augmentation=sound), **changes)
    except (OSError, ValueError, TypeError) as error:
        raise Unusable(f"The training configuration {path} cannot be used ({error}).") from error


_RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 100_000),
    "tracks_per_batch": (2, 4_096),
    "windows_per_track": (2, 16),
    "width": (4, 4_096),
    "out": (2, 4_096),
    "whitening": (0, 1),
    "learning_rate": (1e-7, 1),
    "warm_up": (0, 1),
    "weight_decay": (0, 1),
    "temperature": (0.01, 10),
    "label_weight": (0, 1),
}


def configured(config: TrainingConfig, settings: Mapping[str, Any]) -> TrainingConfig:
    """`config` with numbers as a person gives them. Raises NotFound for an unknown name, Unusable for a wrong value."""
    changed: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in _RANGES:
            raise NotFound(f"There is no setting '{name}' of an encoder's training; known are {', '.join(_RANGES)}.")
        least, most = _RANGES[name]
        whole = isinstance(getattr(config, name), int)
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not least <= value <= most or (whole and value != int(value)):
            kind = "a whole number" if whole else "a number"
            raise Unusable(f"'{name}' must be {kind} from {least:g} to {most:g}, not '{value}'.")
        changed[name] = int(value) if whole else float(value)
    found = replace(config, **changed)
    if found.out > found.width:
        raise Unusable(f"'out' ({found.out}) must not be larger than 'width' ({found.width}).")
    return found


def train_encoder(
    mels: np.ndarray,
    track_of_window: np.ndarray,
    label_of_track: np.ndarray,
    config: TrainingConfig,
    folder: Path,
    monitor: Monitor,
    device: torch.device | None = None,
    start: Network | None = None,
    within: float | None = None,
    lessons: np.ndarray | None = None,
) -> TrainedEncoder:
    """Trains, or goes on training, an encoder.

    mels:            float16/float32 (windows, frames, bands), log10(1 + 10 mel), usually a memmap
    track_of_window: int (windows,); label_of_track: int (tracks,), -1 for a track without label
    folder:          for checkpoints; they stay until the caller removes it
    start:           a network to begin from instead of chance; its statistics of the bands stay
    within:          seconds of this call after which no further epoch is begun; one is always made
    lessons:         float32 (windows, <= config.width), rows of length 1: what a larger network says of each window,
                     for the first numbers of the feature layer
    monitor:         is told the loss of every epoch as a figure
    raises:          Unusable when the data does not fit or the loss stops being a number; Cancelled
    """
    began = time.perf_counter()
    windows = Windows(mels, track_of_window, label_of_track)
    windows.check()
    _check_lessons(windows, config, lessons)
    run = _Run(windows, config, device or torch.device("cpu"), start, lessons)
    belongs = {"config": asdict(config), "data": windows.fingerprint(), "start": fingerprint(start) if start else ""}
    store = Checkpoints(folder, belongs)
    losses = run.restore(store.newest())
    for epoch, loss in enumerate(losses):
        monitor.figure("loss", epoch + 1, loss)
    for epoch in range(len(losses), config.epochs):
        monitor.check()
        if within is not None and losses and time.perf_counter() - began > within:
            break
        losses.append(run.epoch(epoch, monitor))
        store.write(run.checkpoint(losses))
        monitor.figure("loss", epoch + 1, losses[-1])
        monitor.report(epoch + 1, config.epochs, f"epoch {epoch + 1}: loss {losses[-1]:.3f}")
    network = run.network.cpu().eval().requires_grad_(False)
    whiten(network, windows, config.whitening, config.centred)
    return TrainedEncoder(network, config, tuple(losses), time.perf_counter() - began)


def _check_lessons(windows: Windows, config: TrainingConfig, lessons: np.ndarray | None) -> None:
    if bool(config.lesson) != (lessons is not None):
        raise Unusable("Lessons and a weight for them in the configuration go together: one of them is missing.")
    if lessons is not None and not (len(lessons) == len(windows.mels) and 0 < lessons.shape[1] <= config.width):
        raise Unusable(f"There are lessons of shape {lessons.shape} for {len(windows.mels)} windows of {config.width}.")


def fingerprint(network: torch.nn.Module) -> str:
    """A hash of all numbers in a network."""
    digest = hashlib.sha256()
    for name, values in sorted(network.state_dict().items()):
        digest.update(name.encode() + values.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


class _Run:
    """Network, optimiser and data of one training."""

    def __init__(
        self,
        windows: Windows,
        config: TrainingConfig,
        device: torch.device,
        start: Network | None,
        lessons: np.ndarray | None,
    ) -> None:
        self.windows, self.config, self.device, self.lessons = windows, config, device, lessons
        frames, bands = windows.mels.shape[1:]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            if start:
                self.network = like(start)
            else:
                c = config
                self.network = built(c.kind, c.width, c.out, c.hidden, c.filters, bands, frames)
                standardise(self.network, windows)
        self.network.to(device).train()
        if config.still:
            self.network.get_submodule(config.still).eval().requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.steps = math.ceil(len(windows.label) / config.tracks_per_batch)  # per epoch, at most

    def epoch(self, number: int, monitor: Monitor) -> float:
        """One pass over all tracks; returns its mean loss.

        All chance comes from (seed, number), so that an epoch does not depend on what ran before it.
        """
        config = self.config
        order = np.random.default_rng([config.seed, number])
        noise = torch.Generator().manual_seed(config.seed * 1_000_003 + number)
        losses = []
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed * 1_000_003 + number)  # for what layers hide from themselves
            for step, (rows, tracks) in enumerate(
                batches(self.windows, config.tracks_per_batch, config.windows_per_track, order)
            ):
                monitor.check()
                self._set_rate(number * self.steps + step)
                losses.append(self._step(rows, tracks, noise))
                if not math.isfinite(losses[-1]):
                    raise Unusable(
                        f"Training stopped in epoch {number + 1}: the loss is no longer a number. "
                        "Lower learning_rate or raise temperature; the checkpoint of the epoch before is kept."
                    )
        return float(np.mean(losses))

    def _step(self, rows: np.ndarray, tracks: np.ndarray, noise: torch.Generator) -> float:
        loss = self._loss(rows, tracks, noise)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if math.isfinite(value := loss.item()):
            self.optimizer.step()
        return value

    def _loss(self, rows: np.ndarray, tracks: np.ndarray, noise: torch.Generator) -> torch.Tensor:
        config = self.config
        pictures = torch.from_numpy(self.windows.mels[rows].astype(np.float32))
        told: torch.Tensor | None = None
        if self.lessons is not None:
            told = torch.from_numpy(self.lessons[rows].astype(np.float32))
            pictures, told = blended(pictures, told, config.blend, noise)
        features = self.network.features(augmented(pictures, config.augmentation, noise).to(self.device))
        loss = features.new_zeros(())
        if told is not None:
            loss = config.lesson * followed(features[:, : told.shape[1]], told.to(self.device))
        if config.contrast:
            loss = loss + config.contrast * alike(
                features,
                torch.from_numpy(tracks.astype(np.int64)).to(self.device),
                torch.from_numpy(self.windows.label[tracks].astype(np.int64)).to(self.device),
                config.temperature,
                config.label_weight,
            )
        return loss

    def _set_rate(self, step: int) -> None:
        """A short rise, then a cosine down to zero."""
        total = max(1, self.steps * self.config.epochs)
        rise = max(1.0, self.config.warm_up * total)
        rate = min((step + 1) / rise, 0.5 * (1 + math.cos(math.pi * min(1.0, step / total))))
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * rate

    def checkpoint(self, losses: list[float]) -> Checkpoint:
        tensors = {f"network.{key}": value for key, value in self.network.state_dict().items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{key}": value for key, value in state.items()}
        return Checkpoint(tensors, losses)

    def restore(self, found: Checkpoint | None) -> list[float]:
        """Goes back to a checkpoint; returns the losses of the epochs that need not be run again."""
        if found is None:
            return []
        network: dict[str, torch.Tensor] = {}
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in found.tensors.items():
            part, _, rest = key.partition(".")
            if part == "network":
                network[rest] = value
            else:
                number, _, name = rest.partition(".")
                moments.setdefault(int(number), {})[name] = value
        self.network.load_state_dict(network)
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        return list(found.losses)
