"""What a model learns from, put together from the catalog and the crowds' files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.types import TrackId
from musicdesk.recommenders.base import Timeline, TrainingData
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.workflows.crowd_songs import artists, elsewhere, owned
from musicdesk.workflows.import_crowd import matrix

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from musicdesk.catalog.crowds import CrowdRow
    from musicdesk.workflows.desk import Desk


class Titles(Mapping[TrackId, str]):
    """Titles, read one by one as reasons need them: 100,000 would be read for three. A model that has them is made anew
    when tracks are named otherwise, so each is read once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk  # which may have adopted another catalog by the time it is asked
        self._read: dict[TrackId, str] = {}

    def __getitem__(self, track: TrackId) -> str:
        if track not in self._read:
            found = self._desk.catalog.tracks.get_many([track])
            if not found:
                raise KeyError(track)
            self._read[track] = found[0].tags.title
        return self._read[track]

    def __iter__(self) -> Iterator[TrackId]:
        return iter(())

    def __len__(self) -> int:
        return 0


def training_data(desk: Desk, crowd: str = "", timed: bool = False) -> TrainingData:
    """All that a model can learn from: the library, its listener, and the crowd of that name ('' for none).

    The vectors may be empty; a model says so in `why_not`. Raises NotFound for an unknown crowd.
    timed: also when each play was; read for training, not for scoring
    """
    browse = desk.catalog.browse
    return TrainingData(
        vectors=desk.vectors(),
        listener=desk.catalog.feedback.listener(),
        artists=browse.artists(),
        titles=Titles(desk),
        genres=browse.genres(),
        crowd=crowd_plays(desk, desk.catalog.crowds.get(crowd)) if crowd else None,
        timeline=Timeline(*desk.catalog.listens.timed()) if timed else None,
        device=desk.device,
    )


def usual_crowd(desk: Desk) -> str:
    """The crowd with the most plays; '' when there is none."""
    crowds = [crowd for crowd in desk.catalog.crowds.all() if crowd.folder]
    return max(crowds, key=lambda crowd: (crowd.pairs, crowd.name)).name if crowds else ""


def crowd_plays(desk: Desk, crowd: CrowdRow) -> CrowdPlays:
    tracks, mine = owned(desk, crowd), elsewhere(desk, crowd)
    by, links = artists(desk, crowd)
    return CrowdPlays(crowd.name, lambda: _csr(desk, crowd), tracks, by, mine, crowd.digest, links)


def _csr(desk: Desk, crowd: CrowdRow) -> csr_matrix:
    from scipy.sparse import csr_matrix

    kept = matrix(desk, crowd)
    shape = (len(kept.listeners), len(kept.songs))
    return csr_matrix((kept.plays.astype(np.float32), kept.indices.astype(np.int32), kept.indptr), shape=shape)
