"""Log-mel windows of many tracks, as models that hear read them: wherever they lie, in memory or on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

MOST_FOR_STATISTICS = 4_096  # windows


@dataclass(frozen=True, eq=False)
class MelWindows:
    """Windows of tracks, track by track.

    ids:      int64 (tracks,), ascending
    first:    int64 (tracks + 1,): windows first[i] to first[i + 1] - 1 are those of ids[i], in the order of time
    pictures: float16 or float32 (rows, frames, bands), log10(1 + 10 mel); a memmap is fine
    places:   int64 (windows,): the row of `pictures` that each window lies in
    digest:   of the tracks' sound; part of a run's data hash
    """

    ids: np.ndarray
    first: np.ndarray
    pictures: np.ndarray = field(repr=False)
    places: np.ndarray = field(repr=False)
    digest: str = ""

    @classmethod
    def of(cls, ids: np.ndarray, pictures: Sequence[np.ndarray]) -> MelWindows:
        """From one array (windows >= 1, frames, bands) per track, held in memory; `ids` int64 (tracks,) ascending."""
        counts = [len(each) for each in pictures]
        first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
        joined = np.concatenate(list(pictures)) if counts else np.zeros((0, 0, 0), np.float16)
        digest = hashlib.sha256(np.ascontiguousarray(joined).data).hexdigest()
        return cls(np.asarray(ids, np.int64), first, joined, np.arange(len(joined)), digest)

    def __len__(self) -> int:
        """How many tracks there are."""
        return len(self.ids)

    @property
    def counts(self) -> np.ndarray:
        """int64 (tracks,): windows of each."""
        return np.diff(self.first)

    @property
    def shape(self) -> tuple[int, int]:
        """(frames, bands) of a window."""
        return int(self.pictures.shape[1]), int(self.pictures.shape[2])

    def at(self, tracks: np.ndarray) -> np.ndarray:
        """int64 (len(tracks),): the place of each track among `ids`, -1 for one without windows."""
        wanted = np.asarray(tracks, np.int64)
        if not len(self.ids):
            return np.full(len(wanted), -1, np.int64)
        at = np.searchsorted(self.ids, wanted)
        at[at == len(self.ids)] = 0
        found: np.ndarray = np.where(self.ids[at] == wanted, at, -1)
        return found

    def take(self, windows: np.ndarray) -> np.ndarray:
        """The pictures of `windows`, int (k,): float32 (k, frames, bands)."""
        rows = self.places[windows]
        order = np.argsort(rows, kind="stable")  # a file is read in order
        taken = np.empty((len(rows), *self.shape), np.float32)
        taken[order] = self.pictures[rows[order]]
        return taken

    def windows_of(self, at: np.ndarray) -> np.ndarray:
        """int64: all windows of the tracks at the places `at`, track by track."""
        counts = self.counts[at]
        starts = np.repeat(self.first[at] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        found: np.ndarray = starts + np.arange(int(counts.sum()))
        return found

    def only(self, at: np.ndarray) -> MelWindows:
        """Only the tracks at the places `at`, int (k,) ascending."""
        counts = self.counts[at]
        first = np.concatenate([[0], np.cumsum(counts)])
        digest = hashlib.sha256(self.digest.encode() + np.ascontiguousarray(self.ids[at]).tobytes()).hexdigest()
        return replace(self, ids=self.ids[at], first=first, places=self.places[self.windows_of(at)], digest=digest)

    def statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of every band, float32 (bands,) each; see `band_statistics`."""
        return band_statistics(self.pictures, self.places)


def band_statistics(pictures: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every band over `rows` of pictures (rows, frames, bands).

    returns: float32 (bands,) each, over at most 4,096 of the rows, spread evenly. The deviation is kept above
             a tenth of its mean over the bands: an empty band is not to be blown up.
    """
    at = rows[np.unique(np.linspace(0, len(rows) - 1, num=min(MOST_FOR_STATISTICS, len(rows)), dtype=int))]
    total = np.zeros(pictures.shape[2])
    squares = np.zeros(pictures.shape[2])
    for part in np.array_split(at, max(1, len(at) // 256)):
        block = pictures[part].astype(np.float64)
        total += block.mean(axis=1).sum(axis=0)
        squares += np.square(block).mean(axis=1).sum(axis=0)
    mean = total / len(at)
    sd = np.sqrt(np.maximum(squares / len(at) - mean**2, 0.0))
    return mean.astype(np.float32), np.maximum(sd, max(0.1 * sd.mean(), 1e-6)).astype(np.float32)
