"""Links from song to song: what every model of "people who play this also play that" has in common.

A song's score for a listener is the sum of the links from the songs they have played: x B, with x = 1 for these
and a sparse B. The reasons are the links themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Monitor
from musicdesk.core.rows import places
from musicdesk.core.types import Listener, Reason, TrackId
from musicdesk.recommenders import store
from musicdesk.recommenders.base import ME, ItemIds, TrainingData, title_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_REASONS = 3
BLOCK = 2_000  # songs whose companions are in memory at once


def weighted(plays: csr_matrix, heavy: float) -> csr_matrix:
    """1 for every pair, times n^-heavy for a listener of n songs: who plays everything says little about each."""
    from scipy.sparse import diags_array

    ones = plays.astype(np.float32)
    ones.data[:] = 1.0
    size = np.maximum(np.diff(ones.indptr), 1).astype(np.float32)
    return diags_array(size**-heavy).tocsr() @ ones


def companions(
    rows: csr_matrix, scale: np.ndarray, most: int, monitor: Monitor, block: int = BLOCK
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The songs most played together with each: (song, other, weight), int64 and float32 (links,), in blocks.

    rows:  CSR (listeners, songs) W
    scale: float32 (songs,); the weight is (W'W)_ij scale_i of the other song i and this song j, i != j
    most:  others kept for each song, the weightiest
    """
    from scipy.sparse import diags_array

    across = (diags_array(scale) @ rows.T.tocsr()).tocsr()
    columns = rows.tocsc()
    songs = rows.shape[1]
    for start in range(0, songs, block):
        monitor.check()
        monitor.report(start, songs, "Looking at what is played together")
        together = (across @ columns[:, start : start + block]).tocoo()
        other, song = together.coords[0].astype(np.int64), together.coords[1].astype(np.int64) + start
        keep = other != song
        song, other, weight = song[keep], other[keep], together.data[keep]
        order = np.lexsort((other, -weight, song))
        song, other, weight = song[order], other[order], weight[order]
        first = np.searchsorted(song, np.arange(start, min(start + block, songs)))
        kept = np.arange(len(song)) - first[song - start] < most
        yield song[kept], other[kept], weight[kept]


def as_matrix(song: np.ndarray, other: np.ndarray, weight: np.ndarray, songs: int) -> csr_matrix:
    """CSR (songs, songs): row `other`, column `song`."""
    from scipy.sparse import csr_matrix

    return csr_matrix((weight.astype(np.float32), (other, song)), shape=(songs, songs))


class LinkFitted:
    """links: CSR float32 (songs, songs), from a played song (row) to the song that it speaks for (column)"""

    def __init__(self, name: str, parameters: Mapping[str, Any], links: csr_matrix, data: TrainingData) -> None:
        self.name, self.parameters, self.links = name, dict(parameters), links
        self._titles = data.titles
        tracks = data.crowd.tracks if data.crowd is not None else np.full(links.shape[0], -1, np.int64)
        owned = np.flatnonzero(tracks >= 0)
        self._ids, first = np.unique(tracks[owned], return_index=True)
        self._songs = owned[first]
        self._mine = np.flatnonzero(data.crowd.mine) if data.crowd is not None else np.zeros(0, np.int64)

    # one listener, over the library

    def _heard(self, listener: Listener) -> tuple[np.ndarray, np.ndarray]:
        """Songs int64 (k,) and their weights float32 (k,): 1 where played or liked, -1 where disliked."""
        known = {int(track) for part in (listener.plays, listener.liked) for track, w in part.items() if w > 0}
        against = {int(track) for track, weight in listener.disliked.items() if weight > 0}
        good, bad = self._of(known - against), self._of(against)
        if listener.name == ME:
            good = np.union1d(good, np.setdiff1d(self._mine, bad))
        return np.concatenate([good, bad]), np.concatenate([np.ones(len(good)), -np.ones(len(bad))]).astype(np.float32)

    def _of(self, tracks: set[int]) -> np.ndarray:
        found: np.ndarray = self._songs[np.isin(self._ids, list(tracks))]
        return found

    def score(self, listener: Listener, items: ItemIds) -> np.ndarray:
        """float32 (items,): the sum of links; tracks that are no song of the crowd come after all others."""
        songs, weights = self._heard(listener)
        every = np.asarray(self.links[songs].T @ weights, np.float32).ravel()
        wanted = np.asarray(items, np.int64)
        scores = np.full(len(wanted), every.min(initial=0.0) - 1.0, np.float32)
        at = places(self._ids, wanted)
        known = at >= 0
        scores[known] = every[self._songs[at[known]]]
        return scores

    def explain(self, listener: Listener, item: TrackId) -> list[Reason]:
        """The played songs that speak most for it; shares of all that is said, for and against."""
        target = self._of({int(item)})
        songs, weights = self._heard(listener)
        if not len(target) or not len(songs):
            return []
        parts = self.links[songs][:, target].toarray().ravel() * weights
        total = float(np.abs(parts).sum())
        if total <= 0:
            return []
        track_of = dict(zip(self._songs.tolist(), self._ids.tolist(), strict=True))
        order = [int(i) for i in np.argsort(-parts, kind="stable") if parts[i] > 0][:MOST_REASONS]
        reasons = [self._reason(track_of.get(int(songs[i]), -1), float(parts[i]) / total) for i in order]
        rest = 1.0 - sum(reason.share for reason in reasons)
        others = int(np.count_nonzero(parts)) - len(order)
        return [*reasons, Reason(f"and {others} more that you play or dislike", rest)] if rest > 1e-6 else reasons

    def _reason(self, track: int, share: float) -> Reason:
        if track < 0:
            return Reason("people who play what you played elsewhere play this", share)
        return Reason(f"people who play '{title_of(self._titles, TrackId(track))}' play this", share, TrackId(track))

    # many listeners, over the crowd

    def score_crowd(self, plays: csr_matrix, members: np.ndarray | None = None) -> np.ndarray:
        """float32 (rows, songs): the links of what each of them has played."""
        ones = plays.astype(np.float32)
        ones.data[:] = 1.0
        found: np.ndarray = (ones @ self.links).toarray()
        return found

    # on disk

    def save(self, folder: Path) -> None:
        parts = {"indptr": self.links.indptr.astype(np.int64), "indices": self.links.indices.astype(np.int32)}
        store.write(folder, self.name, {"parameters": self.parameters}, {**parts, "links": self.links.data})

    @classmethod
    def load(cls, name: str, folder: Path, data: TrainingData) -> LinkFitted:
        """What `save` wrote. Raises NotFound, or Unusable when the crowd has other songs than it was trained on."""
        from scipy.sparse import csr_matrix

        head, parts = store.read(folder, name)
        songs = len(parts["indptr"]) - 1
        if data.crowd is not None and data.crowd.songs != songs:
            raise Unusable("The crowd has got other songs since this model was trained; train it again.")
        links = csr_matrix((parts["links"], parts["indices"], parts["indptr"]), shape=(songs, songs))
        return cls(name, head["parameters"], links, data)
