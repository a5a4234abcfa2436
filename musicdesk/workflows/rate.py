"""Rating and playing: one event, its effect on what would be picked, and its undoing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.types import PickId, PlayEnd, TrackId, Verdict
from musicdesk.workflows.taste import standing_ranks

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Rated:
    event: int
    up: int  # tracks that rose in "for you"
    down: int
    changes: Changes = Changes.FEEDBACK


@dataclass(frozen=True)
class Undone:
    track: TrackId
    verdict: Verdict  # what was taken back
    changes: Changes = Changes.FEEDBACK


def rate(
    desk: Desk,
    track: TrackId,
    verdict: Verdict,
    *,
    scope: str = "everywhere",
    pick: PickId | None = None,
    position: int | None = None,
    heard_ms: int | None = None,
) -> Rated:
    """Keeps the verdict and tells how many tracks it moves. Raises NotFound for an unknown track."""
    desk.catalog.tracks.get(track)
    before = standing_ranks(desk)
    event = desk.catalog.feedback.rate(track, verdict, scope=scope, pick=pick, position=position, heard_ms=heard_ms)
    up, down = _moved(before, standing_ranks(desk))
    return Rated(event, up, down)


def undo(desk: Desk) -> Undone | None:
    """Takes back the newest rating; None when there is nothing left to take back."""
    event = desk.catalog.feedback.undo()
    return Undone(event.track, event.verdict) if event else None


def log_play(
    desk: Desk, track: TrackId, heard_ms: int, duration_ms: int, ended: PlayEnd, *, pick: PickId | None = None
) -> Changes:
    desk.catalog.feedback.played(track, heard_ms, duration_ms, ended, pick=pick)
    return Changes.FEEDBACK


def _moved(before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
    """How many rose and how many fell. With no standing before, all that stand now have risen."""
    if len(before) != len(after):
        return (len(after), 0) if not len(before) else (0, len(before))
    return int((after < before).sum()), int((after > before).sum())
