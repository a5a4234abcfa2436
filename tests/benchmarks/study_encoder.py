"""Makes the shipped encoder from lists of excerpts, measures it on sources it never heard, writes the cards.

    python -m tests.benchmarks.study_encoder NAME CLIPS.csv WORK_FOLDER MODELS_FOLDER [MORE.csv ...]

The lists have the columns path, source, artist, style, licence, and may have start_s (seconds, several apart by
spaces: where stretches of 20 s begin); paths are relative to the list. NAME has a `.training.toml` in `resources`.
A fifth of the sources of CLIPS.csv is for choosing settings ("validation"), a fifth only for the table on the card
("test"); nothing of them, and no clip by an artist who is heard there, is trained on. The other lists are for
training alone. Before, `study_lessons` has larger networks tell what they hear, into the same work folder, where
`teachers` has to hold `ear3`, the encoder before; windows and checkpoints are kept there too, and run again, the study
goes on from there.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import Ridge

from musicdesk.core.errors import MusicdeskError
from musicdesk.core.paths import resources
from musicdesk.core.progress import Silent
from musicdesk.core.types import MelSpec
from musicdesk.encoders import weights
from musicdesk.encoders.data import Windows
from musicdesk.encoders.networks import Network, built
from musicdesk.encoders.training import TrainedEncoder, TrainingConfig, read_config, train_encoder
from musicdesk.encoders.whitening import whiten
from musicdesk.learning.ears import Ears
from tests.helpers.hearing_study import (
    FRAMES,
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

RIDGE = 3_000.0


class Told(Silent):
    """A monitor that prints."""

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if done % 5 == 0 or done == total:
            print(f"  {done}/{total} {message}", file=sys.stderr, flush=True)


def train(lessons: Lessons, config: TrainingConfig, work: Path) -> TrainedEncoder:
    """The network after what the larger ones told; without epochs, as chance made it."""
    nobody = np.full(lessons.track[-1] + 1, -1)
    told, start = None, None
    if config.lesson and config.kind == "ears":
        told = lessons.of_the_larger(config.width // 2)
        second = train(lessons, read_config(resources() / "picture.training.toml"), work)
        start = beside(weights.load(work / "teachers", "ear3").network, second.network, config)
    elif config.lesson:
        told = lessons.of_both(config.width)
    folder = work / config.name
    trained = train_encoder(lessons.mels, lessons.track, nobody, config, folder, Told(), start=start, lessons=told)
    if told is not None and isinstance(trained.network, Ears):
        read_anew(trained.network, lessons, told)
        whiten(trained.network, Windows(lessons.mels, lessons.track, nobody), config.whitening, config.centred)
    return trained


def read_anew(network: Ears, lessons: Lessons, told: np.ndarray) -> None:
    """The layer that reads both ears, by ridge regression of what was told: it does better so than by its gradients."""
    with torch.inference_mode():
        rows = np.array_split(np.arange(len(told)), max(1, len(told) // 256))
        heard = np.concatenate([network.joint(torch.from_numpy(lessons.mels[at].astype(np.float32))) for at in rows])
    spread = heard.std(0) + 1e-3
    ridge = Ridge(alpha=RIDGE).fit(heard / spread, told)
    network.feature.weight.copy_(torch.from_numpy(ridge.coef_ / spread))
    network.feature.bias.copy_(torch.from_numpy(ridge.intercept_))


def beside(in_time: Network, in_picture: Network, config: TrainingConfig) -> Network:
    """Both ears in one network; what reads them together begins from chance."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = built(config.kind, config.width, config.out, config.hidden, config.filters, MelSpec().bands, FRAMES)
    assert isinstance(network, Ears)
    network.in_time.load_state_dict(in_time.state_dict())
    trunk = network.in_picture.state_dict()
    network.in_picture.load_state_dict({key: in_picture.state_dict()[key] for key in trunk})
    return network


def ways(heard: Collection, lessons: Lessons, config: TrainingConfig, work: Path) -> tuple[Network, dict[str, Heard]]:
    """The trained network as it is saved, and all ways of hearing that are compared."""
    trained = train(lessons, config, work)
    found = {
        "chance": by_chance(heard),
        "(a) MFCC statistics, cosine": by_mfcc(heard, turned=False),
        "(a) MFCC statistics, Mahalanobis": by_mfcc(heard, turned=True),
        "(b) descriptors": by_descriptors(heard, work / "descriptors.npy"),
        "(d) PCA of mel statistics": by_means(heard),
    }
    for kind in ("tower", config.kind):
        plain = replace(config, name=f"none-{kind}", epochs=0, kind=kind, lesson=0.0, contrast=1.0, still="")
        found[f"(c) untrained {kind}"] = by_network(train(lessons, plain, work).network, heard)
    network = weights.halved(trained.network)
    return network, found | {f"**{config.name}**": by_network(network, heard)}


def main(name: str, clips: str, work: str, models: str, *more: str) -> int:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    Path(work).mkdir(parents=True, exist_ok=True)
    config = read_config(resources() / f"{name}.training.toml")
    try:
        heard = read([Path(clips), *map(Path, more)], Path(work))
        lessons = read_lessons(Path(work) / "lessons", "plain")
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
        note_of(heard, lessons, config, tables, (Path(work) / "teachers" / "ear3.md").read_text("utf-8"), MORE),
        half=True,
        name=name,
        licence="CC0-1.0",
        data=f"Two ears beside each other: `ear3`, and one that learned from {heard.parts['train'].sum():,} pieces of "
        "openly licensed music. They learned what published networks (musicnn, ISC; mn04, MIT) tell of them.",
        training=asdict(config),
        measured={f"test_{key}": round(value, 4) for key, value in own.items() if np.isfinite(value)},
    )
    print(f"{card.encoder_id}", *tables.values(), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
