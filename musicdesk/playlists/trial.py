"""Rows that are tried out: Thompson sampling over what the model cannot know yet, with the probability of every draw.

What a track is worth to a list is a mean; around it taste may lie in any direction of the vectors' space that nothing
was said or heard of. That is a Bayesian linear model, w ~ N(0, S) with S^-1 = I / SPREAD^2 + X'KX / NOISE^2 over what
is known; the model's own fold-in is the mean. (Thompson 1933; Agrawal, Goyal 2013.) The tracks of a list that are
tried out are the best ones of one of SCENARIOS samples of w, all of them made and only one drawn: so the probability
with which a track is among them is counted, not estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicdesk.playlists.diversify import each_its_own
from musicdesk.playlists.rules import NOBODY, Candidates
from musicdesk.playlists.value import draw

SCENARIOS = 512
POOL = 300  # tracks that may be tried out: the best ones beside the list
SPREAD = 0.5  # leads by which the model may be wrong, for a track far from all that is known
NOISE = 0.5  # leads by which what is said of one track tells of its neighbourhood
MOST_KNOWN = 2_000  # tracks that are known best, which tell of the space
COIN = np.array([0x7261696E], np.int64)  # what the draw of a scenario hangs on, beside the seed


@dataclass(frozen=True, eq=False)
class Trial:
    """at: int64 (k,), positions among the open rows; gain: float64 (k,), what the scenario adds to each one's value;
    propensity: float64 (k,), in which share of the scenarios each is tried out, above 0"""

    at: np.ndarray
    gain: np.ndarray
    propensity: np.ndarray


@dataclass(frozen=True, eq=False)
class Scenarios:
    """at: int64 (e,), positions of what could be tried out; moves: float64 (SCENARIOS, e), what each adds to a value;
    best: int64 (SCENARIOS, k), which of them each tries out, -1 where none is left"""

    at: np.ndarray
    moves: np.ndarray
    best: np.ndarray

    def drawn(self, seed: int) -> Trial:
        """One of them; the same for the same seed."""
        scenario = min(int((draw(COIN, seed)[0] + 1.0) / 2.0 * SCENARIOS), SCENARIOS - 1)
        mine = self.best[scenario][self.best[scenario] >= 0]
        share = np.bincount(self.best[self.best >= 0], minlength=len(self.at)) / SCENARIOS
        return Trial(self.at[mine], self.moves[scenario, mine], share[mine])


NOTHING = Trial(np.empty(0, np.int64), np.empty(0), np.empty(0))


def slots(n: int, surprise: float) -> int:
    """How many of n rows are tried out."""
    return int(n * surprise + 1e-9)


def scenarios(
    choices: Candidates, rows: np.ndarray, value: np.ndarray, chosen: np.ndarray, k: int, limits: Limits
) -> Scenarios | None:
    """Up to k tracks that the list would not have, to take the place of its last ones; None where there are none.

    rows:   int64 (m,), open rows of the candidates; value: float64 (m,), what each is worth
    chosen: int64 (n,), positions in `rows` of the list without trials
    """
    at = _eligible(choices, rows, value, chosen, limits)
    if not k or not len(at) or not choices.vectors.shape[1]:
        return None
    moves = _scenarios(choices, rows[at])
    worth = value[at] + moves
    groups = [choices.artists[rows[at]], choices.songs[rows[at]], choices.albums[rows[at]]]
    return Scenarios(at, moves, _best(worth, k, groups))


@dataclass(frozen=True)
class Limits:
    """How many tracks an artist may have and still leave the order free (0: any), and an album (0: any)."""

    artist: int
    album: int


def _eligible(
    choices: Candidates, rows: np.ndarray, value: np.ndarray, chosen: np.ndarray, limits: Limits
) -> np.ndarray:
    """int64 (e,): positions that no rule of the list is against, the best ones, ascending."""
    for few in (4 * POOL, len(rows)):
        first = np.argpartition(-value, few)[:few] if few < len(rows) else np.arange(len(rows))
        open_rows = ~np.isin(first, chosen)
        for codes, most in ((choices.artists, limits.artist), (choices.albums, limits.album), (choices.songs, 1)):
            if most:
                listed = codes[rows[chosen]]
                there, counts = np.unique(listed[listed != NOBODY], return_counts=True)
                open_rows &= ~np.isin(codes[rows[first]], there[counts >= most])
        found = first[open_rows]
        if len(found) >= POOL or few >= len(rows):
            break
    best: np.ndarray = np.sort(found[np.lexsort((choices.ids[rows[found]], -value[found]))[:POOL]])
    return best


def _scenarios(choices: Candidates, pool: np.ndarray) -> np.ndarray:
    """float64 (SCENARIOS, pool): what each sample adds to the value of each of these rows."""
    known = np.flatnonzero(choices.known > 0)
    if len(known) > MOST_KNOWN:
        known = np.sort(known[np.argsort(-choices.known[known], kind="stable")[:MOST_KNOWN]])
    there = choices.vectors[pool].astype(np.float64)
    heard = choices.vectors[known].astype(np.float64)
    middle = np.concatenate([there, heard]).mean(axis=0)
    there, heard = there - middle, heard - middle
    dim = there.shape[1]
    precision = np.eye(dim) / SPREAD**2 + (heard * choices.known[known, None]).T @ heard / NOISE**2
    # With precision = LL', w = L^-T z has the covariance wanted.
    noise = np.random.default_rng(0).standard_normal((dim, SCENARIOS))
    sampled = np.linalg.solve(np.linalg.cholesky(precision).T, noise)
    found: np.ndarray = (there @ sampled).T
    return found


def _best(worth: np.ndarray, k: int, groups: list[np.ndarray]) -> np.ndarray:
    """int64 (SCENARIOS, k): the best of each scenario, no two of a group; -1 where none is left."""
    left = worth.astype(np.float32)
    own = [each_its_own(codes) for codes in groups]
    best = np.full((len(worth), k), -1, np.int64)
    each = np.arange(len(worth))
    for slot in range(k):
        found = left.argmax(axis=1)
        there = np.isfinite(left[each, found])
        best[there, slot] = found[there]
        if slot + 1 < k:
            alike = own[0][None, :] == own[0][found][:, None]
            for codes in own[1:]:
                alike |= codes[None, :] == codes[found][:, None]
            left[alike] = -np.inf
    return best
