"""What files say about a crowd's songs: names, recordings, and words with weights."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from musicdesk.core.wording import clean
from musicdesk.history.base import NAMELESS, UNREADABLE, Refused, example

LONGEST_ID = 64  # bytes
WHOLE = 1_000_000  # weights of words are kept as so many parts of 1
DAY_MS = 86_400_000


class Title(NamedTuple):
    """One row about a song, or about a recording of one.

    name:   the song's id; a recording's, where only words are told
    wrong:  the id is known to belong to another sound
    tracks: ids of its recordings
    words:  (word, weight 1..WHOLE), of the kind that the file's format tells
    """

    name: str
    artist: str = ""
    title: str = ""
    wrong: bool = False
    album: str = ""
    year: int | None = None
    length_ms: int | None = None
    tracks: tuple[str, ...] = ()
    words: tuple[tuple[str, int], ...] = ()

    @property
    def names(self) -> bool:
        """Whether it tells anything about the song itself."""
        return bool(self.artist or self.title or self.wrong or self.album or self.year or self.length_ms)


Titles = Generator[Title | Refused, None, None]


def named(number: int, title: Title, half: bool = False) -> Title | Refused:
    """The row, when its song is named. `half`: artist or title alone will do, the other may stand elsewhere."""
    if not title.name or len(title.name.encode()) > LONGEST_ID:
        return unreadable(number, title.name)
    if not (title.artist or title.title if half else title.artist and title.title):
        return Refused(NAMELESS, example(number, title.name))
    return title


def unreadable(number: int, line: str) -> Refused:
    return Refused(UNREADABLE, example(number, line[:60]))


def word(text: str) -> str:
    """A tag as it is kept: small letters, one space between words, at most 64 bytes."""
    plain = " ".join(clean(text).casefold().split())
    return plain.encode()[:LONGEST_ID].decode("utf-8", "ignore").strip()


def weighed(share: float) -> int:
    """A weight of 0..1 as it is kept, at least 1."""
    return max(1, min(WHOLE, round(share * WHOLE))) if share == share else 1


def year(text: str) -> int | None:
    digits = text.strip().removesuffix(".0")
    found = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) == 4 else 0
    return found if found >= 1000 else None


def scaled(text: str, unit: int) -> int | None:
    """A number above 0, times `unit` (1,000 for seconds in milliseconds); None when it is none, or over a day of ms."""
    try:
        found = float(text) * unit
    except ValueError:
        return None
    return round(found) if 0.5 <= found < DAY_MS else None
