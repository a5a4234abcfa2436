"""Teaching the genre network: windows of tagged tracks, artists kept apart, confidence calibrated."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from musicdesk.core.progress import Monitor
from musicdesk.learning.calibration import ece, ece_by_chance, nll, reliability, softmax, temperature
from musicdesk.learning.course import Course, Outcome, train
from musicdesk.learning.device import choose
from musicdesk.learning.supervised import Supervised
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.genre_network import FRAMES, GenreNetwork, GenreShape

FOLDS = 5  # three to learn from, one to stop and to calibrate by, one to test on
MOST_PICTURES = 3  # of a window, side by side
STEP = 32  # tracks that are heard at once
CPU = torch.device("cpu")


@dataclass(frozen=True)
class GenreLesson:
    epochs: int
    batch: int  # tracks
    learning_rate: float
    weight_decay: float
    patience: int


@dataclass(frozen=True, eq=False)
class GenreTaught:
    """network: on the processor; temperature: see `calibration`; figures: of the test fold, fit for JSON"""

    network: GenreNetwork
    temperature: float
    outcome: Outcome
    figures: dict[str, Any]


def parted(labels: np.ndarray, artists: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(train, validation, test) int64 rows: no artist is in two of them, and genres are as even as that allows.

    labels: int64 (n,); artists: int64 (n,), a negative one stands alone
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = np.where(artists < 0, artists.max(initial=0) + 1 + np.arange(len(artists)), artists)
    folds = min(FOLDS, len(np.unique(groups)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a genre with fewer artists than folds is spread as far as it goes
        split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups)
        parts = [held for _, held in split]
    test, validation = parts[0], parts[1]
    return np.sort(np.concatenate(parts[2:])), validation, test


def taught(
    windows: MelWindows,
    labels: np.ndarray,
    artists: np.ndarray,
    names: tuple[str, ...],
    shape: GenreShape,
    lesson: GenreLesson,
    seed: int,
    monitor: Monitor,
    folder: Path | None = None,
    device: str = "cpu",
) -> GenreTaught:
    """windows: of the tagged tracks alone; labels, artists: int64 (tracks,), in their order; names: of the genres

    raises: Unusable when the loss stops being a number, Cancelled
    """
    rows, validation, test = parted(labels, artists, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = GenreNetwork(shape)
    _standardise(network, windows.only(np.sort(rows)))
    wanted = torch.from_numpy(labels)

    def loss(chosen: np.ndarray, where: torch.device) -> Tensor:
        pictures = _drawn(windows, chosen).to(where)
        return functional.cross_entropy(network(pictures), wanted[chosen].to(where))

    def check(where: torch.device) -> float:
        return -nll(track_logits(network, windows, validation, where), labels[validation])

    optimizer = torch.optim.AdamW(network.parameters(), lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    learner = Supervised(network, optimizer, loss, rows, lesson.batch, seed, choose(device), check)
    known = hashlib.sha256(labels.tobytes() + artists.tobytes() + windows.digest.encode()).hexdigest()
    belongs = {"shape": asdict(shape), "lesson": asdict(lesson), "seed": seed, "data": known}
    course = Course(lesson.epochs, lesson.patience, "validation log-likelihood")
    outcome = train(learner, course, folder, belongs, monitor)
    network.cpu().eval()
    held = track_logits(network, windows, validation)
    warmth = temperature(held, labels[validation])
    figures = measured(track_logits(network, windows, test), labels[test], warmth, names, seed)
    parts = {"train": len(rows), "validation": len(validation), "test": len(test)}
    return GenreTaught(network, warmth, outcome, {"genres": list(names), "tracks": parts, **figures})


def measured(
    logits: np.ndarray, labels: np.ndarray, warmth: float, names: tuple[str, ...], seed: int
) -> dict[str, Any]:
    """Accuracy, calibration and confusion of tracks by artists that were not heard before; fit for JSON.

    `ece_chance` is what a perfectly calibrated model shows with so few tracks: its mean, and its 95 % quantile.
    """
    chosen = softmax(logits, warmth)
    said = chosen.argmax(1)
    right, confidence = said == labels, chosen.max(1)
    rng = np.random.default_rng(seed)
    drawn = right[rng.integers(0, len(right), (2_000, len(right)))].mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (labels, said), 1)
    curve = reliability(confidence, right)
    mean, most = ece_by_chance(confidence, seed)
    return {
        "accuracy": round(float(right.mean()), 4),
        "accuracy_interval": [round(float(low), 4), round(float(high), 4)],
        "majority": round(float(np.bincount(labels).max() / len(labels)), 4),
        "nll": round(nll(logits, labels), 4),
        "nll_calibrated": round(nll(logits, labels, warmth), 4),
        "temperature": round(warmth, 4),
        "ece_before": round(ece(softmax(logits).max(1), softmax(logits).argmax(1) == labels), 4),
        "ece": round(ece(confidence, right), 4),
        "ece_chance": [round(mean, 4), round(most, 4)],
        "reliability": {
            "confidence": [None if np.isnan(v) else round(float(v), 4) for v in curve.confidence],
            "accuracy": [None if np.isnan(v) else round(float(v), 4) for v in curve.accuracy],
            "count": curve.count.tolist(),
        },
        "confusion": confusion.tolist(),
    }


def _standardise(network: GenreNetwork, windows: MelWindows) -> None:
    """Band statistics and those of the cepstra, from the tracks that are learned from."""
    mean, sd = windows.statistics()
    network.mean.copy_(torch.from_numpy(mean))
    network.sd.copy_(torch.from_numpy(sd))
    some = np.unique(np.linspace(0, len(windows.places) - 1, min(512, len(windows.places))).astype(np.int64))
    start = (windows.shape[0] - FRAMES) // 2
    pictures = torch.from_numpy(windows.take(some)[:, start : start + FRAMES])
    told = network.cepstra(pictures)
    network.level.copy_(told.mean(dim=0))
    network.spread.copy_(told.std(dim=0).clamp_min(1e-3))


def _drawn(windows: MelWindows, tracks: np.ndarray) -> Tensor:
    """One picture of each track, (k, 44, bands): a window at random, a second of it at random."""
    luck = torch.rand(2, len(tracks)).numpy()
    counts = windows.counts[tracks]
    chosen = windows.first[tracks] + np.minimum((luck[0] * counts).astype(np.int64), counts - 1)
    pictures = windows.take(chosen)
    room = pictures.shape[1] - FRAMES
    starts = (luck[1] * (room + 1)).astype(np.int64)
    cut = np.stack([each[at : at + FRAMES] for each, at in zip(pictures, starts, strict=True)])
    return torch.from_numpy(cut)


@torch.no_grad()
def track_logits(
    network: GenreNetwork, windows: MelWindows, tracks: np.ndarray, device: torch.device = CPU
) -> np.ndarray:
    """float32 (k, genres): mean over all pictures of all windows of the tracks at the places `tracks`."""
    return _means(windows, tracks, lambda pictures: network(pictures.to(device)).cpu(), network.shape.genres)


@torch.no_grad()
def track_vectors(network: GenreNetwork, windows: MelWindows, tracks: np.ndarray) -> np.ndarray:
    """float32 (k, second): the second fully connected layer, mean over all pictures."""
    return _means(windows, tracks, network.represented, network.shape.second)


def _means(windows: MelWindows, tracks: np.ndarray, ask: Any, width: int) -> np.ndarray:
    found = np.zeros((len(tracks), width), np.float32)
    frames = windows.shape[0]
    starts = np.linspace(0, frames - FRAMES, min(MOST_PICTURES, max(1, frames // FRAMES))).astype(int)
    for at in range(0, len(tracks), STEP):
        some = tracks[at : at + STEP]
        pictures = windows.take(windows.windows_of(some))
        parts = torch.from_numpy(np.stack([pictures[:, start : start + FRAMES] for start in starts], axis=1))
        told = ask(parts.flatten(0, 1)).numpy().reshape(len(pictures), len(starts), -1).mean(1)
        ends = np.concatenate([[0], np.cumsum(windows.counts[some])[:-1]])
        found[at : at + len(some)] = np.add.reduceat(told, ends, axis=0) / windows.counts[some][:, None]
    return found
