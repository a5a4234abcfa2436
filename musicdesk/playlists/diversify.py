"""Choosing a varied set under artist quotas: by maximal marginal relevance, or by a determinantal point process."""

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
        if self._most == 1 and self._full_left <= 0:
            self.open[:] = False

    def take(self, item: int) -> None:
        artist = self._artists[item]
        self.open[item] = False
        self._taken[artist] += 1
        if self._taken[artist] >= self._most:  # more than that only by pins
            self._full_left -= 1
            self.open[self._artists == artist] = False
            if self._full_left <= 0:
                self.open &= self._taken[self._artists] < self._most - 1
        elif self._full_left <= 0 and self._taken[artist] == self._most - 1:
            self.open[self._artists == artist] = False


def each_its_own(artists: np.ndarray) -> np.ndarray:
    """Dense codes from 0; every unknown artist gets a code to itself."""
    codes = np.array(artists, np.int64)
    unknown = codes == NOBODY
    codes[unknown] = codes.max(initial=0) + 1 + np.arange(int(unknown.sum()))
    _, dense = np.unique(codes, return_inverse=True)
    return dense.astype(np.int64)


def best_of_each(codes: np.ndarray, most: int, kept: np.ndarray | None = None) -> np.ndarray:
    """Positions, ascending, of the first `most` rows of every code; rows of unknown code (-1) all stay, as do `kept`.

    codes: int64 (m,); kept: bool (m,)
    """
    by_code = np.argsort(codes, kind="stable")
    ordered = codes[by_code]
    rank = np.empty(len(codes), np.int64)
    rank[by_code] = np.arange(len(codes)) - np.searchsorted(ordered, ordered)
    keep = (rank < most) | (codes == NOBODY)
    return np.flatnonzero(keep if kept is None else keep | kept)


def mmr(
    quality: np.ndarray,
    vectors: np.ndarray,
    n: int,
    weight: float,
    quota: ArtistQuota | None = None,
    taken: int = 0,
) -> np.ndarray:
    """Picks `n` of m items, best first: argmax of weight q - (1 - weight) max cosine to what is picked.

    Carbonell and Goldstein 1998. With weight 1 it is the plain ranking by quality.

    quality: float (m,), ties go to the earlier item
    vectors: float32 (m, dim), unit rows; dim may be 0 (nothing is alike then)
    taken:   so many of the first items are picked before all others
    returns: int64 (at most n,), fewer only when the quota or m allows no more
    """
    q = weight * np.asarray(quality, np.float64)
    open_items = np.ones(len(q), bool)
    likeness = np.full(len(q), -1.0)
    chosen: list[int] = []
    for step in range(min(n, len(q))):
        free = quota.open & open_items if quota else open_items
        value = np.where(free, q - (1.0 - weight) * likeness if chosen else q, -np.inf)
        best = step if step < taken else int(np.argmax(value))
        if step >= taken and not free[best]:
            break
        chosen.append(best)
        open_items[best] = False
        if quota:
            quota.take(best)
        if weight < 1.0 and vectors.shape[1]:
            np.maximum(likeness, vectors @ vectors[best], out=likeness)
    return np.array(chosen, np.int64)


def dpp(
    quality: np.ndarray,
    vectors: np.ndarray,
    n: int,
    weight: float,
    quota: ArtistQuota | None = None,
    taken: int = 0,
) -> np.ndarray:
    """Picks `n` of m items, each the one that adds most to log det of the kernel L (greedy MAP; Chen et al. 2018).

    L = diag(r) S diag(r) with S of cosines, as shares of the half circle, and r = exp(weight q / (2 (1 - weight))):
    quality against diversity. With weight 1 it is the plain ranking. Arguments and result as of `mmr`.
    """
    q = np.asarray(quality, np.float64)
    if weight >= 1.0 or not vectors.shape[1]:
        return mmr(q, vectors, n, 1.0, quota, taken)
    gain = weight / (1.0 - weight) * q  # log r^2: det L = prod r^2 det S
    rest = np.ones(len(q))  # what of each item's own square is not yet spanned by the picked ones
    basis = np.zeros((min(n, len(q)), len(q)))
    open_items = np.ones(len(q), bool)
    chosen: list[int] = []
    for step in range(min(n, len(q))):
        free = quota.open & open_items if quota else open_items
        value = np.where(free, gain + np.log(np.maximum(rest, 1e-12)), -np.inf)
        best = step if step < taken else int(np.argmax(value))
        if step >= taken and not free[best]:
            break
        chosen.append(best)
        open_items[best] = False
        if quota:
            quota.take(best)
        row = kernel(vectors, best) - basis[:step].T @ basis[:step, best]
        basis[step] = row / np.sqrt(max(rest[best], 1e-12))
        rest -= basis[step] ** 2
    return np.array(chosen, np.int64)


def kernel(vectors: np.ndarray, item: int) -> np.ndarray:
    """float64 (m,): likeness of all to one item, (1 + cosine) / 2: positive semidefinite, 1 on the diagonal."""
    alike: np.ndarray = 0.5 + 0.5 * (vectors @ vectors[item]).astype(np.float64)
    return alike
