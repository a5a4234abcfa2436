"""Ranking metrics from the exact places of what was held out, for blocks of users at once.

Every song of the catalogue competes that the user has not played already: never a sample of them. Songs with equal
scores share their places: a metric is its mean over all orders of the tied (McSherry and Najork 2008), so that a
model which cannot tell songs apart gains nothing from the order in which they are stored.
scikit-learn's `ndcg_score` and `roc_auc_score` say the same for single users; the tests compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class Places:
    """Where the held-out songs of some users came.

    user:       int64 (pairs,), row of the user, ascending
    before:     int64 (pairs,), candidates with a higher score
    tied:       int64 (pairs,), candidates with the same score, the song itself among them: >= 1
    held:       int64 (users,), held-out songs of each user
    candidates: int64 (users,), songs that competed, held-out ones among them
    """

    user: np.ndarray
    before: np.ndarray
    tied: np.ndarray
    held: np.ndarray
    candidates: np.ndarray


def places(scores: np.ndarray, held: csr_matrix, seen: csr_matrix | None = None) -> Places:
    """Places of the held-out songs among all songs that were not seen.

    scores: float (users, songs), no nan
    held:   CSR (users, songs), the songs to be found; one that is also seen does not compete and is left out
    seen:   CSR (users, songs), what the model was told of each user
    """
    users, songs = scores.shape
    row, column = _pairs(held)
    ranked = np.array(scores)
    candidates = np.full(users, songs)
    if seen is not None:
        at = _pairs(seen)
        ranked[at] = -np.inf
        candidates -= np.bincount(at[0], minlength=users)
        new = ranked[row, column] > -np.inf
        row, column = row[new], column[new]
    wanted = ranked[row, column]
    ranked.sort(axis=1)
    ends = np.searchsorted(row, np.arange(users + 1))
    before, tied = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
    for user in range(users):
        part = slice(ends[user], ends[user + 1])
        upto = np.searchsorted(ranked[user], wanted[part], "right")
        before[part] = songs - upto
        tied[part] = upto - np.searchsorted(ranked[user], wanted[part], "left")
    return Places(row, before, tied, np.diff(ends), candidates)


def _pairs(matrix: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of every entry, int64 (pairs,) both, rows ascending."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return rows, matrix.indices.astype(np.int64)


def joined(blocks: Iterable[Places]) -> Places:
    """Blocks of users, one under the other."""
    parts = list(blocks)
    starts = np.cumsum([0, *(len(part.held) for part in parts)])
    users = [part.user + start for part, start in zip(parts, starts[:-1], strict=True)]
    rest = ([getattr(part, name) for part in parts] for name in ("before", "tied", "held", "candidates"))
    return Places(np.concatenate(users), *map(np.concatenate, rest))


def recall(found: Places, k: int) -> np.ndarray:
    """float64 (users,): share of the held-out songs among the first k, of the min(k, n) that fit; nan with none."""
    return _per_user(found, _hits(found, k), np.minimum(found.held, k))


def shares(found: Places, k: int) -> np.ndarray:
    """float64 (pairs,): what each held-out song has of its user's recall, which is their mean."""
    each: np.ndarray = _hits(found, k) * (found.held / np.maximum(np.minimum(found.held, k), 1))[found.user]
    return each


def _hits(found: Places, k: int) -> np.ndarray:
    """float64 (pairs,): whether each held-out song is among the first k; a part of one where the tied are parted."""
    within: np.ndarray = (np.minimum(found.before + found.tied, k) - np.minimum(found.before, k)) / found.tied
    return within


def ndcg(found: Places, k: int) -> np.ndarray:
    """float64 (users,): discounted gain of the first k over the best that is possible; nan for users with none."""
    gains = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(2, k + 2)))])
    share = (gains[np.minimum(found.before + found.tied, k)] - gains[np.minimum(found.before, k)]) / found.tied
    return _per_user(found, share, gains[np.minimum(found.held, k)])


def auc(found: Places) -> np.ndarray:
    """float64 (users,): chance that a held-out song is before one of the others; nan for users with one class."""
    below = found.candidates[found.user] - found.before - (found.tied + 1) / 2  # tied ones half
    others = found.candidates - found.held
    among_themselves = found.held * (found.held - 1) / 2
    wins = np.bincount(found.user, below, len(found.held)) - among_themselves
    return _ratio(wins, found.held * others)


def false_ones(found: Places) -> tuple[np.ndarray, np.ndarray]:
    """int64 (pairs,) both: of the songs before each held-out one, and of those tied with it, what is not held out."""
    key = found.user * (found.before.max(initial=0) + 1) + found.before
    _, group, together = np.unique(key, return_inverse=True, return_counts=True)
    earlier = (np.cumsum(together) - together)[group] - (np.cumsum(found.held) - found.held)[found.user]
    return found.before - earlier, found.tied - together[group]


def reciprocal_rank(found: Places) -> np.ndarray:
    """float64 (users,): 1 / place of the first held-out song, ties in the middle; nan for users with none."""
    best = np.zeros(len(found.held))
    np.maximum.at(best, found.user, 1.0 / (found.before + (found.tied + 1) / 2))
    return np.where(found.held > 0, best, np.nan)


def _per_user(found: Places, values: np.ndarray, best: np.ndarray) -> np.ndarray:
    return _ratio(np.bincount(found.user, values, len(found.held)), best)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return found


def mean(values: np.ndarray) -> float:
    """Over the users for whom there is a value; nan when there are none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def top(scores: np.ndarray, k: int, seen: csr_matrix | None = None) -> np.ndarray:
    """int64 (users, k): the best songs of each row, best first, -1 where fewer than k have not been seen.

    scores: float (users, songs), finite; of tied songs the one stored first comes first
    """
    users, songs = scores.shape
    if seen is not None:
        scores = np.array(scores)
        scores[_pairs(seen)] = -np.inf
    cut = min(k, songs)
    rows = np.arange(users)[:, None]
    chosen = np.argpartition(scores, songs - cut, axis=1)[:, songs - cut :] if cut else np.empty((users, 0), np.int64)
    order = np.lexsort((chosen, -scores[rows, chosen]), axis=1)
    chosen = chosen[rows, order]
    found = np.full((users, k), -1, np.int64)
    found[:, :cut] = np.where(scores[rows, chosen] > -np.inf, chosen, -1)
    return found
