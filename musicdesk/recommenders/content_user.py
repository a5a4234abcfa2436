"""DCUE, the deep content-user embedding model (Lee, Lee, Park, Park, Nam 2018).

Two towers meet in one space: a listener's number through a table and a fully connected layer, a song's log-mel
windows through five convolutions over time; the score is their cosine. Songs that a listener has played must come
before songs that she has not: by a hinge with margin .2 over 20 negatives, or by a softmax over the songs of the batch.
A song that nobody has played is placed by its sound like any other.

A listener who was not there when it was trained has no row in the table. Her vector is that of `factors.folded`: the
confidence-weighed least squares over the songs' vectors, which the table's rows are near to in what they rank.

With `tower="index"` songs are numbers, not sound: the paper's control, which knows nothing of a song without plays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.core.rows import places
from musicdesk.recommenders import store
from musicdesk.recommenders.base import NO_CROWD, ItemIds, Model, TrainingData, one_of
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import UNKNOWN, FactorFitted, Factors
from musicdesk.recommenders.hearing import LEAST_SONGS, Heard, heard, kept_back, most_played, too_few

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from musicdesk.recommenders.two_towers import Plays, TwoTowersLearner

NAME = "content_user"
LEAST_PLAYED = 2  # heard songs of a listener who gets a row in the table


@dataclass(frozen=True)
class ContentUser(Model):
    """dim: of the space; tower: sound or index; loss, optimizer: the paper's are hinge and sgd (rate .2)
    listeners: the most active ones get a row; batch: songs; patience: epochs without a better validation, 0: never
    regularization, alpha: of the fold-in; see `factors.folded` and `Confidence`
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "What your taste sounds like"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = (
        *("dim", "learning_rate", "tau", "negatives", "batch"),
        *("epochs", "listeners", "regularization"),
    )

    dim: int = 256
    tower: str = one_of("sound", "index")
    loss: str = one_of("softmax", "hinge")
    optimizer: str = one_of("adam", "sgd")
    learning_rate: float = 1e-3
    tau: float = 0.1
    margin: float = 0.2
    negatives: int = 20
    batch: int = 512
    epochs: int = 60
    patience: int = 8
    listeners: int = 50_000
    regularization: float = 1.0
    alpha: float = 1.0

    def why_not(self, data: TrainingData) -> str | None:
        if data.crowd is None:
            return NO_CROWD
        if self.tower == "index":
            known = data.crowd.songs
        elif data.windows is not None:
            known = len(heard(data.crowd, data.windows).songs)
        else:
            known = int(np.isin(data.crowd.tracks, data.vectors.ids).sum())
        return too_few(known) if known < LEAST_SONGS else None

    def listens_to(self, data: TrainingData) -> ItemIds:
        if data.crowd is None or self.tower == "index":
            return np.empty(0, np.int64)
        return most_played(data.crowd)

    def fit(
        self, data: TrainingData, seed: int, monitor: Monitor, validates: np.ndarray | None = None
    ) -> ContentUserFitted:
        """validates: int64, songs to keep back for validation; a tenth, by whole artists, unless given"""
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        known = self._known(data.crowd, data)
        members, plays = self._plays(data.crowd, known, seed, validates)
        learner = self._trained(plays, data, seed, monitor)
        songs = np.zeros((data.crowd.songs, self.dim), np.float32)
        songs[known.songs] = learner.song_vectors(known.at)
        tracks = np.full(data.crowd.songs, -1, np.int64)
        tracks[known.songs] = data.crowd.tracks[known.songs]
        factors = Factors.of_songs(songs, replace(data.crowd, tracks=tracks))
        if data.windows is not None and self.tower == "sound":
            others = np.flatnonzero(~np.isin(data.windows.ids, factors.ids))
            factors = factors.with_tracks(data.windows.ids[others], learner.song_vectors(others), 1.0)
        table = learner.listener_vectors(np.arange(len(members)))
        return ContentUserFitted(self, factors, data, known.songs, members, table.astype(np.float16))

    def _known(self, crowd: CrowdPlays, data: TrainingData) -> Heard:
        """The songs that get a vector: those that can be heard, or all numbers."""
        if self.tower == "index":
            return Heard(np.arange(crowd.songs), np.arange(crowd.songs))
        return heard(crowd, data.windows)

    def _plays(
        self, crowd: CrowdPlays, known: Heard, seed: int, validates: np.ndarray | None
    ) -> tuple[np.ndarray, Plays]:
        """Rows int64 (members,) of the listeners who get a row of the table, and what is learned from them."""
        from musicdesk.recommenders.two_towers import Plays

        plays = crowd.plays[:, known.songs]
        many = np.diff(plays.indptr)
        active = np.argsort(-many, kind="stable")[: self.listeners]
        members = np.sort(active[many[active] >= LEAST_PLAYED])
        part = plays[members].tocsc()
        played = np.diff(part.indptr) > 0
        if validates is not None:
            back = np.isin(known.songs, validates) & played
        elif self.tower == "index":
            back = np.zeros(len(played), bool)  # nothing can be told of a number that was never seen
        else:
            back = kept_back(crowd.artists[known.songs], seed) & played
        learn = np.flatnonzero(played & ~back)
        held = np.flatnonzero(back)
        return members, Plays(part[:, learn], known.at[learn], part[:, held], known.at[held])

    def _trained(self, plays: Plays, data: TrainingData, seed: int, monitor: Monitor) -> TwoTowersLearner:
        from musicdesk.learning.course import Course, train
        from musicdesk.learning.device import choose
        from musicdesk.recommenders.two_towers import TwoTowersLearner

        assert data.crowd is not None
        windows = data.windows if self.tower == "sound" else None
        learner = TwoTowersLearner(plays, data.crowd.songs, windows, self, seed, choose(data.device))
        belongs = {"model": NAME, "seed": seed, "data": data.digest(), **self.parameters()}
        train(learner, Course(self.epochs, self.patience), data.scratch, belongs, monitor)
        return learner

    def load(self, folder: Path, data: TrainingData) -> ContentUserFitted:
        return ContentUserFitted.restored(folder, data)


class ContentUserFitted(FactorFitted):
    """Unit vectors of songs and tracks, and of the listeners it learned from.

    heard:   int64 (h,), the crowd's songs that have a vector
    members: int64 (m,), rows of the crowd; table: float16 (m, dim), their unit vectors
    """

    def __init__(
        self,
        config: ContentUser,
        factors: Factors,
        data: TrainingData,
        heard: np.ndarray,
        members: np.ndarray,
        table: np.ndarray,
    ) -> None:
        confidence = Confidence(config.alpha, 1.0)
        super().__init__(NAME, config.parameters(), factors, confidence, config.regularization, data)
        self._heard, self._members, self._table = heard, members, table

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs): cosines; `UNKNOWN` for songs without a vector. Members come from the table,
        the others are folded in."""
        vectors = self._unit(self.fold_in(plays))
        if members is not None:
            at = places(self._members, members)
            there = at >= 0
            vectors[there] = self._table[at[there]].astype(np.float32)
        scores = np.full((plays.shape[0], len(self.factors.songs)), UNKNOWN, np.float32)
        scores[:, self._heard] = vectors @ self.factors.songs[self._heard].T
        return scores

    @staticmethod
    def _unit(vectors: np.ndarray) -> np.ndarray:
        found: np.ndarray = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6)
        return found

    def save(self, folder: Path) -> None:
        parts = {name: getattr(self.factors, name) for name in ("songs", "ids", "rows", "trust")}
        mine = {"heard": self._heard, "members": self._members, "table": self._table}
        store.write(folder, NAME, {"parameters": self.parameters}, {**parts, **mine})

    @classmethod
    def restored(cls, folder: Path, data: TrainingData) -> ContentUserFitted:
        """What `save` wrote. Raises NotFound, or Unusable when the crowd has other songs than it was trained on."""
        head, tensors = store.read(folder, NAME)
        factors = Factors(*(tensors[part] for part in ("songs", "ids", "rows", "trust")))
        factors.check(data.crowd)
        rest = (tensors[part] for part in ("heard", "members", "table"))
        return cls(ContentUser(**head["parameters"]), factors, data, *rest)
