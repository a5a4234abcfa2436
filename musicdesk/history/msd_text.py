"""Text files around the Million Song Dataset: names of tracks, mismatches, recordings of songs, genres."""

from __future__ import annotations

import re
from collections.abc import Iterator

from musicdesk.core.wording import clean
from musicdesk.history.base import Account, Head, Refused, Source, example
from musicdesk.history.crowd_names import WHOLE, Title, Titles, named, unreadable, word
from musicdesk.history.csv_rows import lines
from musicdesk.history.text import blocks

SEP = "<SEP>"
_SONG, _TRACK = "SO[A-Z0-9]{16}", "TR[A-Z0-9]{16}"
_MISMATCH = re.compile(rf"ERROR: <({_SONG}) ({_TRACK})>")
_TRACKS = re.compile(rf"{_SONG}(\t{_TRACK})*$")
_GENRE = re.compile(rf"({_SONG}|{_TRACK})\t([^\t\d<>][^\t]*)(?:\t([^\t]*))?$")
NO_TRACKS = "no tracks"


def is_tracks(head: Head) -> bool:
    return head.text.count(SEP) >= 3


def tracks(source: Source, account: Account) -> Titles:
    """`track<SEP>song<SEP>artist<SEP>title`"""
    for number, line in _lines(source, account):
        parts = [clean(part) for part in line.split(SEP)]
        if len(parts) != 4:
            yield unreadable(number, line)
            continue
        recordings = (parts[0],) if re.fullmatch(_TRACK, parts[0]) else ()
        yield named(number, Title(parts[1], parts[2], parts[3], tracks=recordings))


def is_mismatches(head: Head) -> bool:
    return bool(_MISMATCH.match(head.text))


def mismatches(source: Source, account: Account) -> Titles:
    """`ERROR: <song track> ...`"""
    for number, line in _lines(source, account):
        found = _MISMATCH.match(line)
        yield Title(found[1], wrong=True) if found else unreadable(number, line)


def is_song_tracks(head: Head) -> bool:
    first = [line.rstrip("\r") for line in head.text.split("\n", 3)[:3] if line.strip()]
    return bool(first) and all(_TRACKS.match(line) for line in first) and any("\t" in line for line in first)


def song_tracks(source: Source, account: Account) -> Titles:
    """`song<TAB>track[<TAB>track ...]`; some songs have none."""
    for number, line in _lines(source, account):
        if not _TRACKS.match(line):
            yield unreadable(number, line)
        elif "\t" not in line:
            yield Refused(NO_TRACKS, example(number, line))
        else:
            name, *recordings = line.split("\t")
            yield Title(name, tracks=tuple(recordings))


def is_genres(head: Head) -> bool:
    told = (line.rstrip("\r") for line in head.text.split("\n")[:-1] or [head.text])
    first = [line for line in told if line.strip() and not line.startswith("#")][:3]
    return bool(first) and all(_GENRE.match(line) for line in first)


def genres(source: Source, account: Account) -> Titles:
    """`track<TAB>genre[<TAB>second]`; lines that begin with # are comments, and no rows."""
    number = 0
    for _place, line in _lines(source, account):
        if line.startswith("#"):
            continue
        number += 1
        found = _GENRE.match(line)
        words = [word(part) for part in found.groups()[1:] if part] if found else []
        told = [part for part in words if part]
        if found is None or not told:
            yield unreadable(number, line)
        else:
            shares = zip(told, (WHOLE, WHOLE // 2), strict=False)
            yield Title(found[1], words=tuple(dict(reversed(list(shares))).items()))


def _lines(source: Source, account: Account) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers."""
    with source.open() as stream:
        yield from enumerate((line for line in lines(blocks(stream, account)) if line.strip()), 1)
