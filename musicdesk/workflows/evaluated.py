"""What an evaluation gives."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.demo.library import LEDGER
from musicdesk.reports.report import Origin

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Evaluated:
    """crowd:     '' where the person's own history was asked about
    models:      per model its parameters, run, metrics {name: {mean, low, high}} and lists; controls likewise
    test:        the list that waits to be judged, where the end of a history was asked about
    differences: of the best model and each other one in recall@20, or of each and the best control in AUC
    """

    crowd: str
    split: str
    seed: int
    listeners: int
    hidden: int
    songs: int
    models: dict[str, dict[str, Any]]
    controls: dict[str, dict[str, Any]]
    differences: dict[str, dict[str, float | None]]
    best: str
    notes: list[str]
    seconds: float
    report: str
    files: list[str]
    test: int | None = None
    changes: Changes = field(default=Changes.REPORTS)


def origin_of(desk: Desk) -> Origin:
    """The demo's listeners are made by a program, as its music is."""
    made = any((Path(os.fsdecode(root.path)) / LEDGER).is_file() for root in desk.catalog.roots.all())
    return Origin.MADE_UP if made else Origin.MEASURED
