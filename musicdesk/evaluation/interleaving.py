"""Two models in one list: team-draft interleaving, what a listener's acts say of it, and an exact test.

Radlinski, Kurup, Joachims 2008, "How does clickthrough data reflect retrieval quality?", section 4.2. In every round
a coin says which side picks first; each takes its best track that is not in the list yet. A round in which both picks
were met, and one did better than the other, is a decision for its side; ties are dropped. The number of decisions is
fixed before the duel begins and nothing is told before it is reached, so that the sign test means what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from musicdesk.core.types import Side, TrackId, Verdict
from musicdesk.evaluation.intervals import Interval, wilson

LEVEL = 0.05  # of the test, two-sided
POWER = 0.8
COMPLETED = 0.8  # of a track: heard so far, it counts as finished
HORIZONS = {49: 0.70, 90: 0.65, 199: 0.60}  # decisions -> the share of wins that they find with POWER, see `needed`

Fits = Callable[[TrackId, Sequence[TrackId]], bool]


@dataclass(frozen=True, slots=True)
class Drafted:
    track: TrackId
    side: Side
    round: int  # both sides pick once in each


def team_draft(
    a: Sequence[TrackId], b: Sequence[TrackId], n: int, seed: Sequence[int], fits: Fits | None = None
) -> list[Drafted]:
    """A list of up to `n` tracks of two rankings, best first each.

    fits: whether a track may follow the list so far, such as by the artist rule. It binds both sides alike; a side
        that has nothing else left picks its best track all the same.
    Once a side has nothing left the rest is the other's, in rounds that cannot be decided.
    """
    coin = np.random.default_rng(seed)
    left = {Side.A: list(dict.fromkeys(a)), Side.B: list(dict.fromkeys(b))}
    shown: list[TrackId] = []
    taken: set[TrackId] = set()
    drafted: list[Drafted] = []
    turn = 0
    while len(drafted) < n and any(left.values()):
        first = Side.A if coin.random() < 0.5 else Side.B
        for side in (first, first.other):
            track = _best(left[side], shown, taken, fits)
            if track is not None and len(drafted) < n:
                taken.add(track)
                shown.append(track)
                drafted.append(Drafted(track, side, turn))
        turn += 1
    return drafted


def _best(left: list[TrackId], shown: Sequence[TrackId], taken: set[TrackId], fits: Fits | None) -> TrackId | None:
    """The first of `left` that fits, else the first; it and what is in the list already leave `left`."""
    left[:] = [track for track in left if track not in taken]
    if not left:
        return None
    at = next((at for at, track in enumerate(left) if fits is None or fits(track, shown)), 0)
    return left.pop(at)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a pick: the verdict on it as it stands, the longest part heard (0..1, None when it was never
    begun), whether it was skipped, and the moment of the last of these acts (epoch seconds)."""

    verdict: Verdict | None = None
    heard: float | None = None
    skipped: bool = False
    at: float = 0.0


def credit(fate: Fate) -> int | None:
    """+1 for a like or a play to the end (80 %), -1 for a dislike, a ban or a skip, 0 for what was broken off; a
    verdict goes before plays. None where the pick was not met."""
    if fate.verdict is not None:
        return 1 if fate.verdict is Verdict.LIKE else -1
    if fate.heard is None:
        return None
    if fate.heard >= COMPLETED:
        return 1
    return -1 if fate.skipped else 0


@dataclass(frozen=True, slots=True)
class Round:
    """A round of one shown list in which both picks were met: a and b are their credits, at the moment of the last
    act (epoch seconds)."""

    at: float
    list: int
    a: int
    b: int


def met(list_number: int, a: Fate, b: Fate) -> Round | None:
    """The round of these two picks, None unless both were met."""
    one, other = credit(a), credit(b)
    if one is None or other is None:
        return None
    return Round(max(a.at, b.at), list_number, one, other)


@dataclass(frozen=True, slots=True)
class Tally:
    """The decisions of a duel up to its horizon. lists: wins of A less those of B, list by list."""

    wins_a: int
    wins_b: int
    ties: int
    lists: tuple[int, ...]

    @property
    def decisions(self) -> int:
        return self.wins_a + self.wins_b

    @property
    def p(self) -> float:
        """That A and B are alike, by the rounds."""
        return sign_test(self.wins_a, self.wins_b)

    @property
    def p_by_list(self) -> float:
        """The same by whole lists: what a mood of one evening does to all its rounds does not count as many times."""
        return flip_test(self.lists)

    @property
    def winner(self) -> Side | None:
        """None where the difference may be chance. Ask only at the horizon."""
        if self.p > LEVEL:
            return None
        return Side.A if self.wins_a > self.wins_b else Side.B

    def share(self, side: Side) -> Interval:
        """Of the decisions that went to `side`, with its Wilson interval."""
        return wilson(self.wins_a if side is Side.A else self.wins_b, self.decisions)


def tally(rounds: Iterable[Round], horizon: int) -> Tally:
    """Counts rounds in order of time until `horizon` of them are decided; later ones do not count."""
    wins = {Side.A: 0, Side.B: 0}
    ties = 0
    lists: Counter[int] = Counter()
    for found in sorted(rounds, key=lambda r: (r.at, r.list)):
        if wins[Side.A] + wins[Side.B] >= horizon:
            break
        if found.a == found.b:
            ties += 1
            continue
        winner = Side.A if found.a > found.b else Side.B
        wins[winner] += 1
        lists[found.list] += 1 if winner is Side.A else -1
    return Tally(wins[Side.A], wins[Side.B], ties, tuple(lists.values()))


def sign_test(wins: int, losses: int) -> float:
    """Two-sided p of wins and losses being equally likely, exact; 1 without any."""
    n, least = wins + losses, min(wins, losses)
    below = sum(comb(n, k) for k in range(least + 1))
    return min(1.0, 2 * below / (1 << n))


def flip_test(differences: Sequence[int]) -> float:
    """Two-sided p of each difference being as likely with the other sign, exact (Fisher's randomisation test)."""
    ways: Counter[int] = Counter({0: 1})
    for difference in differences:
        if difference:
            ways = Counter({k: ways[k - difference] + ways[k + difference] for k in _reach(ways, difference)})
    seen = abs(sum(differences))
    return sum(count for total, count in ways.items() if abs(total) >= seen) / sum(ways.values())


def _reach(ways: Counter[int], difference: int) -> set[int]:
    return {k + difference for k in ways} | {k - difference for k in ways}


def most_losses(n: int) -> int:
    """With so many losses or fewer in `n` decisions the winner is called; -1 when `n` are too few for that."""
    return max((k for k in range(n // 2 + 1) if 2 * k < n and sign_test(n - k, k) <= LEVEL), default=-1)


def chance_to_call(win_rate: float, n: int) -> float:
    """How likely a duel of `n` decisions calls a winner where one side wins a decision with chance `win_rate`."""
    most = most_losses(n)
    rest = 1.0 - win_rate
    few = sum(comb(n, k) * rest**k * win_rate ** (n - k) for k in range(most + 1))
    many = sum(comb(n, k) * win_rate**k * rest ** (n - k) for k in range(most + 1))
    return few + many


def needed(win_rate: float, power: float = POWER) -> int:
    """The fewest decisions that call a side which wins `win_rate` of them with chance `power`."""
    return next(n for n in range(5, 5_000) if chance_to_call(win_rate, n) >= power)
