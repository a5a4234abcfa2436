"""Latent factors: one vector per item, and a listener's vector by fold-in, without training.

Preference p of a listener for an item is x'y. Given the items' vectors Y and confidences c, the listener's
vector is the least-squares solution of Hu, Koren, Volinsky 2008, equation 4,

    x = (Y'Y + Y'(C - I)Y + lambda I)^-1 Y'C p,

of which only the rows of items with a confidence need to be looked at: G = Y'Y is kept. The same inverse tells
which past play a score comes from (their section 5): p_i = sum over j of y_i' W y_j c_j.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.base import ME, ItemIds, TrainingData, title_of
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.crowd import CrowdPlays

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_REASONS = 3
UNKNOWN = -1.0  # score of an item without a vector: below what nearly all others reach


@dataclass(frozen=True, eq=False)
class Factors:
    """Vectors of a crowd's songs, and of the library's tracks in the same space.

    songs:   float32 (songs, f)
    ids:     int64 (n,), ascending: tracks that have a vector
    rows:    float32 (n, f)
    trust:   float32 (n,), 0..1: 1 for vectors learned from plays; for those predicted from sound, how well that goes
    """

    songs: np.ndarray
    ids: np.ndarray
    rows: np.ndarray
    trust: np.ndarray

    @classmethod
    def of_songs(cls, songs: np.ndarray, crowd: CrowdPlays) -> Factors:
        """Tracks get the vector of the song that they are; of two songs that are one track, the first one's."""
        owned = np.flatnonzero(crowd.tracks >= 0)
        ids, first = np.unique(crowd.tracks[owned], return_index=True)
        return cls(songs, ids, songs[owned[first]], np.ones(len(ids), np.float32))

    def with_tracks(self, ids: np.ndarray, rows: np.ndarray, trust: float) -> Factors:
        """Also vectors predicted for tracks (`ids` int64 (m,)) that have none yet."""
        new = ~np.isin(ids, self.ids)
        every = np.concatenate([self.ids, ids[new]])
        order = np.argsort(every, kind="stable")
        given = np.concatenate([self.trust, np.full(int(new.sum()), trust, np.float32)])
        whole = np.concatenate([self.rows, rows[new].astype(np.float32)])
        return replace(self, ids=every[order], rows=whole[order], trust=given[order])

    def check(self, crowd: CrowdPlays | None) -> None:
        """Raises Unusable when `crowd` has other songs than these."""
        if crowd is not None and crowd.songs != len(self.songs):
            raise Unusable("The crowd has got other songs since this model was trained; train it again.")

    def places(self, tracks: np.ndarray) -> np.ndarray:
        """int64 (tracks,): row of each track, -1 without a vector."""
        return places(self.ids, tracks)


@dataclass(frozen=True, eq=False)
class Taste:
    """A listener's vector, and what it was made of.

    vector:     float64 (f,)
    evidence:   int64 (k,) tracks, -1 for songs that are not in the library
    rows:       float64 (k, f), their vectors
    confidence: float64 (k,), signed
    inverse:    float64 (f, f), (Y'CY + lambda I)^-1
    """

    vector: np.ndarray
    evidence: np.ndarray
    rows: np.ndarray
    confidence: np.ndarray
    inverse: np.ndarray


def folded(gram: np.ndarray, rows: np.ndarray, confidence: np.ndarray, regularization: float) -> Taste:
    """The closed form above. `gram` float (f, f) is Y'Y; a negative confidence is a dislike: p = 0, and |c| of it."""
    y, c = rows.astype(np.float64), confidence.astype(np.float64)
    normal = gram + regularization * np.eye(len(gram)) + y.T @ ((np.abs(c) - 1.0)[:, None] * y)
    inverse = np.linalg.inv(normal)
    vector = inverse @ (y.T @ np.maximum(c, 0.0))
    return Taste(vector, np.full(len(c), -1, np.int64), y, c, inverse)


@contextmanager
def solvable() -> Iterator[None]:
    """Around implicit's solver, which breaks off with a ValueError. Raises Unusable with what helps."""
    try:
        yield
    except ValueError as error:
        if "regularization" not in str(error):
            raise
        raise Unusable("The plays do not settle so many factors; raise 'regularization', or take fewer.") from error


class FactorFitted:
    """Any model whose knowledge is `Factors`: it scores the library and the crowd, and explains by past plays."""

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, Any],
        factors: Factors,
        confidence: Confidence,
        regularization: float,
        data: TrainingData,
    ) -> None:
        self.name = name
        self.parameters = dict(parameters)
        self.factors = factors
        self.confidence = confidence
        self.regularization = regularization
        self._titles = data.titles
        self._mine = data.crowd.mine if data.crowd is not None else np.zeros(0, np.float32)
        self._gram = factors.songs.T.astype(np.float64) @ factors.songs.astype(np.float64)
        self._last: tuple[Listener, Taste] | None = None
        self._solver: Any = None

    # one listener, over the library

    def taste(self, listener: Listener) -> Taste:
        """Folds the listener in. Predicted vectors are believed as far as their trust goes."""
        if self._last is not None and self._last[0] is listener:
            return self._last[1]
        signed = self.confidence.of_listener(listener)
        tracks = np.fromiter(signed, np.int64, len(signed))
        places = self.factors.places(tracks)
        known = places >= 0
        places, tracks = places[known], tracks[known]
        given = np.fromiter(signed.values(), np.float64, len(signed))[known]
        given = np.sign(given) * (1.0 + (np.abs(given) - 1.0) * self.factors.trust[places])
        rows = self.factors.rows[places]
        if listener.name == ME and len(self._mine) == len(self.factors.songs):
            elsewhere = np.flatnonzero(self._mine)
            rows = np.concatenate([rows, self.factors.songs[elsewhere]])
            given = np.concatenate([given, self.confidence.of(self._mine[elsewhere])])
            tracks = np.concatenate([tracks, np.full(len(elsewhere), -1, np.int64)])
        taste = replace(folded(self._gram, rows, given, self.regularization), evidence=tracks)
        self._last = (listener, taste)
        return taste

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,): x'y, about 1 for what is surely liked; `UNKNOWN` for tracks without a vector."""
        taste = self.taste(listener)
        scores = np.full(len(items), UNKNOWN, np.float32)
        places = self.factors.places(np.asarray(items, np.int64))
        known = places >= 0
        if len(taste.evidence):
            vector = taste.vector.astype(np.float32)
            if 4 * len(items) > len(self.factors.rows):  # one product is faster than copying most rows
                scores[known] = (self.factors.rows @ vector)[places[known]]
            else:
                scores[known] = self.factors.rows[places[known]] @ vector
        else:
            scores[known] = 0.0
        return scores

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The past plays that the score comes from, the weightiest first; shares of all that speak for it."""
        place = self.factors.places(np.array([item], np.int64))[0]
        taste = self.taste(listener)
        if place < 0 or not len(taste.evidence):
            return []
        parts = self.shares(taste, self.factors.rows[place])
        total = float(np.abs(parts).sum())
        if total <= 0:
            return []
        order = [int(i) for i in np.argsort(-parts, kind="stable") if parts[i] > 0]
        named = order[:MOST_REASONS]
        reasons = [self._reason(int(taste.evidence[i]), item, float(parts[i]) / total) for i in named]
        rest = 1.0 - sum(reason.share for reason in reasons)
        if rest > 1e-6:
            others = len(parts) - len(named)
            reasons.append(Reason(f"and {others} more that you play or dislike", rest))
        return reasons

    @staticmethod
    def shares(taste: Taste, row: np.ndarray) -> np.ndarray:
        """float64 (k,): what each past play adds to the score of an item with the vector `row`; they sum to it."""
        parts: np.ndarray = (taste.rows @ (taste.inverse @ row.astype(np.float64))) * np.maximum(taste.confidence, 0.0)
        return parts

    def _reason(self, track: int, item: TrackId, share: float) -> Reason:
        if track < 0:
            return Reason("people who play what you played elsewhere play this", share)
        if track == item:
            return Reason("you play it", share, item)
        return Reason(f"people who play '{title_of(self._titles, TrackId(track))}' play this", share, TrackId(track))

    # many listeners, over the crowd

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs), by fold-in of each row."""
        found: np.ndarray = self.fold_in(plays) @ self.factors.songs.T
        return found

    def fold_in(self, plays: csr_matrix) -> np.ndarray:
        """Listeners' vectors float32 (rows, f) from play counts (rows, songs)."""
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        width = self.factors.songs.shape[1]
        with threadpool_limits(1, "blas"):
            if self._solver is None:  # kept: it holds the songs' Gram matrix
                self._solver = AlternatingLeastSquares(width, regularization=self.regularization)
                self._solver.item_factors = self.factors.songs
            sure = self.confidence.matrix(plays)
            with solvable():
                vectors: np.ndarray = self._solver.recalculate_user(np.arange(plays.shape[0]), sure)
        return vectors

    # on disk

    def save(self, folder: Path) -> None:
        head = {
            "parameters": self.parameters,
            "confidence": asdict(self.confidence),
            "regularization": self.regularization,
        }
        parts = {name: getattr(self.factors, name) for name in ("songs", "ids", "rows", "trust")}
        store.write(folder, self.name, head, parts)

    @classmethod
    def load(cls, name: str, folder: Path, data: TrainingData) -> FactorFitted:
        """What `save` wrote. Raises NotFound, or Unusable when the crowd has other songs than it was trained on."""
        head, tensors = store.read(folder, name)
        factors = Factors(*(tensors[part] for part in ("songs", "ids", "rows", "trust")))
        factors.check(data.crowd)
        return cls(name, head["parameters"], factors, Confidence(**head["confidence"]), head["regularization"], data)
