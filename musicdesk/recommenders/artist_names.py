"""The library's artists, numbered; and a listener as seen from there: likes and plays of artists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from musicdesk.core.rows import Places
from musicdesk.core.types import Listener, TrackId, Vectors
from musicdesk.core.weights import Weights, arrays


@dataclass(frozen=True, eq=False)
class ArtistNames:
    """tracks: int64 (n,), ascending, those that name an artist
    codes:  int64 (n,), its number; letter case aside, the same name has the same one
    names:  by number, as first written
    """

    tracks: np.ndarray
    codes: np.ndarray
    names: list[str]

    @classmethod
    def of(cls, artists: Mapping[TrackId, str]) -> ArtistNames:
        codes: dict[str, int] = {}
        names: list[str] = []
        spelt: dict[str, int] = {}
        tracks = [track for track, name in artists.items() if name]
        tracks.sort()
        for track in tracks:
            name = artists[track]
            if name not in spelt:
                spelt[name] = codes.setdefault(name.casefold(), len(names))
                if spelt[name] == len(names):
                    names.append(name)
        found = np.fromiter((spelt[artists[track]] for track in tracks), np.int64, len(tracks))
        return cls(np.array(tracks, np.int64), found, names)

    def codes_of(self, tracks: np.ndarray) -> np.ndarray:
        """int64 (tracks,), -1 where a track names no artist."""
        at = self._places.of(tracks)
        found: np.ndarray = np.append(self.codes, -1)[at]
        return found

    @cached_property
    def _places(self) -> Places:
        return Places(self.tracks)

    def code(self, name: str) -> int | None:
        """The number of the artist called so, letter case aside."""
        wanted = name.casefold()
        return next((code for code, known in enumerate(self.names) if known.casefold() == wanted), None)

    def sound(self, vectors: Vectors) -> Vectors:
        """One unit vector per artist that has been heard: the direction in which its tracks lie from the library's
        middle, so that what all music shares says nothing."""
        codes = self.codes_of(vectors.ids)
        rows = np.flatnonzero(codes >= 0)
        rows = rows[np.argsort(codes[rows], kind="stable")]
        if not len(rows):
            return Vectors(np.empty(0, np.int64), np.empty((0, vectors.matrix.shape[-1]), np.float32), vectors.encoder)
        ids, starts, counts = np.unique(codes[rows], return_index=True, return_counts=True)
        means = np.add.reduceat(vectors.matrix[rows], starts) / counts[:, None] - vectors.matrix.mean(0)
        length = np.linalg.norm(means, axis=1, keepdims=True)
        return Vectors(ids, (means / np.maximum(length, 1e-9)).astype(np.float32), vectors.encoder)

    def listener(self, listener: Listener, plays: dict[TrackId, float]) -> Listener:
        """Over artists instead of tracks; a dislike of one track takes back a like of another. `plays` by artist."""
        net = self._sums(listener.liked) - self._sums(listener.disliked)
        liked, disliked = np.flatnonzero(net > 0), np.flatnonzero(net < 0)
        return Listener(
            listener.name,
            Weights(liked, net[liked]),
            Weights(disliked, -net[disliked]),
            dict.fromkeys(plays, 1),
            plays,
        )

    def sums(self, weights: Mapping[TrackId, float], more: Mapping[int, float] | None = None) -> dict[TrackId, float]:
        """Weights of tracks added up by artist; `more` are weights of artists already."""
        sums = self._sums(weights)
        for code, weight in (more or {}).items():
            sums[code] += weight
        known = np.flatnonzero(sums > 0)
        return dict(zip(map(TrackId, known.tolist()), sums[known].tolist(), strict=True))

    def _sums(self, weights: Mapping[TrackId, float]) -> np.ndarray:
        """float64 (names,)"""
        tracks, values = arrays(weights)
        codes = self.codes_of(tracks)
        found: np.ndarray = np.bincount(codes[codes >= 0], values[codes >= 0], len(self.names))
        return found
