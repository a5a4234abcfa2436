"""Genres that are heard, and taste: PMRS (Dudeja et al., "Personalized Music Recommendation System").

A network learns the library's own genres from sound (`genre_network`); its softmax, calibrated by a temperature, is
the confidence that a track is of a genre. Taste is matrix factorization where there is a crowd, else likes and
plays compared by sound. Recommended under a genre is what suits the taste, weighed by that confidence; over all
genres, by how much of the listener's own likes and plays is of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from musicdesk.core.errors import MusicdeskError, NotReady
from musicdesk.core.progress import Monitor
from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.base import SEEDS, Fitted, ItemIds, Model, Recommender, TrainingData
from musicdesk.recommenders.confidence import LIKE_PLAYS
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.tags import tagged
from musicdesk.recommenders.wmf import Wmf

NAME = "genre_cf"
LEAST_GENRES = 2
LEAST_TRACKS = 20  # with such a genre
LEAST_ARTISTS = 3  # one to learn from, one to calibrate by, one to test on
UNHEARD = "No track has been listened to yet; run 'musicdesk analyze' first."
UNTAGGED = (
    "It learns genres from tagged tracks: at least two genres with five tracks each, by two artists each, and twenty "
    "tracks in all."
)


@dataclass(frozen=True)
class GenreCf(Model):
    """epochs, batch, learning_rate, weight_decay, patience, dropout: of the network; least: tracks that a genre needs
    weight: of genres in a score, 0..1; the rest is taste. factors: of the factorization, where there is a crowd
    """

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "Genres it hears, and your taste in them"
    above_0: ClassVar[tuple[str, ...]] = ("epochs", "batch", "learning_rate", "least", "factors")
    below_1: ClassVar[tuple[str, ...]] = ("dropout",)

    epochs: int = 20
    batch: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    patience: int = 6
    dropout: float = 0.3
    least: int = 5
    weight: float = 0.3
    factors: int = 128

    def why_not(self, data: TrainingData) -> str | None:
        if not len(data.vectors):
            return UNHEARD
        among = data.vectors.ids if data.windows is None else data.windows.ids
        tags = tagged(data, among, least=self.least)
        artists = _artists(data, tags.ids)
        by = len(np.unique(artists[artists >= 0])) + int((artists < 0).sum())
        if len(tags.names) < LEAST_GENRES or len(tags.ids) < LEAST_TRACKS or by < LEAST_ARTISTS:
            return UNTAGGED
        return None

    def listens_to(self, data: TrainingData) -> ItemIds:
        """Tagged tracks first, then the rest: all are to be named."""
        named = np.fromiter(sorted(int(track) for track in data.genres), np.int64, len(data.genres))
        named = named[np.isin(named, data.vectors.ids)]
        return np.concatenate([named, np.setdiff1d(data.vectors.ids, named)]).astype(np.int64)

    def taste(self, data: TrainingData) -> Recommender:
        """What tells how well a track suits a listener: the crowd, where it knows songs of the library."""
        crowd = data.crowd
        return Wmf(factors=self.factors) if crowd is not None and (crowd.tracks >= 0).any() else Content()

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> GenreFitted:
        """Raises NotReady with `why_not`'s sentence, Unusable when the loss is no longer a number, Cancelled."""
        if reason := self.why_not(data):
            raise NotReady(reason)
        genres, figures = self.heard(data, seed, monitor.part(0.8))
        taste = self.taste(data)
        return GenreFitted(self, genres, taste.name, taste.fit(data, seed, monitor.part(0.2)), data, figures)

    def heard(self, data: TrainingData, seed: int, monitor: Monitor) -> tuple[Genres, dict[str, Any]]:
        """Genres of all tracks that have windows, and how well they are heard.

        What is heard does not hang on the listener: in `data.scratch` it is kept for the next fit of the same job.
        """
        windows = data.windows
        if windows is None or not len(windows):
            raise NotReady("It learns from windows of sound, and there are none: listen to the library again.")
        from musicdesk.recommenders.genre_network import GenreShape
        from musicdesk.recommenders.genre_training import GenreLesson, taught, track_vectors

        tags = tagged(data, windows.ids, least=self.least)
        artists = _artists(data, tags.ids)
        known = hashlib.sha256(repr((self.parameters(), seed, windows.digest, tags.names, artists.tolist())).encode())
        known.update(tags.ids.tobytes() + tags.has.tobytes())
        if kept := _kept(data.scratch, known.hexdigest()):
            return kept
        lesson = GenreLesson(self.epochs, self.batch, self.learning_rate, self.weight_decay, self.patience)
        shape = GenreShape(len(tags.names), windows.shape[1], dropout=self.dropout)
        at = windows.at(tags.ids)
        found = taught(
            *(windows.only(at), tags.has.argmax(1), artists, tags.names, shape, lesson),
            *(seed, monitor, data.scratch / "genres" if data.scratch else None, data.device),
        )
        logits = found.logits(windows)
        if found.held is not None:
            logits[at] = found.held
        sure = found.calibration.of(logits).astype(np.float32)
        vectors = track_vectors(found.networks[0], windows, np.arange(len(windows)))
        genres = Genres(windows.ids, tags.names, sure, vectors)
        if data.scratch is not None:
            genres.keep(data.scratch, {"belongs": known.hexdigest(), "figures": found.figures})
        return genres, found.figures

    def load(self, folder: Path, data: TrainingData) -> GenreFitted:
        genres, head = Genres.read(folder)
        taste: Recommender = Wmf(factors=self.factors) if head["taste"] == Wmf().name else Content()
        inner = taste.load(folder / "taste", data)
        model = GenreCf(**head["parameters"])
        return GenreFitted(model, genres, taste.name, inner, data, head["figures"])


def _artists(data: TrainingData, tracks: np.ndarray) -> np.ndarray:
    """int64 (tracks,): a number for the artist, -1 where none is known."""
    codes: dict[str, int] = {}
    names = (data.artists.get(TrackId(int(track)), "").casefold() for track in tracks)
    return np.array([codes.setdefault(name, len(codes)) if name else -1 for name in names], np.int64)


def _kept(folder: Path | None, belongs: str) -> tuple[Genres, dict[str, Any]] | None:
    if folder is None or not (folder / store.HEAD).exists():
        return None
    try:
        genres, head = Genres.read(folder)
    except MusicdeskError:
        return None
    return (genres, head["figures"]) if head["belongs"] == belongs else None


@dataclass(frozen=True, eq=False)
class Genres:
    """What is heard. ids: int64 (n,) ascending; names: (g,); confidence: float32 (n, g), rows sum to 1;
    vectors: float32 (n, d), the network's representation of each track
    """

    ids: np.ndarray
    names: tuple[str, ...]
    confidence: np.ndarray
    vectors: np.ndarray

    def keep(self, folder: Path, head: dict[str, Any]) -> None:
        parts = {name: getattr(self, name) for name in ("ids", "confidence", "vectors")}
        store.write(folder, NAME, {**head, "genres": list(self.names)}, parts)

    @classmethod
    def read(cls, folder: Path) -> tuple[Genres, dict[str, Any]]:
        """What `keep` wrote. Raises NotFound, Unusable."""
        head, parts = store.read(folder, NAME)
        return cls(parts["ids"], tuple(head["genres"]), parts["confidence"], parts["vectors"]), head

    def of(self, tracks: np.ndarray) -> np.ndarray:
        """float32 (tracks, g): confidence in each genre; even over all genres for tracks that were not heard."""
        found = np.full((len(tracks), len(self.names)), 1.0 / max(1, len(self.names)), np.float32)
        at = places(self.ids, tracks)
        found[at >= 0] = self.confidence[at[at >= 0]]
        return found


class GenreFitted:
    """Taste, weighed by genres. `figures` is what the network was measured at; `genres` what it hears."""

    def __init__(
        self,
        model: GenreCf,
        genres: Genres,
        taste_name: str,
        taste: Fitted,
        data: TrainingData,
        figures: dict[str, Any],
    ) -> None:
        self.model, self.genres, self.taste_name, self.taste, self._figures = model, genres, taste_name, taste, figures
        self._ids = data.vectors.ids
        self._last: tuple[Listener, np.ndarray] | None = None

    def figures(self) -> dict[str, Any]:
        return {"genre": self._figures}

    def shares(self, listener: Listener) -> np.ndarray:
        """float64 (g,): how much of the listener's likes and plays is of each genre; sums to 1, even when unknown."""
        weights = {int(track): float(np.log1p(count)) for track, count in listener.plays.items() if count > 0}
        for track, weight in listener.liked.items():
            weights[int(track)] = weights.get(int(track), 0.0) + float(np.log1p(LIKE_PLAYS * max(weight, 0.0)))
        tracks = np.fromiter(weights, np.int64, len(weights))
        known = np.isin(tracks, self.genres.ids)
        given = np.fromiter(weights.values(), np.float64, len(weights))[known]
        if not given.sum() > 0:
            return np.full(len(self.genres.names), 1.0 / len(self.genres.names))
        found: np.ndarray = given @ self.genres.of(tracks[known]) / given.sum()
        return found

    def _fit_of_genres(self, listener: Listener) -> np.ndarray:
        """float64 (library,): how far each track's genres are the listener's, 1 at the strongest."""
        shares = self.shares(listener)
        return np.asarray(self.genres.of(self._ids) @ (shares / shares.max()), np.float64)

    def _parts(self, listener: Listener) -> tuple[np.ndarray, np.ndarray]:
        """(taste, genres): float64 (library,) both, places in 0..1 times their weight."""
        from scipy.stats import rankdata

        if self._last is None or self._last[0] is not listener:
            n = max(1, len(self._ids))
            taste = rankdata(self.taste.score(listener, self._ids)) / n
            genre = rankdata(self._fit_of_genres(listener)) / n
            self._last = (listener, np.stack([(1 - self.model.weight) * taste, self.model.weight * genre]))
        return self._last[1][0], self._last[1][1]

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,) in 0..1: place by taste and place by genre among the library's tracks, weighed."""
        taste, genre = self._parts(listener)
        found = np.zeros(len(items), np.float32)
        at = places(self._ids, items)
        here = at >= 0
        found[here] = (taste + genre)[at[here]]
        return found

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        taste, genre = self._parts(listener)
        at = int(np.searchsorted(self._ids, item))
        if at >= len(self._ids) or self._ids[at] != item:
            return []
        share = float(genre[at] / max(taste[at] + genre[at], 1e-12))
        named = int(self.genres.of(np.array([item]))[0].argmax())
        sure = float(self.genres.of(np.array([item]))[0, named])
        whose = "" if listener.name == SEEDS else f"; {self.shares(listener)[named]:.0%} of what you play"
        reasons = [Reason(f"sounds like {self.genres.names[named]}, {sure:.0%} sure{whose}", share)]
        inner = self.taste.explain(listener, item)
        reasons += [Reason(each.text, each.share * (1 - share), each.track) for each in inner]
        if not inner:
            reasons = [Reason(reasons[0].text, 1.0)]
        return sorted(reasons, key=lambda reason: -reason.share)

    def save(self, folder: Path) -> None:
        head = {"parameters": self.model.parameters(), "taste": self.taste_name, "figures": self._figures}
        self.genres.keep(folder, head)
        inner = folder / "taste"
        inner.mkdir(mode=0o700, exist_ok=True)
        self.taste.save(inner)
