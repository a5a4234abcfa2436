"""The blend: one listener's taste from every side that knows something of it.

One item space is filled from three sides. A crowd's plays give factors of songs (`wmf`); the bridge gives the
library's other tracks the factor that their sound tells (Liang, Zhan, Ellis 2015), believed as far as its R^2;
the listener is folded in over all that was played or liked, here and elsewhere. Beside it speak agreement among
likes (`content`), artists (`artist`) and one's own counts (`popularity`). Their scores are made rank-normal and
added, with weights from the listener's own past (`own_weights`). Which of them are asked is the `ladder`'s word.

Without a crowd, and before any training, it is content, artists and popularity in equal parts: milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.files import replacing
from musicdesk.core.progress import Monitor, Silent
from musicdesk.core.types import TrackId
from musicdesk.recommenders import bridge, store
from musicdesk.recommenders.artist import Artist, knows
from musicdesk.recommenders.base import Fitted, Model, TrainingData
from musicdesk.recommenders.blend_fitted import NAME, BlendFitted
from musicdesk.recommenders.bridge import Bridge
from musicdesk.recommenders.content import Content
from musicdesk.recommenders.factors import FactorFitted, Factors
from musicdesk.recommenders.popularity import Popularity
from musicdesk.recommenders.wmf import Wmf

LEAST_BRIDGED = 10  # tracks of the library that the crowd must know for a bridge to be built
SURE = 20.0  # listeners of a song that make its factor half as sure as can be


@dataclass(frozen=True)
class Blend(Model):
    """factors, regularization, alpha, eps, iterations: of the crowd's factors, as in `wmf`"""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = "For you: sound, artists, plays and people together"
    above_0: ClassVar[tuple[str, ...]] = Wmf.above_0

    factors: int = 64
    regularization: float = 10.0
    alpha: float = 10.0
    eps: float = 1.0
    iterations: int = 15

    @property
    def wmf(self) -> Wmf:
        return Wmf(self.factors, self.regularization, self.alpha, self.eps, self.iterations)

    def why_not(self, data: TrainingData) -> str | None:
        return Content().why_not(data)

    def fit(self, data: TrainingData, seed: int, monitor: Monitor) -> BlendFitted:
        parts: dict[str, Fitted] = {
            "content": Content().fit(data, seed, monitor.part(0.1)),
            "artist": Artist(**self.parameters()).fit(replace(data, crowd=None, scratch=None), seed, monitor.part(0.1)),
            "popularity": Popularity().fit(data, seed, monitor),
        }
        if data.crowd is None or not data.crowd.songs:
            made = BlendFitted(self.parameters(), data, parts, {})
        else:
            songs = self._songs(data, seed, monitor.part(0.5))
            parts["crowd"], built = self._crowd(songs, data, seed, monitor.part(0.1))
            if knows(data.crowd):
                artists = replace(data, scratch=_below(data.scratch, "artists"))
                parts["artists"] = Artist(**self.parameters()).fit(artists, seed, monitor.part(0.1))
            made = BlendFitted(self.parameters(), data, parts, {}, songs, built, data.crowd.name)
        return made.weighed(data.timeline, data.listener, seed) if data.timeline is not None else made

    def _songs(self, data: TrainingData, seed: int, monitor: Monitor) -> np.ndarray:
        """The crowd's factors; once found they are kept, and found again after the process was killed."""
        from safetensors.numpy import load, save

        assert data.crowd is not None
        kept = data.scratch / "songs.safetensors" if data.scratch is not None else None
        if kept is not None and kept.is_file():
            return load(kept.read_bytes())["songs"]
        songs = self.wmf.factorize(data.crowd.plays, seed, monitor, data.scratch)
        if kept is not None:
            with replacing(kept) as stream:
                stream.write(save({"songs": songs}))
        return songs

    def _crowd(
        self, songs: np.ndarray, data: TrainingData, seed: int, monitor: Monitor
    ) -> tuple[FactorFitted, Bridge | None]:
        """The fold-in over the crowd's factors, and the bridge from sound to them where one can be built."""
        assert data.crowd is not None
        known = Factors.of_songs(songs, data.crowd)
        rows = data.vectors.rows_of(known.ids)
        built = None
        if len(rows) >= LEAST_BRIDGED:
            ids = data.vectors.ids[rows]
            listeners = np.bincount(data.crowd.plays.indices, minlength=data.crowd.songs)
            owned = np.flatnonzero(data.crowd.tracks >= 0)
            _, first = np.unique(data.crowd.tracks[owned], return_index=True)
            n = listeners[owned[first]][known.places(ids)].astype(np.float64)
            names = _groups(data, ids)
            factors = known.rows[known.places(ids)]
            built = bridge.built(data.vectors.matrix[rows], factors, seed, monitor, (n + 1) / (n + SURE), names)
        return self._folding(songs, data, built), built

    def _folding(self, songs: np.ndarray, data: TrainingData, built: Bridge | None) -> FactorFitted:
        assert data.crowd is not None
        factors = Factors.of_songs(songs, data.crowd)
        if built is not None and built.holds:
            new = ~np.isin(data.vectors.ids, factors.ids)
            factors = factors.with_tracks(data.vectors.ids[new], built.predict(data.vectors.matrix[new]), built.trust)
        return FactorFitted(NAME, {}, factors, self.wmf.confidence, self.regularization, data)

    def load(self, folder: Path, data: TrainingData) -> BlendFitted:
        head, tensors = store.read(folder, NAME)
        config = Blend(**head["parameters"])
        quick = config.fit(replace(data, crowd=None, timeline=None), 0, Silent())
        if "songs" not in tensors:
            return quick.with_weights(head["weights"])
        if data.crowd is None or data.crowd.songs != len(tensors["songs"]):
            raise Unusable("The crowd has got other songs since this model was trained; train it again.")
        built = None
        if "bridge" in tensors:
            if head["encoder"] != data.vectors.encoder:
                raise Unusable("This model was trained on embeddings of another encoder; train it again.")
            built = Bridge(tensors["bridge"], tensors["constant"], head["r2"], head["control"], head["tracks"])
        parts = {**quick.parts, "crowd": config._folding(tensors["songs"], data, built)}
        if (folder / "artists").is_dir():
            parts["artists"] = Artist().load(folder / "artists", data)
        return BlendFitted(head["parameters"], data, parts, head["weights"], tensors["songs"], built, head["crowd"])


def _below(scratch: Path | None, name: str) -> Path | None:
    """A folder in the scratch folder, for a part that keeps checkpoints of its own."""
    if scratch is None:
        return None
    (scratch / name).mkdir(mode=0o700, exist_ok=True)
    return scratch / name


def _groups(data: TrainingData, ids: np.ndarray) -> np.ndarray:
    """int64 (ids,): the same number for tracks by one artist; each for itself where it names none."""
    codes: dict[str, int] = {}
    found = np.arange(len(ids)) + len(ids)
    for row, track in enumerate(ids.tolist()):
        name = data.artists.get(TrackId(track), "").casefold()
        if name:
            found[row] = codes.setdefault(name, len(codes))
    return found
