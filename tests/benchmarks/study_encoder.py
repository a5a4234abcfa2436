"""Makes the shipped encoder from lists of excerpts, measures it on sources it never heard, writes the cards.

    python -m tests.benchmarks.study_encoder NAME CLIPS.csv WORK_FOLDER MODELS_FOLDER [MORE.csv ...]

The lists have the columns path, source, artist, style, licence, and may have start_s (seconds, several apart by
spaces: where stretches of 20 s begin); paths are relative to the list. NAME has a `.training.toml` in `resources`.
A fifth of the sources of CLIPS.csv is for choosing settings ("validation"), a fifth only for the table on the card
("test"); nothing of them, and no clip by an artist who is heard there, is trained on. The other lists are for
training alone. Before, `study_lessons` has larger networks tell what they hear, into the same work folder; it keeps
windows and checkpoints too, and run again, the study goes on from there.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from musicdesk.core.errors import MusicdeskError
from musicdesk.core.paths import resources
from musicdesk.core.progress import Silent
from musicdesk.encoders import weights
from musicdesk.encoders.networks import Network
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, read_config, train_encoder
from tests.helpers.hearing_study import (
    Collection,
    Heard,
    by_chance,
    by_descriptors,
    by_means,
    by_mfcc,
    by_network,
    measure,
    read,
    table,
)
from tests.helpers.hearing_study_card import MORE, note_of
from tests.helpers.lessons import Lessons
from tests.helpers.lessons import read as read_lessons


class Told(Silent):
    """A monitor that prints."""

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if done % 5 == 0 or done == total:
            print(f"  {done}/{total} {message}", file=sys.stderr, flush=True)


def train(lessons: Lessons, config: TrainingConfig, folder: Path) -> TrainedEncoder:
    """The network after what the larger ones told; without epochs, as chance made it."""
    nobody = np.full(lessons.track[-1] + 1, -1)
    told = lessons.targets(config.width) if config.lesson else None
    return train_encoder(lessons.mels, lessons.track, nobody, config, folder, Told(), lessons=told)


def ways(heard: Collection, lessons: Lessons, config: TrainingConfig, work: Path) -> tuple[Network, dict[str, Heard]]:
    """The trained network, and all ways of hearing that are compared."""
    trained = train(lessons, config, work / config.name)
    found = {
        "chance": by_chance(heard),
        "(a) MFCC statistics, cosine": by_mfcc(heard, turned=False),
        "(a) MFCC statistics, Mahalanobis": by_mfcc(heard, turned=True),
        "(b) descriptors": by_descriptors(heard, work / "descriptors.npy"),
        "(d) PCA of mel statistics": by_means(heard),
    }
    for kind in ("tower", "ear"):
        plain = replace(config, epochs=0, kind=kind, lesson=0.0, contrast=1.0)
        found[f"(c) untrained {kind}"] = by_network(train(lessons, plain, work / f"none-{kind}").network, heard)
    return trained.network, found | {f"**{config.name}**": by_network(trained.network, heard)}


def main(name: str, clips: str, work: str, models: str, *more: str) -> int:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    Path(work).mkdir(parents=True, exist_ok=True)
    config = read_config(resources() / f"{name}.training.toml")
    try:
        heard = read([Path(clips), *map(Path, more)], Path(work))
        lessons = read_lessons(Path(work) / "lessons", "plain", "changed")
        network, compared = ways(heard, lessons, config, Path(work))
    except MusicdeskError as error:
        print(error, file=sys.stderr)
        return 1
    rows = {part: {way: measure(found, heard, part) for way, found in compared.items()} for part in heard.held}
    tables = {part: table(found) for part, found in rows.items()}
    own = rows["test"][f"**{name}**"]
    card = weights.save(
        Path(models),
        network,
        note_of(heard, lessons, config, tables, MORE),
        name=name,
        licence="CC0-1.0",
        data=f"Learned from {heard.parts['train'].sum():,} pieces, openly licensed music and rendered patterns, and "
        "from what two published networks (musicnn, ISC licence) tell of them.",
        training=asdict(config),
        measured={f"test_{key}": round(value, 4) for key, value in own.items() if np.isfinite(value)},
    )
    print(f"{card.encoder_id}", *tables.values(), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
