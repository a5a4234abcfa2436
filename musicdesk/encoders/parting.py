"""Whose tracks teach an encoder and whose judge it, where a library has no labels but its own.

Tracks of one artist (or album, where no artist is known) have something in common. A part of the artists is kept out
and judges afterwards. Which part hangs on their names alone, so that an encoder that is taught again is asked about
artists that the one before had not heard either.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from musicdesk.core.errors import NotReady

JUDGES = 0.25  # share of the groups that judge
LEAST_TRACKS, LEAST_GROUPS, LEAST_JUDGES = 40, 12, 4
MOST_TRACKS = 6_000  # that teach and judge
MOST_OF_GROUP = 40  # tracks; a big discography must not speak for the whole library


@dataclass(frozen=True, eq=False)
class Parts:
    """learn, judge: int64, places of tracks, ascending; no group has tracks in both
    label: int64 (tracks,), the number of each track's group, -1 where it stands alone
    """

    learn: np.ndarray
    judge: np.ndarray
    label: np.ndarray


def too_few(groups: Sequence[str]) -> str:
    """Why these tracks, by the name of each one's group, cannot teach an encoder; '' when they can."""
    if len(groups) < LEAST_TRACKS:
        return f"An encoder is taught by {LEAST_TRACKS} tracks or more; {len(groups)} have been listened to."
    shared = sum(count >= 2 for count in Counter(groups).values())
    if shared < LEAST_GROUPS:
        return (
            "An encoder is taught by what tracks of one artist, or album, have in common. That takes "
            f"{LEAST_GROUPS} artists with two tracks or more; there are {shared}."
        )
    return ""


def some(groups: Sequence[str], most: int = MOST_TRACKS) -> np.ndarray:
    """int64: the places of at most `most` tracks, whole groups in an order of chance that stays, those of several
    tracks first; at most `MOST_OF_GROUP` of each."""
    counts = Counter(groups)
    order = sorted(range(len(groups)), key=lambda at: (counts[groups[at]] < 2, _place("some", groups[at]), at))
    taken: Counter[str] = Counter()
    kept = []
    for at in order:
        if taken[groups[at]] < MOST_OF_GROUP:
            taken[groups[at]] += 1
            kept.append(at)
    return np.sort(np.array(kept[:most], np.int64))


def parted(groups: Sequence[str]) -> Parts:
    """Which tracks teach and which judge, by the name of each one's group. Raises NotReady when there are too few."""
    if reason := too_few(groups):
        raise NotReady(reason)
    counts = Counter(groups)
    place = {name: _place("judge", name) for name in counts}
    shared = sorted(place[name] for name, count in counts.items() if count >= 2)
    edge = max(JUDGES, shared[LEAST_JUDGES - 1])
    judges = np.array([place[name] <= edge for name in groups])
    numbers = {name: at for at, name in enumerate(sorted(name for name, count in counts.items() if count >= 2))}
    label = np.array([numbers.get(name, -1) for name in groups], np.int64)
    return Parts(np.flatnonzero(~judges), np.flatnonzero(judges), label)


def _place(what: str, name: str) -> float:
    """A number in [0, 1) that hangs on the name alone."""
    digest = hashlib.sha256(f"{what}\0{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
