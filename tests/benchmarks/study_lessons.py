"""Has larger networks tell what they hear in the music that the shipped encoder learns from.

    python -m tests.benchmarks.study_lessons CLIPS.csv WORK_FOLDER CHANGED [MORE.csv ...]

The work folder's `teachers` hold `mn04_as_mAP_432.pt` (`tests.helpers.teacher` says where it is from) and the encoder
`ear3`, which musicdesk shipped before. The lists are those of `study_encoder`, and so is what is held back; CHANGED is
how many changed forms of each piece are told besides. Takes two to three seconds a stretch on one core. What was told
before is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from musicdesk.encoders import weights
from tests.helpers.hearing_study import read
from tests.helpers.lessons import Panel, collect
from tests.helpers.teacher import Teacher


def main(clips: str, work: str, changed: str, *more: str) -> int:
    torch.set_num_threads(1)
    lists = [Path(clips), *map(Path, more)]
    heard = read(lists, Path(work))
    teachers = Path(work) / "teachers"
    panel = Panel(Teacher.read(teachers / "mn04_as_mAP_432.pt"), weights.load(teachers, "ear3"))
    held = heard.parts["validation"] | heard.parts["test"]
    for number, path in enumerate(lists):
        own = np.flatnonzero((heard.lists == number) & (held | heard.parts["train"]))
        pieces = [heard.rows[at] for at in own]
        collect(path.stem, pieces, held[own], panel, Path(work) / "lessons", int(changed))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
