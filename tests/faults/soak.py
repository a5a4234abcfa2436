"""Faults for as long as there is time: python -m tests.faults.soak --minutes 60 [--seed 1] [--phase scan]...

Every round puts `--points` faults (8: each kind once) into every phase, with a seed of its own, and prints one JSON
line per phase: how many writes there were, the faults, how the commands ended. It ends with the first claim that does
not hold; the line that it says names the phase, the fault, the write and the seed, which make it happen again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from tests.faults.harness import FAULTS, disturb
from tests.faults.test_bad_disk import PHASES, figures, ready


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--points", type=int, default=len(FAULTS), help="per phase and round")
    parser.add_argument("--seed", type=int, default=100, help="of the first round; the next one has the next")
    parser.add_argument("--phase", action="append", choices=[phase.name for phase in PHASES])
    given = parser.parse_args()
    end, seed = time.monotonic() + 60 * given.minutes, given.seed
    with tempfile.TemporaryDirectory(prefix="md-soak-") as folder:
        program = ready(Path(folder))
        try:
            while time.monotonic() < end:
                for phase in PHASES:
                    if time.monotonic() < end and phase.name in (given.phase or [phase.name]):
                        told = disturb(program, phase, given.points, seed)
                        print(json.dumps({"seed": seed, **figures(phase, told)}), flush=True)
                seed += 1
        finally:
            program.close()


if __name__ == "__main__":
    main()
