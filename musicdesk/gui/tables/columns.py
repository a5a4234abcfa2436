"""The columns of track tables: what they are called, what they show, how they are sorted. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from musicdesk.core.types import Track
from musicdesk.gui import words


@dataclass(frozen=True)
class Column:
    name: str
    title: str
    text: Callable[[Track], str]
    order: str = ""  # of catalog.browse.ORDERS; "" = cannot be sorted by
    width: int = 120  # pixels at first
    right: bool = False  # numbers stand at the right
    stretch: int = 0  # share of the room that is left
    gives_way: int = 0  # where room is short, the highest number goes first; 0 stays


VERDICTS = {"like": "more like this", "dislike": "less like this", "never": "never"}


def _rating(track: Track) -> str:
    """What a screen reader says; the sign is painted."""
    if track.stars:
        return words.count(track.stars, "star")
    return VERDICTS.get(track.verdict or "", "not rated")


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


COLUMNS = {
    column.name: column
    for column in (
        Column("title", "Title", lambda t: t.tags.title, "title", 240, stretch=4),
        Column("both", "Track", lambda t: t.tags.title, "title", 240, stretch=2),
        Column("artist", "Artist", lambda t: t.tags.artist, "artist", 180, stretch=3),
        Column("album", "Album", lambda t: t.tags.album, "album", 180, stretch=3, gives_way=3),
        Column("genre", "Genre", lambda t: t.tags.genre, "genre", 112, stretch=1, gives_way=2),
        Column("year", "Year", lambda t: _number(t.tags.year), "year", 64, right=True, gives_way=4),
        Column("length", "Length", lambda t: words.length(t.tags.duration_s), "duration", 76, right=True, gives_way=1),
        Column("plays", "Plays", lambda t: f"{t.plays:,}" if t.plays else "", "plays", 68, right=True, gives_way=5),
        Column("rating", "Rating", _rating, "verdict", 108),
        Column("status", "Status", words.status, "", 132, gives_way=6),
        Column("reason", "Why it could not be read", lambda _t: "", "", 340, stretch=5),
        Column("pin", "", lambda _t: "", "", 40),
        Column("why", "Why it is here", lambda _t: "", "", 260, stretch=5),
    )
}
LIBRARY = ("title", "artist", "album", "genre", "year", "length", "plays", "rating", "status")
CHOOSABLE = LIBRARY[1:]  # the title always stays
FAILED = ("title", "artist", "reason", "status")
PLAYLIST = ("both", "length", "why", "pin", "rating")


def chosen(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The Library's columns in their fixed order; nothing wanted means all."""
    known = [name for name in LIBRARY if name == "title" or name in wanted or not wanted]
    return tuple(known)
