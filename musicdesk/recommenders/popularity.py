"""Popularity: what you have played most; among the unplayed, tracks of the artists you play most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.artist_names import ArtistNames
from musicdesk.recommenders.base import ItemIds, Model, TrainingData

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "popularity"


@dataclass(frozen=True)
class Popularity(Model):
    """artist: weight of a play of another track by the same artist beside a play of the track itself, 0..1"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "What you play most"

    artist: float = 0.1

    def why_not(self, data: TrainingData) -> str | None:
        if data.crowd is None and not any(count > 0 for count in data.listener.plays.values()):
            return "Nothing has been played here yet; play some tracks, or import your listening history."
        return None

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> PopularityFitted:
        monitor.check()
        totals = None if data.crowd is None else np.asarray(data.crowd.plays.sum(axis=0), np.float32).ravel()
        return PopularityFitted(self, data.artists, totals)

    def load(self, folder: Path, data: TrainingData) -> PopularityFitted:
        head, tensors = store.read(folder, NAME)
        totals = tensors.get("totals")
        if totals is not None and data.crowd is not None and data.crowd.songs != len(totals):
            raise Unusable("The crowd has got other songs since this model was trained; train it again.")
        return PopularityFitted(Popularity(**head["parameters"]), data.artists, totals)


@dataclass(frozen=True, eq=False)
class _Counts:
    """tracks int64 (n,) ascending, plays float64 (n,), by_artist float64 (artists + 1,): of the plays `of`."""

    of: Mapping[TrackId, int]
    tracks: np.ndarray
    plays: np.ndarray
    by_artist: np.ndarray


class PopularityFitted:
    """The listener's counts come with them; `totals` float32 (songs,) are the plays of a crowd's songs by all."""

    def __init__(self, config: Popularity, artists: Mapping[TrackId, str], totals: np.ndarray | None = None) -> None:
        self.config = config
        self._totals = totals
        self._names = ArtistNames.of(artists)
        self._last: _Counts | None = None
        self._scored: tuple[Mapping[TrackId, int], ItemIds, np.ndarray] | None = None
        self._codes: tuple[ItemIds, np.ndarray] | None = None

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,) in [0, 1]: log(1 + p + artist q), p plays of the track, q of the artist's others."""
        if self._scored is not None and self._scored[0] is listener.plays and self._scored[1] is items:
            return self._scored[2]
        own, others = self._parts(listener, items)
        total = own + others
        most = float(total.max()) if len(total) else 0.0
        scale = 1.0 / math.log1p(most) if most > 0 else 0.0
        scores: np.ndarray = (np.log1p(total) * scale).astype(np.float32)
        scores.setflags(write=False)  # the same array again as long as the plays are the same
        self._scored = (listener.plays, items, scores)
        return scores

    def _parts(self, listener: Listener, items: ItemIds) -> tuple[np.ndarray, np.ndarray]:
        """Plays of each item, and the weighed plays of its artist's other tracks; float64 (items,) both."""
        counts = self._counts(listener.plays)
        if self._codes is None or self._codes[0] is not items:
            self._codes = (items, self._names.codes_of(items))
        codes = self._codes[1]
        own = np.append(counts.plays, 0.0)[places(counts.tracks, items)]
        others = np.where(codes >= 0, counts.by_artist[codes] - own, 0.0)
        return own, self.config.artist * others

    def _counts(self, plays: Mapping[TrackId, int]) -> _Counts:
        """Made anew only when the plays are others: a rating leaves them as they are."""
        if self._last is None or self._last.of is not plays:
            ids = np.fromiter(plays.keys(), np.int64, len(plays))
            counts = np.fromiter(plays.values(), np.float64, len(plays))
            order = np.argsort(ids, kind="stable")
            ids, counts = ids[order], counts[order]
            ids, counts = ids[counts > 0], counts[counts > 0]
            codes = self._names.codes_of(ids)
            by_artist = np.bincount(codes[codes >= 0], counts[codes >= 0], len(self._names.names) + 1)
            self._last = _Counts(plays, ids, counts, by_artist)
        return self._last

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

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs): what all people together play most, the same for everybody."""
        if self._totals is None:
            raise Unusable("This model has not seen a crowd; train it with one: musicdesk train popularity --crowd.")
        return np.tile(self._totals, (plays.shape[0], 1))

    def save(self, folder: Path) -> None:
        totals = {} if self._totals is None else {"totals": self._totals}
        store.write(folder, NAME, {"parameters": self.config.parameters()}, totals)
