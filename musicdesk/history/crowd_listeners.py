"""Files that say which listeners of a crowd are meant: names, or the files of plays that crowds come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from musicdesk.core.wording import clean
from musicdesk.history.base import Account
from musicdesk.history.crowd_formats import columns_of
from musicdesk.history.csv_rows import Row, lines, table
from musicdesk.history.text import blocks, cells_of


def listeners_in(stream: BinaryIO) -> Iterator[bytes]:
    """The names in a file as a crowd keeps them, each as often as it stands there.

    A name on each line, or triplets with tabs or commas, or a table with the heading of one that crowds come from.
    """
    for name in _names(lines(blocks(stream, Account()))):
        if told := clean(name):
            yield told.encode()


def _names(found: Iterator[str]) -> Iterable[str]:
    first = next(found, "")
    every = chain([first], found)
    columns = columns_of(cells_of(first))
    if columns is None:
        return map(_name, every)
    heading, rows = table(every)
    at = heading.index(columns.who)
    return (row.cells[at] for row in rows if isinstance(row, Row))


def _name(line: str) -> str:
    if "\t" in line:
        return line.partition("\t")[0]
    cells = cells_of(line)
    return cells[0] if len(cells) == 3 and cells[2].isdecimal() else line
