"""Spotify's extended history: every play since the account was made, to the second.

Both generations of files are read: `endsong_0.json` with 21 keys and `Streaming_History_Audio_*.json`
with 21 or 23. User name, address and device stand in every row and are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    AUDIOBOOK,
    PODCAST,
    UNREADABLE,
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
from musicdesk.history.json_rows import Broken, array_rows
from musicdesk.history.text import blocks
from musicdesk.history.times import iso

TITLE = "master_metadata_track_name"
ARTIST = "master_metadata_album_artist_name"
ALBUM = "master_metadata_album_album_name"
SKIPPING = frozenset(("fwdbtn", "backbtn"))


def _detect(head: Head) -> bool:
    return {"ts", "ms_played"} <= head.keys and bool({TITLE, "spotify_track_uri", "episode_name"} & head.keys)


def _read(source: Source, account: Account) -> Iterator[Item]:
    until = latest()
    with source.open() as stream:
        for number, row in enumerate(array_rows(blocks(stream, account), account), 1):
            if isinstance(row, dict):
                yield _play(number, row, until)
            else:
                reason = row.reason if isinstance(row, Broken) else UNREADABLE
                yield Refused(reason, example(number))


def _play(number: int, row: dict[str, Any], until: int) -> Item:
    when = clean(row.get("ts"))
    artist, title = clean(row.get(ARTIST)), clean(row.get(TITLE))
    if not title:
        if row.get("episode_name") or row.get("spotify_episode_uri"):
            return Refused(PODCAST, example(number, clean(row.get("episode_show_name")), when))
        if row.get("audiobook_title") or row.get("audiobook_uri"):
            return Refused(AUDIOBOOK, example(number, clean(row.get("audiobook_title")), when))
    return judged(
        number,
        iso(when),
        when,
        artist,
        title,
        _told(row.get("ms_played")),
        album=clean(row.get(ALBUM)),
        skipped=_skipped(row),
        uri=clean(row.get("spotify_track_uri")),
        until=until,
    )


def _skipped(row: dict[str, Any]) -> bool | None:
    """As the row says; where it is silent (before 2022), by the button that ended the play."""
    told = row.get("skipped")
    if isinstance(told, bool):
        return told
    reason = row.get("reason_end")
    return reason in SKIPPING if isinstance(reason, str) else None


def _told(ms: object) -> object:
    """Every row of this export has a play time; where it has not, the row is not readable."""
    return "" if ms is None else ms


FORMATS = (Format("spotify-extended", "Spotify extended history", _detect, _read),)
