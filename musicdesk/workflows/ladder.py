"""Where the person at this desk stands on the ladder: what recommends now, why, and what would lift it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from musicdesk.core.errors import MusicdeskError
from musicdesk.core.weights import known_tracks
from musicdesk.recommenders.blend_fitted import NAME, BlendFitted
from musicdesk.recommenders.ladder import Known, Rung, rung
from musicdesk.workflows.ahead import few
from musicdesk.workflows.taste import lost_run, lost_words, standing, standing_at_once
from musicdesk.workflows.training_data import usual_crowd

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def where(desk: Desk) -> Rung:
    """The rung of the model in use; without one that has learned, what there is to go by. A run in use that cannot be
    used is told of first."""
    me, run = desk.catalog.feedback.listener(), desk.catalog.runs.active()
    key = (desk.catalog.sound.stamp(), run.id if run else None, usual_crowd(desk))
    kept = desk.memo.get("ladder")
    if kept is None or kept[0] is not me or kept[1] != key:
        kept = desk.memo["ladder"] = (me, key, _found(desk))
    found: Rung = kept[2]
    return found


def where_at_once(desk: Desk) -> Rung | None:
    """The same where it costs nothing: once the vectors, who the listener is, and the model in use have been read for
    something else."""
    if not (few(desk) or desk.catalog.feedback.at_hand):
        return None
    loaded = desk.catalog.runs.active() is None or standing_at_once(desk) is not None
    return where(desk) if desk.has_vectors and loaded else None


def _found(desk: Desk) -> Rung:
    found, lost = rung(_known(desk)), lost_run(desk)
    return found if lost is None else replace(found, sentence=f"{lost_words(lost)} {found.sentence}")


def _known(desk: Desk) -> Known:
    me = desk.catalog.feedback.listener()
    heard = len(desk.vectors().rows_of(known_tracks(me)))
    known = Known(heard, usual_crowd(desk))
    run = desk.catalog.runs.active()
    if not heard or run is None:
        return known
    try:
        stood = standing(desk)
    except MusicdeskError:
        return known
    if stood.model != NAME:
        return replace(known, model=stood.model, crowd=run.crowd if stood.run is not None else "")
    told = stood.fitted.known(me) if isinstance(stood.fitted, BlendFitted) else known
    return told if told.trained else replace(told, crowd=known.crowd)
