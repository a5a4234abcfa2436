"""Autoencoder: tracks whose sound falls to the same place when it is folded into three numbers (Campbell, "Music
Recommendation with Autoencoder Model").

The source recommends, for a song, those within a small distance of its code. A listener has many songs: each speaks
for what lies within the radius with its full voice, and for the rest the less the farther it is,

    score = sum over seeds of w (r / max(r, d))^2 / sum of |w|,

d being the distance in the code, scaled so that the library has a radius of 1. Dislikes speak against.
The code is leaky where the source's is ReLU: ReLU units die in many starts (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, Reason, TrackId, Vectors
from musicdesk.recommenders import store
from musicdesk.recommenders.base import SEEDS, ItemIds, Model, TrainingData, title_of
from musicdesk.recommenders.seeds import Seeds, disliked, liked

NAME = "autoencoder"
LEAST = 50  # tracks; fewer teach a network nothing
MOST_SEEDS = 64  # the weightiest are asked
MOST_REASONS = 3
MOST_STEPS = 12_000  # of the optimiser; big libraries are learned from in bigger batches
HELD = 5  # one in so many tracks decides which start is kept
SLOPE = 0.3  # of the code's unit below 0
CLIP = 4.0  # deviations
LOWEST = -2.0  # of a track without a vector; scores lie inside (-1, 1)


@dataclass(frozen=True)
class Autoencoder(Model):
    """radius:  distance in the code within which a track counts as a neighbour, of the library's radius
    penalty: weight of the activity penalty on the code; norm: 1 or 2, which kind
    epochs, batch: of training; starts: networks that are trained, of which the best is kept
    play:    weight of ten plays beside one like; dislike: of a dislike
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "Folds the sound into three numbers"
    above_0: ClassVar[tuple[str, ...]] = ("radius", "epochs", "batch", "starts")

    radius: float = 0.025
    penalty: float = 0.01
    norm: int = 2
    epochs: int = 100
    batch: int = 32
    starts: int = 3
    play: float = 0.3
    dislike: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.norm not in (1, 2):
            raise Unusable("The autoencoder's norm is 1 or 2.")

    def why_not(self, data: TrainingData) -> str | None:
        if len(data.vectors) < LEAST:
            return f"It learns from at least {LEAST} tracks that were listened to; there are {len(data.vectors)}."
        if not len(data.vectors.rows_of([*data.listener.liked, *data.listener.plays])):
            return "Nothing is liked or played yet; like three tracks and it has something to go by."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> AutoencoderFitted:
        """Several starts beside each other; the one that rebuilds held-back tracks best and uses all three units."""
        if len(data.vectors) < LEAST:
            raise NotReady(f"The autoencoder learns from at least {LEAST} tracks that were listened to.")
        from musicdesk.learning.autoencoder import AutoencoderSpec, is_degenerate, learn_beside

        scaler = Scaler.of(data.vectors.matrix)
        sound = scaler.scaled(data.vectors.matrix)
        order = np.random.default_rng(seed).permutation(len(sound))
        held, rows = order[: len(order) // HELD], order[len(order) // HELD :]
        batch = max(self.batch, -(-len(rows) * self.epochs // MOST_STEPS))
        spec = AutoencoderSpec(
            code="leaky", penalty=self.penalty, norm=self.norm, epochs=self.epochs, batch=batch, cosine=True, rate=2e-3
        )
        known, asked = (np.repeat(sound[None, part], self.starts, axis=0) for part in (rows, held))
        learned = learn_beside(known, asked, spec, seed, monitor, data.scratch, data.device)
        dead = [is_degenerate(code) for code in learned.codes(sound)]
        best = min(range(self.starts), key=lambda k: (dead[k], learned.validation[k, -1]))
        return AutoencoderFitted(self, data.vectors, data.titles, scaler, learned.encoder(best))

    def load(self, folder: Path, data: TrainingData) -> AutoencoderFitted:
        head, tensors = store.read(folder, NAME)
        if head.get("encoder") != data.vectors.encoder:
            raise Unusable("This model was trained on embeddings of another encoder; train it again.")
        scaler = Scaler(tensors["mean"], tensors["deviation"])
        if len(data.vectors) and data.vectors.matrix.shape[1] != len(scaler.mean):
            raise Unusable("This model was trained on embeddings of another size; train it again.")
        layers = [(tensors[f"weight{n}"], tensors[f"bias{n}"]) for n in range(head["layers"])]
        return AutoencoderFitted(Autoencoder(**head["parameters"]), data.vectors, data.titles, scaler, layers)


@dataclass(frozen=True, eq=False)
class Scaler:
    """mean, deviation: float32 (dim,), of the library that was learned from"""

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, matrix: np.ndarray) -> Scaler:
        deviation = matrix.std(axis=0, dtype=np.float64)
        even = np.where(deviation > 1e-9, deviation, 1.0)
        return cls(matrix.mean(axis=0, dtype=np.float64).astype(np.float32), even.astype(np.float32))

    def scaled(self, matrix: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.clip((matrix - self.mean) / self.deviation, -CLIP, CLIP)
        return found


Layers = list[tuple[np.ndarray, np.ndarray]]  # weight float32 (in, out), bias float32 (out,)


def encoded(sound: np.ndarray, layers: Layers) -> np.ndarray:
    """The code, float32 (n, 3), of standardised sound: ReLU between the layers, a leaky one at the end."""
    for weight, bias in layers[:-1]:
        sound = np.maximum(sound @ weight + bias, 0.0)
    weight, bias = layers[-1]
    last = sound @ weight + bias
    code: np.ndarray = np.where(last > 0, last, SLOPE * last).astype(np.float32)
    return code


class AutoencoderFitted:
    """See `Autoencoder`. Needs no network library: three layers are three products."""

    def __init__(
        self, config: Autoencoder, vectors: Vectors, titles: Mapping[TrackId, str], scaler: Scaler, layers: Layers
    ) -> None:
        self.config, self.vectors, self.layers = config, vectors, layers
        self._titles, self._scaler = titles, scaler
        code = encoded(scaler.scaled(vectors.matrix), layers) if len(vectors) else np.zeros((0, 3), np.float32)
        middle = code.mean(axis=0) if len(code) else np.zeros(3, np.float32)
        away = np.sqrt(np.square(code - middle).sum(axis=1).mean()) if len(code) else 1.0
        self.code = (code - middle) / max(float(away), 1e-9)

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,) in (-1, 1); 0 where nothing is known of the listener, `LOWEST` without a vector."""
        scores = np.full(len(items), LOWEST, np.float32)
        rows = self.vectors.places.of(items)
        known = rows >= 0
        seeds = self._seeds(listener)
        scores[known] = self._voices(self.code[rows[known]], seeds) @ seeds.weights
        return scores

    def _seeds(self, listener: Listener) -> Seeds:
        """The weightiest likes, plays and dislikes; weights are signed, and their absolute values sum to 1."""
        likes, against = liked(listener, self.vectors, self.config.play), disliked(listener, self.vectors)
        rows = np.concatenate([likes.rows[:MOST_SEEDS], against.rows[:MOST_SEEDS]])
        weights = np.concatenate(
            [likes.weights[:MOST_SEEDS], -self.config.dislike * against.weights[:MOST_SEEDS]]
        ).astype(np.float32)
        return Seeds(rows, weights / max(float(np.abs(weights).sum()), 1e-9))

    def _voices(self, code: np.ndarray, seeds: Seeds) -> np.ndarray:
        """float32 (n, seeds): (r / max(r, d))^2, 1 within the radius."""
        away = np.zeros((len(code), len(seeds.rows)), np.float32)
        for axis in range(code.shape[1]):
            away += (code[:, axis, None] - self.code[seeds.rows, axis]) ** 2
        square = np.float32(self.config.radius**2)
        voices: np.ndarray = square / np.maximum(away, square)
        return voices

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The seeds that speak loudest, as shares of all that was said."""
        rows = self.vectors.rows_of([item])
        seeds = self._seeds(listener)
        if not len(rows) or not len(seeds.rows):
            return []
        voices = self._voices(self.code[rows], seeds)[0]
        parts = voices * seeds.weights
        total = float(np.abs(parts).sum())
        order = np.argsort(-np.abs(parts), kind="stable")
        named = order[:MOST_REASONS]
        reasons = [
            self._reason(listener, item, int(seeds.rows[n]), float(parts[n]) / total, voices[n] >= 1) for n in named
        ]
        rest = 1.0 - sum(reason.share for reason in reasons)
        if rest > 1e-6 and len(order) > len(named):
            reasons.append(Reason(f"and {len(order) - len(named)} more of your likes and plays", rest))
        return reasons

    def _reason(self, listener: Listener, item: TrackId, row: int, part: float, near: bool) -> Reason:
        track, share = TrackId(int(self.vectors.ids[row])), abs(part)
        if track == item and part > 0 and listener.name != SEEDS:
            return Reason("you like it" if item in listener.liked else "you play it", share, track)
        where = "at the place of" if near else "on the way to"
        name = f"'{title_of(self._titles, track)}'"
        if part < 0:
            return Reason(f"held back: {where} {name}, which you dislike", share, track)
        return Reason(f"{where} {name} when the sound is folded", share, track)

    def save(self, folder: Path) -> None:
        head = {
            "encoder": self.vectors.encoder,
            "parameters": self.config.parameters(),
            "layers": len(self.layers),
        }
        tensors = {"mean": self._scaler.mean, "deviation": self._scaler.deviation}
        for n, (weight, bias) in enumerate(self.layers):
            tensors |= {f"weight{n}": weight, f"bias{n}": bias}
        store.write(folder, NAME, head, tensors)
