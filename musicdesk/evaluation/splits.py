"""What is hidden from a model, and what it may learn from: one function per protocol, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, eq=False)
class Held:
    """train: CSR (rows, songs) to learn from; shown, hidden: CSR (users, songs) of the users that are asked about.

    members: int64 (users,), their rows in `train`, -1 for users who are not in it
    """

    train: csr_matrix
    shown: csr_matrix
    hidden: csr_matrix
    members: np.ndarray


@dataclass(frozen=True, eq=False)
class Blocks:
    """Songs in three parts: int64 arrays of columns, disjoint but where a paper's are not."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def listeners(plays: csr_matrix, count: int, seed: int, share: float = 0.2, least: int = 5) -> Held:
    """Held-out listeners with fold-in (Liang et al. 2018, section 4.2).

    `count` listeners with at least `least` songs are kept out of training; of each, a random `share` of the songs
    is hidden (at least one), the rest is shown.
    """
    draw = np.random.default_rng(seed)
    able = np.flatnonzero(np.diff(plays.indptr) >= least)
    chosen = np.sort(draw.permutation(able)[:count])
    rest = np.setdiff1d(np.arange(plays.shape[0]), chosen)
    asked = plays[chosen]
    shown, hidden = _parted(asked, _some(asked, share, draw))
    return Held(plays[rest], shown, hidden, np.full(len(chosen), -1, np.int64))


def items(plays: csr_matrix, seed: int, share: float = 0.2, least: int = 2) -> Held:
    """Held-out plays: of every listener with at least `least` songs a random `share` of them is hidden."""
    hidden = _some(plays, share, np.random.default_rng(seed), least)
    return _within(plays, hidden)


def pairs(plays: csr_matrix, seed: int, share: float = 0.2) -> Held:
    """Held-out plays drawn from all pairs alike: a listener may lose all of them, or none."""
    return _within(plays, np.random.default_rng(seed).random(plays.nnz) < share)


def _within(plays: csr_matrix, hide: np.ndarray) -> Held:
    train, hidden = _parted(plays, hide)
    asked = np.flatnonzero(np.diff(hidden.indptr))
    return Held(train, train[asked], hidden[asked], asked)


def _some(plays: csr_matrix, share: float, draw: np.random.Generator, least: int = 1) -> np.ndarray:
    """bool (pairs,): about `share` of each row's entries, at least one and never all of two; none below `least`."""
    size = np.diff(plays.indptr)
    row = np.repeat(np.arange(len(size)), size)
    order = np.lexsort((draw.random(plays.nnz), row))
    place = np.empty(plays.nnz, np.int64)
    place[order] = np.arange(plays.nnz) - plays.indptr[:-1][row]
    many = np.where(size >= least, np.maximum(1, np.round(share * size)), 0)
    chosen: np.ndarray = place < np.minimum(many, np.maximum(size - 1, 1))[row]
    return chosen


def _parted(plays: csr_matrix, hide: np.ndarray) -> tuple[csr_matrix, csr_matrix]:
    """The entries that are not hidden, and those that are."""
    from scipy.sparse import csr_matrix

    row = np.repeat(np.arange(plays.shape[0]), np.diff(plays.indptr))
    shown, hidden = (
        csr_matrix((plays.data[part], (row[part], plays.indices[part])), shape=plays.shape) for part in (~hide, hide)
    )
    return shown, hidden


def busiest(plays: csr_matrix, users: int = 20_000, songs: int = 10_000) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns with the most plays in all, most first (Lee et al. 2018, section 4.1); ties by place."""
    by_user = np.asarray(plays.sum(axis=1)).ravel()
    by_song = np.asarray(plays.sum(axis=0)).ravel()
    return (
        np.argsort(-by_user, kind="stable")[:users].astype(np.int64),
        np.argsort(-by_song, kind="stable")[:songs].astype(np.int64),
    )


def lee_blocks(songs: int, corrected: bool) -> Blocks:
    """Columns by popularity rank modulo 10, as the authors' code has them.

    As published: 0-6 train, 8 validates, 8 and 9 test, so the model is chosen on half of its test and 7 is unused.
    corrected: 0-6 train, 7 validates, 8 and 9 test.
    """
    residue = np.arange(songs) % 10
    validation = residue == (7 if corrected else 8)
    return Blocks(np.flatnonzero(residue < 7), np.flatnonzero(validation), np.flatnonzero(residue >= 8))


def cold_items(songs: int, seed: int, validation: float = 0.1, test: float = 0.2) -> Blocks:
    """Songs at random: those tested have no play in training."""
    return disjoint(np.arange(songs), seed, validation, test)


def disjoint(groups: np.ndarray, seed: int, validation: float = 0.1, test: float = 0.2) -> Blocks:
    """Songs by whole groups, such as artists: none is in two parts.

    groups: int64 (songs,); those below 0 are not known, and each is a group of its own
    returns: shares of the songs as asked, as nearly as whole groups allow
    """
    alone = groups < 0
    codes = np.where(alone, groups.max(initial=0) + 1 + np.arange(len(groups)), groups)
    _, code, size = np.unique(codes, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(size))
    middle = np.empty(len(size))
    middle[order] = (np.cumsum(size[order]) - size[order] / 2) / max(len(groups), 1)
    at = middle[code]
    tested = at < test
    validates = ~tested & (at < test + validation)
    return Blocks(np.flatnonzero(~tested & ~validates), np.flatnonzero(validates), np.flatnonzero(tested))


def columns(plays: csr_matrix, kept: np.ndarray) -> csr_matrix:
    """The same shape, with nothing outside the `kept` columns."""
    from scipy.sparse import csr_matrix

    inside = np.zeros(plays.shape[1], bool)
    inside[kept] = True
    row = np.repeat(np.arange(plays.shape[0]), np.diff(plays.indptr))
    some = inside[plays.indices]
    return csr_matrix((plays.data[some], (row[some], plays.indices[some])), shape=plays.shape)


def rolling(times: np.ndarray, folds: int = 5, first: float = 0.5) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rolling time split: (before, after), bool (events,) each, `folds` times.

    times: float (events,), seconds, any order. The first fold learns from the earliest `first` of the events; each
    tests on the next stretch of equally many, and the following one learns from that as well. Events of one moment
    are never parted.
    """
    ends = np.quantile(times, np.linspace(first, 1.0, folds + 1), method="lower") if len(times) else np.zeros(folds + 1)
    for start, end in pairwise(ends):
        yield times <= start, (times > start) & (times <= end)
