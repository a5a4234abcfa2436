"""Every way to draw the map, on this library's own sound: which of them can be believed most, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Monitor
from musicdesk.space.features import joined
from musicdesk.workflows.project import SEED, chosen, heard

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class ComparedMaps:
    """maps: see `space.compare.Compared`, None where there is no figure; the map shown stays as it is"""

    points: int
    maps: list[dict[str, Any]]
    changes: Changes = field(default=Changes.NOTHING)


def compare_maps(desk: Desk, monitor: Monitor, methods: Sequence[str] = ()) -> ComparedMaps:
    """Draws the library by `methods` (all when empty), twice each: whole, and with a seventh placed later.

    Raises NotReady when nothing has been listened to, NotFound for an unknown method, Cancelled.
    """
    from musicdesk.space.compare import compared
    from musicdesk.space.projection import METHODS

    vectors, blocks = heard(desk, monitor)
    truth = joined(blocks)
    names = methods or METHODS
    rows = []
    for name in names:
        found = asdict(compared(truth, chosen(blocks, name), name, SEED, monitor.part(1 / len(names))))
        rows.append({key: None if value != value else value for key, value in found.items()})
    return ComparedMaps(len(vectors), rows)
