"""The planted world with windows of sound that follow its tracks' taste, painted rather than played."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from musicdesk.core.types import Vectors
from musicdesk.demo.world import DIMS, World
from musicdesk.evaluation.metrics import auc, mean, places
from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.base import TrainingData
from musicdesk.recommenders.crowd import CrowdPlays

FRAMES, BANDS = 128, 24
FIRST = 1_001  # track id of the first song


def painted(taste: np.ndarray, seed: int = 0, windows: int = 2, noise: float = 0.3) -> np.ndarray:
    """float16 (tracks, windows, FRAMES, BANDS): each dimension of taste lifts a smooth shape over time and bands."""
    draw = np.random.default_rng([seed, 7])
    time, band = np.arange(FRAMES)[:, None], np.arange(BANDS)[None, :]
    rate, pitch = draw.uniform(2, 14, DIMS), draw.uniform(0, 2 * np.pi, (DIMS, 2))
    shapes = np.stack(
        [
            np.cos(2 * np.pi * rate[d] * time / FRAMES + pitch[d, 0]) * 0.5
            + np.cos(band / BANDS * (d + 1) * 3 + pitch[d, 1])
            for d in range(DIMS)
        ]
    )
    level = 0.8 + 0.1 * np.tensordot(taste, shapes, axes=1)[:, None]
    heard = level + noise * draw.standard_normal((len(taste), windows, FRAMES, BANDS))
    return np.maximum(heard, 0).astype(np.float16)


def windows_of(pictures: np.ndarray, ids: np.ndarray) -> MelWindows:
    return MelWindows.of(ids, list(pictures))


def training_data(world: World, plays: np.ndarray, pictures: np.ndarray, **more: object) -> TrainingData:
    """Every song of the crowd is a track of the library; `plays` (listeners, songs) is what is learned from."""
    songs = world.spec.tracks
    ids = np.arange(FIRST, FIRST + songs)
    matrix = csr_matrix(plays.astype(np.float32))
    crowd = CrowdPlays("world", lambda: matrix, ids, world.tracks.artist, np.zeros(songs, np.float32), f"{plays.sum()}")
    vectors = Vectors(ids, np.eye(songs, 4, dtype=np.float32))
    return TrainingData(vectors, crowd=crowd, windows=windows_of(pictures, ids), **more)  # type: ignore[arg-type]


def cold(world: World, share: float = 0.25, seed: int = 0) -> np.ndarray:
    """int64: songs that nobody may have played, whole artists."""
    artists = np.random.default_rng([seed, 11]).permutation(world.spec.artists)
    chosen = artists[: max(1, round(share * world.spec.artists))]
    return np.flatnonzero(np.isin(world.tracks.artist, chosen))


def without(plays: np.ndarray, songs: np.ndarray) -> np.ndarray:
    rest = plays.copy()
    rest[:, songs] = 0
    return rest


def auc_over(scores: np.ndarray, plays: np.ndarray, songs: np.ndarray) -> float:
    """Mean AUC of the listeners' played songs among `songs`."""
    return mean(auc(places(scores[:, songs], csr_matrix(plays[:, songs] > 0))))
