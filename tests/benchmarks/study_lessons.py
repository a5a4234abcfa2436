"""Has larger networks tell what they hear in the music that the shipped encoder learns from.

    python -m tests.benchmarks.study_lessons TEACHERS CLIPS.csv WORK_FOLDER CHANGED [MORE.csv ...]

TEACHERS holds MSD_musicnn.npz and MTT_musicnn.npz, made as `tests.helpers.teacher` says; the lists are those of
`study_encoder`, and so is what is held back; CHANGED is how many changed pieces are told beside those as they are.
Takes one to two seconds a piece on one core. What was told before is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from tests.helpers.hearing_study import read
from tests.helpers.lessons import collect, collect_changed
from tests.helpers.teacher import Teacher


def main(teachers: str, clips: str, work: str, changed: str, *more: str) -> int:
    torch.set_num_threads(1)
    heard = read([Path(clips), *map(Path, more)], Path(work))
    held = heard.parts["validation"] | heard.parts["test"]
    pieces, away = ([heard.rows[at] for at in np.flatnonzero(part)] for part in (heard.parts["train"], held))
    asked = [Teacher.read(Path(teachers) / f"{name}.npz") for name in ("MSD_musicnn", "MTT_musicnn")]
    folder = Path(work) / "lessons"
    collect(pieces, asked, folder, "plain")
    collect(away, asked, folder, "held")
    collect_changed(pieces, asked, folder, int(changed))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
