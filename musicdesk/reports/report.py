"""A report as a value: tables whose figures know where they come from, paragraphs, plots.

A figure from made-up data beside a published one would look like a comparison and be none; no `Table` and no
`Report` can hold both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from musicdesk.core.errors import Unusable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Origin(Enum):
    """Where a figure comes from."""

    PUBLISHED = "published"  # printed by its source
    MEASURED = "measured"  # by us, on real data
    MADE_UP = "made up"  # by us, on data that a program made


class MixedOrigins(Unusable):
    """A made-up figure and a published one were to be shown together."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"'{title}' would show figures from made-up data beside published ones; such a report is not written."
        )


@dataclass(frozen=True)
class Cell:
    """One figure. low, high: its 95 % interval, both or none; digits: decimals shown; None shows as a dash

    nan is as None: of a single listener there is no interval.
    """

    value: float | int | None
    origin: Origin
    low: float | None = None
    high: float | None = None
    digits: int = 3

    def text(self) -> str:
        if not known(self.value):
            return "–"
        if isinstance(self.value, int):
            return f"{self.value:,}"
        shown = f"{self.value:,.{self.digits}f}"
        if known(self.low) and known(self.high):
            return f"{shown} [{self.low:,.{self.digits}f}, {self.high:,.{self.digits}f}]"
        return shown

    def as_json(self) -> dict[str, Any]:
        interval = [self.low, self.high] if known(self.low) and known(self.high) else None
        value = self.value if known(self.value) else None
        return {"value": value, "interval": interval, "origin": self.origin.value, "text": self.text()}


def known(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)


Entry: TypeAlias = Cell | str  # words have no origin, figures always do


@dataclass(frozen=True)
class Table:
    """title: of the table; note: its first line, which says what it was measured on; '' for none"""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title}: a row has not {len(self.columns)} entries")
        _refuse_mixture(self.title, self.origins())

    def origins(self) -> set[Origin]:
        return {entry.origin for row in self.rows for entry in row if isinstance(entry, Cell)}

    def texts(self) -> list[list[str]]:
        return [[entry if isinstance(entry, str) else entry.text() for entry in row] for row in self.rows]

    def as_json(self) -> dict[str, Any]:
        rows = [[entry if isinstance(entry, str) else entry.as_json() for entry in row] for row in self.rows]
        return {"title": self.title, "note": self.note, "columns": list(self.columns), "rows": rows}


@dataclass(frozen=True, eq=False)
class Plot:
    """A picture. name: of its file, without ending; caption: what it shows, also for those who do not see it;
    draw: draws on an empty matplotlib figure (called once for light and once for dark pages)
    """

    name: str
    caption: str
    draw: Callable[[Figure], None]
    width: float = 7.2  # inches, at 100 dots
    height: float = 4.2

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name for a plot")


Part: TypeAlias = Table | Plot | str  # a string is a paragraph


@dataclass(frozen=True, eq=False)
class Report:
    """notes: lines under the title that must be read first"""

    title: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        _refuse_mixture(self.title, set().union(*(table.origins() for table in self.tables())))
        names = [plot.name for plot in self.plots()]
        if len(names) != len(set(names)):
            raise ValueError(f"{self.title}: two plots have one name")

    def tables(self) -> Iterator[Table]:
        return (part for part in self.parts if isinstance(part, Table))

    def plots(self) -> Iterator[Plot]:
        return (part for part in self.parts if isinstance(part, Plot))

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "notes": list(self.notes),
            "tables": [table.as_json() for table in self.tables()],
            "paragraphs": [part for part in self.parts if isinstance(part, str)],
            "plots": [{"name": plot.name, "caption": plot.caption} for plot in self.plots()],
        }


def _refuse_mixture(title: str, origins: set[Origin]) -> None:
    if {Origin.PUBLISHED, Origin.MADE_UP} <= origins:
        raise MixedOrigins(title)
