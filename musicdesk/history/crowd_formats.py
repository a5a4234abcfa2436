"""The formats of crowds: who played what how often, and files that say what the songs are called.

Taste Profile triplets go by `triplets`; its CSV variants, KKBox (WSDM 2018) and hetrec Last.fm by rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from musicdesk.core.registry import Registry
from musicdesk.core.wording import clean
from musicdesk.history import triplets
from musicdesk.history.base import NAMELESS, UNREADABLE, Account, Head, Refused, Source, example
from musicdesk.history.crowd import MOST_PLAYS, Coded
from musicdesk.history.csv_rows import Row, lines, table
from musicdesk.history.text import blocks

LONGEST_ID = 64  # bytes
_TRIPLET = re.compile(r"[0-9a-f]{40}\tSO[A-Z0-9]{16}\t\d+\r?(?:\n|$)")
_SEP = "<SEP>"
_MISMATCH = re.compile(r"ERROR: <(SO[A-Z0-9]{16}) (TR[A-Z0-9]{16})>")
_NAME_COLUMNS = {"artist.name": "artist", "artist_name": "artist", "title": "title", "name": "title"}


class Title(NamedTuple):
    """What a song's id stands for; `wrong`: the id is known to belong to another sound."""

    name: str
    artist: str = ""
    title: str = ""
    wrong: bool = False


@dataclass(frozen=True)
class CrowdFormat:
    """`plays` reads rows of plays (with the titles that stand beside them), `titles` reads names alone."""

    name: str
    title: str
    detect: Callable[[Head], bool]
    plays: Callable[[Source, Account], tuple[Coded, list[Title]]] | None = None
    titles: Callable[[Source, Account], Iterator[Title | Refused]] | None = None

    @property
    def family(self) -> str:
        """The crowd that a file belongs to unless told otherwise; MSD's names are those of the Taste Profile."""
        first = self.name.partition("-")[0]
        return "taste-profile" if first in ("taste", "msd") else first


def _is_triplets(head: Head) -> bool:
    return any(_TRIPLET.match(line + "\n") for line in head.text.split("\n", 3)[:3])


def _triplets(source: Source, account: Account) -> tuple[Coded, list[Title]]:
    return triplets.read(source, account), []


class _Columns(NamedTuple):
    """Which columns of a table tell what."""

    who: str
    what: str
    plays: str
    title: str = ""
    artist: str = ""


_TABLES = (
    _Columns("user_id", "song_id", "listen_count", "title", "artist_name"),
    _Columns("user", "song", "play_count", "title", "artist_name"),
    _Columns("user_id", "song_id", "play_count", "title", "artist_name"),
    _Columns("user", "song", "plays"),
    _Columns("msno", "song_id", "target"),
    _Columns("userID", "artistID", "weight"),
)


def _columns(names: set[str]) -> _Columns | None:
    return next((c for c in _TABLES if {c.who, c.what, c.plays} <= names), None)


def _is_table(first: str) -> Callable[[Head], bool]:
    def detect(head: Head) -> bool:
        found = _columns(set(head.cells))
        return found is not None and found.who in first.split()

    return detect


class _Codes(dict[bytes, int]):
    def __missing__(self, name: bytes) -> int:
        self[name] = len(self)
        return self[name]


def _table(source: Source, account: Account) -> tuple[Coded, list[Title]]:
    users, songs = _Codes(), _Codes()
    rows: list[tuple[int, int, int]] = []
    titles: dict[str, Title] = {}
    with source.open() as stream:
        names, found = table(lines(blocks(stream, account)))
        columns = _columns(set(names)) or _TABLES[0]
        for number, row in enumerate(found, 1):
            account.rows += 1
            cells = dict(zip(names, row.cells, strict=True)) if isinstance(row, Row) else {}
            who, what = clean(cells.get(columns.who)), clean(cells.get(columns.what))
            plays = _plays(cells.get(columns.plays, ""), columns)
            if not who or not what or plays is None or max(len(who), len(what)) > LONGEST_ID:
                account.refuse(Refused(UNREADABLE, example(number, who, what)))
            elif not plays:
                account.refuse(Refused(triplets.NO_PLAYS, example(number, who, what)))
            else:
                rows.append((users[who.encode()], songs[what.encode()], plays))
                if columns.title and what not in titles:
                    artist, title = clean(cells.get(columns.artist)), clean(cells.get(columns.title))
                    titles[what] = Title(what, artist, title)
    coded = np.array(rows, np.uint32).reshape(-1, 3)
    return Coded(_names(users), _names(songs), *coded.T), [t for t in titles.values() if t.artist and t.title]


def _plays(text: str, columns: _Columns) -> int | None:
    digits = text.strip().removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 8):
        return None
    plays = int(digits)
    if columns.plays == "target":  # a row is a first listen; 1: it was heard again within a month
        return 1 + plays if plays < 2 else None
    return plays if plays <= MOST_PLAYS else None


def _names(codes: dict[bytes, int]) -> np.ndarray:
    return np.array(list(codes), f"S{max(map(len, codes), default=1)}")


def _sep_titles(source: Source, account: Account) -> Iterator[Title | Refused]:
    """`track<SEP>song<SEP>artist<SEP>title`"""
    with source.open() as stream:
        for number, line in enumerate(filter(str.strip, lines(blocks(stream, account))), 1):
            parts = [clean(part) for part in line.split(_SEP)]
            yield _title(number, parts[1], parts[2], parts[3]) if len(parts) == 4 else _unreadable(number, line)


def _mismatches(source: Source, account: Account) -> Iterator[Title | Refused]:
    with source.open() as stream:
        for number, line in enumerate(filter(str.strip, lines(blocks(stream, account))), 1):
            found = _MISMATCH.match(line)
            yield Title(found[1], wrong=True) if found else _unreadable(number, line)


def _table_titles(key: str) -> Callable[[Source, Account], Iterator[Title | Refused]]:
    """Titles out of a table whose column `key` has the song's id."""

    def read(source: Source, account: Account) -> Iterator[Title | Refused]:
        with source.open() as stream:
            names, found = table(lines(blocks(stream, account)))
            for number, row in enumerate(found, 1):
                if not isinstance(row, Row) or key not in names:
                    yield _unreadable(number, "")
                    continue
                cells = dict(zip(names, row.cells, strict=True))
                told = {part: clean(cells[column]) for column, part in _NAME_COLUMNS.items() if column in cells}
                yield _title(number, clean(cells[key]), told.get("artist", ""), told.get("title", ""), half=True)

    return read


def _hetrec_artists(source: Source, account: Account) -> Iterator[Title | Refused]:
    with source.open() as stream:
        names, found = table(lines(blocks(stream, account)))
        for number, row in enumerate(found, 1):
            cells = dict(zip(names, row.cells, strict=True)) if isinstance(row, Row) else {}
            yield _title(number, clean(cells.get("id")), clean(cells.get("name")), "", half=True)


def _title(number: int, name: str, artist: str, title: str, half: bool = False) -> Title | Refused:
    """`half`: artist or title alone will do, the other may stand in another file."""
    if not name or len(name) > LONGEST_ID:
        return _unreadable(number, name)
    if not (artist or title if half else artist and title):
        return Refused(NAMELESS, example(number, name))
    return Title(name, artist, title)


def _unreadable(number: int, line: str) -> Refused:
    return Refused(UNREADABLE, example(number, line[:60]))


def _has(*names: str) -> Callable[[Head], bool]:
    return lambda head: set(names) <= set(head.cells)


def _formats() -> Registry[CrowdFormat]:
    formats: Registry[CrowdFormat] = Registry("format")
    sep, music = _sep_titles, _table_titles("song.id")
    for form in (
        CrowdFormat("taste-profile", "Taste Profile triplets", _is_triplets, plays=_triplets),
        CrowdFormat("taste-profile-csv", "Taste Profile as CSV", _is_table("user_id user"), plays=_table),
        CrowdFormat("kkbox", "KKBox listens", _is_table("msno"), plays=_table),
        CrowdFormat("hetrec", "Last.fm counts by artist", _is_table("userID"), plays=_table),
        CrowdFormat("msd-tracks", "MSD track names", lambda head: head.text.count(_SEP) >= 3, titles=sep),
        CrowdFormat("msd-mismatches", "MSD mismatches", lambda h: bool(_MISMATCH.match(h.text)), titles=_mismatches),
        CrowdFormat("msd-music", "MSD songs", _has("song.id", "artist.name", "title"), titles=music),
        CrowdFormat(
            "kkbox-songs",
            "KKBox songs",
            _has("song_id", "song_length", "artist_name"),
            titles=_table_titles("song_id"),
        ),
        CrowdFormat("kkbox-names", "KKBox names", _has("song_id", "name", "isrc"), titles=_table_titles("song_id")),
        CrowdFormat("hetrec-artists", "Last.fm artists", _has("id", "name", "pictureURL"), titles=_hetrec_artists),
    ):
        formats.add(form.name, form)
    return formats


CROWD_FORMATS = _formats()


def crowd_format_of(head: Head) -> CrowdFormat | None:
    return next((form for _name, form in CROWD_FORMATS.items() if form.detect(head)), None)
