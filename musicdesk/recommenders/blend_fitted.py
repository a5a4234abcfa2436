"""What a blend says: the parts that the ladder asks, each rank-normal, weighed and added; every share told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.core.weights import known_tracks
from musicdesk.recommenders import ladder, store
from musicdesk.recommenders.artist import ArtistFitted
from musicdesk.recommenders.base import ME, SEEDS, Fitted, ItemIds, Timeline, TrainingData
from musicdesk.recommenders.bridge import Bridge
from musicdesk.recommenders.factors import FactorFitted
from musicdesk.recommenders.ladder import ARTISTS, CONTENT, FULL, Known, Rung
from musicdesk.recommenders.own_weights import own_weights
from musicdesk.recommenders.ranks import rank_normal

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NAME = "blend"
MOST_REASONS = 4

# Parts in the order they are told; what each says of a track that it holds back.
HELD_BACK = {
    "crowd": "held back: people with your taste rarely play it",
    "content": "held back: it sounds unlike most of what you like",
    "artist": "held back: its artist is far from those that you like and play",
    "popularity": "held back: you play other tracks and artists more",
}
# What a part says for a track when it has no reasons of its own.
PLAINLY = {
    "crowd": "people with your taste play it",
    "content": "it sounds like what you like",
    "artist": "its artist is near those that you like and play",
    "popularity": "you play it, or its artist",
}
ASKED = {
    FULL: ("crowd", "content", "artist", "popularity"),
    ARTISTS: ("content", "artist", "popularity"),
    CONTENT: ("content", "artist", "popularity"),
}


@dataclass(frozen=True, eq=False)
class _Said:
    """What the parts say of one listener: their weights, and their scores, float32 (n,) over the library's vectors."""

    listener: Listener
    asked: Mapping[str, Fitted]
    weights: Mapping[str, float]
    normal: Mapping[str, np.ndarray]


class BlendFitted:
    """parts: content, artist, popularity, and of a crowd also `crowd` and `artists`; weights: by rung and part."""

    def __init__(
        self,
        parameters: Mapping[str, Any],
        data: TrainingData,
        parts: Mapping[str, Fitted],
        weights: Mapping[str, Mapping[str, float]],
        songs: np.ndarray | None = None,
        built: Bridge | None = None,
        crowd: str = "",
    ) -> None:
        self.parameters, self.parts, self.weights = dict(parameters), parts, weights
        self.bridge, self.crowd = built, crowd
        self._songs, self._data = songs, data
        self._last: _Said | None = None
        self._ranks: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    # the ladder

    def known(self, listener: Listener) -> Known:
        """What the ladder asks about the listener."""
        tracks = known_tracks(listener)
        heard = len(self._data.vectors.rows_of(tracks))
        if self._songs is None or self._data.crowd is None:
            return Known(heard)
        crowd = self._data.crowd
        mine = listener.name == ME  # plays elsewhere are a sum without times: not known on a day in the past
        songs = int((places(tracks, crowd.tracks) >= 0).sum() + mine * np.count_nonzero(crowd.mine))
        artists = 0
        if crowd.links is not None:
            played = crowd.links.codes[places(tracks, crowd.links.tracks) >= 0]
            artists = len(np.union1d(played, np.flatnonzero(mine * crowd.links.mine)))
        r2, control = (self.bridge.r2, self.bridge.control) if self.bridge else (None, 0.0)
        return Known(heard, self.crowd, songs, artists, r2, control, trained=True)

    def rung(self, listener: Listener) -> Rung:
        return ladder.rung(self.known(listener))

    def asked(self, listener: Listener) -> dict[str, Fitted]:
        """The parts that speak of this listener. Of seed tracks: whatever knows them, but not one's own counts."""
        if listener.name == SEEDS:
            name = FULL
        else:
            name = self.rung(listener).name if self._songs is not None else CONTENT
        names = [part for part in ASKED.get(name, ASKED[CONTENT]) if part in self.parts]
        if listener.name == SEEDS:
            names.remove("popularity")
        by_crowd = name in (FULL, ARTISTS) and "artists" in self.parts
        return {part: self.parts["artists" if part == "artist" and by_crowd else part] for part in names}

    # scores

    def _said(self, listener: Listener) -> _Said:
        if self._last is None or self._last.listener is not listener:
            asked = self.asked(listener)
            given = self.weights.get("+".join(asked), {})
            weights = {part: given.get(part, 1 / len(asked)) for part in asked}
            ids = self._data.vectors.ids
            normal = {part: self._ranked(part, made.score(listener, ids)) for part, made in asked.items()}
            self._last = _Said(listener, asked, weights, normal)
        return self._last

    def _ranked(self, part: str, scores: np.ndarray) -> np.ndarray:
        """Rank-normal scores; those of a part that a rating has left as it was are not made again."""
        if part not in self._ranks or self._ranks[part][0] is not scores:
            self._ranks[part] = (scores, rank_normal(scores))
        return self._ranks[part][1]

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,): the weighed sum of rank-normal scores; tracks without a vector come after all others."""
        said, vectors = self._said(listener), self._data.vectors
        total = np.zeros(len(vectors), np.float32)
        for part, weight in said.weights.items():
            total += np.float32(weight) * said.normal[part]
        if items is vectors.ids or np.array_equal(items, vectors.ids):
            return total
        scores = np.full(len(items), total.min(initial=0.0) - 1.0, np.float32)
        rows = vectors.places.of(items)
        known = rows >= 0
        scores[known] = total[rows[known]]
        return scores

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """Each part's share of the score, told by the part's own reasons; what holds it back is said so. Sums to 1."""
        rows = self._data.vectors.rows_of([item])
        if not len(rows):
            return []
        said = self._said(listener)
        values = {part: weight * float(said.normal[part][rows[0]]) for part, weight in said.weights.items()}
        total = sum(map(abs, values.values()))
        if total <= 0:
            return []
        reasons = []
        for part, value in values.items():
            reasons += _reasons(part, said.asked[part], listener, item, value / total)
        named = sorted((r for r in reasons if not r.text.startswith("and ")), key=lambda reason: -reason.share)
        few = named[:MOST_REASONS]
        rest = 1.0 - sum(reason.share for reason in few)
        return [*few, Reason("and smaller reasons of the same kinds", rest)] if rest > 1e-6 else few

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs): of the crowd's listeners only plays are known, so fold-in speaks alone."""
        crowd = self.parts.get("crowd")
        if not isinstance(crowd, FactorFitted):
            raise Unusable("This blend has not learned from a crowd; train it with one: musicdesk train blend.")
        return crowd.score_crowd(plays, members)

    def weighed(self, timeline: Timeline, listener: Listener, seed: int) -> BlendFitted:
        """The same with weights from the listener's own past; equal ones where there is none."""
        asked = self.asked(listener)
        found = own_weights([part.score for part in asked.values()], timeline, self._data.vectors.ids, seed)
        given = {name: round(float(weight), 4) for name, weight in zip(asked, found, strict=True)}
        return self.with_weights({"+".join(asked): given})

    def with_weights(self, weights: Mapping[str, Mapping[str, float]]) -> BlendFitted:
        return BlendFitted(self.parameters, self._data, self.parts, weights, self._songs, self.bridge, self.crowd)

    # on disk

    def save(self, folder: Path) -> None:
        """What a crowd and the listener's past have taught; the rest follows from the library in milliseconds."""
        head: dict[str, Any] = {
            "parameters": self.parameters,
            "weights": {asked: dict(weights) for asked, weights in self.weights.items()},
            "encoder": self._data.vectors.encoder,
            "crowd": self.crowd,
        }
        tensors: dict[str, np.ndarray] = {}
        if self._songs is not None:
            tensors["songs"] = self._songs
        if self.bridge is not None:
            tensors |= {"bridge": self.bridge.weights, "constant": self.bridge.constant}
            head |= {"r2": self.bridge.r2, "control": self.bridge.control, "tracks": self.bridge.tracks}
        if isinstance(artists := self.parts.get("artists"), ArtistFitted):
            (folder / "artists").mkdir(exist_ok=True)
            artists.save(folder / "artists")
        store.write(folder, NAME, head, tensors)


def _reasons(part: str, made: Fitted, listener: Listener, item: TrackId, share: float) -> list[Reason]:
    """What a part says of the item, together `share` of the score; negative when it speaks against it."""
    if share <= 0:
        return [Reason(HELD_BACK[part], -share)] if share < 0 else []
    told = made.explain(listener, item)
    whole = sum(reason.share for reason in told)
    if whole <= 0:
        return [Reason(PLAINLY[part], share)]
    return [replace(reason, share=share * reason.share / whole) for reason in told]
