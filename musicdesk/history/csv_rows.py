"""Lines and CSV rows out of a stream of text, so that one bad row costs one row.

A quotation mark that never closes would swallow the rest of the file: a row may span a few lines, and when
it then is not of the right width, its first line is given up and the others are read again.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from musicdesk.history.base import UNREADABLE
from musicdesk.history.json_rows import Broken
from musicdesk.history.text import divider_of, heading_of, line_end

LONGEST_LINE = 1 << 18  # characters
SPAN = 30  # lines that one row may have


class Row(NamedTuple):
    cells: list[str]


def lines(blocks: Iterator[str]) -> Iterator[str]:
    """The text's lines without their ends; a line over the limit is cut, so that memory stays bounded."""
    rest, end = "", ""
    for block in blocks:
        end = end or line_end(block)
        parts = (rest + block).split(end)
        rest = parts.pop()[: LONGEST_LINE + 1]
        for part in parts:
            yield part.removesuffix("\r")
    if rest:
        yield rest.removesuffix("\r")


def table_rows(found: Iterator[str], divider: str, fits: Callable[[list[str]], bool]) -> Iterator[Row | Broken]:
    """The rows of CSV lines; `fits` tells whether cells can be a row of this table. Empty lines are none."""
    waiting: deque[str] = deque()
    while True:
        line = waiting.popleft() if waiting else next(found, None)
        if line is None:
            return
        if not line.strip():
            continue
        cells = line.split(divider)
        if '"' not in line or not any(cell.startswith('"') for cell in cells):  # elsewhere it is a mark of inches
            yield Row(cells) if _sound(line) and fits(cells) else Broken(UNREADABLE, line)
        else:
            yield _quoted(line, waiting, found, divider, fits)


def _quoted(
    line: str, waiting: deque[str], found: Iterator[str], divider: str, fits: Callable[[list[str]], bool]
) -> Row | Broken:
    taken: list[str] = []
    text = line
    whole_line, whole_rest = _endings(divider)
    open_quote = not whole_line.fullmatch(line)
    while open_quote and len(taken) < SPAN and len(text) <= LONGEST_LINE:
        more = waiting.popleft() if waiting else next(found, None)
        if more is None:
            break
        taken.append(more)
        text += "\n" + more
        open_quote = not whole_rest.fullmatch(more)
    if not open_quote and _sound(text):
        cells = _parsed(text, divider)
        if cells is not None and fits(cells):
            return Row(cells)
    waiting.extendleft(reversed(taken))
    return Broken(UNREADABLE, line)


@lru_cache
def _endings(divider: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a line looks like at whose end no quotation is open: one that begins a row, and one within a quotation."""
    behind = rf'(?:[^"]++|"")*+"[^{divider}]*+'
    cell = rf'(?:"{behind}|[^"{divider}][^{divider}]*+|)'
    more = rf"(?:{divider}{cell})*+"
    return re.compile(cell + more), re.compile(behind + more)


def _parsed(text: str, divider: str) -> list[str] | None:
    try:
        rows = list(csv.reader((line + "\n" for line in text.split("\n")), delimiter=divider))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _sound(text: str) -> bool:
    return "\0" not in text and len(text) <= LONGEST_LINE


def table(found: Iterator[str]) -> tuple[list[str], Iterator[Row | Broken]]:
    """(names of the heading, rows of the same width) of CSV lines with a heading."""
    heading = heading_of(found)
    if not heading:
        return [], iter(())
    divider = divider_of(heading)
    names = [name.strip() for name in _parsed(heading, divider) or []]
    return names, table_rows(found, divider, lambda cells: len(cells) == len(names))


def whole(cell: str) -> int | str:
    """The number in a cell, which may be written `186000.0`; text that is none comes back stripped."""
    text = cell.strip()
    digits = text.removesuffix(".0")
    number = digits.removeprefix("-")
    return int(digits) if number.isascii() and number.isdecimal() and len(number) < 40 else text
