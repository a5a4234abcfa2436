"""iTunes' `iTunes Library.xml`: a property list with each track's sum of plays, not the single ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from musicdesk.core.wording import clean
from musicdesk.history.base import (
    AUDIOBOOK,
    CUT_OFF,
    DAY_MS,
    NAMELESS,
    NOT_MUSIC,
    NOT_PLAYED,
    PODCAST,
    UNREADABLE,
    Account,
    Format,
    Head,
    Item,
    Mention,
    Refused,
    Source,
    example,
)
from musicdesk.history.json_rows import CUT
from musicdesk.history.sources import SourceFault
from musicdesk.history.text import BLOCK
from musicdesk.history.times import iso

DEEPEST = 64
LONGEST_TEXT = 10_000  # characters of one value
TRACK_DEPTH = 4  # plist, dict, dict of Tracks, dict of one
MOST_PLAYS = 1_000_000


def _detect(head: Head) -> bool:
    return "<plist" in head.text and "<key>Tracks</key>" in head.text


class _Tracks:
    """Collects the dictionaries inside `Tracks` as the parser goes along."""

    def __init__(self) -> None:
        self.ready: list[dict[str, str]] = []
        self._depth = 0
        self._section = ""
        self._row: dict[str, str] | None = None
        self._key = ""
        self._text: list[str] = []
        self._length = 0

    def start(self, tag: str, _attributes: Any) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError("nested too deep")
        self._text, self._length = [], 0
        if tag == "dict" and self._depth == TRACK_DEPTH and self._section == "Tracks":
            self._row = {}

    def end(self, tag: str) -> None:
        text = "".join(self._text)
        if tag == "key":
            self._key = text
            if self._depth == TRACK_DEPTH - 1:
                self._section = text
        elif self._row is not None and self._depth == TRACK_DEPTH + 1:
            self._row[self._key] = text or tag
        elif tag == "dict" and self._depth == TRACK_DEPTH and self._row is not None:
            self.ready.append(self._row)
            self._row = None
        self._text, self._length = [], 0
        self._depth -= 1

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length <= LONGEST_TEXT:
            self._text.append(text)

    @property
    def inside(self) -> bool:
        """Whether a track has begun and not ended."""
        return self._row is not None


def _refuse_entities(*_: Any) -> None:
    raise ValueError("the file defines entities of its own")


def _rows(source: Source, account: Account) -> Iterator[dict[str, str] | Refused]:
    tracks = _Tracks()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = tracks.start, tracks.end
    parser.CharacterDataHandler = tracks.data
    parser.EntityDeclHandler = _refuse_entities
    with source.open() as stream:
        while True:
            try:
                block = stream.read(BLOCK)
                parser.Parse(block, not block)
            except (expat.ExpatError, ValueError, LookupError, SourceFault) as error:
                yield from tracks.ready
                account.note(f"{CUT} ({error})")
                if tracks.inside:
                    yield Refused(CUT_OFF, example(1))
                return
            yield from tracks.ready
            tracks.ready = []
            if not block:
                return


def _read(source: Source, account: Account) -> Iterator[Item]:
    known: dict[tuple[str, str], Mention] = {}
    for number, row in enumerate(_rows(source, account), 1):
        item = row if isinstance(row, Refused) else _total(number, row)
        if isinstance(item, Mention):
            item = known[item.artist, item.title] = _added(item, known.get((item.artist, item.title)))
        yield item


def _added(song: Mention, before: Mention | None) -> Mention:
    """A song that stands on two albums was played as often as both say: the sum of what the file has told so far."""
    if before is None:
        return song
    latest = max(song, before, key=lambda told: told.at or 0)
    plays = min(MOST_PLAYS, song.plays + before.plays)
    return song._replace(plays=plays, at=latest.at, at_text=latest.at_text)


def _total(number: int, row: dict[str, str]) -> Item:
    artist, title = clean(row.get("Artist")), clean(row.get("Name"))
    if "Podcast" in row:
        return Refused(PODCAST, example(number, artist, title))
    if "Audiobook" in row or clean(row.get("Genre")) == "Audiobook":
        return Refused(AUDIOBOOK, example(number, artist, title))
    if "Has Video" in row or "Movie" in row:
        return Refused(NOT_MUSIC, example(number, artist, title))
    if not artist or not title:
        return Refused(NAMELESS, example(number, artist, title))
    plays, length = _whole(row.get("Play Count", "0")), _whole(row.get("Total Time", ""))
    if plays is None or plays > MOST_PLAYS:
        return Refused(UNREADABLE, example(number, artist, title))
    if not plays:
        return Refused(NOT_PLAYED if row.get("Play Count") else "never played", example(number, artist, title))
    when = clean(row.get("Play Date UTC"))
    album, at = clean(row.get("Album")), iso(when)
    length = length if length and length < DAY_MS else None
    return Mention("total", artist, title, album, plays=plays, at=at, at_text=when, length_ms=length)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


FORMATS = (Format("itunes", "iTunes library", _detect, _read),)
