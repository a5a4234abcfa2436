"""A plain CSV that anyone can write: `time, artist, title[, album, ms]`, with a heading."""

from __future__ import annotations

from collections.abc import Iterator

from musicdesk.core.wording import clean
from musicdesk.history.base import Account, Format, Head, Item, Refused, Source, example, judged, latest
from musicdesk.history.csv_rows import Row, lines, table, whole
from musicdesk.history.text import blocks
from musicdesk.history.times import any_time

NAMES = {
    "time": ("time", "timestamp", "date", "datetime", "played_at", "played at", "when", "ts"),
    "artist": ("artist", "artist_name", "artist name", "artistname"),
    "title": ("title", "track", "song", "track_name", "track name", "trackname", "name"),
    "album": ("album", "album_name", "album name", "release"),
    "ms": ("ms", "ms_played", "msplayed", "milliseconds", "duration_ms"),
}


def _columns(names: tuple[str, ...] | list[str]) -> dict[str, int]:
    """Which column holds what."""
    lowered = [name.lower() for name in names]
    found = {part: [lowered.index(name) for name in known if name in lowered] for part, known in NAMES.items()}
    return {part: places[0] for part, places in found.items() if places}


def _detect(head: Head) -> bool:
    return len(head.cells) <= 40 and {"time", "artist", "title"} <= _columns(head.cells).keys()


def _read(source: Source, account: Account) -> Iterator[Item]:
    until = latest()
    with source.open() as stream:
        names, rows = table(lines(blocks(stream, account)))
        columns = _columns(names)
        for number, row in enumerate(rows, 1):
            if isinstance(row, Row):
                yield _play(number, {part: row.cells[at] for part, at in columns.items()}, until)
            else:
                yield Refused(row.reason, example(number, row.text))


def _play(number: int, row: dict[str, str], until: int) -> Item:
    when, album = clean(row.get("time")), clean(row.get("album"))
    ms = whole(row.get("ms", ""))
    artist, title = clean(row.get("artist")), clean(row.get("title"))
    return judged(number, any_time(when), when, artist, title, None if ms == "" else ms, album=album, until=until)


FORMATS = (Format("csv", "plain CSV", _detect, _read),)
