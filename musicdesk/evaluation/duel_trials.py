"""Duels of a made-up listener, to see that the machine of a real one calls what it should and nothing else.

Every step is that of a real duel: `team_draft`, plays with their lengths and skips, `credit`, `tally`, the test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from musicdesk.core.types import Side, TrackId
from musicdesk.evaluation.interleaving import HORIZONS, Drafted, Fate, Round, met, tally, team_draft

LENGTH = 20  # of a list
MOST_LISTS = 400  # of a duel; a listener who never decides ends it
MOOD = 0.7  # how far an evening moves the log odds of everything
WANES = 1.5  # of the log odds that patience loses on the way down a list
STAYS = 0.96  # chance that the listener goes on to the next track

Rankings = Callable[[np.random.Generator], tuple[Sequence[TrackId], Sequence[TrackId]]]


@dataclass(frozen=True, eq=False)
class Trials:
    """called, right: shares of the duels in which a winner, and A, was called; p: float (duels,) of the sign test"""

    horizon: int
    duels: int
    called: float
    right: float
    p: np.ndarray


def trials(duels: int, horizon: int, rankings: Rankings, appeal: np.ndarray, seed: int) -> Trials:
    """`duels` duels to their horizon.

    rankings: gives the lists of A and B for one evening, of track numbers 0..n-1
    appeal:   float (n,), the chance that the listener hears each track to its end
    """
    found = []
    for number in range(duels):
        draw = np.random.default_rng([seed, number])
        rounds: list[Round] = []
        for evening in range(MOST_LISTS):
            a, b = rankings(draw)
            rounds += evening_of(team_draft(a, b, LENGTH, [seed, number, evening]), evening, appeal, draw)
            if sum(r.a != r.b for r in rounds) >= horizon:
                break
        found.append(tally(rounds, horizon))
    winners = [result.winner for result in found]
    called = sum(winner is not None for winner in winners) / duels
    right = sum(winner is Side.A for winner in winners) / duels
    return Trials(horizon, duels, called, right, np.array([result.p for result in found]))


def evening_of(drafted: Sequence[Drafted], evening: int, appeal: np.ndarray, draw: np.random.Generator) -> list[Round]:
    """The rounds of one list that the listener met: track after track is heard to its end or skipped, in a mood that
    holds for the whole list, with patience that wanes, until the evening ends."""
    n = len(drafted)
    ends = int((draw.random(n) > STAYS).argmax() or n)
    likely = np.clip(appeal[[int(pick.track) for pick in drafted]], 0.001, 0.999)
    odds = np.log(likely / (1 - likely)) + draw.normal(0, MOOD) - WANES * np.arange(n) / LENGTH
    finished = draw.random(n) < 1 / (1 + np.exp(-odds))
    fates: dict[int, dict[Side, Fate]] = {}
    for place, pick in enumerate(drafted[:ends]):
        fate = Fate(heard=1.0 if finished[place] else 0.1, skipped=not finished[place], at=evening + place / n)
        fates.setdefault(pick.round, {})[pick.side] = fate
    pairs = [met(evening, both[Side.A], both[Side.B]) for both in fates.values() if len(both) == 2]
    return [pair for pair in pairs if pair is not None]


def alike(draw: np.random.Generator) -> tuple[list[TrackId], list[TrackId]]:
    """A against A: one model, one list."""
    ranking = [TrackId(int(i)) for i in draw.permutation(100)[:LENGTH]]
    return ranking, ranking


def apart(draw: np.random.Generator) -> tuple[list[TrackId], list[TrackId]]:
    """Two models without a track in common: even numbers are A's, odd ones B's."""
    return [TrackId(2 * i) for i in range(LENGTH)], [TrackId(2 * i + 1) for i in range(LENGTH)]


def appeal_of(win_rate: float, low: float = 0.4) -> np.ndarray:
    """float (2 * LENGTH,) for `apart`: B's tracks please with chance `low`, A's so much more often that a decision
    goes to A with chance `win_rate`, whatever the mood: odds of A over odds of B are those of winning."""
    odds = win_rate / (1 - win_rate) * low / (1 - low)
    found = np.full(2 * LENGTH, low)
    found[::2] = odds / (1 + odds)
    return found


def checked(duels: int = 500, seed: int = 0) -> dict[str, list[dict[str, float]]]:
    """How often the machine calls a winner, per horizon: where both sides are one model, and where A is better by as
    much as the horizon is said to find."""
    even = np.random.default_rng([seed, 1]).uniform(0.1, 0.9, 100)
    same = [trials(duels, horizon, alike, even, seed) for horizon in HORIZONS]
    better = [
        (rate, trials(duels, horizon, apart, appeal_of(rate), seed + 1), horizon) for horizon, rate in HORIZONS.items()
    ]
    return {
        "same": [{"decisions": found.horizon, "duels": duels, "called": found.called} for found in same],
        "better": [
            {"decisions": horizon, "duels": duels, "win_rate": rate, "called": found.called, "right": found.right}
            for rate, found, horizon in better
        ],
    }
