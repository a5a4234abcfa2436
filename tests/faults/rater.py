"""Somebody who rates without a pause: python -m tests.faults.rater PROFILE SEED.

Each rating is told in a line (number of the event, track, verdict) when the program has said that it is kept.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from musicdesk.core.feedback import NOW, Saying
from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.rate import rate

SAYINGS = (
    Saying(Verdict.LIKE),
    Saying(Verdict.DISLIKE),
    Saying(Verdict.NEVER),
    Saying(Verdict.CLEAR),
    Saying(Verdict.DISLIKE, NOW),
)


def main(profile: str, seed: str) -> None:
    draw = random.Random(int(seed))
    with open_desk(Path(profile)) as desk:
        tracks = desk.vectors().ids.tolist()
        while True:
            track, said = TrackId(draw.choice(tracks)), draw.choice(SAYINGS)
            done = rate(desk, track, said)
            print(done.event, track, said.verdict.value, said.scope, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
