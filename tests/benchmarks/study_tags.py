"""Teaches the shipped encoder's vectors words: those that `ear3` knew, and those of the larger network.

    python -m tests.benchmarks.study_tags NAME WORK_FOLDER MODELS_FOLDER

After `study_lessons` and `study_encoder`. A word's probability is what `ear3` gave it, or that of the larger network
naming it (giving it at least NAMED), over a piece of 20 s; a logistic regression on the piece's vector says it. Words
are kept that are named often enough in what was held back, and whose order there is right: the area under the curve
of receiver operating characteristics is at least .85. Prints the table of the card. How well a word of `ear3` agrees
is the lesser of how well it did there and how well it is said again here.
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
from musicdesk.encoders.tags import TagHead, beside, read_tags
from tests.helpers.lessons import WINDOWS, Lessons, read
from tests.helpers.teacher import LAST, TAGS

# our word: its kind, and its place among the 527 sounds of AudioSet
WORDS = {
    "pop": ("genre", 216),
    "hip-hop": ("genre", 217),
    "rock": ("genre", 219),
    "metal": ("genre", 220),
    "punk": ("genre", 221),
    "R&B": ("genre", 226),
    "soul": ("genre", 227),
    "reggae": ("genre", 228),
    "country": ("genre", 229),
    "swing": ("genre", 230),
    "funk": ("genre", 232),
    "folk": ("genre", 233),
    "jazz": ("genre", 235),
    "disco": ("genre", 236),
    "classical": ("genre", 237),
    "opera": ("genre", 238),
    "electronic": ("genre", 239),
    "house": ("genre", 240),
    "techno": ("genre", 241),
    "dubstep": ("genre", 242),
    "drum and bass": ("genre", 243),
    "ambient": ("genre", 246),
    "trance": ("genre", 247),
    "latin": ("genre", 248),
    "blues": ("genre", 251),
    "new age": ("genre", 253),
    "video game": ("genre", 272),
    "happy": ("mood", 276),
    "funny": ("mood", 277),
    "sad": ("mood", 278),
    "tender": ("mood", 279),
    "exciting": ("mood", 280),
    "angry": ("mood", 281),
    "scary": ("mood", 282),
    "guitar": ("instrument", 140),
    "electric guitar": ("instrument", 141),
    "bass guitar": ("instrument", 142),
    "acoustic guitar": ("instrument", 143),
    "banjo": ("instrument", 147),
    "piano": ("instrument", 153),
    "electric piano": ("instrument", 154),
    "organ": ("instrument", 155),
    "synthesizer": ("instrument", 158),
    "harpsichord": ("instrument", 160),
    "drums": ("instrument", 162),
    "drum machine": ("instrument", 163),
    "glockenspiel": ("instrument", 181),
    "vibraphone": ("instrument", 182),
    "orchestra": ("instrument", 184),
    "brass": ("instrument", 185),
    "trumpet": ("instrument", 187),
    "strings": ("instrument", 190),
    "violin": ("instrument", 191),
    "cello": ("instrument", 193),
    "double bass": ("instrument", 194),
    "flute": ("instrument", 196),
    "saxophone": ("instrument", 197),
    "harp": ("instrument", 199),
    "harmonica": ("instrument", 208),
    "accordion": ("instrument", 209),
    "choir": ("voice", 28),
    "singing": ("voice", 27),
    "rapping": ("voice", 36),
    "speech": ("voice", 0),
}
NAMED = 0.25  # probability from which the larger network names a word
TOLD = 0.4  # from which a word is told
FEWEST, LEAST_AUC = 8, 0.85
STRENGTHS = (0.1, 1.0, 10.0)  # of the regression's freedom; chosen on the pieces held back, the same for all words


def pieces(lessons: Lessons, embedder: Embedder, older: TagHead) -> tuple[np.ndarray, np.ndarray]:
    """Of every form of every piece, its vector (n, dim) and how likely the words are, 0..1 (n, ear3's, then WORDS)."""
    forms = lessons.mels.reshape(-1, WINDOWS, *lessons.mels.shape[1:])
    vectors = np.concatenate([embedder.embed(list(forms[at : at + 64])) for at in range(0, len(forms), 64)])
    told = lessons.told.reshape(-1, WINDOWS, lessons.told.shape[1]).mean(1)
    before = told[:, LAST + TAGS :]
    known = older.probabilities(before / np.linalg.norm(before, axis=1, keepdims=True))
    logits = told[:, [LAST + at for _, at in WORDS.values()]]
    return vectors, np.concatenate([known, 1.0 / (1.0 + np.exp(-logits)) >= NAMED], axis=1)


def words_of(folder: Path, name: str) -> TagHead:
    card = weights.read_card(folder, name)
    found = read_tags(beside(folder, name), card.sha256, card.dim)
    if found is None:
        raise SystemExit(f"The words of {name} are missing in {folder}.")
    return found


def fitted(vectors: np.ndarray, likely: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weight and bias. likely: (n,) in 0..1; a row counts for the word by that, and against it by the rest."""
    rows = np.concatenate([vectors, vectors]) * np.sqrt(vectors.shape[1])
    yes = np.repeat([True, False], len(vectors))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=strength, max_iter=300).fit(rows, yes, np.concatenate([likely, 1.0 - likely]))
    return model.coef_[0] * np.sqrt(vectors.shape[1]), float(model.intercept_[0])


def main(name: str, work: str, models: str) -> int:
    torch.set_num_threads(1)
    encoder = weights.load(Path(models), name)
    embedder = Embedder(encoder)
    folder = Path(work) / "lessons"
    older = words_of(Path(work) / "teachers", "ear3")
    learn, likely = pieces(read(folder, "plain"), embedder, older)
    held, theirs = pieces(read(folder, "held"), embedder, older)
    named, truth = likely >= TOLD, theirs >= TOLD
    words = [*older.names, *WORDS]
    kinds = [*older.kinds, *(kind for kind, _ in WORDS.values())]
    most = [*older.agreement, *[1.0] * len(WORDS)]
    fewest = [*[1] * len(older.names), *[FEWEST] * len(WORDS)]  # ear3's words were judged before
    kept = [
        at
        for at in range(len(words))
        if truth[:, at].sum() >= fewest[at] and named[:, at].sum() >= 3 * FEWEST and words.index(words[at]) == at
    ]
    best, fits = max(
        (
            (_score(found := [fitted(learn, likely[:, at], c) for at in kept], held, theirs[:, kept]), found)
            for c in STRENGTHS
        ),
        key=lambda pair: pair[0],
    )
    print(f"mean log likelihood {best:.3f}\n")
    print("| word | held back, named | AUC | told | by the teacher |\n|---|---|---|---|---|")
    chosen = []
    for at, (weight, bias) in zip(kept, fits, strict=True):
        p = _probability(held, weight, bias)
        auc = float(roc_auc_score(truth[:, at], p))
        print(f"| {words[at]} | {truth[:, at].sum()} | {auc:.3f} | {p.mean():.3f} | {theirs[:, at].mean():.3f} |")
        if auc >= LEAST_AUC:
            chosen.append((words[at], kinds[at], min(auc, most[at]), weight, bias))
    names, their_kinds, agreement, weight, bias = zip(*chosen, strict=True)
    blob = safetensors.numpy.save(
        {"weight": np.stack(weight, 1).astype(np.float32), "bias": np.array(bias, np.float32)},
        {
            "names": json.dumps(names),
            "kinds": json.dumps(their_kinds),
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


def _score(fits: list[tuple[np.ndarray, float]], vectors: np.ndarray, likely: np.ndarray) -> float:
    """Mean log likelihood of what the teachers say."""
    p = np.stack([_probability(vectors, *fit) for fit in fits], axis=1).clip(1e-6, 1 - 1e-6)
    return float((likely * np.log(p) + (1 - likely) * np.log(1 - p)).mean())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
