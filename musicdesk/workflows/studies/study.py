"""What a study is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from musicdesk.core.errors import NotFound, NotReady, Unusable
from musicdesk.core.progress import Monitor
from musicdesk.reports.report import Cell, Origin, Report

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

Setting = float | int | str


@dataclass(frozen=True, eq=False)
class Given:
    """What a study works with.

    data:     what --data names; None for the library itself
    out:      an existing folder for what the study keeps besides its report (checkpoints, trials)
    settings: all of the study's settings, of the types of its defaults
    origin:   MEASURED, or MADE_UP when a program made the data
    """

    desk: Desk
    data: Path | None
    out: Path
    seed: int
    settings: Mapping[str, Setting]
    origin: Origin
    monitor: Monitor

    @property
    def made_up(self) -> bool:
        return self.origin is Origin.MADE_UP

    def number(self, name: str) -> float:
        return float(self.settings[name])

    def count(self, name: str) -> int:
        return int(self.settings[name])

    def figure(self, value: float | int | None, interval: tuple[float, float] | None = None, digits: int = 3) -> Cell:
        """A figure of ours, with the origin of what it was measured on."""
        low, high = interval or (None, None)
        return Cell(value, self.origin, low, high, digits)

    def file(self, *names: str) -> Path:
        """The data file: what --data names itself, or the first of `names` in the folder that it names.

        Raises NotReady without --data, NotFound when there is no such file.
        """
        if self.data is None:
            raise NotReady("This study needs --data.")
        if self.data.is_file():
            return self.data
        found = next((self.data / name for name in names if (self.data / name).is_file()), None)
        if found is None:
            raise NotFound(f"There is no {' or '.join(names)} in {self.data}.")
        return found


@dataclass(frozen=True, eq=False)
class Study:
    """name: as typed; source: whose study; needs: a sentence that says what --data must name
    library:  it can also be run on the library, without --data
    settings: with their defaults; what is typed takes the default's type
    """

    name: str
    title: str
    source: str
    needs: str
    run: Callable[[Given], Report]
    library: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def configured(self, typed: Mapping[str, object]) -> dict[str, Setting]:
        """The settings with what was typed. Raises NotFound for an unknown one, Unusable for a wrong value."""
        found = dict(self.settings)
        for name, value in typed.items():
            if name not in found:
                known = ", ".join(sorted(found)) or "none"
                raise NotFound(f"The study '{self.name}' has no setting '{name}'; it has {known}.")
            try:
                found[name] = type(found[name])(value)  # type: ignore[arg-type, call-overload]
            except (TypeError, ValueError, OverflowError) as error:
                raise Unusable(f"'{value}' does not fit the setting '{name}' of '{self.name}'.") from error
        return found
