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
    above_0: ClassVar[tuple[str, ...]] = ("saturation", "groups")

    saturation: float = 4.0
    leak: float = 0.02
    play: float = 0.3
    dislike: float = 1.0
    groups: int = 16

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


@dataclass(eq=False)
class _Side:
    """What is liked, or disliked, ready for scoring: directions float32 (g, dim), offsets (g,) give z in one product.

    What it says of an item is the sum over its groups of above max(v, 0) + below v, v being the group's voice: dislikes
    speak only of what is near them (below is 0, above below 0), likes nearly so (leak).
    """

    seeds: Seeds
    groups: Groups
    directions: np.ndarray
    offsets: np.ndarray
    below: np.ndarray
    above: np.ndarray
    saturation: float
    near: dict[int, np.ndarray] = field(default_factory=dict)  # a group's own vectors, once a reason has asked for them
    whole: np.ndarray | None = None  # what it says of the whole library, float32 (n,), once that was asked

    def of(self, matrix: np.ndarray) -> np.ndarray:
        """What it says of each item, float32 (items,)."""
        said = np.zeros(len(matrix), np.float32)
        if not len(self.offsets):
            return said
        offsets = np.tile(self.offsets, (min(ROWS, len(matrix)), 1))
        for start in range(0, len(matrix), ROWS):
            z = matrix[start : start + ROWS] @ self.directions.T
            z -= offsets[: len(z)]
            self._voiced(z)
            said[start : start + ROWS] = z @ self.below if self.below.any() else 0.0
            said[start : start + ROWS] += np.maximum(z, 0.0, out=z) @ self.above
        return said

    def parts(self, vector: np.ndarray) -> np.ndarray:
        """What each group says of one item, float32 (g,). vector: float32 (1, dim)"""
        voices = self._voiced(vector @ self.directions.T - self.offsets)[0]
        found: np.ndarray = self.below * voices + self.above * np.maximum(voices, 0.0)
        return found

    def _voiced(self, z: np.ndarray) -> np.ndarray:
        """z / (c + |z|), in (-1, 1), in place."""
        size = np.abs(z)
        size += self.saturation
        z /= size
        return z


@dataclass(frozen=True, eq=False)
class _Taste:
    """A listener; the score is what both sides say over `mass`, the sum of all weights, dislikes' too."""

    likes: _Side
    dislikes: _Side
    mass: float

    def group(self, number: int) -> tuple[_Side, int]:
        """The side, and the group in it: those of the likes come first."""
        likes = len(self.likes.offsets)
        return (self.likes, number) if number < likes else (self.dislikes, number - likes)


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
        self._sides: dict[bool, _Side] = {}  # and a like the dislikes: by whether it is the likes'

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,) in (-1, 1); 0 for all when nothing is known of the listener, -1 without a vector."""
        if len(items) == len(self.vectors) and np.array_equal(items, self.vectors.ids):
            return self._score_all(listener)
        scores = np.full(len(items), LOWEST, np.float32)
        rows = self.vectors.places.of(items)
        known = rows >= 0
        scores[known] = self._score_rows(listener, self.vectors.matrix[rows[known]])
        return scores

    def _score_all(self, listener: Listener) -> np.ndarray:
        """Of the whole library; what a rating leaves as it was is not asked again."""
        taste = self._taste(listener)
        said = np.zeros(len(self.vectors), np.float32)
        for side in (taste.likes, taste.dislikes):
            if side.whole is None:
                side.whole = side.of(self.vectors.matrix)
            said += side.whole
        said /= np.float32(taste.mass)
        return said

    def _score_rows(self, listener: Listener, matrix: np.ndarray) -> np.ndarray:
        taste = self._taste(listener)
        found: np.ndarray = (taste.likes.of(matrix) + taste.dislikes.of(matrix)) / np.float32(taste.mass)
        return found

    def _taste(self, listener: Listener) -> _Taste:
        if self._last is not None and self._last[0] is listener:
            return self._last[1]
        if self._played is None or self._played.heard is not listener.heard:
            self._played = Played.of(listener.heard, self.vectors)
        likes = self._side(True, liked(listener, self.vectors, self.config.play, self._played))
        against = self._side(False, disliked(listener, self.vectors))
        mass = float(np.abs(np.concatenate([likes.above + likes.below, against.above])).sum())
        taste = _Taste(likes, against, max(mass, 1e-9))
        self._last = (listener, taste)
        return taste

    def _side(self, likes: bool, seeds: Seeds) -> _Side:
        known = self._sides.get(likes)
        if known is None or not known.seeds.same_as(seeds):
            config = self.config
            groups = grouped(seeds, self.vectors.matrix, config.groups)
            centres = groups.centres
            spread = np.sqrt(
                np.maximum(np.einsum("gd,de,ge->g", centres, self._covariance, centres, optimize=True), 1e-8)
            )
            directions = (centres / spread[:, None]).astype(np.float32)
            weights = groups.weights if likes else np.float32(-config.dislike) * groups.weights
            below = np.float32(config.leak if likes else 0.0) * weights
            known = _Side(seeds, groups, directions, directions @ self._mean, below, weights - below, config.saturation)
            self._sides[likes] = known
        return known

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The strongest voices, for and against, as shares of all that was said; together they are 1."""
        rows = self.vectors.rows_of([item])
        taste = self._taste(listener)
        if not len(rows):
            return []
        vector = self.vectors.matrix[rows]
        parts = np.concatenate([taste.likes.parts(vector), taste.dislikes.parts(vector)])
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
        side, number = taste.group(group)
        members = side.groups.members[number]
        if number not in side.near:
            side.near[number] = self.vectors.matrix[members]
        nearest = members[int(np.argmax(side.near[number] @ self.vectors.matrix[row]))]
        item, track = (TrackId(int(self.vectors.ids[at])) for at in (row, nearest))
        if track == item and listener.name != SEEDS and side is taste.likes:
            return Reason("you like it" if item in listener.liked else "you play it", abs(part) / total, track)
        name = f"'{title_of(self._titles, track)}'"
        if len(members) > 1:
            name += f" and {len(members) - 1} like it"
        if side is taste.dislikes:
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
