"""A collection of music with labels, ways of hearing it, and how well each finds what is alike."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from musicdesk.audio.decode import Block, opened
from musicdesk.audio.gather import mono_at
from musicdesk.audio.listen import listen
from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.errors import SoundError
from musicdesk.core.types import MelSpec
from musicdesk.encoders import retrieval
from musicdesk.encoders.embed import Embedder
from musicdesk.encoders.networks import Network
from musicdesk.encoders.weights import Card, Encoder
from musicdesk.encoders.whitening import main_directions
from musicdesk.learning.cepstra import mfcc_of_log_mel, with_differences

FRAMES, STEP, PER_STRETCH, STRETCH_S = 130, 61, 13, 21.0  # windows of 3 s, one begins every 1.4 s
SPLIT_SEED = 7


@dataclass(frozen=True)
class Collection:
    """rows: of the lists; lists: int (tracks,), from which of them; mels: float16 (windows, 130, 128)
    first: int (tracks + 1,), where each track's windows begin
    """

    rows: list[dict[str, str]]
    lists: np.ndarray
    mels: np.ndarray
    first: np.ndarray

    held = ("validation", "test")

    def column(self, name: str) -> np.ndarray:
        """Numbers for the words in a column, -1 for none."""
        return codes([row.get(name) or "" for row in self.rows])

    @cached_property
    def source(self) -> np.ndarray:
        return codes([row["source"] for row in self.rows])

    @cached_property
    def label(self) -> np.ndarray:
        return codes([row["artist"] or f"source: {row['source']}" for row in self.rows])

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """bool (tracks,) for "train", "validation", "test"; disjoint, the first from the others also in artists."""
        listed = codes(
            [row["source"] if number == 0 else "" for row, number in zip(self.rows, self.lists, strict=True)]
        )
        shuffled = np.random.default_rng(SPLIT_SEED).permutation(listed.max() + 1)
        fifth = len(shuffled) // 5
        test, validation = np.isin(listed, shuffled[:fifth]), np.isin(listed, shuffled[fifth : 2 * fifth])
        away = test | validation
        train = ~away & ~np.isin(self.label, self.label[away])
        return {"train": train, "validation": validation, "test": test}


def codes(names: Sequence[str]) -> np.ndarray:
    """Numbers for names in their order; -1 for the empty one."""
    known = {name: number for number, name in enumerate(sorted({name for name in names if name}))}
    return np.array([known.get(name, -1) for name in names])


def read(lists: Sequence[Path], work: Path) -> Collection:
    """Hears all that is listed, once; what cannot be heard is left out and told."""
    rows, numbers, parts = [], [], []
    for number, path in enumerate(lists):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                made = work / "windows" / f"{path.stem}-{row['path'].replace('/', '+')}.npy"
                try:
                    parts.append(_kept(path.parent / row["path"], row.get("start_s") or "0", made))
                except (SoundError, OSError, ValueError) as error:
                    warnings.warn(f"{row['path']}: {error}", stacklevel=2)
                    continue
                rows.append({**row, "file": str(path.parent / row["path"])})
                numbers.append(number)
    first = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return Collection(rows, np.array(numbers), np.concatenate(parts), first)


def _kept(path: Path, starts: str, made: Path) -> np.ndarray:
    if made.exists():
        return np.load(made)
    found = np.concatenate([stretch(path, float(start)) for start in starts.split()])
    made.parent.mkdir(parents=True, exist_ok=True)
    np.save(made, found)
    return found


def stretch(path: Path, start_s: float) -> np.ndarray:
    """float16 (13, 130, 128): overlapping windows of the 20 s that begin there."""
    spec = MelSpec()
    with opened(os.fsencode(path)) as source:
        blocks = list(source.blocks(start_s, STRETCH_S))
    sound = mono_at(Block(blocks[0].rate_hz, np.concatenate([block.samples for block in blocks])), spec.rate_hz)
    picture = log_mel(sound, spec)
    if len(picture) < FRAMES:
        picture = np.resize(picture, (FRAMES, picture.shape[1]))
    starts = np.linspace(0, min(len(picture) - FRAMES, (PER_STRETCH - 1) * STEP), PER_STRETCH).astype(int)
    return np.stack([picture[at : at + FRAMES] for at in starts]).astype(np.float16)


Heard = np.ndarray  # float (tracks, dim), rows of length 1


def by_network(network: Network, heard: Collection) -> Heard:
    shape = network.shape
    embedder = Embedder(Encoder(Card("x", shape.out, "", "", "", width=shape.dim), network))
    tracks = [heard.mels[a:b] for a, b in zip(heard.first[:-1], heard.first[1:], strict=True)]
    return np.concatenate([embedder.embed(tracks[at : at + 64]) for at in range(0, len(tracks), 64)])


def by_mfcc(heard: Collection, turned: bool) -> Heard:
    """Mean and deviation of 39 cepstra of each track; scaled, or (turned) made uncorrelated by the training tracks."""

    def one(windows: np.ndarray) -> np.ndarray:
        cepstra = np.concatenate([with_differences(mfcc_of_log_mel(window)) for window in windows[::2]])
        return np.concatenate([cepstra.mean(0), cepstra.std(0)])

    return _scaled(heard, np.stack([one(windows) for windows in _each(heard)]), 1.0 if turned else None)


def by_means(heard: Collection, directions: int = 64) -> Heard:
    """Mean and deviation of the bands, on their main directions."""

    def one(windows: np.ndarray) -> np.ndarray:
        values = windows.astype(np.float32)
        return np.concatenate([values.mean((0, 1)), values.std((0, 1))])

    return _scaled(heard, np.stack([one(windows) for windows in _each(heard)]), 0.5, directions)


def by_descriptors(heard: Collection, kept: Path) -> Heard:
    """What the program tells of the first list's tracks besides its vectors; zeros for the others."""
    if not kept.exists():
        told = [
            listen({"path": row["file"], "windows": None, "whole": True})[1]["descriptors"] for row in _first(heard)
        ]
        np.save(kept, np.stack(told))
    known = np.load(kept)
    table = np.zeros((len(heard.rows), known.shape[1]))
    table[heard.lists == 0] = known
    learn = heard.parts["train"] & (heard.lists == 0)
    scaled = (table - table[learn].mean(0)) / (table[learn].std(0) + 1e-9)
    scaled[heard.lists != 0] = 0.0
    return _unit(scaled)


def by_chance(heard: Collection) -> Heard:
    return _unit(np.random.default_rng(0).standard_normal((len(heard.rows), 128)))


def _first(heard: Collection) -> list[dict[str, str]]:
    return [row for row, number in zip(heard.rows, heard.lists, strict=True) if number == 0]


def _each(heard: Collection) -> list[np.ndarray]:
    return [heard.mels[a:b] for a, b in zip(heard.first[:-1], heard.first[1:], strict=True)]


def _scaled(heard: Collection, table: np.ndarray, strength: float | None, most: int | None = None) -> Heard:
    learn = heard.parts["train"]
    scaled = (table - table[learn].mean(0)) / (table[learn].std(0) + 1e-9)
    if strength is not None:
        scaled = scaled @ main_directions(scaled[learn], most or scaled.shape[1], strength)
    return _unit(scaled)


def _unit(table: np.ndarray) -> Heard:
    found: np.ndarray = table / (np.linalg.norm(table, axis=1, keepdims=True) + 1e-12)
    return found


def measure(vectors: Heard, heard: Collection, part: str) -> dict[str, float]:
    """The figures of one row of the table, on the tracks of one part."""
    inside = heard.parts[part]
    figures: dict[str, float] = {}
    for name in ("artist", "source"):
        labels = heard.column(name)[inside]
        values = retrieval.average_precisions(vectors[inside], labels)
        low, high = retrieval.interval(values)
        figures |= {f"{name}_map": float(np.nanmean(values)), f"{name}_low": low, f"{name}_high": high}
        figures[f"{name}_recall"] = retrieval.recall_at(vectors[inside], labels, 10)
    away = ~heard.parts["train"]
    figures["style_error"] = 1 - retrieval.neighbour_accuracy(
        vectors, heard.column("style"), heard.source, queries=away
    )
    figures["hubs"] = hub_skew(vectors[heard.lists == 0])
    return figures


def hub_skew(vectors: Heard, k: int = 10) -> float:
    """Skew of how often a track is among the 10 nearest of others: 0 where all are alike, high where few always are."""
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    counts = np.bincount(np.argsort(-similarity, axis=1)[:, :k].ravel(), minlength=len(vectors)).astype(float)
    return float(((counts - counts.mean()) ** 3).mean() / counts.std() ** 3)


def table(rows: dict[str, dict[str, float]]) -> str:
    """Markdown."""
    lines = [
        "| | same artist, mAP (95 %) | recall@10 | same source, mAP (95 %) | recall@10 | style: error | hubs |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, f in rows.items():
        spans = [f"{f[f'{k}_map']:.3f} ({f[f'{k}_low']:.3f}-{f[f'{k}_high']:.3f})" for k in ("artist", "source")]
        lines.append(
            f"| {name} | {spans[0]} | {f['artist_recall']:.3f} | {spans[1]} | {f['source_recall']:.3f} | "
            f"{f['style_error']:.3f} | {f['hubs']:.2f} |"
        )
    return "\n".join(lines)
