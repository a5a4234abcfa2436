"""Several models asked about the same hidden plays: figures with intervals, paired differences, what lists are like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.evaluation import diversity, metrics
from musicdesk.evaluation.intervals import Difference, Interval, holm, interval, paired
from musicdesk.evaluation.metrics import Places
from musicdesk.evaluation.splits import Held

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scorer = Callable[["csr_matrix", np.ndarray], np.ndarray]  # (shown, members) -> float (rows, songs)

BLOCK = 250  # listeners whose scores are in memory at once
LENGTH = 50  # of the lists that are looked at
METRICS: Mapping[str, Callable[[Places], np.ndarray]] = {
    "recall@20": lambda found: metrics.recall(found, 20),
    "recall@50": lambda found: metrics.recall(found, 50),
    "ndcg@100": lambda found: metrics.ndcg(found, 100),
    "auc": metrics.auc,
}


@dataclass(frozen=True, eq=False)
class Answers:
    """places: of the hidden songs; lists: int64 (users, LENGTH), the best songs that were not shown"""

    places: Places
    lists: np.ndarray


def asked(score: Scorer, held: Held, songs: np.ndarray, monitor: Monitor, message: str) -> Answers:
    """Asks a model about every listener of `held`. songs: int64 (m,), the columns that compete, ascending."""
    found, lists = [], []
    users = held.shown.shape[0]
    for start in range(0, users, BLOCK):
        monitor.check()
        monitor.report(start, users, message)
        rows = slice(start, start + BLOCK)
        shown, hidden = held.shown[rows], held.hidden[rows]
        scores = score(shown, held.members[rows])[:, songs]
        seen = shown[:, songs]
        found.append(metrics.places(scores, hidden[:, songs], seen))
        best = metrics.top(scores, LENGTH, seen)
        lists.append(np.where(best >= 0, songs[np.maximum(best, 0)], -1))
    return Answers(metrics.joined(found), np.concatenate(lists))


def figures(answers: Answers, seed: int) -> dict[str, Interval]:
    return {name: interval(metric(answers.places), seed) for name, metric in METRICS.items()}


def differences(every: Mapping[str, Answers], best: str, metric: str, seed: int) -> dict[str, Difference]:
    """What `best` has more than each of the others, by the same listeners; p values are Holm's."""
    measure = METRICS[metric]
    first = measure(every[best].places)
    found = {name: paired(first, measure(other.places), seed) for name, other in every.items() if name != best}
    p = holm({name: gap.p for name, gap in found.items()})
    return {name: Difference(gap.mean, gap.low, gap.high, p[name]) for name, gap in found.items()}


def listing(answers: Answers, train: csr_matrix, artists: np.ndarray, songs: np.ndarray) -> dict[str, float | None]:
    """Coverage and Gini over the competing songs, novelty in bits, distance inside lists, different artists.

    Two songs are near that the same people play: distance is 1 - the cosine of their columns in `train`. It is taken
    over all pairs of a list. Null where nothing is known.
    """
    listeners = np.bincount(train.indices, minlength=train.shape[1])
    place = np.full(train.shape[1], -1, np.int64)
    place[songs] = np.arange(len(songs))
    inside = np.where(answers.lists >= 0, place[np.maximum(answers.lists, 0)], -1)
    found = {
        "coverage": diversity.coverage(inside, len(songs)),
        "gini": diversity.gini(inside, len(songs)),
        "novelty": metrics.mean(diversity.novelty(answers.lists, listeners, train.shape[0])),
        "distance": metrics.mean(together(answers.lists, train)),
        "different artists": metrics.mean(diversity.different(answers.lists, artists)),
    }
    return {name: None if np.isnan(value) else float(value) for name, value in found.items()}


def together(lists: np.ndarray, plays: csr_matrix, most: int = 1_000) -> np.ndarray:
    """float64 (users,): mean of 1 - cosine of the songs' listeners over the pairs of each of the first `most` lists."""
    from scipy.sparse import csr_matrix, diags_array

    some = lists[:most]
    ones = csr_matrix((np.ones(plays.nnz, np.float32), plays.indices, plays.indptr), shape=plays.shape)
    size = np.bincount(plays.indices, minlength=plays.shape[1])
    unit = (ones @ diags_array(1.0 / np.sqrt(np.maximum(size, 1)))).tocsr()
    row, column = np.nonzero((some >= 0) & (size[np.maximum(some, 0)] > 0))
    member = csr_matrix((np.ones(len(row), np.float32), (row, some[row, column])), shape=(len(some), plays.shape[1]))
    sums = unit @ member.T  # (listeners, lists): of a list's unit columns
    n = np.diff(member.indptr)
    alike = np.asarray(sums.multiply(sums).sum(axis=0)).ravel() - n
    found: np.ndarray = 1.0 - np.divide(alike, n * (n - 1), out=np.full(len(some), np.nan), where=n > 1)
    return found


def recall_curve(answers: Answers, cuts: np.ndarray) -> np.ndarray:
    """float64 (cuts,): mean recall at each."""
    return np.array([metrics.mean(metrics.recall(answers.places, int(k))) for k in cuts])


def roc(answers: Answers, rates: np.ndarray) -> np.ndarray:
    """float64 (rates,): share of hidden songs found at each rate of false ones, the mean over listeners.

    Tied songs are found evenly while the false ones among them pass, so that the area below is the mean AUC.
    """
    found = answers.places
    others = (found.candidates - found.held)[found.user]
    some = others > 0  # as in AUC: who has nothing but hidden songs tells nothing
    before, tied = (count[some] for count in metrics.false_ones(found))
    others, user = others[some], found.user[some]
    share = 1.0 / found.held[user]

    def at(rate: float) -> float:
        passed = rate * others - before
        part = np.where(tied > 0, np.clip(passed / np.maximum(tied, 1), 0.0, 1.0), passed >= 0)
        return float(part @ share)

    return np.array([at(rate) for rate in rates]) / max(len(np.unique(user)), 1)


def hits_by_place(answers: Answers, edges: np.ndarray) -> np.ndarray:
    """float64 (edges - 1,): the chance that a song at a place from one edge to the next was one of the hidden."""
    found = answers.places
    at = found.before + (found.tied + 1) / 2
    count, _ = np.histogram(at, edges)
    users = max(int((found.held > 0).sum()), 1)
    chance: np.ndarray = count / (np.diff(edges) * users)
    return chance
