"""What lists are like beside being right: how much of the catalogue they use, how new, how varied, how fitting.

Lists are int64 (users, k), songs by number, -1 where a list is shorter.
"""

from __future__ import annotations

import numpy as np


def exposure(lists: np.ndarray, songs: int) -> np.ndarray:
    """int64 (songs,): in how many lists each song is."""
    return np.bincount(lists[lists >= 0], minlength=songs)


def coverage(lists: np.ndarray, songs: int) -> float:
    """Share of the songs that are in any list."""
    return float((exposure(lists, songs) > 0).mean())


def gini(lists: np.ndarray, songs: int) -> float:
    """0 where all songs are in as many lists, towards 1 where few songs are in all."""
    counts = np.sort(exposure(lists, songs)).astype(np.float64)
    total = counts.sum()
    if total == 0:
        return 0.0
    place = np.arange(1, songs + 1)
    return float(((2 * place - songs - 1) * counts).sum() / (songs * total))


def novelty(lists: np.ndarray, listeners: np.ndarray, of: int) -> np.ndarray:
    """float64 (users,), bits: mean of -log2 of the share of people who know a song (Castells, Vargas 2011).

    listeners: (songs,), how many of the `of` people have played each song; 0 counts as half a person
    """
    bits = -np.log2(np.maximum(listeners, 0.5) / max(of, 1))
    return _mean_over(lists >= 0, bits[np.maximum(lists, 0)])


def intra_list_distance(lists: np.ndarray, vectors: np.ndarray, block: int = 512) -> np.ndarray:
    """float64 (users,): mean of 1 - cosine over the pairs of a list; nan with less than two vectors.

    vectors: float (songs, dim); rows of zeros for songs without one, which are passed over
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = (vectors / np.maximum(length, 1e-12)).astype(np.float32)
    known = (lists >= 0) & (length[np.maximum(lists, 0), 0] > 0)
    sums = np.empty((len(lists), vectors.shape[1]), np.float64)
    for start in range(0, len(lists), block):
        part = slice(start, start + block)
        sums[part] = (unit[np.maximum(lists[part], 0)] * known[part][:, :, None]).sum(axis=1, dtype=np.float64)
    n = known.sum(axis=1)
    alike = (sums**2).sum(axis=1) - n  # over ordered pairs of different songs
    found: np.ndarray = 1.0 - np.divide(alike, n * (n - 1), out=np.full(len(lists), np.nan), where=n > 1)
    return found


def different(lists: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """float64 (users,): share of a list's pairs whose artists (or genres) differ; nan with less than two known.

    codes: int64 (songs,), -1 where not known: such songs are passed over
    """
    given = np.where(lists >= 0, codes[np.maximum(lists, 0)], -1)
    rows, columns = np.nonzero(given >= 0)
    width = int(codes.max(initial=0)) + 1
    pairs, count = np.unique(rows * width + given[rows, columns], return_counts=True)
    same = np.bincount(pairs // width, count * (count - 1), len(lists))
    n = (given >= 0).sum(axis=1)
    found: np.ndarray = 1.0 - np.divide(same, n * (n - 1), out=np.full(len(lists), np.nan), where=n > 1)
    return found


def mix_distance(lists: np.ndarray, history: np.ndarray, genres: np.ndarray, smooth: float = 0.01) -> np.ndarray:
    """float64 (users,): KL divergence of a list's genre mix from the listener's own (Steck 2018, equation 7).

    history: float (users, genres), how much of each genre they played
    genres:  int64 (songs,), -1 where not known
    """
    count = history.shape[1]
    given = np.where(lists >= 0, genres[np.maximum(lists, 0)], -1)
    rows, columns = np.nonzero(given >= 0)
    flat = np.bincount(rows * count + given[rows, columns], minlength=len(lists) * count)
    wanted, total = history / np.maximum(history.sum(axis=1, keepdims=True), 1e-12), flat.reshape(-1, count)
    shown = total / np.maximum(total.sum(axis=1, keepdims=True), 1)
    mixed = (1 - smooth) * shown + smooth * wanted
    ratio = np.divide(wanted, mixed, out=np.ones_like(wanted), where=wanted > 0)
    known = (history.sum(axis=1) > 0) & (total.sum(axis=1) > 0)
    return np.where(known, (wanted * np.log(ratio)).sum(axis=1), np.nan)


def _mean_over(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    n = known.sum(axis=1)
    sums = np.where(known, values, 0.0).sum(axis=1)
    found: np.ndarray = np.divide(sums, n, out=np.full(len(known), np.nan), where=n > 0)
    return found
