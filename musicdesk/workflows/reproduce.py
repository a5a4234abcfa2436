"""Reproducing: a published study on the data given, with its report as files."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotFound, NotReady, Unusable
from musicdesk.core.paths import placed
from musicdesk.core.progress import Monitor
from musicdesk.demo.library import LEDGER
from musicdesk.reports.report import Origin
from musicdesk.reports.write import write_report
from musicdesk.workflows.reports import folder_of
from musicdesk.workflows.studies.registry import studies
from musicdesk.workflows.studies.study import Given, Study

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk


@dataclass(frozen=True)
class Reproduced:
    study: str
    title: str
    source: str
    data: str
    origin: str
    seconds: float
    notes: list[str]
    tables: list[dict[str, Any]]
    paragraphs: list[str]
    plots: list[dict[str, str]]
    report: str
    files: list[str]
    changes: Changes = Changes.REPORTS


def reproduce(
    desk: Desk,
    name: str,
    monitor: Monitor,
    data: Path | None = None,
    out: Path | None = None,
    seed: int = 0,
    typed: Mapping[str, object] | None = None,
    made_up: bool = False,
) -> Reproduced:
    """Runs the study `name` and writes its report into `out`, by default the profile's `reports/NAME`.

    made_up: a program made the data; then no published figure stands beside ours
    raises:  NotFound, NotReady with what the study needs, Unusable, Cancelled
    """
    study = studies()[name]
    settings = study.configured(typed or {})
    data = _existing(study, data)
    folder = placed(out or folder_of(desk, name))
    _make(folder)
    origin = Origin.MADE_UP if made_up or _made_by_us(desk, data) else Origin.MEASURED
    begun = time.monotonic()
    report = study.run(Given(desk, data, folder, seed, settings, origin, monitor))
    files = write_report(report, folder)
    return Reproduced(
        study.name,
        study.title,
        study.source,
        str(data) if data else "the library",
        origin.value,
        round(time.monotonic() - begun, 2),
        report=str(files.html),
        files=[str(path) for path in (files.html, files.markdown, *files.plots)],
        **{key: value for key, value in report.as_json().items() if key != "title"},
    )


def offered() -> list[dict[str, Any]]:
    """Every study with its title, source, what it needs and its settings."""
    return [
        {
            "study": name,
            "title": study.title,
            "source": study.source,
            "needs": study.needs,
            "library": study.library,
            "settings": dict(study.settings),
        }
        for name, study in studies().items()
    ]


def _existing(study: Study, data: Path | None) -> Path | None:
    if data is None:
        if not study.library:
            raise NotReady(f"The study '{study.name}' needs data: {study.needs}")
        return None
    path = placed(data)
    if not path.exists():
        raise NotFound(f"There is nothing at {path}. {study.needs}")
    return path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"The report cannot be written to {folder} ({error.strerror}).") from error


def _made_by_us(desk: Desk, data: Path | None) -> bool:
    """Whether the data are the demo's: a folder that it composed, or a library that holds one."""
    if data is not None:
        return (data / LEDGER).is_file()
    return any((Path(os.fsdecode(root.path)) / LEDGER).is_file() for root in desk.catalog.roots.all())
