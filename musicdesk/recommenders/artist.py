"""The artist level: what is too thin to know by the song is known by the artist (Zhao, Pu, on KKBox and Spotify).

Where a crowd knows artists of the library, its plays are added up by artist and factorized as songs are (`wmf`);
artists that it does not know get the factor that their sound tells, if it tells anything (`bridge`). Without a
crowd an artist is where its tracks lie. Either way artists are the items of a model that exists: agreement among
the artists that somebody likes and plays (`content`), or fold-in (`factors`), with their own parts as reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Monitor, Silent
from musicdesk.core.types import Listener, Reason, TrackId, Vectors
from musicdesk.recommenders import bridge, store
from musicdesk.recommenders.artist_names import ArtistNames
from musicdesk.recommenders.base import ME, SEEDS, UNHEARD, ItemIds, Model, TrainingData
from musicdesk.recommenders.content import Content, ContentFitted
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.seeds import grouped, liked
from musicdesk.recommenders.wmf import Wmf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "artist"
LEAST_KNOWN = 2  # artists of the library that a crowd must know to be asked at all
LEAST_BRIDGED = 20  # artists that a bridge from sound is learned from


@dataclass(frozen=True)
class Artist(Model):
    """factors, regularization, alpha, eps, iterations: as in `wmf`, over artists"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "Artists like those you play"
    above_0: ClassVar[tuple[str, ...]] = Wmf.above_0

    factors: int = 64
    regularization: float = 10.0
    alpha: float = 10.0
    eps: float = 1.0
    iterations: int = 15

    @property
    def wmf(self) -> Wmf:
        return Wmf(self.factors, self.regularization, self.alpha, self.eps, self.iterations)

    def why_not(self, data: TrainingData) -> str | None:
        if not len(data.vectors):
            return UNHEARD
        if not any(data.artists.values()):
            return "No track of the library names its artist."
        return Content().why_not(data)

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> ArtistFitted:
        names, sound = _library(data)
        if data.crowd is None or not knows(data.crowd):
            return ArtistFitted(self, names, sound, _by_sound(names, sound, monitor), {}, {})
        learned = self.wmf.factorize(by_artist(data.crowd), seed, monitor, data.scratch)
        return self._of_crowd(learned, names, sound, data, seed)

    def _of_crowd(
        self, learned: np.ndarray, names: ArtistNames, sound: Vectors, data: TrainingData, seed: int
    ) -> ArtistFitted:
        assert data.crowd is not None and data.crowd.links is not None
        links = data.crowd.links
        tracks = np.full(len(learned), -1, np.int64)
        codes = names.codes_of(links.tracks)
        tracks[links.codes[::-1]] = codes[::-1]  # of spellings that the crowd takes for one, the first track's
        elsewhere = {int(tracks[code]): float(links.mine[code]) for code in np.flatnonzero(links.mine * (tracks >= 0))}
        artists = CrowdPlays(
            *(data.crowd.name, lambda: by_artist(data.crowd), tracks, np.arange(len(learned))),
            *(np.where(tracks < 0, links.mine, 0).astype(np.float32),),
        )
        factors = Factors.of_songs(learned, artists)
        factors = _bridged(factors, sound, seed)
        titles: Mapping[TrackId, str] = {TrackId(code): name for code, name in enumerate(names.names)}
        of_artists = TrainingData(sound, titles=titles, crowd=artists)
        level = FactorFitted(NAME, {}, factors, self.wmf.confidence, self.regularization, of_artists)
        return ArtistFitted(self, names, sound, level, elsewhere, {"artists": learned}, seed)

    def load(self, folder: Path, data: TrainingData) -> ArtistFitted:
        head, tensors = store.read(folder, NAME)
        config = Artist(**head["parameters"])
        names, sound = _library(data)
        learned = tensors.get("artists")
        if learned is None:
            return ArtistFitted(config, names, sound, _by_sound(names, sound, Silent()), {}, {})
        if data.crowd is None or data.crowd.links is None or len(data.crowd.links.mine) != len(learned):
            raise Unusable("The crowd has got other artists since this model was trained; train it again.")
        return config._of_crowd(learned, names, sound, data, int(head["seed"]))


def knows(crowd: CrowdPlays) -> bool:
    """Whether the crowd knows enough artists of the library to speak about them."""
    return crowd.links is not None and len(np.unique(crowd.links.codes)) >= LEAST_KNOWN


def by_artist(crowd: CrowdPlays) -> csr_matrix:
    """Plays float32 (listeners, artists) CSR: sums over the songs of each; songs of nobody known are left out."""
    from scipy.sparse import csr_matrix

    known = np.flatnonzero(crowd.artists >= 0)
    artists = len(crowd.links.mine) if crowd.links is not None else int(crowd.artists.max(initial=-1)) + 1
    which = csr_matrix((np.ones(len(known), np.float32), (known, crowd.artists[known])), shape=(crowd.songs, artists))
    return (crowd.plays @ which).tocsr()


def _library(data: TrainingData) -> tuple[ArtistNames, Vectors]:
    if not len(data.vectors):
        raise NotReady(UNHEARD)
    names = ArtistNames.of(data.artists)
    return names, names.sound(data.vectors)


def _by_sound(names: ArtistNames, sound: Vectors, monitor: Monitor) -> ContentFitted | None:
    if not len(sound):
        return None
    titles: Mapping[TrackId, str] = {TrackId(code): name for code, name in enumerate(names.names)}
    return Content().fit(TrainingData(sound, titles=titles), 0, monitor)


def _bridged(factors: Factors, sound: Vectors, seed: int) -> Factors:
    """Also factors of artists that the crowd does not know, as far as sound tells them."""
    places = factors.places(sound.ids)
    known = places >= 0
    if known.sum() < LEAST_BRIDGED or known.all():
        return factors
    found = bridge.built(sound.matrix[known], factors.rows[places[known]], seed, Silent())
    if not found.holds:
        return factors
    return factors.with_tracks(sound.ids[~known], found.predict(sound.matrix[~known]), found.trust)


class ArtistFitted:
    """See `Artist`. `sound` has one vector per artist that was heard; `level` is the model over artists."""

    def __init__(
        self,
        config: Artist,
        names: ArtistNames,
        sound: Vectors,
        level: ContentFitted | FactorFitted | None,
        elsewhere: Mapping[int, float],
        learned: Mapping[str, np.ndarray],
        seed: int = 0,
    ) -> None:
        self.config, self.names, self.sound, self.level = config, names, sound, level
        self._elsewhere, self._learned, self._seed = elsewhere, learned, seed
        self._last: tuple[Listener, Listener, np.ndarray] | None = None
        self._codes: tuple[ItemIds, np.ndarray] | None = None
        self._plays: tuple[Mapping[TrackId, float], str, dict[TrackId, float]] | None = None

    @property
    def by_crowd(self) -> bool:
        return isinstance(self.level, FactorFitted)

    @property
    def vectors(self) -> Vectors:
        """Unit vectors of the library's artists, by number, in the space that likeness is told in."""
        if not isinstance(self.level, FactorFitted):
            return self.sound
        rows = self.level.factors.rows
        length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return Vectors(self.level.factors.ids, (rows / length).astype(np.float32), NAME)

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,): that of each track's artist; the artists' median where nothing is known of the artist."""
        scores = self._asked(listener)[1]
        if self._codes is None or self._codes[0] is not items:
            self._codes = (items, self.names.codes_of(np.asarray(items, np.int64)))
        codes = self._codes[1]
        found: np.ndarray = np.append(scores, np.median(scores) if len(scores) else 0.0).astype(np.float32)[codes]
        return found

    def _asked(self, listener: Listener) -> tuple[Listener, np.ndarray]:
        """The listener over artists, and float32 (artists,) scores."""
        if self._last is None or self._last[0] is not listener:
            if self._plays is None or self._plays[0] is not listener.heard or self._plays[1] != listener.name:
                elsewhere = self._elsewhere if listener.name == ME else {}
                self._plays = (listener.heard, listener.name, self.names.sums(listener.heard, elsewhere))
            mine = self.names.listener(listener, self._plays[2])
            self._last = (listener, mine, self._scores(mine))
        return self._last[1:]

    def _scores(self, mine: Listener) -> np.ndarray:
        scores = np.zeros(len(self.names.names), np.float32)
        known = self.vectors.ids if self.level is not None else np.empty(0, np.int64)
        if self.level is not None and len(known):
            told = self.level.score(mine, known)
            scores[:] = np.median(told)
            scores[known] = told
        return scores

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The artists that speak for this one, or against it; shares sum to 1."""
        code = int(self.names.codes_of(np.array([item], np.int64))[0])
        if code < 0 or self.level is None:
            return []
        mine, _scores = self._asked(listener)
        return [self._worded(reason, code, mine) for reason in self.level.explain(mine, TrackId(code))]

    def _worded(self, reason: Reason, code: int, mine: Listener) -> Reason:
        other, own = reason.track, self.names.names[code]
        if other is None:
            return replace(reason, text=reason.text.replace("of your likes and plays", "of the artists that you play"))
        name = self.names.names[int(other)]
        if reason.text.startswith("held back"):
            text = f"held back: '{own}' sounds like '{name}', whom you dislike"
        elif int(other) == code:
            how = "play" if mine.plays.get(TrackId(code)) else "like"
            text = f"by '{own}'" + ("" if mine.name == SEEDS else f", whom you {how}")
        elif self.by_crowd:
            text = f"people who play '{name}' play '{own}'"
        else:
            text = f"'{own}' sounds {'unlike' if reason.text.startswith('far') else 'like'} '{name}'"
        return Reason(text, reason.share)

    def similar(self, artist: int, n: int) -> list[tuple[int, float]]:
        """(number, cosine) of the artists nearest to `artist`, without itself."""
        vectors = self.vectors
        row = vectors.rows_of(np.array([artist]))
        if not len(row):
            return []
        likeness = vectors.matrix @ vectors.matrix[row[0]]
        likeness[row[0]] = -np.inf
        best = np.lexsort((vectors.ids, -likeness))[: min(n, len(vectors) - 1)]
        return [(int(vectors.ids[at]), float(likeness[at])) for at in best]

    def tastes(self, listener: Listener, most: int) -> list[np.ndarray]:
        """The artists that the listener likes and plays in up to `most` groups that are near each other: int64
        numbers, the weightiest first; the biggest group first."""
        mine, _scores = self._asked(listener)
        vectors = self.vectors
        found = grouped(liked(mine, vectors, Content().play), vectors.matrix, most)
        order = np.argsort(-found.weights, kind="stable")
        return [vectors.ids[found.members[group]] for group in order]

    def save(self, folder: Path) -> None:
        head = {"parameters": self.config.parameters(), "seed": self._seed}
        store.write(folder, NAME, head, dict(self._learned))
