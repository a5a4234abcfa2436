"""How much of a track's vector is its music, and how much its file: a table for any encoder, on real music.

    python -m tests.benchmarks.study_robustness FOLDER_WITH_MUSIC [ENCODER [FOLDER_WITH_ENCODERS]]

Every file is heard as it is, with silence before it, as a cheap MP3, quieter, in mono, with its lows and highs lifted
and lowered, and by its first and last minute. Ends with 1 when a bar is missed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch

from musicdesk.workflows.desk import DEFAULT_ENCODER
from tests.helpers.robustness import by_name, measure

SHORTEST = 200_000  # bytes; below that, jingles and tests


def main(music: str, name: str = DEFAULT_ENCODER, models: str = "") -> int:
    torch.set_num_threads(1)
    files = sorted(path for path in Path(music).rglob("*") if path.is_file() and path.stat().st_size > SHORTEST)
    if not files:
        print(f"There is no music in {music}.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        found = measure(files, Path(folder), by_name(name, Path(models) if models else None))
    misses = found.misses()
    print(f"{name}, {len(files)} tracks\n\n{found.table()}\n", *misses, sep="\n")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
