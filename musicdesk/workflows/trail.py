"""What was played, as a way over the map; and songs of a crowd that one does not own, where they would lie. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.progress import Monitor, Silent
from musicdesk.core.rows import places
from musicdesk.core.types import TrackId
from musicdesk.space.neighbours import best_rows, unit
from musicdesk.space.newcomers import LEAST, placed_among

if TYPE_CHECKING:
    from musicdesk.catalog.layouts import Layout
    from musicdesk.recommenders.factors import FactorFitted
    from musicdesk.workflows.desk import Desk

GHOSTS = 200
NEAR = 3  # owned tracks that are named beside one


@dataclass(frozen=True, eq=False)
class Trail:
    """rows: int64 (m,), places on the layout in the order they were played; moments: float64 (m,), epoch seconds"""

    rows: np.ndarray
    moments: np.ndarray


def trail(desk: Desk, ids: np.ndarray, since: float = -np.inf, until: float = np.inf) -> Trail:
    """The plays that count, here and in imported histories, of tracks `ids` int64 (n,) ascending, from `since` to
    `until`. A track that was played several times on end is one station, at the moment it was begun."""
    tracks, moments = desk.catalog.listens.timed()
    if not len(ids) or not len(tracks):
        return Trail(np.empty(0, np.int64), np.empty(0))
    rows = places(ids, tracks)
    there = (rows >= 0) & (moments >= since) & (moments <= until)
    rows, moments = rows[there], moments[there]
    begins = np.append(True, np.diff(rows) != 0)[: len(rows)]
    return Trail(rows[begins], moments[begins])


@dataclass(frozen=True, eq=False)
class Ghosts:
    """Songs that the library has not. xyz: float32 (m, 3); names: (artist, title) of each; crowd: whose songs

    near: of each, the owned tracks that the same people play most
    note: a sentence where there are none
    """

    xyz: np.ndarray
    names: list[tuple[str, str]]
    crowd: str = ""
    note: str = ""
    near: tuple[tuple[TrackId, ...], ...] = ()


def ghosts(desk: Desk, layout: Layout, count: int = GHOSTS, monitor: Monitor | None = None) -> Ghosts:
    """The `count` songs of a crowd that fit the listener best and are not owned, among the tracks that the same people
    play. Where nothing is known of a taste, those that most is known of.

    Places follow from latent factors, not from sound: a track beside a ghost is played by those who play the ghost.
    """
    found = _factors(desk)
    if found is None:
        return _none("Import a crowd and train the blend to see songs that you do not own.")
    fitted, crowd = found
    factors = fitted.factors
    rows = factors.places(layout.ids)
    known = rows >= 0
    if known.sum() < LEAST:
        return _none("Too few of your tracks are known to the crowd.")
    named = desk.catalog.crowds.named(desk.catalog.crowds.get(crowd).id)
    open_ = np.array(sorted(set(named) - set(np.flatnonzero(_owned(desk, crowd) >= 0).tolist())), np.int64)
    listener = desk.catalog.feedback.listener()
    songs = factors.songs[open_]
    tasted = bool(listener.liked or listener.plays)
    worth = songs @ fitted.taste(listener).vector if tasted else np.linalg.norm(songs, axis=1)
    best = open_[best_rows(worth, count)]
    if not len(best):
        return _none("Your library has all songs of the crowd that have a name.")
    here, there = unit(factors.rows[rows[known]]), unit(factors.songs[best])
    xyz = placed_among(here, layout.xyz[known], there, monitor=monitor or Silent())
    owned = layout.ids[known]
    near = tuple(tuple(TrackId(int(owned[row])) for row in best_rows(here @ song, NEAR)) for song in there)
    return Ghosts(xyz, [named[int(song)] for song in best], crowd, near=near)


def _none(note: str) -> Ghosts:
    return Ghosts(np.empty((0, 3), np.float32), [], note=note)


def _owned(desk: Desk, crowd: str) -> np.ndarray:
    from musicdesk.workflows.crowd_songs import owned

    return owned(desk, desk.catalog.crowds.get(crowd))


def _factors(desk: Desk) -> tuple[FactorFitted, str] | None:
    """The learned vectors of the model in use, or else of the newest run that has any, and the crowd's name."""
    from musicdesk.recommenders.blend_fitted import BlendFitted
    from musicdesk.recommenders.factors import FactorFitted
    from musicdesk.workflows.taste import standing

    names = {crowd.name for crowd in desk.catalog.crowds.all()}
    runs = [run for run in desk.catalog.runs.all() if run.crowd in names]
    runs.sort(key=lambda run: (run.active, run.id), reverse=True)
    for run in runs:
        stood = standing(desk, run.model)
        if stood.run != run.id:
            continue
        fitted = stood.fitted.parts.get("crowd") if isinstance(stood.fitted, BlendFitted) else stood.fitted
        if isinstance(fitted, FactorFitted):
            return fitted, run.crowd
    return None
