"""What many people played, as models see it: a sparse matrix, and which songs lie in the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class ArtistLinks:
    """Which artists of the library the crowd knows, whether or not it knows the songs.

    tracks: int64 (k,), ascending, the tracks by such artists
    codes:  int64 (k,), the artist's number among `CrowdPlays.artists`
    mine:   float32 (artists,), plays by the library's owner of songs by each artist that the library has not
    """

    tracks: np.ndarray
    codes: np.ndarray
    mine: np.ndarray


@dataclass(frozen=True, eq=False)
class CrowdPlays:
    """A crowd. Its matrix is read when it is first asked for: a trained model needs only the songs' names.

    read:    gives float32 (listeners, songs) CSR, play counts > 0, indices ascending
    tracks:  int64 (songs,), the library's track that is the song, -1 where it has none
    artists: int64 (songs,), a number for the song's artist, -1 where that is not known
    mine:    float32 (songs,), plays by the person who owns the library of songs that it has not; zeros when
             nothing is known
    digest:  of the plays; part of a run's data hash
    links:   artists of the library that the crowd knows; None where artists are not known
    """

    name: str
    read: Callable[[], csr_matrix] = field(repr=False)
    tracks: np.ndarray = field(repr=False)
    artists: np.ndarray = field(repr=False)
    mine: np.ndarray = field(repr=False)
    digest: str = ""
    links: ArtistLinks | None = field(default=None, repr=False)

    @cached_property
    def plays(self) -> csr_matrix:
        return self.read()

    @property
    def songs(self) -> int:
        return len(self.tracks)

    def of(self, plays: csr_matrix, digest: str = "") -> CrowdPlays:
        """The same songs, played by others: a part of the crowd to learn from, say."""
        return replace(self, read=lambda: plays, digest=digest or self.digest)

    def unheard(self) -> CrowdPlays:
        """The same crowd, as if nothing were known of what the library's owner plays elsewhere."""
        links = replace(self.links, mine=np.zeros_like(self.links.mine)) if self.links is not None else None
        return replace(self, mine=np.zeros_like(self.mine), links=links)

    @classmethod
    def bare(cls, plays: csr_matrix, name: str = "crowd") -> CrowdPlays:
        """A crowd of which nothing but the plays is known."""
        none = np.full(plays.shape[1], -1, np.int64)
        return cls(name, lambda: plays, none, none, np.zeros(plays.shape[1], np.float32))
