"""Where the person at this desk stands on the ladder: what recommends now, why, and what would lift it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from musicdesk.core.errors import MusicdeskError
from musicdesk.core.weights import known_tracks
from musicdesk.recommenders.blend_fitted import NAME, BlendFitted
from musicdesk.recommenders.ladder import Known, Rung, rung
from musicdesk.workflows.ahead import few
from musicdesk.workflows.taste import standing
from musicdesk.workflows.training_data import usual_crowd

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def where(desk: Desk) -> Rung:
    """The rung of the blend in use; without one that has learned from a crowd, what there is to go by."""
    me, run = desk.catalog.feedback.listener(), desk.catalog.runs.active()
    key = (desk.catalog.sound.stamp(), run.id if run else None, usual_crowd(desk))
    kept = desk.memo.get("ladder")
    if kept is None or kept[0] is not me or kept[1] != key:
        kept = desk.memo["ladder"] = (me, key, rung(_known(desk)))
    found: Rung = kept[2]
    return found


def where_at_once(desk: Desk) -> Rung | None:
    """The same where it costs nothing: once the vectors, who the listener is, and the model in use have been read for
    something else."""
    if not (few(desk) or desk.catalog.feedback.at_hand):
        return None
    run = desk.catalog.runs.active()
    loaded = run is None or run.model != NAME or not run.crowd or desk.memo.get("standing ") is not None
    return where(desk) if desk.has_vectors and loaded else None


def _known(desk: Desk) -> Known:
    me = desk.catalog.feedback.listener()
    heard = len(desk.vectors().rows_of(known_tracks(me)))
    known = Known(heard, usual_crowd(desk))
    run = desk.catalog.runs.active()
    if not heard or run is None or run.model != NAME or not run.crowd:
        return known
    try:
        fitted = standing(desk).fitted
    except MusicdeskError:
        return known
    told = fitted.known(me) if isinstance(fitted, BlendFitted) else known
    return told if told.trained else replace(told, crowd=known.crowd)
