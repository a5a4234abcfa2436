"""The formats of crowds: who played what how often, and files that say what the songs are called.

Taste Profile triplets go by `triplets`; its CSV variants, KKBox (WSDM 2018) and hetrec Last.fm by rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from musicdesk.core.registry import Registry
from musicdesk.core.wording import clean
from musicdesk.history import msd_h5, msd_sqlite, msd_text, triplets
from musicdesk.history.base import UNREADABLE, Account, Head, Refused, Source, example
from musicdesk.history.crowd import MOST_PLAYS, Coded
from musicdesk.history.crowd_names import LONGEST_ID, WHOLE, Title, Titles, named, scaled, unreadable, word, year
from musicdesk.history.csv_rows import Row, lines, table
from musicdesk.history.text import blocks

_TRIPLET = re.compile(r"[0-9a-f]{40}\tSO[A-Z0-9]{16}\t\d+\r?(?:\n|$)")


@dataclass(frozen=True)
class CrowdFormat:
    """Exactly one of the readers is there.

    plays:  rows of plays, with the titles that stand beside them
    titles: rows about songs, one file at a time; `group` takes all files of the format at once
    pairs:  names and words with weights, as numbers
    kind:   of the words that titles or pairs tell: tag, term, genre, similar
    """

    name: str
    title: str
    detect: Callable[[Head], bool]
    plays: Callable[[Source, Account], tuple[Coded, list[Title]]] | None = None
    titles: Callable[[Source, Account], Titles] | None = None
    group: Callable[[Sequence[Source], Account], Titles] | None = None
    pairs: Callable[[Source, Account], Coded] | None = None
    kind: str = ""

    @property
    def family(self) -> str:
        """The crowd that a file belongs to unless told otherwise; MSD's names are those of the Taste Profile."""
        first = self.name.partition("-")[0]
        return "taste-profile" if first in ("taste", "msd") else first


def _is_triplets(head: Head) -> bool:
    return any(_TRIPLET.match(line + "\n") for line in head.text.split("\n", 3)[:3])


def _triplets(source: Source, account: Account) -> tuple[Coded, list[Title]]:
    return triplets.read(source, account), []


class _About(NamedTuple):
    """Which columns of a table about songs tell what; unit_ms: what the length is counted in."""

    name: str
    artist: str = ""
    title: str = ""
    album: str = ""
    year: str = ""
    length: str = ""
    unit_ms: int = 1000
    words: str = ""  # parted by |
    share: str = ""  # the weight of the one word


_SONG = _About("song_id", "artist_name", "title", "release", "year")


class Columns(NamedTuple):
    """Which columns of a table tell what."""

    who: str
    what: str
    plays: str
    about: _About | None = None


_TABLES = (
    Columns("user_id", "song_id", "listen_count", _SONG),
    Columns("user", "song", "play_count", _SONG._replace(name="song")),
    Columns("user_id", "song_id", "play_count", _SONG),
    Columns("user", "song", "plays"),
    Columns("msno", "song_id", "target"),
    Columns("userID", "artistID", "weight"),
)


def columns_of(names: Iterable[str]) -> Columns | None:
    """What a table of plays with this heading tells; None where it is none."""
    found = set(names)
    return next((c for c in _TABLES if {c.who, c.what, c.plays} <= found), None)


def _is_table(first: str) -> Callable[[Head], bool]:
    def detect(head: Head) -> bool:
        found = columns_of(head.cells)
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
        columns = columns_of(names) or _TABLES[0]
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
                if columns.about and what not in titles:
                    titles[what] = _told(cells, columns.about)
    coded = np.array(rows, np.uint32).reshape(-1, 3)
    return Coded(_names(users), _names(songs), *coded.T), [t for t in titles.values() if t.artist and t.title]


def _plays(text: str, columns: Columns) -> int | None:
    digits = text.strip().removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 8):
        return None
    plays = int(digits)
    if columns.plays == "target":  # a row is a first listen; 1: it was heard again within a month
        return 1 + plays if plays < 2 else None
    return plays if plays <= MOST_PLAYS else None


def _names(codes: dict[bytes, int]) -> np.ndarray:
    return np.array(list(codes), f"S{max(map(len, codes), default=1)}")


def _about(columns: _About) -> Callable[[Source, Account], Titles]:
    """Rows of a table about songs."""

    def read(source: Source, account: Account) -> Titles:
        with source.open() as stream:
            names, found = table(lines(blocks(stream, account)))
            for number, row in enumerate(found, 1):
                if not isinstance(row, Row) or columns.name not in names:
                    yield unreadable(number, "")
                else:
                    yield named(number, _told(dict(zip(names, row.cells, strict=True)), columns), half=True)

    return read


def _told(cells: dict[str, str], columns: _About) -> Title:
    words = [word(part) for part in cells.get(columns.words, "").split("|")]
    share = scaled(cells.get(columns.share, ""), WHOLE) if columns.share else WHOLE
    return Title(
        clean(cells[columns.name]),
        clean(cells.get(columns.artist)),
        clean(cells.get(columns.title)),
        album=clean(cells.get(columns.album)),
        year=year(cells.get(columns.year, "")),
        length_ms=scaled(cells.get(columns.length, ""), columns.unit_ms),
        words=tuple((part, min(WHOLE, share)) for part in dict.fromkeys(words) if part and share),
    )


_MUSIC = _About(
    *("song.id", "artist.name", "title", "release.name", "year", "duration"), words="terms", share="terms_freq"
)
_KKBOX = _About("song_id", "artist_name", length="song_length", unit_ms=1, words="genre_ids")


def _has(*names: str) -> Callable[[Head], bool]:
    return lambda head: set(names) <= set(head.cells)


def _formats() -> Registry[CrowdFormat]:
    formats: Registry[CrowdFormat] = Registry("format")
    for form in (
        CrowdFormat("taste-profile", "Taste Profile triplets", _is_triplets, plays=_triplets),
        CrowdFormat("taste-profile-csv", "Taste Profile as CSV", _is_table("user_id user"), plays=_table),
        CrowdFormat("kkbox", "KKBox listens", _is_table("msno"), plays=_table),
        CrowdFormat("hetrec", "Last.fm counts by artist", _is_table("userID"), plays=_table),
        CrowdFormat("msd-h5", "MSD songs in HDF5", msd_h5.is_h5, group=msd_h5.read, kind="term"),
        CrowdFormat("msd-tags", "Last.fm tags", msd_sqlite.is_tags, pairs=msd_sqlite.tags, kind="tag"),
        CrowdFormat("msd-similars", "likenesses", msd_sqlite.is_similars, pairs=msd_sqlite.similars, kind="similar"),
        CrowdFormat("msd-tracks", "MSD track names", msd_text.is_tracks, titles=msd_text.tracks),
        CrowdFormat("msd-mismatches", "MSD mismatches", msd_text.is_mismatches, titles=msd_text.mismatches),
        CrowdFormat("msd-song-tracks", "tracks of songs", msd_text.is_song_tracks, titles=msd_text.song_tracks),
        CrowdFormat("msd-genres", "genres of tracks", msd_text.is_genres, titles=msd_text.genres, kind="genre"),
        CrowdFormat(
            "msd-music", "MSD songs", _has("song.id", "artist.name", "title"), titles=_about(_MUSIC), kind="term"
        ),
        CrowdFormat(
            "kkbox-songs",
            "KKBox songs",
            _has("song_id", "song_length", "artist_name"),
            titles=_about(_KKBOX),
            kind="genre",
        ),
        CrowdFormat(
            "kkbox-names",
            "KKBox names",
            _has("song_id", "name", "isrc"),
            titles=_about(_About("song_id", title="name")),
        ),
        CrowdFormat(
            "hetrec-artists",
            "Last.fm artists",
            _has("id", "name", "pictureURL"),
            titles=_about(_About("id", artist="name")),
        ),
    ):
        formats.add(form.name, form)
    return formats


CROWD_FORMATS = _formats()


def crowd_format_of(head: Head) -> CrowdFormat | None:
    return next((form for _name, form in CROWD_FORMATS.items() if form.detect(head)), None)
