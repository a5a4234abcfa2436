"""Content-aware collaborative filtering with a pre-trained network (Liang, Zhan, Ellis 2015).

A perceptron learns to hear tags: three layers of 1,200 ReLU units with dropout, AdaGrad, batches of 100, logistic
loss, from l1-normalised histograms of vector-quantised timbre frames (`sound_words`). What its last hidden layer h
says about a song is the prior of the song's factor, beta ~ N(W'h, 1 / lambda_beta); theta, beta and W are learned
by the closed forms of `prior_factors`. A song is scored theta'beta; one that nobody played, theta'W'h.

Tags are the library's genres. Songs of the crowd that are not in the library have no sound: their prior mean is 0,
as in plain factorization.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady
from musicdesk.core.progress import Monitor
from musicdesk.recommenders.base import NO_CROWD, ItemIds, Model, TrainingData
from musicdesk.recommenders.confidence import Confidence
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.prior_factors import LEAST_SONGS, Heard, Strengths, believed, factorize
from musicdesk.recommenders.sound_words import histograms
from musicdesk.recommenders.tags import Tagged, tagged

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "content_aware"
LAYERS = 3
LEAST_TAGS = 2


@dataclass(frozen=True)
class ContentAware(Model):
    """factors: length of the vectors; regularization: lambda of listeners; alpha, eps: see `Confidence`
    item_prior: lambda_beta; map_prior: lambda_w; iterations: of the three closed forms
    words: of the codebook; width: of each hidden layer; dropout, epochs, batch, learning_rate: of the perceptron
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "What people with your taste play, and what sounds as if they would"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = (
        *("factors", "regularization", "item_prior", "map_prior", "eps", "iterations"),
        *("words", "width", "epochs", "batch"),
    )
    below_1: ClassVar[tuple[str, ...]] = ("dropout",)

    factors: int = 128
    regularization: float = 10.0
    item_prior: float = 30.0
    map_prior: float = 100.0
    alpha: float = 10.0
    eps: float = 1.0
    iterations: int = 15
    words: int = 256
    width: int = 1_200
    dropout: float = 0.5
    epochs: int = 100
    batch: int = 100
    learning_rate: float = 0.01

    @property
    def confidence(self) -> Confidence:
        return Confidence(self.alpha, self.eps)

    def why_not(self, data: TrainingData) -> str | None:
        if data.crowd is None:
            return NO_CROWD
        if not len(data.vectors):
            return "No track has been listened to yet; run 'musicdesk analyze' first."
        owned = np.isin(data.crowd.tracks, data.vectors.ids).sum()
        if owned < LEAST_SONGS:
            return f"{owned} of the crowd's songs are in the library; to learn how they sound it needs {LEAST_SONGS}."
        if len(tagged(data, data.vectors.ids).names) < LEAST_TAGS:
            return "It learns to hear tags: at least two genres with five tracks each must be tagged in the library."
        return None

    def listens_to(self, data: TrainingData) -> ItemIds:
        """Songs of the crowd first, then tagged tracks, then the rest."""
        owned = data.crowd.tracks[data.crowd.tracks >= 0] if data.crowd is not None else np.zeros(0, np.int64)
        named = np.fromiter((int(track) for track in data.genres), np.int64, len(data.genres))
        every = np.concatenate([owned, named, data.vectors.ids])
        _, first = np.unique(every, return_index=True)
        return every[np.sort(first)].astype(np.int64)

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> FactorFitted:
        """Raises NotReady with `why_not`'s sentence, Unusable when a loss is no longer a number, Cancelled."""
        if data.crowd is None or (reason := self.why_not(data)):
            raise NotReady(NO_CROWD if data.crowd is None else reason or "")
        ids, sound = self.sound(data, seed, monitor.part(0.2))
        hidden = self.hidden(sound, tagged(data, ids), ids, seed, monitor.part(0.4), data)
        heard = of_songs(data.crowd, ids, hidden)
        beta, weights = self.factorize(data.crowd.plays, heard, seed, monitor.part(0.4), data.scratch)
        return self.fitted(data, beta, weights, heard, ids, hidden, seed)

    def sound(self, data: TrainingData, seed: int, monitor: Monitor) -> tuple[np.ndarray, np.ndarray]:
        """(ids int64 (n,), float32 (n, d)): histograms of the tracks whose windows are there; without windows, the
        encoder's vectors."""
        if data.windows is not None and len(data.windows):
            return data.windows.ids, histograms(data.windows, self.words, seed, monitor)
        return data.vectors.ids, data.vectors.matrix

    def hidden(
        self, sound: np.ndarray, tags: Tagged, ids: np.ndarray, seed: int, monitor: Monitor, data: TrainingData
    ) -> np.ndarray:
        """float32 (n, width): the last hidden layer of the perceptron, learned from the tagged ones of `ids`.

        Columns are standardised: ridge regression on them has one strength for all.
        """
        from musicdesk.learning.perceptron import Lesson, Shape, taught

        x = (sound - sound.mean(0)) / np.maximum(sound.std(0), 1e-6)
        rows = np.searchsorted(ids, tags.ids)
        shape = Shape(x.shape[1], (self.width,) * LAYERS, len(tags.names), self.dropout)
        lesson = Lesson(self.epochs, self.batch, self.learning_rate)
        folder = data.scratch / "tags" if data.scratch else None
        known = hashlib.sha256(np.ascontiguousarray(x[rows]).data).hexdigest()
        network, _ = taught(
            x[rows], tags.has, shape, lesson, seed, monitor, folder, data.device, {"tags": tags.names, "sound": known}
        )
        h = network.heard(x)
        spread = h.std(0, dtype=np.float64)
        used = spread > 1e-6 * np.maximum(np.abs(h).max(0), 1.0)  # a unit that always says the same says nothing
        found: np.ndarray = (h[:, used] - h[:, used].mean(0, dtype=np.float64)) / spread[used]
        return found.astype(np.float32)

    def factorize(
        self, plays: csr_matrix, heard: Heard, seed: int, monitor: Monitor, scratch: Path | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """(beta float32 (songs, f), W float64 (d + 1, f)) from play counts (listeners, songs).

        scratch: a folder for checkpoints; what was cut off goes on from the last one
        """
        strengths = Strengths(self.regularization, self.item_prior, self.map_prior)
        confidence = self.confidence.matrix(plays)
        return factorize(confidence, heard, self.factors, self.iterations, strengths, seed, monitor, scratch)

    def fitted(
        self,
        data: TrainingData,
        beta: np.ndarray,
        weights: np.ndarray,
        heard: Heard,
        ids: np.ndarray,
        hidden: np.ndarray,
        seed: int,
    ) -> FactorFitted:
        """Tracks that no song of the crowd is get W'h, believed as far as W'h tells the factors of songs not seen."""
        assert data.crowd is not None
        played = np.asarray(data.crowd.plays.getnnz(axis=0))[heard.songs] > 0
        design, known = heard.design[played], beta[heard.songs][played]
        trust = believed(design, known, self.map_prior / self.item_prior, seed)
        factors = Factors.of_songs(beta, data.crowd)
        predicted = np.column_stack([hidden, np.ones(len(hidden), np.float32)]) @ weights.astype(np.float32)
        factors = factors.with_tracks(ids, predicted, trust)
        return FactorFitted(NAME, self.parameters(), factors, self.confidence, self.regularization, data)

    def load(self, folder: Path, data: TrainingData) -> FactorFitted:
        return FactorFitted.load(NAME, folder, data)


def of_songs(crowd: CrowdPlays, ids: np.ndarray, hidden: np.ndarray) -> Heard:
    """What is heard in those songs of the crowd that are tracks of `ids`, int64 (n,) ascending."""
    songs = np.flatnonzero(np.isin(crowd.tracks, ids))
    return Heard(songs, hidden[np.searchsorted(ids, crowd.tracks[songs])])
