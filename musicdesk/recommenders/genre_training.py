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

from musicdesk.core.progress import Monitor, WithoutCurves
from musicdesk.learning.calibration import Calibration, calibrated, ece, ece_by_chance, nll, reliability
from musicdesk.learning.course import Course, train
from musicdesk.learning.device import choose
from musicdesk.learning.supervised import Supervised
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.genre_network import FRAMES, GenreNetwork, GenreShape

FOLDS = 5  # three to learn from, one to stop by, one to test on
CROSSED = 2_000
LEAST_STEPS = 12  # of an epoch
MOST_PICTURES = 2  # of a window, side by side
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
    """networks:    on the processor, in evaluation mode; their mean logit counts
    held:        float32 (tracks, genres): logits of the tagged tracks by a network that was not taught by their
                 artist; None where there is but one network
    calibration: of logits; figures: of tracks by artists that were not learned from, fit for JSON
    """

    networks: tuple[GenreNetwork, ...]
    held: np.ndarray | None
    calibration: Calibration
    figures: dict[str, Any]

    def logits(self, windows: MelWindows) -> np.ndarray:
        """float32 (tracks, genres) of all tracks of `windows`."""
        every = np.arange(len(windows))
        return np.asarray(np.mean([track_logits(each, windows, every) for each in self.networks], axis=0))


def parted(labels: np.ndarray, artists: np.ndarray, seed: int) -> list[np.ndarray]:
    """Three to five parts, int64 rows: no artist is in two of them, and genres are as even as that allows.

    labels: int64 (n,); artists: int64 (n,), of three at least; a negative one stands alone
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = np.where(artists < 0, artists.max(initial=0) + 1 + np.arange(len(artists)), artists)
    folds = min(FOLDS, len(np.unique(groups)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a genre with fewer artists than folds is spread as far as it goes
        split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups)
        return [held for _, held in split]


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

    Few tracks say little of how sure a network may be, and one part of them less: up to `CROSSED` tracks every part
    is held out once, by a network of its own. Each part is then calibrated by the other parts.
    raises: Unusable when the loss stops being a number, Cancelled
    """
    parts = parted(labels, artists, seed)
    turns = len(parts) if len(labels) <= CROSSED else 1
    networks, held = [], np.zeros((len(labels), len(names)), np.float32)
    for turn in range(turns):
        test, validation = parts[turn], parts[(turn + 1) % len(parts)]
        part = monitor.part(1 / turns)
        inner = part if turn == 0 else WithoutCurves(part)
        teaching = _Teaching(windows, labels, artists, shape, lesson, seed + turn, device)
        network = teaching.run(np.setdiff1d(np.arange(len(labels)), np.concatenate([test, validation])), validation,
                               folder / f"part-{turn}" if folder else None, inner)  # fmt: skip
        held[test] = track_logits(network, windows, test)
        if turns == 1:
            held[validation] = track_logits(network, windows, validation)
        networks.append(network)
    tested = np.sort(np.concatenate(parts[:turns]))
    told = np.zeros(held.shape)
    for turn in range(turns):
        others = np.concatenate(parts[:turn] + parts[turn + 1 :]) if turns > 1 else parts[1]
        told[parts[turn]] = calibrated(held[others], labels[others]).of(held[parts[turn]])
    final = calibrated(held, labels) if turns > 1 else calibrated(held[parts[1]], labels[parts[1]])
    before = Calibration().of(held)
    if nll(told[tested], labels[tested]) >= nll(before[tested], labels[tested]):
        final, told = Calibration(), before  # what does not help parts that were held out is not used
    figures = {
        "genres": list(names),
        "tracks": len(labels),
        "tested": len(tested),
        "networks": turns,
        "temperature": round(final.temperature, 4),
        "lapse": round(final.lapse, 4),
        **measured(before[tested], told[tested], labels[tested], seed),
    }
    return GenreTaught(tuple(networks), held if turns > 1 else None, final, figures)


class _Teaching:
    """One network."""

    def __init__(
        self,
        windows: MelWindows,
        labels: np.ndarray,
        artists: np.ndarray,
        shape: GenreShape,
        lesson: GenreLesson,
        seed: int,
        device: str,
    ) -> None:
        self.windows, self.labels, self.shape, self.lesson, self.seed = windows, labels, shape, lesson, seed
        self.device = choose(device)
        self.known = hashlib.sha256(labels.tobytes() + artists.tobytes() + windows.digest.encode()).hexdigest()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = GenreNetwork(shape)

    def run(self, rows: np.ndarray, validation: np.ndarray, folder: Path | None, monitor: Monitor) -> GenreNetwork:
        """Learns from the tracks `rows`; what is told of those of `validation` says when to stop."""
        network, lesson, wanted = self.network, self.lesson, torch.from_numpy(self.labels)
        _standardise(network, self.windows.only(rows))

        def loss(chosen: np.ndarray, where: torch.device) -> Tensor:
            pictures = _drawn(self.windows, chosen).to(where)
            return functional.cross_entropy(network(pictures), wanted[chosen].to(where))

        def check(where: torch.device) -> float:
            return -nll(
                Calibration().of(track_logits(network, self.windows, validation, where)), self.labels[validation]
            )

        optimizer = torch.optim.AdamW(network.parameters(), lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
        often = np.tile(rows, max(1, -(-LEAST_STEPS * lesson.batch // len(rows))))  # few tracks, several pictures each
        learner = Supervised(network, optimizer, loss, often, lesson.batch, self.seed, self.device, check)
        belongs = {"shape": asdict(self.shape), "lesson": asdict(lesson), "seed": self.seed, "data": self.known}
        train(learner, Course(lesson.epochs, lesson.patience, "validation log-likelihood"), folder, belongs, monitor)
        return network.cpu().eval()


def measured(before: np.ndarray, chosen: np.ndarray, labels: np.ndarray, seed: int) -> dict[str, Any]:
    """Accuracy, calibration and confusion of tracks by artists that were not heard before; fit for JSON.

    before, chosen: float (n, genres), probabilities as the network gives them, and calibrated; labels: int64 (n,)
    `ece_chance` is what a perfectly calibrated model shows with so few tracks: its mean, and its 95 % quantile.
    """
    said = chosen.argmax(1)
    right, confidence = said == labels, chosen.max(1)
    rng = np.random.default_rng(seed)
    drawn = right[rng.integers(0, len(right), (2_000, len(right)))].mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    confusion = np.zeros((chosen.shape[1],) * 2, np.int64)
    np.add.at(confusion, (labels, said), 1)
    curve = reliability(confidence, right)
    mean, most = ece_by_chance(confidence, seed)
    return {
        "accuracy": round(float(right.mean()), 4),
        "accuracy_interval": [round(float(low), 4), round(float(high), 4)],
        "majority": round(float(np.bincount(labels).max() / len(labels)), 4),
        "nll": round(nll(before, labels), 4),
        "nll_calibrated": round(nll(chosen, labels), 4),
        "ece_before": round(ece(before.max(1), before.argmax(1) == labels), 4),
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
