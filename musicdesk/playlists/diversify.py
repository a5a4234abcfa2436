"""Choosing a varied set: maximal marginal relevance under artist quotas."""

from __future__ import annotations

import numpy as np

from musicdesk.playlists.rules import NOBODY


class ArtistQuota:
    """At most `most` items by an artist, and at most `at_most_full` artists that reach it.

    These sets form a matroid (a union of two partition matroids), so any greedy choice ends with as many
    items as there can be.
    """

    def __init__(self, artists: np.ndarray, most: int, at_most_full: int) -> None:
        """artists: int64 (m,), codes, -1 for unknown (each its own)."""
        self._artists = each_its_own(artists)
        self._most = most
        self._full_left = at_most_full
        self._taken = np.zeros(int(self._artists.max(initial=-1)) + 1, np.int64)
        self.open = np.ones(len(artists), bool)
        if self._most == 1 and not self._full_left:
            self.open[:] = False

    def take(self, item: int) -> None:
        artist = self._artists[item]
        self.open[item] = False
        self._taken[artist] += 1
        if self._taken[artist] == self._most:
            self._full_left -= 1
            self.open[self._artists == artist] = False
            if not self._full_left:
                self.open &= self._taken[self._artists] < self._most - 1
        elif not self._full_left and self._taken[artist] == self._most - 1:
            self.open[self._artists == artist] = False


def each_its_own(artists: np.ndarray) -> np.ndarray:
    """Dense codes from 0; every unknown artist gets a code to itself."""
    codes = np.array(artists, np.int64)
    unknown = codes == NOBODY
    codes[unknown] = codes.max(initial=0) + 1 + np.arange(int(unknown.sum()))
    _, dense = np.unique(codes, return_inverse=True)
    return dense.astype(np.int64)


def mmr(
    quality: np.ndarray, vectors: np.ndarray, n: int, weight: float, quota: ArtistQuota | None = None
) -> np.ndarray:
    """Picks `n` of m items, best first: argmax of weight q - (1 - weight) max cosine to what is picked.

    Carbonell and Goldstein 1998. With weight 1 it is the plain ranking by quality.

    quality: float (m,), ties go to the earlier item
    vectors: float32 (m, dim), unit rows; dim may be 0 (nothing is alike then)
    returns: int64 (at most n,), fewer only when the quota or m allows no more
    """
    q = weight * np.asarray(quality, np.float64)
    open_items = np.ones(len(q), bool)
    likeness = np.full(len(q), -1.0)
    chosen: list[int] = []
    for _ in range(min(n, len(q))):
        free = quota.open if quota else open_items
        value = np.where(free, q - (1.0 - weight) * likeness if chosen else q, -np.inf)
        best = int(np.argmax(value))
        if not free[best]:
            break
        chosen.append(best)
        open_items[best] = False
        if quota:
            quota.take(best)
        if weight < 1.0 and vectors.shape[1]:
            np.maximum(likeness, vectors @ vectors[best], out=likeness)
    return np.array(chosen, np.int64)
