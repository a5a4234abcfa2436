"""Reports as they lie in a folder, to be looked at again without computing anything."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicdesk.reports.report import Plot, Report, Table

log = logging.getLogger(__name__)

HEAD = "report.json"
PAGE = "report.html"
DARK_PLOTS = "dark"  # a folder of the plots as they look on a dark page


@dataclass(frozen=True)
class KeptTable:
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class KeptPlot:
    caption: str
    light: Path
    dark: Path


@dataclass(frozen=True)
class Kept:
    """A report in `folder`; parts in their order, a string is a paragraph."""

    name: str
    title: str
    made_at: float
    folder: Path
    notes: tuple[str, ...]
    parts: tuple[KeptTable | KeptPlot | str, ...]

    @property
    def page(self) -> Path:
        return self.folder / PAGE


def head(report: Report, made_at: float) -> str:
    """What `read` reads, as JSON."""
    parts: list[Any] = []
    for part in report.parts:
        if isinstance(part, Table):
            parts.append({"table": part.as_json()})
        elif isinstance(part, Plot):
            parts.append({"plot": {"name": part.name, "caption": part.caption}})
        else:
            parts.append(part)
    values = {"title": report.title, "made_at": made_at, "notes": list(report.notes), "parts": parts}
    return json.dumps(values, indent=1, allow_nan=False) + "\n"


def read(folder: Path) -> Kept | None:
    """The report in `folder`; None when there is none, or none that can be read."""
    try:
        values = json.loads((folder / HEAD).read_text("utf-8"))
        parts = tuple(_part(part, folder) for part in values["parts"])
        notes = tuple(str(note) for note in values["notes"])
        return Kept(folder.name, str(values["title"]), float(values["made_at"]), folder, notes, parts)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the report in %s cannot be read: %s", folder, error)
        return None


def _part(part: Any, folder: Path) -> KeptTable | KeptPlot | str:
    if isinstance(part, str):
        return part
    if "plot" in part:
        name = f"{Path(str(part['plot']['name'])).name}.png"
        return KeptPlot(str(part["plot"]["caption"]), folder / name, folder / DARK_PLOTS / name)
    table = part["table"]
    rows = tuple(
        tuple(entry if isinstance(entry, str) else str(entry["text"]) for entry in row) for row in table["rows"]
    )
    return KeptTable(str(table["title"]), str(table["note"]), tuple(table["columns"]), rows)
