"""What an importer reads and gives: a stream in, plays, mentions and refused rows out, in the file's order.

Every row of a file becomes exactly one item, so that whoever counts the items has an account that adds up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, Protocol

from musicdesk.core.wording import clean

EXAMPLES = 20  # kept per reason
DAY_MS = 86_400_000
EARLIEST = 915_148_800  # 1999-01-01, epoch seconds


class Play(NamedTuple):
    """One song heard once. `at` is UTC in epoch seconds, the end of the play where the source says so."""

    at: int
    at_text: str  # as the file has it
    artist: str
    title: str
    album: str = ""
    ms: int | None = None  # None: the source does not know
    skipped: bool | None = None
    uri: str = ""
    length_ms: int | None = None  # of the whole song


class Mention(NamedTuple):
    """A song named outside of a play: liked, banned, in a playlist, or with a sum of plays."""

    verb: str  # "liked", "banned", "playlist", "total"
    artist: str
    title: str
    album: str = ""
    name: str = ""  # the playlist's
    plays: int = 0
    at: int | None = None
    at_text: str = ""
    uri: str = ""
    length_ms: int | None = None


class Refused(NamedTuple):
    """A row that is not used, with the reason and what of it may be shown."""

    reason: str
    example: str


Item = Play | Mention | Refused

# The reasons, in the words that people read.
UNREADABLE = "not readable"
CUT_OFF = "cut off at the end of the file"
NAMELESS = "no artist or title"
UNKNOWN = "unknown track"
PODCAST = "podcast"
AUDIOBOOK = "audiobook"
NOT_MUSIC = "not music"
TIMELESS = "no time"
TOO_EARLY = "before 1999"
TOO_LATE = "after tomorrow"
NOT_PLAYED = "played for 0 ms"
NEGATIVE = "negative play time"
TOO_LONG = "longer than 24 hours"


@dataclass
class Account:
    """What became of the rows: `rows = imported + duplicates + sum(rejected.values())`, always."""

    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def refuse(self, refused: Refused) -> None:
        self.rejected[refused.reason] = self.rejected.get(refused.reason, 0) + 1
        shown = self.examples.setdefault(refused.reason, [])
        if len(shown) < EXAMPLES:
            shown.append(refused.example[:200])

    def note(self, text: str) -> None:
        """A sentence about the file as a whole; the same one is kept once."""
        if text not in self.notes and len(self.notes) < 100:
            self.notes.append(text)

    def add(self, other: Account) -> None:
        self.rows += other.rows
        self.imported += other.imported
        self.duplicates += other.duplicates
        for reason, count in other.rejected.items():
            self.rejected[reason] = self.rejected.get(reason, 0) + count
            shown = self.examples.setdefault(reason, [])
            shown += other.examples.get(reason, [])[: EXAMPLES - len(shown)]
        for text in other.notes:
            self.note(text)


class Source(Protocol):
    """One stream of bytes with a name. Opening twice gives the same bytes."""

    @property
    def name(self) -> str: ...

    def open(self) -> BinaryIO: ...


@dataclass(frozen=True)
class Head:
    """The beginning of a source: what a format is told by."""

    name: str  # without folders
    text: str  # decoded, up to 64 kB
    keys: frozenset[str]  # names that stand before a colon in the text, as JSON has them
    cells: tuple[str, ...]  # the heading cut at its commas, tabs or semicolons, unquoted
    raw: bytes = b""  # as the source has it


@dataclass(frozen=True)
class Format:
    """One format: `detect` looks at the head alone, `read` goes through the whole source."""

    name: str
    title: str
    detect: Callable[[Head], bool]
    read: Callable[[Source, Account], Iterator[Item]]


def latest() -> int:
    """The last second that a play may carry: a day ahead, for clocks and time zones."""
    return int(time.time()) + 86_400


def judged(
    row: int,
    at: int | None,
    at_text: str,
    artist: str,
    title: str,
    ms: object,
    *,
    album: str = "",
    skipped: bool | None = None,
    uri: str = "",
    length_ms: int | None = None,
    until: int,
) -> Play | Refused:
    """The play, when every field can be believed. `ms` None: the source has none; other kinds are refused."""
    fault = _fault(at, artist, title, ms, until)
    if fault:
        return Refused(fault, example(row, artist, title, at_text, ms))
    assert at is not None and (ms is None or isinstance(ms, int))
    return Play(at, at_text, artist, title, album, ms, skipped, uri, length_ms)


def _fault(at: int | None, artist: str, title: str, ms: object, until: int) -> str:
    if not artist or not title:
        return NAMELESS
    if artist == "Unknown Artist" or title == "Unknown Track":
        return UNKNOWN
    if at is None:
        return TIMELESS
    if at < EARLIEST:
        return TOO_EARLY
    if at > until:
        return TOO_LATE
    if ms is None:
        return ""
    if not isinstance(ms, int) or isinstance(ms, bool):
        return UNREADABLE
    if ms <= 0:
        return NEGATIVE if ms < 0 else NOT_PLAYED
    return TOO_LONG if ms > DAY_MS else ""


def example(row: int, *parts: object) -> str:
    """A refused row as it may be shown: its number, and of its fields only those named here."""
    shown = [_short(part) for part in parts if part not in (None, "")]
    return f"row {row:,}: {', '.join(shown)}" if shown else f"row {row:,}"


def _short(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number of many digits"
    text = clean(str(value)) if isinstance(value, str | int | float) else type(value).__name__
    return text if len(text) <= 60 else text[:59] + "…"
