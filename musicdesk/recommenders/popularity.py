"""Popularity: what you have played most; among the unplayed, tracks of the artists you play most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.core.progress import Monitor
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.base import ItemIds, TrainingData

NAME = "popularity"


@dataclass(frozen=True)
class Popularity:
    """artist: weight of a play of another track by the same artist beside a play of the track itself, 0..1"""

    artist: float = 0.1

    @property
    def name(self) -> str:
        return NAME

    @property
    def title(self) -> str:
        return "What you play most"

    @property
    def needs_crowd(self) -> bool:
        return False

    def parameters(self) -> dict[str, Any]:
        return asdict(self)

    def why_not(self, data: TrainingData) -> str | None:
        if not any(count > 0 for count in data.listener.plays.values()):
            return "Nothing has been played here yet; play some tracks, or import your listening history."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> PopularityFitted:
        monitor.check()
        return PopularityFitted(self, data.artists)

    def load(self, folder: Path, data: TrainingData) -> PopularityFitted:
        head, _ = store.read(folder, NAME)
        return PopularityFitted(Popularity(**head["parameters"]), data.artists)


class PopularityFitted:
    """Counts come with the listener, so there is nothing to keep but the configuration."""

    def __init__(self, config: Popularity, artists: Mapping[TrackId, str]) -> None:
        self.config = config
        codes: dict[str, int] = {}
        known = sorted(track for track, name in artists.items() if name)
        self._ids = np.array(known, np.int64)
        self._codes = np.array([codes.setdefault(artists[t].casefold(), len(codes)) for t in known], np.int64)

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,) in [0, 1]: log(1 + p + artist q), p plays of the track, q of the artist's others."""
        own, others = self._parts(listener, items)
        total = own + others
        most = float(total.max()) if len(total) else 0.0
        scale = 1.0 / math.log1p(most) if most > 0 else 0.0
        scores: np.ndarray = (np.log1p(total) * scale).astype(np.float32)
        return scores

    def _parts(self, listener: Listener, items: ItemIds) -> tuple[np.ndarray, np.ndarray]:
        """Plays of each item, and the weighed plays of its artist's other tracks; float64 (items,) both."""
        played = np.array(sorted(t for t, count in listener.plays.items() if count > 0), np.int64)
        counts = np.array([listener.plays[TrackId(int(track))] for track in played], np.float64)
        own = _at(played, counts, items, 0.0)
        codes = _at(self._ids, self._codes, items, -1)
        sums = np.bincount(_at(self._ids, self._codes, played, -1) + 1, counts, len(self._ids) + 2)
        others = np.where(codes >= 0, sums[codes + 1] - own, 0.0)
        return own, self.config.artist * others

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        parts = self._parts(listener, np.array([item], np.int64))
        own, others = float(parts[0][0]), float(parts[1][0])
        total = own + others
        if total <= 0:
            return []
        reasons = []
        if own:
            times = "once" if own == 1 else f"{own:.0f} times"
            reasons.append(Reason(f"played {times}", own / total, item))
        if others:
            reasons.append(Reason("by an artist whose other tracks you play", others / total))
        return reasons

    def save(self, folder: Path) -> None:
        store.write(folder, NAME, {"parameters": self.config.parameters()}, {})


def _at(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray, missing: float) -> np.ndarray:
    """`values` of the ascending `keys` that are `wanted`, else `missing`."""
    if not len(keys):
        return np.full(len(wanted), missing, values.dtype)
    at = np.searchsorted(keys, wanted)
    at[at == len(keys)] = 0
    found: np.ndarray = np.where(keys[at] == wanted, values[at], missing).astype(values.dtype)
    return found
