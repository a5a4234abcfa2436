"""Ten questions for somebody of whom nothing is known: tracks that stand for the whole library, to like or dislike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.types import TrackId, Vectors
from musicdesk.recommenders.base import UNHEARD
from musicdesk.recommenders.medoids import Medoids, medoids
from musicdesk.workflows.desk import at_one_moment

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

QUESTIONS = 10
SAMPLE = 800  # tracks that the medoids are chosen among: a library of any size answers at once


@dataclass(frozen=True)
class Question:
    """A track to ask about, and the share of the library that it stands for, 0..1."""

    track: TrackId
    share: float


@dataclass(frozen=True)
class Asked:
    questions: list[Question]
    changes: Changes = field(default=Changes.NOTHING)


@at_one_moment
def questions(desk: Desk, n: int = QUESTIONS, seed: int = 0) -> Asked:
    """The n tracks that best stand for the library, each by another artist, the widest first.

    Tracks that are rated already, or kept out of playlists by a rule, are not asked about; of a big library a
    sample answers, another one for each seed. Raises NotReady while nothing has been listened to.
    """
    vectors = desk.catalog.sound.sample(desk.encoder, SAMPLE, seed)
    if not len(vectors):
        raise NotReady(UNHEARD)
    open_rows = np.flatnonzero(~np.isin(vectors.ids, _closed(desk)))
    open_vectors = Vectors(vectors.ids[open_rows], vectors.matrix[open_rows], vectors.encoder)
    artists = _artists(desk, open_vectors.ids)
    found = medoids(centred(open_vectors.matrix), n)
    chosen = by_another(found, artists)
    return Asked([Question(TrackId(int(open_vectors.ids[row])), share) for row, share in chosen])


def centred(matrix: np.ndarray) -> np.ndarray:
    """Unit rows that tell how tracks differ: what all music shares is taken away."""
    rows = matrix - matrix.mean(axis=0) if len(matrix) else matrix
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    found: np.ndarray = (rows / np.maximum(length, 1e-9)).astype(np.float32)
    return found


def by_another(found: Medoids, artists: list[str]) -> list[tuple[int, float]]:
    """(row, share of all rows) for each cluster: its medoid, or where that artist is taken, the nearest to it by
    another one."""
    total = sum(len(members) for members in found.members)
    used: set[str] = set()
    chosen = []
    for members in found.members:
        row = next((int(m) for m in members if not artists[m] or artists[m].casefold() not in used), int(members[0]))
        used.add(artists[row].casefold())
        chosen.append((row, len(members) / total))
    return chosen


def _closed(desk: Desk) -> np.ndarray:
    """Tracks that are not asked about."""
    rated = [event.track for event in desk.catalog.feedback.events(limit=10_000) if not event.undone]
    return np.concatenate([np.array(rated, np.int64), *desk.catalog.browse.kept_out().values()])


def _artists(desk: Desk, ids: np.ndarray) -> list[str]:
    known = {track.id: track.tags.artist for track in desk.catalog.tracks.get_many(ids.tolist())}
    return [known.get(track, "") for track in ids.tolist()]
