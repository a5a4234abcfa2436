"""The blend for the listeners of a crowd: factors (`wmf`), regressions (`ease`) and neighbours (`item_knn`) together.

Each part's scores of a listener are divided by the mean of their best 20, so that all speak on one scale, and
added. The weights are learned on plays that are hidden from the crowd once more: the parts are fitted on the
rest, all mixtures in steps of a quarter are tried, and the best by discounted gain is taken. Then the parts are
fitted on everything. What the caller has hidden for its own test is never seen here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.files import write_text
from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.base import NO_CROWD, CrowdFitted, Fitted, ItemIds, Model, Recommender, TrainingData
from musicdesk.recommenders.ease import Ease
from musicdesk.recommenders.item_knn import ItemKnn
from musicdesk.recommenders.wmf import Wmf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "crowd_blend"
PARTS = ("wmf", "ease", "item_knn")
STEPS = 4
BEST = 20  # songs whose mean score is the scale of a part
DEEP = 100  # places that count when weights are learned
HIDDEN = 0.1  # share of the pairs that the weights are learned on
ASKED = 2_500  # listeners, at most, that the weights are learned on
BLOCK = 250


@dataclass(frozen=True)
class CrowdBlend(Model):
    """factors: of `wmf`; neighbours: of `item_knn`; regularization: of `ease`; their other settings are theirs"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "What a crowd's listeners play next"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = ("factors", "iterations", "neighbours", "regularization")

    factors: int = Wmf.factors
    iterations: int = Wmf.iterations
    neighbours: int = ItemKnn.neighbours
    regularization: float = Ease.regularization

    def why_not(self, data: TrainingData) -> str | None:
        return Wmf().why_not(data)

    def models(self) -> dict[str, Recommender]:
        wmf = Wmf(factors=self.factors, iterations=self.iterations)
        return {"wmf": wmf, "ease": Ease(self.regularization), "item_knn": ItemKnn(self.neighbours)}

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> CrowdBlendFitted:
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        weights = self._weights(data, seed, monitor.part(0.5))
        parts = self._parts(data, seed, monitor.part(0.5), "whole", _needed(weights))
        return CrowdBlendFitted(self.parameters(), parts, weights)

    def _parts(
        self, data: TrainingData, seed: int, monitor: Monitor, stage: str, wanted: Sequence[str] = PARTS
    ) -> dict[str, Fitted]:
        """The parts fitted on `data`; after a kill the finished ones are read, not fitted again."""
        found: dict[str, Fitted] = {}
        for share, (name, model) in zip((0.6, 0.35, 0.05), self.models().items(), strict=True):
            if name not in wanted:
                continue
            here = monitor.part(share)
            place = data.scratch / stage / name if data.scratch is not None else None
            if place is not None and (place / store.HEAD).is_file():
                found[name] = model.load(place, data)
                continue
            if place is not None:
                place.mkdir(parents=True, exist_ok=True)
            found[name] = model.fit(replace(data, scratch=place), seed, here)
            if place is not None:
                found[name].save(place)
        return found

    def _weights(self, data: TrainingData, seed: int, monitor: Monitor) -> dict[str, float]:
        kept = data.scratch / "weights.json" if data.scratch is not None else None
        if kept is not None and kept.is_file():
            return dict(json.loads(kept.read_text("utf-8")))
        assert data.crowd is not None
        rest, hidden = _apart(data.crowd.plays, seed)
        inner = replace(data, crowd=data.crowd.of(rest, f"{data.crowd.digest} inner {seed}"))
        parts = self._parts(inner, seed, monitor.part(0.9), "inner")
        weights = learned(parts, rest, hidden, seed, monitor.part(0.1))
        if kept is not None:
            write_text(kept, json.dumps(weights))
        return weights

    def load(self, folder: Path, data: TrainingData) -> CrowdBlendFitted:
        head, _ = store.read(folder, NAME)
        config = CrowdBlend(**head["parameters"])
        every = config.models()
        parts = {name: every[name].load(folder / name, data) for name in _needed(head["weights"])}
        return CrowdBlendFitted(head["parameters"], parts, head["weights"])


def _needed(weights: Mapping[str, float]) -> list[str]:
    """Parts that have a say among a crowd's listeners, and the one that speaks of a library."""
    return [name for name in PARTS if weights[name] or name == "wmf"]


def _apart(plays: csr_matrix, seed: int) -> tuple[csr_matrix, csr_matrix]:
    """The plays without a tenth of the pairs, and this tenth; both CSR of the same shape."""
    from scipy.sparse import csr_matrix

    out = np.random.default_rng([seed, 1]).random(plays.nnz) < HIDDEN
    row = np.repeat(np.arange(plays.shape[0]), np.diff(plays.indptr))
    rest, hidden = (
        csr_matrix((plays.data[part], (row[part], plays.indices[part])), shape=plays.shape) for part in (~out, out)
    )
    return rest, hidden


def learned(
    parts: Mapping[str, Fitted], shown: csr_matrix, hidden: csr_matrix, seed: int, monitor: Monitor
) -> dict[str, float]:
    """The mixture of the parts that finds the hidden pairs best, by discounted gain over the first places."""
    draw = np.random.default_rng([seed, 2])
    able = np.flatnonzero((np.diff(hidden.indptr) > 0) & (np.diff(shown.indptr) > 0))
    asked = np.sort(draw.permutation(able)[:ASKED])
    tried = mixtures(len(parts))
    gains = np.zeros(len(tried))
    for start in range(0, len(asked), BLOCK):
        monitor.check()
        monitor.report(start, len(asked), "Weighing what the parts say")
        rows = asked[start : start + BLOCK]
        seen = shown[rows]
        scaled = [_scaled(part, seen) for part in parts.values()]
        pairs = hidden[rows].tocoo().coords
        for number, mixture in enumerate(tried):
            total = sum(np.float32(w) * values for w, values in zip(mixture, scaled, strict=True) if w)
            assert isinstance(total, np.ndarray)
            total[seen.nonzero()] = -np.inf
            gains[number] += _gain(total, *pairs)
    best = tried[int(np.argmax(gains))]
    return dict(zip(parts, (float(w) for w in best), strict=True))


def _gain(scores: np.ndarray, row: np.ndarray, song: np.ndarray) -> float:
    """Sum of 1 / log2(1 + place) over the songs that come among the first `DEEP`; tied songs share the middle place.

    Without that, a part that gives most songs the same score would seem to place them all well.
    """
    wanted = scores[row, song]
    found = 0.0
    limit = (
        np.partition(scores, -DEEP - 1, axis=1)[:, -DEEP - 1]
        if scores.shape[1] > DEEP
        else np.full(len(scores), -np.inf)
    )
    for at in np.flatnonzero(wanted > limit[row]):
        theirs = scores[row[at]]
        place = (theirs > wanted[at]).sum() + ((theirs == wanted[at]).sum() + 1) / 2
        found += 1.0 / np.log2(1.0 + place)
    return float(found)


def mixtures(parts: int) -> np.ndarray:
    """float64 (mixtures, parts): all weights in steps of a quarter that sum to 1, equal ones among them first."""
    steps = np.indices((STEPS + 1,) * parts).reshape(parts, -1).T
    whole = steps[steps.sum(axis=1) == STEPS] / STEPS
    return np.concatenate([np.full((1, parts), 1 / parts), whole])


def _scaled(part: Fitted, plays: csr_matrix) -> np.ndarray:
    """float32 (rows, songs): the part's scores over the mean of the best that were not played; 0 where it is mute."""
    if not isinstance(part, CrowdFitted):
        raise Unusable("A part of this blend cannot speak to a crowd; train it again.")
    scores = part.score_crowd(plays)
    fresh = scores.copy()
    fresh[plays.nonzero()] = -np.inf
    cut = min(BEST, scores.shape[1])
    best = np.partition(fresh, -cut, axis=1)[:, -cut:]
    scale = np.where(np.isfinite(best), best, 0.0).mean(axis=1)
    speaks = scale > 1e-9
    scores *= np.where(speaks, 1.0 / np.where(speaks, scale, 1.0), 0.0)[:, None].astype(np.float32)
    return scores


class CrowdBlendFitted:
    """parts: fitted models by name; weights: of each, summing to 1."""

    def __init__(
        self, parameters: Mapping[str, Any], parts: Mapping[str, Fitted], weights: Mapping[str, float]
    ) -> None:
        self.parameters, self.parts, self.weights = dict(parameters), dict(parts), dict(weights)

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """Over one library the factors speak; the model `blend` is the one that is made for it."""
        return self.parts["wmf"].score(listener, items)

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        return self.parts["wmf"].explain(listener, item)

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs): the weighed sum of the scaled scores."""
        total = np.zeros(plays.shape, np.float32)
        for name, weight in self.weights.items():
            if weight:
                total += np.float32(weight) * _scaled(self.parts[name], plays)
        return total

    def save(self, folder: Path) -> None:
        for name, part in self.parts.items():
            (folder / name).mkdir(exist_ok=True)
            part.save(folder / name)
        store.write(folder, NAME, {"parameters": self.parameters, "weights": self.weights}, {})
