"""A planted-truth world: genres, artists, tracks, tags and listeners whose tastes are known.

Every item is a point in a 16-d taste space. A track is its genre's centre + its artist's offset + its
own offset; a listener is a mixture of one to three genres + an offset. Plays are a Gumbel top-k draw
(Kool, van Hoof, Welling 2019): the k best of `sharpness * cosine + popularity + Gumbel noise`, which is
sampling k tracks without replacement from the softmax. Popularity is drawn apart from taste, so a model
that only counts plays can be told from one that understands taste. Tags are noisy thresholds.

The first eight dimensions are named (`AXES`) and steer the sound of the demo library; the others are
known only through genre and artist. A figure measured here must never stand beside a published one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

DIMS = 16
AXES = ("pace", "brightness", "mode", "dirt", "busy", "richness", "space", "low")
_BLOCK = 512  # listeners whose draws are held in memory at once


@dataclass(frozen=True)
class WorldSpec:
    """How large and how clear the world is. Offsets are standard deviations per dimension."""

    genres: int = 8
    artists: int = 24
    tracks: int = 96
    listeners: int = 200
    tags: int = 16
    artist_offset: float = 0.35
    track_offset: float = 0.2
    listener_offset: float = 0.3
    sharpness: float = 7.0  # how strongly taste rules what is played
    popularity: float = 0.7  # sd of the popularity logits
    plays_median: float = 0.2  # tracks a listener knows, share of all tracks
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Artists:
    """`genre` int64 (artists,); `taste` float64 (artists, 16)."""

    genre: np.ndarray
    taste: np.ndarray


@dataclass(frozen=True, eq=False)
class Tracks:
    """`artist`, `genre` int64 (tracks,); `taste` float64 (tracks, 16); `popularity` float64 (tracks,) logits;
    `tags` bool (tracks, tags)."""

    artist: np.ndarray
    genre: np.ndarray
    taste: np.ndarray
    popularity: np.ndarray
    tags: np.ndarray


@dataclass(frozen=True, eq=False)
class Listeners:
    """`taste` float64 (listeners, 16); `weights` float64 (listeners, genres), rows sum to 1, 1-3 non-zero."""

    taste: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Plays:
    """One row per listener and track, sorted by both: `listener`, `track`, `count` int64 (rows,), count >= 1."""

    listener: np.ndarray
    track: np.ndarray
    count: np.ndarray


@dataclass(frozen=True, eq=False)
class World:
    spec: WorldSpec
    centres: np.ndarray = field(repr=False)  # float64 (genres, 16)
    artists: Artists = field(repr=False)
    tracks: Tracks = field(repr=False)
    listeners: Listeners = field(repr=False)
    plays: Plays = field(repr=False)

    def affinity(self, listeners: np.ndarray | None = None) -> np.ndarray:
        """The truth a recommender should find: cosine of taste, float64 (listeners, tracks), popularity left out."""
        wanted = self.listeners.taste if listeners is None else self.listeners.taste[listeners]
        return np.asarray(_unit(wanted) @ _unit(self.tracks.taste).T)

    def lean(self) -> np.ndarray:
        """How far each track lies from its genre's centre on the named axes: float64 (tracks, 8) in (-1, 1)."""
        offset = self.tracks.taste - self.centres[self.tracks.genre]
        scale = 1.5 * np.hypot(self.spec.artist_offset, self.spec.track_offset)
        leaned: np.ndarray = np.tanh(offset[:, : len(AXES)] / scale)
        return leaned

    def counts(self) -> np.ndarray:
        """Plays as a dense table, int64 (listeners, tracks); for small worlds."""
        table = np.zeros((self.spec.listeners, self.spec.tracks), dtype=np.int64)
        table[self.plays.listener, self.plays.track] = self.plays.count
        return table


def grow(spec: WorldSpec, centres: np.ndarray | None = None, directions: np.ndarray | None = None) -> World:
    """The world of `spec`, the same for the same spec.

    centres:    float (genres, 16), where each genre lies; drawn at random when None
    directions: float (tags, 16), what each tag means in the taste space; drawn at random when None
    raises:     ValueError when the sizes do not fit together
    """
    if not 1 <= spec.genres <= spec.artists <= spec.tracks:
        raise ValueError(f"a world needs 1 <= genres <= artists <= tracks, not {spec}")
    # One stream per part, so that more listeners do not change the tracks.
    draw_centres, draw_artists, draw_tracks, draw_tags, draw_listeners, draw_plays = (
        np.random.default_rng([spec.seed, part]) for part in range(6)
    )
    if centres is None:
        centres = _unit(draw_centres.normal(size=(spec.genres, DIMS))) * 2.5
    centres = np.asarray(centres, dtype=np.float64)
    if centres.shape != (spec.genres, DIMS):
        raise ValueError(f"centres must be ({spec.genres}, {DIMS}), not {centres.shape}")
    if directions is None:
        directions = draw_tags.normal(size=(spec.tags, DIMS))
    if directions.shape != (spec.tags, DIMS):
        raise ValueError(f"directions must be ({spec.tags}, {DIMS}), not {directions.shape}")
    artists = _artists(spec, centres, draw_artists)
    tracks = _tracks(spec, artists, _unit(directions), draw_tracks, draw_tags)
    listeners = _listeners(spec, centres, draw_listeners)
    plays = _plays(spec, listeners, tracks, draw_plays)
    return World(spec, centres, artists, tracks, listeners, plays)


def _artists(spec: WorldSpec, centres: np.ndarray, draw: np.random.Generator) -> Artists:
    genre = np.arange(spec.artists) % spec.genres
    offset = draw.normal(scale=spec.artist_offset, size=(spec.artists, DIMS))
    return Artists(genre, centres[genre] + offset)


def _tracks(
    spec: WorldSpec,
    artists: Artists,
    directions: np.ndarray,
    draw: np.random.Generator,
    draw_tags: np.random.Generator,
) -> Tracks:
    artist = np.sort(np.arange(spec.tracks) % spec.artists)
    taste = artists.taste[artist] + draw.normal(scale=spec.track_offset, size=(spec.tracks, DIMS))
    popularity = draw.normal(scale=spec.popularity, size=spec.tracks)
    popularity += draw.normal(scale=spec.popularity, size=spec.artists)[artist]
    strength = taste @ directions.T
    noisy = strength + draw_tags.normal(scale=0.25, size=strength.shape)
    # Tags differ in how common they are: thresholds between the 55th and the 90th percentile.
    share = np.linspace(0.55, 0.9, spec.tags)
    thresholds = np.array([np.quantile(strength[:, tag], share[tag]) for tag in range(spec.tags)])
    return Tracks(artist, artists.genre[artist], taste, popularity, noisy > thresholds)


def _listeners(spec: WorldSpec, centres: np.ndarray, draw: np.random.Generator) -> Listeners:
    weights = np.zeros((spec.listeners, spec.genres))
    for row in weights:
        liked = draw.choice(spec.genres, size=min(spec.genres, int(draw.integers(1, 4))), replace=False)
        row[liked] = draw.dirichlet(np.full(len(liked), 2.0))
    taste = weights @ centres + draw.normal(scale=spec.listener_offset, size=(spec.listeners, DIMS))
    return Listeners(taste, weights)


def _plays(spec: WorldSpec, listeners: Listeners, tracks: Tracks, draw: np.random.Generator) -> Plays:
    items = _unit(tracks.taste)
    most = max(1, spec.tracks // 2)
    size = np.exp(draw.normal(np.log(spec.plays_median * spec.tracks), 0.4, size=spec.listeners))
    known = np.clip(size.round().astype(int), min(5, most), most)
    who: list[np.ndarray] = []
    what: list[np.ndarray] = []
    often: list[np.ndarray] = []
    for start in range(0, spec.listeners, _BLOCK):
        cosine = _unit(listeners.taste[start : start + _BLOCK]) @ items.T
        for row, chosen in enumerate(
            gumbel_top_k(spec.sharpness * cosine + tracks.popularity, known[start : start + _BLOCK], draw)
        ):
            who.append(np.full(len(chosen), start + row))
            what.append(chosen)
            often.append(1 + draw.poisson(np.exp(2.5 * np.clip(cosine[row, chosen], 0, 1))))
    return Plays(np.concatenate(who), np.concatenate(what), np.concatenate(often).astype(np.int64))


def gumbel_top_k(logits: np.ndarray, sizes: np.ndarray, draw: np.random.Generator) -> list[np.ndarray]:
    """Per row, `sizes[row]` columns drawn without replacement from softmax(logits): sorted int64 arrays."""
    noisy = logits + draw.gumbel(size=logits.shape)
    return [np.sort(np.argpartition(-row, size - 1)[:size]) for row, size in zip(noisy, sizes, strict=True)]


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = rows / np.maximum(length, 1e-12)
    return unit
