"""What thirty ratings are worth: listeners whose taste is known rate what they are shown, and lists are judged by it.

    python -m tests.benchmarks.study_listeners [LISTENERS]

A world of eight styles, 60 artists and 480 tracks; no crowd and no history, so that sound and the ratings are all there
is. Sound tells taste up to noise. Ends with 1 when for-you is not half as good again as chance after thirty ratings, or
not above popularity, by the lower end of the interval over listeners.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from musicdesk.evaluation.intervals import Interval, interval, paired
from musicdesk.workflows.desk import open_desk
from tests.helpers import planted_taste
from tests.helpers.simulated import SPEC, like_rates, plant

NOISES = (0.25, 0.7, 1.5)
RATINGS = (10, 30)


def main(listeners: str = "40") -> int:
    world = planted_taste.world(SPEC)
    asked = np.linspace(0, SPEC.listeners - 1, int(listeners)).astype(int).tolist()
    rows = ["| noise | ratings | for you | popularity | at random | for you / random | less popularity |"]
    rows.append("|---|---|---|---|---|---|---|")
    failed = False
    for noise in NOISES:
        with tempfile.TemporaryDirectory() as folder, open_desk(Path(folder) / "p") as desk:
            ids = plant(desk, world, noise=noise)
            for ratings in RATINGS:
                found = like_rates(desk, world, ids, asked, ratings)
                ratio = interval(found["for you"] / found["random"])
                gap = paired(found["for you"], found["popularity"])
                cells = [_told(interval(found[name])) for name in ("for you", "popularity", "random")]
                less = Interval(gap.mean, gap.low, gap.high)
                rows.append(f"| {noise} | {ratings} | {' | '.join(cells)} | {_told(ratio, 1)} | {_told(less)} |")
                failed |= ratings == 30 and (ratio.low <= 1.5 or gap.low <= 0)
    print("\n".join(rows))
    return int(failed)


def _told(found: Interval, digits: int = 2) -> str:
    return f"{found.mean:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
