"""What training reads: windows on disk, and the order in which they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.learning.windows import band_statistics


@dataclass(frozen=True, eq=False)
class Windows:
    """All windows of all tracks.

    mels:   float16 or float32 (windows, frames, bands), log10(1 + 10 mel); a memmap is fine
    track:  int (windows,), the track of each window, 0..tracks-1
    label:  int (tracks,), whatever makes two tracks alike (artist, album, source); -1 for none
    """

    mels: np.ndarray
    track: np.ndarray
    label: np.ndarray

    def check(self) -> None:
        """Raises Unusable when the three do not belong together or there is too little to learn from."""
        if self.mels.ndim != 3 or self.mels.dtype.kind != "f":
            raise Unusable("Training needs windows as an array of (windows, frames, bands) floating numbers.")
        if len(self.mels) != len(self.track):
            raise Unusable(f"There are {len(self.mels)} windows, but {len(self.track)} track numbers for them.")
        if not ((np.asarray(self.track) >= 0) & (np.asarray(self.track) < len(self.label))).all():
            raise Unusable(f"The windows name tracks that the {len(self.label)} labels do not cover.")
        if (np.bincount(self.track) >= 2).sum() < 4:
            raise Unusable("Training needs at least four tracks with two windows each.")

    def fingerprint(self) -> str:
        """A hash of the layout and of a sample of the windows: enough to see that data has changed."""
        digest = hashlib.sha256(repr((self.mels.shape, str(self.mels.dtype))).encode())
        digest.update(np.ascontiguousarray(self.track, dtype=np.int64).tobytes())
        digest.update(np.ascontiguousarray(self.label, dtype=np.int64).tobytes())
        for at in np.linspace(0, len(self.mels) - 1, num=min(64, len(self.mels)), dtype=int):
            digest.update(np.ascontiguousarray(self.mels[at]).tobytes())
        return digest.hexdigest()

    def statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of every band, float32 (bands,) each; see `band_statistics`."""
        return band_statistics(self.mels, np.arange(len(self.mels)))


def batches(
    windows: Windows, tracks_per_batch: int, per_track: int, generator: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One pass over all tracks: `(rows, tracks)`, both int (tracks_per_batch * per_track,).

    `rows` are sorted inside a batch, since the memmap is read in order. Two tracks of a label stand side
    by side, so that a batch holds likeness between tracks and not only within them. The last batch is
    left out when it has fewer than half of the tracks.
    """
    order = np.argsort(windows.track, kind="stable")
    ends = np.cumsum(np.bincount(windows.track, minlength=len(windows.label)))
    rows_of = np.split(order, ends[:-1])
    usable = np.array([track for track, rows in enumerate(rows_of) if len(rows) >= 2])
    tracks = _paired(usable, windows.label[usable], generator)
    size = min(tracks_per_batch, len(tracks))
    for start in range(0, len(tracks), size):
        chosen = tracks[start : start + size]
        if len(chosen) * 2 < size:
            return
        rows = [generator.choice(rows_of[track], per_track, len(rows_of[track]) < per_track) for track in chosen]
        picked = np.sort(np.concatenate(rows))
        yield picked, windows.track[picked]


def _paired(tracks: np.ndarray, labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The tracks in random order, but those of one label in pairs."""
    shuffled = generator.permutation(len(tracks))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    groups: list[np.ndarray] = []
    for group in np.split(by_label, np.flatnonzero(np.diff(labels[by_label])) + 1):
        step = 1 if labels[group[0]] < 0 else 2
        groups += [group[at : at + step] for at in range(0, len(group), step)]
    mixed = [groups[at] for at in generator.permutation(len(groups))]
    ordered: np.ndarray = tracks[np.concatenate(mixed)]
    return ordered


def new_memmap(path: Path, windows: int, frames: int = 130, bands: int = 128) -> np.memmap:
    """An empty float16 store to be filled in order: mels are computed once, and read every epoch."""
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(windows, frames, bands))
