"""Content: what sounds like several of your likes.

Agreement, not the average. For each seed (like, weakly: play) an item's cosine is standardised by the
mean and deviation of that seed's cosines over the whole library, z = (v's - m's) / sqrt(s'Cs), so that a
seed that is near everything (a hub) says little. Each seed's voice then saturates, z / (c + |z|): being
near three likes counts for more than being a twin of one. (c = 4: of ten picks for three likes from each of
two albums of real clips 4.4 are from these albums; 4.2 with c = 2, 4.5 with c = 8 or the plain mean, which a
single twin can carry off.) Dislikes subtract the same way.
Mean m and covariance C of the library are all there is to learn; both follow in one pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, Reason, TrackId, Vectors
from musicdesk.recommenders import store
from musicdesk.recommenders.base import SEEDS, UNHEARD, ItemIds, Model, TrainingData, title_of
from musicdesk.recommenders.seeds import Groups, Played, Seeds, disliked, grouped, liked

NAME = "content"
ROWS = 4_096  # items scored at a time: a block of voices stays in the cache
MOST_REASONS = 3
LOWEST = -1.0  # of an item without a vector; scores lie inside (-1, 1)
SKIPPED = 0.5  # a dislike that weighs less comes from skips, not from a verdict


@dataclass(frozen=True)
class Content(Model):
    """saturation: the z at which a seed's voice reaches half of its full strength, above 0
    leak:       how much being far from a seed counts, of what being near does, 0..1
    play:       weight of ten plays beside one like
    dislike:    weight of a dislike beside a like
    groups:     likes beyond this many are grouped; it bounds the work for long histories
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "Sounds like your likes"

    saturation: float = 4.0
    leak: float = 0.02
    play: float = 0.3
    dislike: float = 1.0
    groups: int = 16

    def __post_init__(self) -> None:
        if self.saturation <= 0 or self.groups < 1:
            raise Unusable("The content model needs a saturation above 0 and at least one group.")

    def why_not(self, data: TrainingData) -> str | None:
        if not len(data.vectors):
            return UNHEARD
        listener = data.listener
        heard = [*listener.liked, *(track for track, count in listener.plays.items() if count > 0)]
        if not len(data.vectors.rows_of(heard)):
            return "Nothing is liked or played yet; like three tracks and it has something to go by."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> ContentFitted:
        """Mean and covariance of the library. It needs no likes: those come with each request."""
        if not len(data.vectors):
            raise NotReady(UNHEARD)
        mean, covariance = _moments(data.vectors.matrix, monitor)
        return ContentFitted(self, data.vectors, data.titles, mean, covariance)

    def load(self, folder: Path, data: TrainingData) -> ContentFitted:
        head, tensors = store.read(folder, NAME)
        if head.get("encoder") != data.vectors.encoder:
            raise Unusable("This model was trained on embeddings of another encoder; train it again.")
        mean, covariance = tensors["mean"], tensors["covariance"]
        if len(data.vectors) and len(mean) != data.vectors.matrix.shape[1]:
            raise Unusable("This model was trained on embeddings of another size; train it again.")
        config = Content(**head["parameters"])
        return ContentFitted(config, data.vectors, data.titles, mean, covariance)


def _moments(matrix: np.ndarray, monitor: Monitor) -> tuple[np.ndarray, np.ndarray]:
    """Mean float32 (dim,) and covariance float32 (dim, dim), summed in float64 by blocks."""
    count, dim = matrix.shape
    mean = matrix.mean(axis=0, dtype=np.float64)
    total = np.zeros((dim, dim))
    for start in range(0, count, 1 << 14):
        monitor.check()
        block = matrix[start : start + (1 << 14)] - mean.astype(np.float32)
        total += block.T @ block
        monitor.report(min(count, start + (1 << 14)), count, "Looking at the whole library")
    return mean.astype(np.float32), (total / count).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Taste:
    """A listener, ready for scoring: `directions` float32 (g, dim) and `offsets` (g,) give z in one product.

    The score is the sum over seeds of above max(v, 0) + below v, v being the seed's voice: dislikes speak only
    of what is near them (below is 0), likes nearly so (leak).
    """

    likes: Groups
    dislikes: Groups
    directions: np.ndarray
    offsets: np.ndarray
    weights: np.ndarray  # (g,), negative for dislikes, absolute values sum to 1
    below: np.ndarray
    above: np.ndarray
    near: dict[int, np.ndarray] = field(default_factory=dict)  # a group's own vectors, once a reason has asked for them

    def members(self, group: int) -> np.ndarray:
        """Rows of the vectors, int64: of the likes' groups first, then of the dislikes'."""
        likes = len(self.likes.weights)
        return self.likes.members[group] if group < likes else self.dislikes.members[group - likes]


class ContentFitted:
    """See `Content`. `mean` float32 (dim,), `covariance` float32 (dim, dim)."""

    def __init__(
        self,
        config: Content,
        vectors: Vectors,
        titles: Mapping[TrackId, str],
        mean: np.ndarray,
        covariance: np.ndarray,
    ) -> None:
        self.config = config
        self.vectors = vectors
        self._titles = titles
        self._mean = mean
        self._covariance = covariance
        self._last: tuple[Listener, _Taste] | None = None
        self._played: Played | None = None  # a rating leaves the plays as they are
        self._grouped: dict[str, tuple[Seeds, Groups]] = {}  # and a like the dislikes

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,) in (-1, 1); 0 for all when nothing is known of the listener, -1 without a vector."""
        if len(items) == len(self.vectors) and np.array_equal(items, self.vectors.ids):
            return self._score_rows(listener, self.vectors.matrix)
        scores = np.full(len(items), LOWEST, np.float32)
        rows = np.searchsorted(self.vectors.ids, items)
        rows[rows == len(self.vectors)] = 0
        known = self.vectors.ids[rows] == items if len(self.vectors) else np.zeros(len(items), bool)
        scores[known] = self._score_rows(listener, self.vectors.matrix[rows[known]])
        return scores

    def _score_rows(self, listener: Listener, matrix: np.ndarray) -> np.ndarray:
        taste = self._taste(listener)
        scores = np.zeros(len(matrix), np.float32)
        if not len(taste.weights):
            return scores
        offsets = np.tile(taste.offsets, (min(ROWS, len(matrix)), 1))
        for start in range(0, len(matrix), ROWS):
            z = matrix[start : start + ROWS] @ taste.directions.T
            z -= offsets[: len(z)]
            scores[start : start + ROWS] = self._voices(z) @ taste.below + np.maximum(z, 0.0, out=z) @ taste.above
        return scores

    def _voices(self, z: np.ndarray) -> np.ndarray:
        """z / (c + |z|), in (-1, 1). Overwrites `z`, float32 (items, g)."""
        size = np.abs(z)
        size += self.config.saturation
        z /= size
        return z

    def _taste(self, listener: Listener) -> _Taste:
        if self._last is not None and self._last[0] is listener:
            return self._last[1]
        config = self.config
        if self._played is None or self._played.heard is not listener.heard:
            self._played = Played.of(listener.heard, self.vectors)
        seeds = liked(listener, self.vectors, config.play, self._played)
        likes = self._groups("likes", seeds)
        against = self._groups("dislikes", disliked(listener, self.vectors))
        centres = np.concatenate([likes.centres, against.centres])
        spread = np.sqrt(np.maximum(np.einsum("gd,de,ge->g", centres, self._covariance, centres, optimize=True), 1e-8))
        directions = (centres / spread[:, None]).astype(np.float32)
        weights = np.concatenate([likes.weights, -config.dislike * against.weights])
        weights = (weights / max(float(np.abs(weights).sum()), 1e-9)).astype(np.float32)
        below = np.where(weights > 0, config.leak * weights, 0.0).astype(np.float32)
        taste = _Taste(likes, against, directions, directions @ self._mean, weights, below, weights - below)
        self._last = (listener, taste)
        return taste

    def _groups(self, side: str, seeds: Seeds) -> Groups:
        if side not in self._grouped or not self._grouped[side][0].same_as(seeds):
            self._grouped[side] = (seeds, grouped(seeds, self.vectors.matrix, self.config.groups))
        return self._grouped[side][1]

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The strongest voices, for and against, as shares of all that was said; together they are 1."""
        rows = self.vectors.rows_of([item])
        taste = self._taste(listener)
        if not len(rows) or not len(taste.weights):
            return []
        vector = self.vectors.matrix[rows]
        voices = self._voices(vector @ taste.directions.T - taste.offsets)[0]
        parts = taste.below * voices + taste.above * np.maximum(voices, 0.0)
        total = float(np.abs(parts).sum())
        if total <= 0:
            return []
        order = np.argsort(-np.abs(parts), kind="stable")
        named = [g for g in order[:MOST_REASONS] if parts[g] != 0]
        reasons = [self._reason(listener, taste, int(g), int(rows[0]), float(parts[g]), total) for g in named]
        rest = 1.0 - sum(reason.share for reason in reasons)
        others = len(order) - len(named)
        if rest > 1e-6 and others:
            reasons.append(Reason(f"and {others} more of your likes and plays", rest))
        return reasons

    def _reason(self, listener: Listener, taste: _Taste, group: int, row: int, part: float, total: float) -> Reason:
        """Of the item in this row of the vectors."""
        likes, members = len(taste.likes.weights), taste.members(group)
        if group not in taste.near:
            taste.near[group] = self.vectors.matrix[members]
        nearest = members[int(np.argmax(taste.near[group] @ self.vectors.matrix[row]))]
        item, track = (TrackId(int(self.vectors.ids[at])) for at in (row, nearest))
        if track == item and listener.name != SEEDS and group < likes:
            return Reason("you like it" if item in listener.liked else "you play it", abs(part) / total, track)
        name = f"'{title_of(self._titles, track)}'"
        if len(members) > 1:
            name += f" and {len(members) - 1} like it"
        if group >= likes:
            skipped = listener.disliked.get(track, 1.0) < SKIPPED
            text = f"held back: near {name}, which you {'skip' if skipped else 'dislike'}"
        else:
            where = "near" if part > 0 else "far from"
            text = f"{where} {name}{_because(listener, track)}"
        return Reason(text, abs(part) / total, track)

    def save(self, folder: Path) -> None:
        head = {"encoder": self.vectors.encoder, "parameters": self.config.parameters()}
        store.write(folder, NAME, head, {"mean": self._mean, "covariance": self._covariance})


def _because(listener: Listener, track: TrackId) -> str:
    if listener.name == SEEDS:
        return ""
    return ", which you like" if track in listener.liked else ", which you play"
