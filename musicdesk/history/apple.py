"""Apple's `Apple Music Play Activity.csv`: every change of what is playing, with the time that was heard.

The event's type is mostly empty, so a row counts by its song and its play duration. Columns changed over
the years: `Content Name` became `Song Name`, the artist stands in `Artist Name` or `Container Artist Name`.
"""

from __future__ import annotations

from collections.abc import Iterator

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    DAY_MS,
    NOT_MUSIC,
    Account,
    Format,
    Head,
    Item,
    Refused,
    Source,
    example,
    judged,
    latest,
)
from musicdesk.history.csv_rows import Row, lines, table, whole
from musicdesk.history.text import blocks
from musicdesk.history.times import iso

ALL_MS = "Play Duration Milliseconds"
SONGLESS = ("AGGREGATE_NON_CATALOG_PLAY_TIME", "NON_SONG_CLIP")


def _detect(head: Head) -> bool:
    return {"Event Start Timestamp", ALL_MS} <= set(head.cells)


def _read(source: Source, account: Account) -> Iterator[Item]:
    until = latest()
    with source.open() as stream:
        names, rows = table(lines(blocks(stream, account)))
        for number, row in enumerate(rows, 1):
            if isinstance(row, Row):
                yield _play(number, dict(zip(names, row.cells, strict=True)), until)
            else:
                yield Refused(row.reason, example(number))


def _play(number: int, row: dict[str, str], until: int) -> Item:
    when = _first(row, "Event End Timestamp", "Event Start Timestamp", "Event Received Timestamp")
    title = _first(row, "Content Name", "Song Name")
    if row.get("Item Type") in SONGLESS or row.get("Media Type") == "VIDEO":
        return Refused(NOT_MUSIC, example(number, title or row.get("Item Type"), when))
    length = whole(row.get("Media Duration In Milliseconds", ""))
    reason = row.get("End Reason Type", "")
    return judged(
        number,
        iso(when),
        when,
        _first(row, "Artist Name", "Container Artist Name"),
        title,
        whole(row.get(ALL_MS, "")),
        album=_first(row, "Album Name", "Container Album Name"),
        skipped=reason.startswith("TRACK_SKIPPED") if reason else None,
        length_ms=length if isinstance(length, int) and 0 < length < DAY_MS else None,
        until=until,
    )


def _first(row: dict[str, str], *names: str) -> str:
    return next((text for name in names if (text := clean(row.get(name)))), "")


FORMATS = (Format("apple", "Apple Music play activity", _detect, _read),)
