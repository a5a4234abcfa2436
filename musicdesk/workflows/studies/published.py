"""Published figures, from `resources/studies/published.toml`: with their source and what they really say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from musicdesk.core.paths import resources
from musicdesk.reports.report import Cell, Origin, Table


@dataclass(frozen=True)
class Published:
    value: float
    source: str
    measure: str
    meaning: str  # what it says when one looks closely; '' when it is what it seems
    digits: int


@cache
def figures() -> dict[str, Published]:
    """All published figures by key, such as 'autoencoder.validation'."""
    data = tomllib.loads((resources() / "studies" / "published.toml").read_text("utf-8"))
    sources: dict[str, str] = data.pop("sources")
    found = {}
    for study, entries in data.items():
        for name, entry in entries.items():
            digits = len(str(entry["value"]).partition(".")[2])
            found[f"{study}.{name}"] = Published(
                float(entry["value"]), sources[entry["source"]], entry["measure"], entry.get("meaning", ""), digits
            )
    return found


def cell(key: str) -> Cell:
    """A published figure for a table. Raises KeyError for an unknown key: that is a mistake in the study."""
    figure = figures()[key]
    return Cell(figure.value, Origin.PUBLISHED, digits=figure.digits)


def readings(*keys: str) -> Table:
    """A table of what the published figures really say."""
    chosen = [figures()[key] for key in keys]
    rows = tuple((f.measure, Cell(f.value, Origin.PUBLISHED, digits=f.digits), f.meaning, f.source) for f in chosen)
    return Table("What the published figures say", ("figure", "published", "read closely", "source"), rows)
