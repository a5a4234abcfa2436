"""What an import that was killed has left to do, done by the next job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Monitor

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


def mend_history(desk: Desk, monitor: Monitor) -> Changes:
    """Matches and counts what came of it. Called while this process holds the job lock; raises Cancelled."""
    if not desk.catalog.listens.unsettled:
        return Changes.NOTHING
    from musicdesk.workflows.import_history import mend

    mend(desk, monitor)
    return Changes.LISTENS | Changes.FEEDBACK
