"""Neural collaborative filtering: vectors of listeners and songs, and a small network over their dot product (Zhao,
Pu, on KKBox).

KKBox tells yes and no; a crowd tells only what was played. Here what was played is yes, and for each such pair some
songs drawn at random are no (He et al. 2017). Categories are those that a crowd has: the song's artist and how
popular it is, and how much the listener plays. A listener who was not there at training gets a vector from the songs
she plays: a ridge regression from the mean of their vectors to the vectors that were learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.base import ME, NO_CROWD, ItemIds, Model, TrainingData, title_of
from musicdesk.recommenders.factors import UNKNOWN

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from musicdesk.learning.pairs import Pairs

NAME = "neural_cf"
LEAST_LISTENERS, LEAST_SONGS = 20, 20
STEPS = 10  # of popularity and of activity
ARTIST_SONGS = 3  # songs that an artist needs to be a category of its own
HELD = 10  # one row in so many tells when to stop
MOST_REASONS = 3
SONGS = 8_192  # scored at once


@dataclass(frozen=True)
class NeuralCf(Model):
    """width: of the vectors; hidden: units; dropout: share left out; negatives: songs drawn for each one played
    ridge: of the map from played songs to a listener's vector
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "A network over tastes of many people"
    needs_crowd: ClassVar[bool] = True
    above_0: ClassVar[tuple[str, ...]] = ("width", "hidden", "negatives", "epochs", "batch", "patience")
    below_1: ClassVar[tuple[str, ...]] = ("dropout",)

    width: int = 64
    hidden: int = 128
    dropout: float = 0.5
    negatives: int = 4
    epochs: int = 20
    batch: int = 1_024
    patience: int = 2
    rate: float = 3e-3
    ridge: float = 1.0

    def why_not(self, data: TrainingData) -> str | None:
        if data.crowd is None:
            return NO_CROWD
        if data.crowd.songs < LEAST_SONGS:
            return f"The crowd has {data.crowd.songs} songs; a network needs at least {LEAST_SONGS}."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> NeuralFitted:
        """Raises NotReady without a crowd, or with one of too few listeners."""
        if data.crowd is None:
            raise NotReady(NO_CROWD)
        from musicdesk.learning.pairs import PairSpec, learn_pairs

        plays = data.crowd.plays
        if plays.shape[0] < LEAST_LISTENERS:
            raise NotReady(f"The crowd has {plays.shape[0]} listeners; a network needs at least {LEAST_LISTENERS}.")
        words = _Words.of(plays, data.crowd.artists)
        draw = np.random.default_rng(seed)
        pairs = _pairs(plays, words, self.negatives, draw)
        order = draw.permutation(len(pairs))
        held, rows = order[: len(order) // HELD], order[len(order) // HELD :]
        spec = PairSpec(self.width, self.hidden, self.dropout, self.rate, self.batch, self.epochs, self.patience)
        learned = learn_pairs(pairs.of(rows), pairs.of(held), spec, seed, monitor, data.scratch, data.device)
        weights = {key: value.detach().numpy() for key, value in learned.network.state_dict().items()}
        songs = weights["song.weight"][1:]
        toward = _toward(plays, songs, weights["member.weight"][1:], self.ridge)
        return NeuralFitted(self, _Layers.of(weights, words), songs, toward, words.limits, data)

    def load(self, folder: Path, data: TrainingData) -> NeuralFitted:
        head, tensors = store.read(folder, NAME)
        if data.crowd is not None and data.crowd.songs != len(tensors["songs"]):
            raise Unusable("The crowd has got other songs since this model was trained; train it again.")
        layers = _Layers(*(tensors[name] for name in ("base", "activity", "dot", "out", "bias")))
        config = NeuralCf(**head["parameters"])
        return NeuralFitted(config, layers, tensors["songs"], tensors["toward"], tensors["limits"], data)


@dataclass(frozen=True, eq=False)
class _Words:
    """Categories as levels numbered through: activity of listeners, popularity of songs, artists of songs.

    limits: float (STEPS - 1,), songs played at which activity steps up; of_song: int64 (songs, 2); levels: of all
    """

    limits: np.ndarray
    of_song: np.ndarray
    levels: int

    @classmethod
    def of(cls, plays: csr_matrix, artists: np.ndarray) -> _Words:
        cuts = np.linspace(0, 1, STEPS + 1)[1:-1]
        limits = np.quantile(np.diff(plays.indptr), cuts).astype(np.float32)
        heard = np.bincount(plays.indices, minlength=plays.shape[1])
        popular = np.searchsorted(np.quantile(heard, cuts), heard, "right")
        names, counts = np.unique(artists[artists >= 0], return_counts=True)
        known = names[counts >= ARTIST_SONGS]
        by = places(known, artists) + 1
        return cls(limits, np.column_stack([STEPS + popular, 2 * STEPS + by]), 2 * STEPS + len(known) + 1)


def _pairs(plays: csr_matrix, words: _Words, negatives: int, draw: np.random.Generator) -> Pairs:
    """What was played, and `negatives` songs for each that were drawn at random and not played."""
    from musicdesk.learning.pairs import Pairs

    listeners, songs = plays.shape
    who = np.repeat(np.arange(listeners), np.diff(plays.indptr))
    others = np.repeat(who, negatives)
    drawn = draw.integers(0, songs, len(others))
    played = np.isin(others * songs + drawn, who * songs + plays.indices.astype(np.int64))
    who = np.concatenate([who, others[~played]])
    what = np.concatenate([plays.indices.astype(np.int64), drawn[~played]])
    activity = np.searchsorted(words.limits, np.diff(plays.indptr), "right")
    categories = np.column_stack([activity[who], words.of_song[what]]).astype(np.int64)
    target = (np.arange(len(who)) < plays.nnz).astype(np.int64)
    return Pairs(who + 1, what + 1, categories, target, listeners + 1, songs + 1, words.levels)


def _toward(plays: csr_matrix, songs: np.ndarray, members: np.ndarray, ridge: float) -> np.ndarray:
    """float32 (f, f): the map from the mean of played songs' vectors to the listener's, by ridge regression."""
    x = _means(plays, songs).astype(np.float64)
    normal = x.T @ x + ridge * np.eye(x.shape[1])
    found: np.ndarray = np.linalg.solve(normal, x.T @ members.astype(np.float64)).astype(np.float32)
    return found


def _means(plays: csr_matrix, songs: np.ndarray) -> np.ndarray:
    """float32 (rows, f): the mean vector of what each listener has played; zeros for who has played nothing."""
    once = plays.astype(np.float32).copy()
    once.data[:] = 1.0
    counts = np.maximum(np.diff(plays.indptr), 1)[:, None]
    found: np.ndarray = np.asarray(once @ songs) / counts
    return found.astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Layers:
    """The network, with all that a song brings added up: base float32 (songs, hidden), activity (STEPS, hidden),
    dot (hidden,), out (hidden,), bias (1,): the logit of yes against no.
    """

    base: np.ndarray
    activity: np.ndarray
    dot: np.ndarray
    out: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, weights: Mapping[str, np.ndarray], words: _Words) -> _Layers:
        table = weights["category.weight"]
        base = table[words.of_song].sum(axis=1) + weights["dot.bias"]
        out, bias = weights["out.weight"], weights["out.bias"]
        return cls(base, table[:STEPS].copy(), weights["dot.weight"][:, 0].copy(), out[1] - out[0], bias[1:] - bias[:1])

    def logits(self, products: np.ndarray, activity: int, songs: np.ndarray | slice) -> np.ndarray:
        """float32 (songs,): products are the dot products with each of them."""
        inner = self.base[songs] + self.activity[activity] + products[:, None] * self.dot
        found: np.ndarray = np.maximum(inner, 0.0, out=inner) @ self.out + self.bias[0]
        return found


class NeuralFitted:
    """See `NeuralCf`. Needs no network library to answer."""

    def __init__(
        self,
        config: NeuralCf,
        layers: _Layers,
        songs: np.ndarray,
        toward: np.ndarray,
        limits: np.ndarray,
        data: TrainingData,
    ) -> None:
        self.config, self.layers, self.songs, self.toward, self.limits = config, layers, songs, toward, limits
        self._titles = data.titles
        none = np.full(len(songs), -1, np.int64)
        owned = data.crowd.tracks if data.crowd is not None else none
        self._mine = data.crowd.mine if data.crowd is not None else np.zeros(len(songs), np.float32)
        # of two songs that are one track the first one counts
        self.ids, self.places = np.unique(owned[owned >= 0], return_index=True)
        self.places = np.flatnonzero(owned >= 0)[self.places]

    def _song_of(self, tracks: np.ndarray) -> np.ndarray:
        """int64 (tracks,): the crowd's song that each track is, -1 for none."""
        found: np.ndarray = np.append(self.places, -1)[places(self.ids, tracks)]
        return found

    def _evidence(self, listener: Listener) -> np.ndarray:
        """int64: songs that the listener likes or plays."""
        heard = {track for track, count in listener.plays.items() if count > 0} | set(listener.liked)
        tracks = np.array(sorted(heard - set(listener.disliked)), np.int64)
        songs = self._song_of(tracks)
        elsewhere = np.flatnonzero(self._mine) if listener.name == ME else np.empty(0, np.int64)
        found: np.ndarray = np.unique(np.concatenate([songs[songs >= 0], elsewhere]))
        return found

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,): probability of yes, 0..1; `UNKNOWN` for tracks that the crowd does not know."""
        scores = np.full(len(items), UNKNOWN, np.float32)
        songs = self._song_of(np.asarray(items, np.int64))
        known = songs >= 0
        played = self._evidence(listener)
        if not len(played):
            scores[known] = 0.0
            return scores
        vector = self.songs[played].mean(axis=0) @ self.toward
        activity = int(np.searchsorted(self.limits, len(played), "right"))
        logits = self.layers.logits(self.songs[songs[known]] @ vector, activity, songs[known])
        scores[known] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
        return scores

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The listener's vector is a mean over songs, so the dot product is a sum over them: the greatest parts."""
        played, song = self._evidence(listener), int(self._song_of(np.array([item]))[0])
        if song < 0 or not len(played):
            return []
        parts = self.songs[played] @ (self.toward @ self.songs[song]) * np.sign(self.layers.dot @ self.layers.out or 1)
        total = float(np.maximum(parts, 0).sum())
        if total <= 0:
            return [Reason("many people play it", 1.0)]
        named = [int(n) for n in np.argsort(-parts, kind="stable")[:MOST_REASONS] if parts[n] > 0]
        reasons = [self._reason(int(played[n]), float(parts[n]) / total) for n in named]
        rest = 1.0 - sum(reason.share for reason in reasons)
        return [*reasons, Reason("and more that you play", rest)] if rest > 1e-6 else reasons

    def _reason(self, song: int, share: float) -> Reason:
        tracks = self.ids[self.places == song]
        if not len(tracks):
            return Reason("people who play what you played elsewhere play this", share)
        track = TrackId(int(tracks[0]))
        return Reason(f"people who play '{title_of(self._titles, track)}' play this", share, track)

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs): logits, everybody by the songs that they play."""
        vectors = _means(plays, self.songs) @ self.toward
        steps = np.searchsorted(self.limits, np.diff(plays.indptr), "right")
        scores = np.empty((plays.shape[0], len(self.songs)), np.float32)
        for start in range(0, len(self.songs), SONGS):
            part = slice(start, min(start + SONGS, len(self.songs)))
            products = vectors @ self.songs[part].T
            for row in range(len(scores)):
                scores[row, part] = self.layers.logits(products[row], int(steps[row]), part)
        return scores

    def save(self, folder: Path) -> None:
        tensors = {**asdict(self.layers), "songs": self.songs, "toward": self.toward, "limits": self.limits}
        store.write(folder, NAME, {"parameters": self.config.parameters()}, tensors)
