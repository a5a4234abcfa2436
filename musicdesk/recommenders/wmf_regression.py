"""WMF + regression: the latent factors of songs that nobody has played, predicted from their sound.

Van den Oord, Dieleman, Schrauwen 2013, "Deep content-based music recommendation": factors of played songs by weighted
matrix factorization (`wmf`), then a regression from sound to factor, mean squared error; a track's prediction is the
mean over its windows. Here by a convolutional network over log-mel windows, or by ridge regression from the encoder's
embedding, which is exact and takes a second (`tower="ridge"`).

Factors are divided by one deviation for all of their numbers: scaled one by one, the small ones, which hardly rank,
would count as much as the large ones. A song that n people play weighs n / (n + 20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.base import NO_CROWD, ItemIds, Model, TrainingData, one_of
from musicdesk.recommenders.bridge import built
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.hearing import LEAST_SONGS, Heard, heard, kept_back, most_played, too_few
from musicdesk.recommenders.wmf import Wmf

NAME = "wmf_regression"
SURE = 20  # listeners of a song whose factor is half as sure as one can be
MOST_VALIDATED = 2_000  # listeners
FACTOR_SHARE, LEARN_SHARE = 0.3, 0.7  # of the job's progress
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Regression:
    """predict: int64 (k,) places among the tracks that can be heard -> float32 (k, f); r2, control: see `bridge`"""

    predict: Predict
    r2: float
    control: float

    @property
    def trust(self) -> float:
        """How far a predicted factor is believed beside a learned one, 0..1."""
        return min(1.0, self.r2) if self.r2 > max(self.control, 0.0) else 0.0


@dataclass(frozen=True)
class WmfRegression(Model):
    """tower: conv or ridge; factors to iterations: as of `Wmf`
    width: of the network; epochs at most; patience: epochs without a better validation, 0: never
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "What people with your taste would play, by its sound"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = (*Wmf.above_0, "width", "learning_rate", "epochs")

    tower: str = one_of("conv", "ridge")
    factors: int = Wmf.factors
    regularization: float = Wmf.regularization
    alpha: float = Wmf.alpha
    eps: float = Wmf.eps
    iterations: int = Wmf.iterations
    width: int = 256
    learning_rate: float = 1e-3
    epochs: int = 60
    patience: int = 8

    @property
    def wmf(self) -> Wmf:
        return Wmf(self.factors, self.regularization, self.alpha, self.eps, self.iterations)

    def why_not(self, data: TrainingData) -> str | None:
        if reason := self.wmf.why_not(data):
            return reason
        assert data.crowd is not None
        known = int(np.isin(data.crowd.tracks, self._tracks(data)).sum())
        return too_few(known) if known < LEAST_SONGS else None

    def _tracks(self, data: TrainingData) -> np.ndarray:
        """The tracks whose sound is known; before windows are there, those that will have some."""
        return data.vectors.ids if self.tower == "ridge" or data.windows is None else data.windows.ids

    def listens_to(self, data: TrainingData) -> ItemIds:
        if data.crowd is None or self.tower == "ridge":
            return np.empty(0, np.int64)
        return most_played(data.crowd)

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> RegressionFitted:
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        songs = self.wmf.factorize(data.crowd.plays, seed, monitor.part(FACTOR_SHARE))
        learned = self.regression(songs, data, seed, monitor.part(LEARN_SHARE))
        return self.fitted(songs, learned, data)

    def fitted(self, songs: np.ndarray, learned: Regression, data: TrainingData) -> RegressionFitted:
        """Factors learned from plays where there are plays, and predicted ones elsewhere."""
        assert data.crowd is not None
        known = self._known(data.crowd, data)
        played = _listeners(data.crowd) > 0
        cold = ~played[known.songs]
        songs = songs.copy()
        songs[known.songs[cold]] = learned.predict(known.at[cold])
        factors = Factors.of_songs(songs, replace(data.crowd, tracks=np.where(played, data.crowd.tracks, -1)))
        tracks = self._tracks(data)
        others = np.flatnonzero(~np.isin(tracks, factors.ids))
        factors = factors.with_tracks(tracks[others], learned.predict(others), learned.trust)
        confidence = Confidence(self.alpha, self.eps)
        fitted = RegressionFitted(NAME, self.parameters(), factors, confidence, self.regularization, data)
        fitted.learned = learned
        return fitted

    def regression(
        self,
        songs: np.ndarray,
        data: TrainingData,
        seed: int,
        monitor: Monitor,
        validates: np.ndarray | None = None,
    ) -> Regression:
        """From sound to the factors `songs` (float32 (songs, f)) of the songs that are played and can be heard.

        validates: int64, songs to keep back for validation; a tenth, by whole artists, unless given. Their factors
                   are not looked at (they may come from a crowd that does not play them), so nothing is trusted then.
        """
        assert data.crowd is not None
        known = self._known(data.crowd, data)
        many = _listeners(data.crowd)[known.songs]
        learn = Heard(known.songs[many > 0], known.at[many > 0])
        if len(learn.songs) < LEAST_SONGS:
            raise NotReady(too_few(len(learn.songs)))
        known_factors = learn.songs if validates is None else np.setdiff1d(learn.songs, validates)
        scale = float(songs[known_factors].std()) or 1.0
        weights = (many[many > 0] / (many[many > 0] + SURE)).astype(np.float32)
        y = (songs[learn.songs] / scale).astype(np.float32)
        made = self._ridge if self.tower == "ridge" else self._conv
        found = made(songs, learn, y, weights, data, seed, monitor, validates)
        return replace(found, predict=lambda at: found.predict(at) * np.float32(scale))

    def _known(self, crowd: CrowdPlays, data: TrainingData) -> Heard:
        if self.tower == "conv":
            return heard(crowd, data.windows)
        songs = np.flatnonzero(np.isin(crowd.tracks, data.vectors.ids))
        return Heard(songs, np.searchsorted(data.vectors.ids, crowd.tracks[songs]))

    def _ridge(
        self,
        songs: np.ndarray,
        learn: Heard,
        y: np.ndarray,
        weights: np.ndarray,
        data: TrainingData,
        seed: int,
        monitor: Monitor,
        validates: np.ndarray | None,
    ) -> Regression:
        assert data.crowd is not None
        if validates is not None:  # nothing to stop: they are left out
            rest = ~np.isin(learn.songs, validates)
            learn, y, weights = Heard(learn.songs[rest], learn.at[rest]), y[rest], weights[rest]
        x, artists = data.vectors.matrix, data.crowd.artists[learn.songs]
        alone = artists.max(initial=0) + 1 + np.arange(len(artists))
        groups = np.where(artists < 0, alone, artists)
        bridge = built(x[learn.at], y, seed, monitor, weights, groups)
        return Regression(lambda at: bridge.predict(x[at]), bridge.r2, bridge.control)

    def _conv(
        self,
        songs: np.ndarray,
        learn: Heard,
        y: np.ndarray,
        weights: np.ndarray,
        data: TrainingData,
        seed: int,
        monitor: Monitor,
        validates: np.ndarray | None,
    ) -> Regression:
        from musicdesk.learning.course import Course, train
        from musicdesk.learning.device import choose
        from musicdesk.recommenders.regression_tower import SoundRegression, Targets

        assert data.crowd is not None and data.windows is not None
        if validates is None:
            back = kept_back(data.crowd.artists[learn.songs], seed)
        else:
            back = np.isin(learn.songs, validates)
        tastes, played = self._validation(songs, learn.songs[back], data, seed)
        targets = Targets(learn.at, y, weights, back, tastes, played)
        sound = SoundRegression(targets, data.windows, self, seed, choose(data.device))
        belongs = {"model": NAME, "seed": seed, "data": data.digest(), **self.parameters()}
        train(sound.learner, Course(self.epochs, self.patience), data.scratch, belongs, monitor)
        return Regression(sound.predict, *(sound.trust() if validates is None else (0.0, 0.0)))

    def _validation(
        self, songs: np.ndarray, back: np.ndarray, data: TrainingData, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Tastes of some listeners of the songs kept back, folded in without them, and which they have played."""
        from scipy.sparse import diags

        assert data.crowd is not None
        plays = data.crowd.plays
        rows = np.unique(plays[:, back].tocoo().row)
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:MOST_VALIDATED])
        others = np.ones(plays.shape[1], np.float32)
        others[back] = 0
        shown = (plays[rows] @ diags(others)).tocsr()
        shown.eliminate_zeros()
        tastes = self.wmf.fitted(Factors.of_songs(songs, data.crowd), data).fold_in(shown)
        return tastes, plays[rows][:, back].toarray() > 0

    def load(self, folder: Path, data: TrainingData) -> FactorFitted:
        return FactorFitted.load(NAME, folder, data)


class RegressionFitted(FactorFitted):
    """Fresh from learning: it also knows how well sound told the factors of songs that were kept back."""

    learned: Regression

    def figures(self) -> dict[str, Any]:
        found = self.learned
        return {"regression": {"r2": found.r2, "chance": found.control, "trust": found.trust}}


def _listeners(crowd: CrowdPlays) -> np.ndarray:
    """int64 (songs,): how many listeners have played each."""
    found: np.ndarray = np.bincount(crowd.plays.indices, minlength=crowd.songs)
    return found
