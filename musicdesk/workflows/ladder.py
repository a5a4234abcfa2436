"""Where the person at this desk stands on the ladder: what recommends now, why, and what would lift it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from musicdesk.core.errors import MusicdeskError
from musicdesk.recommenders.blend_fitted import NAME, BlendFitted
from musicdesk.recommenders.ladder import Known, Rung, rung
from musicdesk.workflows.taste import standing
from musicdesk.workflows.training_data import usual_crowd

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def where(desk: Desk) -> Rung:
    """The rung of the blend in use; without one that has learned from a crowd, what there is to go by."""
    return rung(_known(desk))


def _known(desk: Desk) -> Known:
    me = desk.catalog.feedback.listener()
    heard = len(desk.vectors().rows_of(sorted(me.liked.keys() | me.plays.keys())))
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
