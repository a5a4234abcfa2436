"""Trained models: which one recommends, the one from before, and letting go of those not wanted."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.types import RunId
from musicdesk.workflows.duel import settle
from musicdesk.workflows.taste import lost_run, lost_words

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Used:
    run: int
    model: str
    before: int | None  # the run that was in use until now
    changes: Changes = field(default=Changes.RUNS | Changes.FEEDBACK)


@dataclass(frozen=True)
class Deleted:
    run: int
    model: str
    changes: Changes = field(default=Changes.RUNS)


def use(desk: Desk, run: RunId, at_once: bool = False) -> Used:
    """Puts a run to use: lists, and what a rating moves, come from it.

    at_once: without reading it; one that cannot be used any more is then passed over in lists
    raises:  NotFound, Unusable for a run that cannot be used any more
    """
    lost = lost_run(desk, str(int(run)), at_once)
    if lost is not None:
        raise Unusable(lost_words(lost))
    before = desk.catalog.runs.active()
    now = desk.catalog.runs.use(run)
    return Used(int(now.id), now.model, int(before.id) if before else None)


def roll_back(desk: Desk, at_once: bool = False) -> Used:
    """Puts the run to use again that was in use before the one that is. Raises NotFound when there is none, and what
    `use` does."""
    before = desk.catalog.runs.previous()
    if before is None:
        raise NotFound("No other trained model was in use before.")
    return use(desk, before.id, at_once)


def delete(desk: Desk, run: RunId) -> Deleted:
    """Removes a run and its files. The one in use, and one in a duel, stays: raises Unusable. Raises NotFound."""
    found = desk.catalog.runs.get(run)
    if found.active:
        raise Unusable(f"Run {run} is in use; put another one to use first.")
    duel = settle(desk)
    if duel is not None and run in (duel.a.run, duel.b.run):
        raise Unusable(f"Run {run} is in a duel; stop it first.")
    desk.catalog.runs.remove(run)
    shutil.rmtree(desk.profile.models / found.folder, ignore_errors=True)
    return Deleted(int(run), found.model)
