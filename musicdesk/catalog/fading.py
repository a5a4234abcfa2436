"""What plays say about taste now: each weighs half after 180 days, and a track's plays 50 at most.

Ages are counted from the newest play known, not from today: the same history gives the same taste whenever it is
asked, and an export of years ago is not forgotten as a whole. A sum of weights fades as one play does, so that it
can be kept as of one moment and taken to another.
"""

from __future__ import annotations

import numpy as np

HALF_LIFE_DAYS = 180.0
MOST_WEIGHT = 50.0
UNDATED = 0.5  # weight of a play of which nobody tells when
DAY_S = 86_400
_DAYS = 30_000  # older plays weigh nothing

SKIPS = 2  # skips without a play that counts, from which on they say something
SKIP_WEIGHT = 0.2  # of a dislike


def faded(age_s: float) -> float:
    """Weight of a play that is so many seconds old; 1 for one that lies ahead."""
    return float(2.0 ** (-max(0.0, age_s) / (HALF_LIFE_DAYS * DAY_S)))


def by_day() -> list[tuple[int, float]]:
    """(age in days, weight) for every age that matters."""
    weights = 2.0 ** (-np.arange(_DAYS) / HALF_LIFE_DAYS)
    return list(enumerate(weights.tolist()))
