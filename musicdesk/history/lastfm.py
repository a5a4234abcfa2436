"""Last.fm scrobbles in the three forms that exporters write. A scrobble has no play time.

uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid
"",date,artist,track,album
artist,album,track,"DD Mon YYYY HH:MM"            (without a heading)
"""

from __future__ import annotations

from collections.abc import Iterator

from musicdesk.core.wording import clean
from musicdesk.history.base import Account, Format, Head, Item, Refused, Source, example, judged, latest
from musicdesk.history.csv_rows import Row, lines, table, table_rows
from musicdesk.history.text import blocks
from musicdesk.history.times import epoch, iso, spoken


def _with_epochs(head: Head) -> bool:
    return {"uts", "artist", "track"} <= set(head.cells)


def _from_r(head: Head) -> bool:
    return head.cells[-4:] == ("date", "artist", "track", "album") and len(head.cells) in (4, 5)


def _bare(head: Head) -> bool:
    line = head.text.lstrip().split("\n", 1)[0]
    row = next(table_rows(iter([line.rstrip("\r")]), ",", lambda cells: len(cells) == 4), None)
    return isinstance(row, Row) and spoken(row.cells[3]) is not None


def _detect(head: Head) -> bool:
    return _with_epochs(head) or _from_r(head) or _bare(head)


def _read(source: Source, account: Account) -> Iterator[Item]:
    from musicdesk.history.text import head_of

    until = latest()
    bare = _bare(head_of(source))
    with source.open() as stream:
        found = lines(blocks(stream, account))
        if bare:
            names, rows = ["artist", "album", "track", "when"], table_rows(found, ",", lambda cells: len(cells) == 4)
        else:
            names, rows = table(found)
        for number, row in enumerate(rows, 1):
            if isinstance(row, Row):
                yield _play(number, dict(zip(names, row.cells, strict=True)), until)
            else:
                yield Refused(row.reason, example(number, row.text))


def _play(number: int, row: dict[str, str], until: int) -> Item:
    if "uts" in row:
        when, at = clean(row.get("utc_time")), epoch(row["uts"])
    elif "date" in row:
        when = clean(row["date"])
        at = iso(when)
    else:
        when = clean(row.get("when"))
        at = spoken(when)
    artist, title, album = clean(row.get("artist")), clean(row.get("track")), clean(row.get("album"))
    return judged(number, at, when, _known(artist), _known(title), None, album=_known(album), until=until)


def _known(text: str) -> str:
    """R writes NA where there is nothing."""
    return "" if text == "NA" else text


FORMATS = (Format("lastfm", "Last.fm scrobbles", _detect, _read),)
