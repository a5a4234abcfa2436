"""The crowd's songs whose sound is known: what models that hear learn from, and what validates them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.crowd import CrowdPlays

HELD_BACK = 0.1  # share of the songs that validate
LEAST_SONGS = 20  # heard and played ones; fewer tell nothing of how sound and taste go together


@dataclass(frozen=True, eq=False)
class Heard:
    """songs: int64 (h,), columns of the crowd, ascending; at: int64 (h,), the place of each among the windows"""

    songs: np.ndarray
    at: np.ndarray


def heard(crowd: CrowdPlays, windows: MelWindows | None) -> Heard:
    """The songs that are tracks with windows."""
    if windows is None:
        return Heard(np.empty(0, np.int64), np.empty(0, np.int64))
    at = windows.at(crowd.tracks)
    songs = np.flatnonzero((crowd.tracks >= 0) & (at >= 0))
    return Heard(songs, at[songs])


def most_played(crowd: CrowdPlays) -> np.ndarray:
    """int64 (k,): the library's tracks that the crowd plays, those of the most played songs first."""
    owned = np.flatnonzero(crowd.tracks >= 0)
    plays = np.bincount(crowd.plays.indices, minlength=crowd.songs)[owned]
    tracks = crowd.tracks[owned[np.argsort(-plays, kind="stable")]]
    _, first = np.unique(tracks, return_index=True)
    found: np.ndarray = tracks[np.sort(first)]
    return found


def kept_back(artists: np.ndarray, seed: int, share: float = HELD_BACK) -> np.ndarray:
    """bool (songs,): the songs that validate, about `share`; all or none of an artist's.

    artists: int64 (songs,), -1 where not known: such a song goes for itself
    """
    unknown = artists < 0
    groups = np.where(unknown, artists.max(initial=0) + 1 + np.arange(len(artists)), artists)
    names, at = np.unique(groups, return_inverse=True)
    order = np.random.default_rng([seed, len(names)]).permutation(len(names))
    size = np.bincount(at)[order]
    chosen = order[np.cumsum(size) - size / 2 <= share * len(artists)]
    return np.isin(at, chosen)


def cold_auc(scores: np.ndarray, played: np.ndarray) -> float:
    """Mean over listeners of the chance that a song they have played is before one that they have not.

    scores: float (listeners, songs); played: bool of the same shape; listeners with one class do not count
    returns: .5 when none counts
    """
    from scipy.stats import rankdata

    many = played.sum(axis=1)
    both = (many > 0) & (many < played.shape[1])
    if not both.any():
        return 0.5
    ranks = rankdata(scores[both], axis=1)
    many = many[both]
    wins = (ranks * played[both]).sum(axis=1) - many * (many + 1) / 2
    return float((wins / (many * (played.shape[1] - many))).mean())


def too_few(songs: int) -> str:
    return (
        f"Only {songs} songs of this crowd are in the library with their sound known; it learns from {LEAST_SONGS} "
        "or more. Scan and analyze more of your music, or import a crowd that plays it."
    )
