"""Teaches the shipped encoder's vectors the words of the networks that told it what music is like.

    python -m tests.benchmarks.study_tags NAME WORK_FOLDER MODELS_FOLDER

After `study_lessons` and `study_encoder`. A word's probability is that of a network naming it (giving it a probability
of at least a quarter) over a piece of 20 s; a logistic regression on the piece's vector says it. Words are kept that
are named often enough in what was held back, and whose order there is right: the area under the curve of receiver
operating characteristics is at least .85. Prints the table of the card.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from musicdesk.core.files import replacing
from musicdesk.encoders import weights
from musicdesk.encoders.embed import Embedder
from tests.helpers.lessons import Lessons, read

MSD, MTT = 200, 450  # where the tags of the Million Song Dataset and of MagnaTagATune begin among what is told
# our word: its kind, and its place there
WORDS = {
    "rock": ("genre", MSD + 0),
    "pop": ("genre", MSD + 1),
    "electronic": ("genre", MSD + 4),
    "dance": ("genre", MSD + 6),
    "jazz": ("genre", MSD + 9),
    "metal": ("genre", MSD + 11),
    "soul": ("genre", MSD + 15),
    "folk": ("genre", MSD + 20),
    "punk": ("genre", MSD + 24),
    "blues": ("genre", MSD + 26),
    "ambient": ("genre", MSD + 28),
    "hip-hop": ("genre", MSD + 33),
    "country": ("genre", MSD + 36),
    "funk": ("genre", MSD + 40),
    "classical": ("genre", MTT + 1),
    "techno": ("genre", MTT + 3),
    "new age": ("genre", MTT + 37),
    "chillout": ("mood", MSD + 12),
    "slow": ("mood", MTT + 2),
    "fast": ("mood", MTT + 8),
    "loud": ("mood", MTT + 23),
    "quiet": ("mood", MTT + 24),
    "soft": ("mood", MTT + 30),
    "weird": ("mood", MTT + 45),
    "guitar": ("instrument", MTT + 0),
    "strings": ("instrument", MTT + 4),
    "drums": ("instrument", MTT + 5),
    "piano": ("instrument", MTT + 9),
    "violin": ("instrument", MTT + 12),
    "synth": ("instrument", MTT + 14),
    "flute": ("instrument", MTT + 25),
    "harpsichord": ("instrument", MTT + 22),
    "choir": ("instrument", MTT + 35),
    "harp": ("instrument", MTT + 42),
    "cello": ("instrument", MTT + 43),
    "voice": ("voice", MTT + 13),
    "female voice": ("voice", MTT + 40),
    "male voice": ("voice", MTT + 27),
}
NAMED = 0.25  # probability from which a network names a word
FEWEST, LEAST_AUC = 8, 0.85
STRENGTHS = (0.1, 1.0, 10.0)  # of the regression's freedom; chosen on the pieces held back, the same for all words


def pieces(lessons: Lessons, embedder: Embedder) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, dim) and which words are named, bool (n, words)."""
    first = np.flatnonzero(np.diff(lessons.track, prepend=-1))
    ends = np.append(first[1:], len(lessons.track))
    vectors = np.concatenate([embedder.embed([lessons.mels[a:b]]) for a, b in zip(first, ends, strict=True)])
    told = np.stack([lessons.told[a:b].mean(0) for a, b in zip(first, ends, strict=True)])
    logits = told[:, [at for _, at in WORDS.values()]]
    return vectors, 1.0 / (1.0 + np.exp(-logits)) >= NAMED


def fitted(vectors: np.ndarray, named: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=strength, max_iter=300).fit(vectors * np.sqrt(vectors.shape[1]), named)
    return model.coef_[0] * np.sqrt(vectors.shape[1]), float(model.intercept_[0])


def main(name: str, work: str, models: str) -> int:
    torch.set_num_threads(1)
    encoder = weights.load(Path(models), name)
    embedder = Embedder(encoder)
    folder = Path(work) / "lessons"
    learn, named = pieces(read(folder, "plain", "changed"), embedder)
    held, truth = pieces(read(folder, "held"), embedder)
    kept = [at for at in range(len(WORDS)) if truth[:, at].sum() >= FEWEST and named[:, at].sum() >= 3 * FEWEST]
    best, fits = max(
        (
            (_score(found := [fitted(learn, named[:, at], c) for at in kept], held, truth[:, kept]), found)
            for c in STRENGTHS
        ),
        key=lambda pair: pair[0],
    )
    print(f"mean log likelihood {best:.3f}\n\n| word | held back, named | AUC | told | named |\n|---|---|---|---|---|")
    words = list(WORDS)
    chosen = []
    for at, (weight, bias) in zip(kept, fits, strict=True):
        p = _probability(held, weight, bias)
        auc = float(roc_auc_score(truth[:, at], p))
        print(f"| {words[at]} | {truth[:, at].sum()} | {auc:.3f} | {p.mean():.3f} | {truth[:, at].mean():.3f} |")
        if auc >= LEAST_AUC:
            chosen.append((words[at], WORDS[words[at]][0], auc, weight, bias))
    names, kinds, agreement, weight, bias = zip(*chosen, strict=True)
    blob = safetensors.numpy.save(
        {"weight": np.stack(weight, 1).astype(np.float32), "bias": np.array(bias, np.float32)},
        {
            "names": json.dumps(names),
            "kinds": json.dumps(kinds),
            "agreement": json.dumps([round(value, 3) for value in agreement]),
            "sha256": encoder.card.sha256,
        },
    )
    with replacing(Path(models) / f"{name}.tags.safetensors", mode=0o644) as stream:
        stream.write(blob)
    return 0


def _probability(vectors: np.ndarray, weight: np.ndarray, bias: float) -> np.ndarray:
    found: np.ndarray = 1.0 / (1.0 + np.exp(-(vectors @ weight + bias)))
    return found


def _score(fits: list[tuple[np.ndarray, float]], vectors: np.ndarray, named: np.ndarray) -> float:
    """Mean log likelihood of what is named."""
    p = np.stack([_probability(vectors, *fit) for fit in fits], axis=1).clip(1e-6, 1 - 1e-6)
    return float(np.where(named, np.log(p), np.log(1 - p)).mean())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
