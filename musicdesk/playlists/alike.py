"""Scores for lists that ask about sound itself: near in sound and far in everything else; one sound less another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.playlists.rules import NOBODY

ERA_YEARS = 30.0  # so far apart, two years have nothing in common
UNKNOWN = 0.5  # likeness of genre or year where one of them is not known
FLOOR = 0.98  # quantile of all cosines below which nothing counts as near in sound


@dataclass(frozen=True, eq=False)
class Card:
    """What is written on tracks. artist, genre: int64 (n,) codes, -1 for unknown; year: float (n,), NaN for unknown"""

    artist: np.ndarray
    genre: np.ndarray
    year: np.ndarray


@dataclass(frozen=True, eq=False)
class Alike:
    """sound: float32 (n,), cosine to the nearest start; card: float32 (n,), likeness of what is written, 0..1;
    scores: float32 (n,), sound (1 - card), and 0 for what is not near in sound
    """

    sound: np.ndarray
    card: np.ndarray
    scores: np.ndarray


def far_alike(vectors: np.ndarray, starts: np.ndarray, card: Card) -> Alike:
    """Near in sound, far in artist, genre and era (diversity of Dudeja et al.: a (1 - b) above an audio floor).

    vectors: float32 (n, dim), unit rows; starts: int64 (s,), rows to start from
    """
    to_starts = vectors @ vectors[starts].T
    nearest = np.argmax(to_starts, axis=1)
    sound = to_starts[np.arange(len(vectors)), nearest]
    written = _likeness(card, starts[nearest])
    floor = float(np.quantile(sound, FLOOR)) if len(sound) > 1 / (1 - FLOOR) else -1.0
    scores = np.where(sound >= floor, np.maximum(sound, 0.0) * (1.0 - written), 0.0)
    return Alike(sound, written.astype(np.float32), scores.astype(np.float32))


def _likeness(card: Card, of: np.ndarray) -> np.ndarray:
    """float64 (n,): 1 for the same artist, else the mean of genre (same or not) and nearness in years."""
    genre = _same(card.genre, of)
    years = 1.0 - np.minimum(np.abs(card.year - card.year[of]) / ERA_YEARS, 1.0)
    apart = (genre + np.where(np.isnan(years), UNKNOWN, years)) / 2
    return np.where((card.artist == card.artist[of]) & (card.artist != NOBODY), 1.0, apart)


def _same(codes: np.ndarray, of: np.ndarray) -> np.ndarray:
    unknown = (codes == NOBODY) | (codes[of] == NOBODY)
    return np.where(unknown, UNKNOWN, (codes == codes[of]).astype(np.float64))


def add_subtract(vectors: np.ndarray, plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
    """float32 (n,): cosine of every track to what `plus` sound like together, less what `minus` do.

    plus, minus: int64 rows; the mean of the one is freed of its share in the direction of the other's mean
    """
    wanted = vectors[plus].mean(axis=0, dtype=np.float64)
    if len(minus):
        against = vectors[minus].mean(axis=0, dtype=np.float64)
        wanted = wanted / max(np.linalg.norm(wanted), 1e-9) - against / max(np.linalg.norm(against), 1e-9)
    length = float(np.linalg.norm(wanted))
    if length < 1e-6:
        return np.zeros(len(vectors), np.float32)
    scores: np.ndarray = vectors @ (wanted / length).astype(np.float32)
    return scores
