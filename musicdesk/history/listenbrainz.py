"""ListenBrainz: `listens/**/*.jsonl` with one listen a line, `feedback.jsonl` with love and hate.

What the site gave before it made archives is one array on one line, of the same listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    DAY_MS,
    NAMELESS,
    UNREADABLE,
    Account,
    Format,
    Head,
    Item,
    Mention,
    Refused,
    Source,
    example,
    judged,
    latest,
)
from musicdesk.history.csv_rows import lines
from musicdesk.history.json_rows import Broken, array_rows, line_rows
from musicdesk.history.text import blocks
from musicdesk.history.times import epoch


def _has_listens(head: Head) -> bool:
    return {"listened_at", "track_metadata"} <= head.keys


def _rows(stream: BinaryIO, account: Account) -> Iterator[Any]:
    """The elements of one array, or a value a line, whichever it is."""
    text = blocks(stream, account)
    begin = next((block for block in text if block.strip()), "")
    whole = chain([begin], text)
    return array_rows(whole, account) if begin.lstrip().startswith("[") else line_rows(lines(whole))


def _listens(source: Source, account: Account) -> Iterator[Item]:
    until = latest()
    with source.open() as stream:
        for number, row in enumerate(_rows(stream, account), 1):
            yield _listen(number, row, until)


def _listen(number: int, row: Any, until: int) -> Item:
    about = row.get("track_metadata") if isinstance(row, dict) else None
    if isinstance(row, Broken) or not isinstance(about, dict):
        return Refused(UNREADABLE, example(number))
    more = about.get("additional_info")
    length = more.get("duration_ms") if isinstance(more, dict) else None
    return judged(
        number,
        epoch(row.get("listened_at")),
        str(row.get("listened_at"))[:20],
        clean(about.get("artist_name")),
        clean(about.get("track_name")),
        None,
        album=clean(about.get("release_name")),
        length_ms=length if type(length) is int and 0 < length < DAY_MS else None,
        until=until,
    )


def _has_feedback(head: Head) -> bool:
    return {"score"} <= head.keys and bool({"recording_mbid", "recording_msid"} & head.keys)


def _feedback(source: Source, account: Account) -> Iterator[Item]:
    with source.open() as stream:
        for number, row in enumerate(_rows(stream, account), 1):
            yield _opinion(number, row)


def _opinion(number: int, row: Any) -> Item:
    if isinstance(row, Broken) or not isinstance(row, dict) or row.get("score") not in (1, -1):
        return Refused(UNREADABLE, example(number))
    about = row.get("track_metadata")
    named = about if isinstance(about, dict) else {}
    artist, title = clean(named.get("artist_name")), clean(named.get("track_name"))
    if not artist or not title:
        return Refused(NAMELESS, example(number, clean(row.get("recording_mbid"))))
    verb = "liked" if row["score"] == 1 else "banned"
    return Mention(verb, artist, title, clean(named.get("release_name")))


FORMATS = (
    Format("listenbrainz", "ListenBrainz listens", _has_listens, _listens),
    Format("listenbrainz-feedback", "ListenBrainz feedback", _has_feedback, _feedback),
)
