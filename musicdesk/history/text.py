"""Bytes of unknown origin to text, and the head that a format is told by."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from musicdesk.history.base import Account, Head, Source
from musicdesk.history.sources import SourceFault, is_archive

BLOCK = 1 << 20  # bytes
HEAD = 1 << 16  # bytes looked at to tell the format
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_TOLD = re.compile(r'\s*"?sep=."?\s*', re.IGNORECASE)  # the first line for Excel
_KEY = re.compile(r'"([^"\\\n]{1,60})"\s*:')


def encoding(head: bytes) -> tuple[str, int]:
    """(codec, length of the byte order mark). What is not UTF-16 is tried as UTF-8."""
    for mark, codec in MARKS:
        if head.startswith(mark):
            return codec, len(mark)
    pairs = head[:400]
    if len(pairs) >= 4 and pairs[1::2].count(0) > len(pairs) // 3:
        return "utf-16-le", 0
    if len(pairs) >= 4 and pairs[0::2].count(0) > len(pairs) // 3:
        return "utf-16-be", 0
    return "utf-8", 0


def blocks(stream: BinaryIO, account: Account) -> Iterator[str]:
    """The stream's text, a block at a time. Bytes that are no UTF-8 are read as cp1252, with a note."""
    first = _read(stream, account)
    codec, skip = encoding(first)
    decoder = codecs.getincrementaldecoder(codec)("surrogateescape" if codec == "utf-8" else "replace")
    data = first[skip:]
    while data:
        yield _repaired(decoder.decode(data), account)
        data = _read(stream, account)
    rest = decoder.decode(b"", final=True)
    if rest:
        yield _repaired(rest, account)


def _read(stream: BinaryIO, account: Account) -> bytes:
    """The next block; a stream that breaks off ends there, with a note."""
    try:
        return stream.read(BLOCK)
    except SourceFault as fault:
        account.note(str(fault))
        return b""


def _repaired(text: str, account: Account) -> str:
    if text.isascii() or not _ESCAPED.search(text):
        return text
    account.note("The file is not pure UTF-8; the odd bytes were read as Windows-1252.")
    return _ESCAPED.sub(lambda found: _western(ord(found[0]) - 0xDC00), text)


def _western(byte: int) -> str:
    return bytes((byte,)).decode("cp1252", "replace")


def head_of(source: Source) -> Head:
    """What detection looks at. Raises what reading the source raises."""
    with source.open() as stream:
        data = stream.read(HEAD)
    if is_archive(data):
        raise SourceFault(f"{source.name} is an archive inside an archive and was left out.")
    codec, skip = encoding(data)
    if codec == "utf-8":
        decoder = codecs.getincrementaldecoder(codec)("surrogateescape")
        text = _repaired(decoder.decode(data[skip:]), Account())
    else:
        text = data[skip : len(data) - len(data) % 2].decode(codec, "replace")
    cells = cells_of(heading_of(text.split(line_end(text))))
    return Head(source.name.rsplit("/", 1)[-1], text, frozenset(_KEY.findall(text)), cells, data)


def line_end(start: str) -> str:
    """What ends the lines of a text that begins so: on old Macs a carriage return alone."""
    return "\r" if "\r" in start[:-1] and "\n" not in start else "\n"


def heading_of(lines: Iterable[str]) -> str:
    """The first line of a table that says something; '' where there is none."""
    return next((line.rstrip("\r") for line in lines if line.strip() and not _TOLD.fullmatch(line)), "")


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a heading line, whatever parts them."""
    divider = divider_of(line)
    return tuple(cell.strip().strip('"').strip() for cell in line.split(divider))


def divider_of(line: str) -> str:
    """The sign that parts a line's cells: the most frequent of tab, semicolon and comma."""
    return max("\t;,", key=line.count) if line else ","
