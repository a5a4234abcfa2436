"""A listener of the planted world as the program sees one: tracks with embeddings, a crowd, plays with their times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.demo.world import World, WorldSpec, grow
from musicdesk.recommenders.base import Timeline, TrainingData
from musicdesk.recommenders.crowd import ArtistLinks, CrowdPlays

SPEC = WorldSpec(genres=8, artists=60, tracks=480, listeners=400, plays_median=0.1, seed=3)
FIRST = 1_001  # id of the first track
WEEK_S = 7 * 86_400


def world(spec: WorldSpec = SPEC) -> World:
    return grow(spec)


def vectors(made: World, noise: float = 0.25, dim: int = 32, seed: int = 0) -> Vectors:
    """Sound that tells taste up to noise: a random linear map of each track's place in the taste space."""
    rng = np.random.default_rng(seed)
    taste = made.tracks.taste + noise * rng.normal(size=made.tracks.taste.shape)
    rows = taste @ rng.normal(size=(taste.shape[1], dim)) + 2.0
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Vectors(np.arange(FIRST, FIRST + len(rows)), rows.astype(np.float32), "planted")


def plays_of(made: World, listener: int, share: float = 1.0, seed: int = 0) -> Listener:
    """What the listener played, or a random part of these tracks."""
    chosen = np.flatnonzero(made.plays.listener == listener)
    keep = np.random.default_rng(seed).random(len(chosen)) < share
    rows = chosen[keep]
    counts = zip(made.plays.track[rows].tolist(), made.plays.count[rows].tolist(), strict=True)
    return Listener(plays={TrackId(track + FIRST): count for track, count in counts})


def timeline(made: World, listener: int, weeks: int = 52, seed: int = 0) -> Timeline:
    """The listener's plays spread over time: every track has a first week, and comes again after it."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(made.plays.listener == listener)
    tracks, counts = made.plays.track[rows], made.plays.count[rows]
    begins = rng.uniform(0, weeks * 0.95, len(tracks))
    every = np.repeat(np.arange(len(tracks)), counts)
    moments = begins[every] + rng.exponential(weeks / 10, len(every)) * (rng.random(len(every)) < 0.7)
    moments = 1.6e9 + np.minimum(moments, weeks) * WEEK_S
    order = np.lexsort((tracks[every], moments))
    return Timeline(tracks[every][order] + FIRST, moments[order])


def crowd(made: World, owned: float = 0.5, without: int = 0, seed: int = 0) -> CrowdPlays:
    """Everybody but listener `without`; a random part of the songs are known to be tracks of the library."""
    counts = made.counts().astype(np.float32)
    counts[without] = 0
    songs = np.arange(made.spec.tracks)
    known = np.random.default_rng(seed).random(len(songs)) < owned
    artists = made.tracks.artist.astype(np.int64)
    links = ArtistLinks(songs + FIRST, artists, np.zeros(made.spec.artists, np.float32))
    plays = csr_matrix(counts[counts.sum(1) > 0])
    tracks = np.where(known, songs + FIRST, -1)
    return CrowdPlays("planted", lambda: plays, tracks, artists, np.zeros(len(songs), np.float32), "d", links)


def data(made: World, listener: Listener, with_crowd: bool, owned: float = 0.5, noise: float = 0.25) -> TrainingData:
    """All a model can learn from; artists are named after their numbers, titles after tracks."""
    found = TrainingData(
        vectors(made, noise),
        listener,
        artists={TrackId(t + FIRST): f"Artist {a}" for t, a in enumerate(made.tracks.artist.tolist())},
        titles={TrackId(t + FIRST): f"Song {t}" for t in range(made.spec.tracks)},
    )
    return replace(found, crowd=crowd(made, owned)) if with_crowd else found


def auc(scores: np.ndarray, positive: np.ndarray, left_out: np.ndarray) -> float:
    """Of `positive` bool (n,) against all others but `left_out`; ties count half."""
    wanted, rivals = scores[positive], np.sort(scores[~positive & ~left_out])
    below = (np.searchsorted(rivals, wanted, "left") + np.searchsorted(rivals, wanted, "right")) / 2
    return float(below.mean() / len(rivals))
