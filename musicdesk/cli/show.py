"""Results as a person reads them in a terminal."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any


def as_json(result: dict[str, Any]) -> str:
    """One object. ASCII only, so that file names that are no text come back as the same bytes."""
    return json.dumps(result, indent=2, ensure_ascii=True, allow_nan=False)


def printable(text: str) -> str:
    """Text without control characters and lone surrogates, safe for any terminal."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return clean.encode("utf-8", "replace").decode("utf-8")


def table(rows: Iterable[Sequence[object]], heads: Sequence[str]) -> str:
    """Aligned columns, numbers to the right; long cells are cut."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return "(nothing)"
    numeric = [all(_numeric(row[i]) for row in cells) for i in range(len(heads))]
    widths = [max(columns(heads[i]), *(columns(row[i]) for row in cells)) for i in range(len(heads))]
    lines = [list(heads), *cells]
    return "\n".join(
        "  ".join(_fit(line[i], widths[i], numeric[i]) for i in range(len(heads))).rstrip() for line in lines
    )


def number(value: float | int) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """`name: value` lines."""
    return "\n".join(f"{name}: {_cell(value)}" for name, value in pairs)


def _cell(value: object) -> str:
    text = number(value) if isinstance(value, int | float) and not isinstance(value, bool) else printable(str(value))
    return text if len(text) <= 60 else text[:59] + "…"


def _numeric(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").isdigit()


def _fit(text: str, width: int, right: bool) -> str:
    space = " " * (width - columns(text))
    return space + text if right else text + space


def columns(text: str) -> int:
    """Columns that `text` takes in a terminal: Chinese and its like take two, combining signs none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def ladder(rung: dict[str, str]) -> str:
    """What recommends now, what would lift it, and how that is said here."""
    lines = [f"Recommends: {rung['sentence']}"]
    if rung["lift"]:
        lines.append(f"Next: {rung['lift']}")
    if rung["command"]:
        lines.append(f"      {rung['command']}")
    return "\n".join(lines)
