"""Which of the tracks that a search has found is the one that was meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from musicdesk.core.wording import fold, plain_artist, plain_title, words

TITLE_LIKE, ARTIST_LIKE = 88.0, 85.0  # 0..100, rapidfuzz's ratio
APART_S = 15.0  # longer apart is another version
LONGEST = 120  # characters of a name in a query


@dataclass(frozen=True)
class Wanted:
    artist: str
    title: str
    length_s: float | None = None


def queries(wanted: Wanted) -> tuple[str, str]:
    """The exact question, and the freer one that is asked when that finds nothing."""
    artist, title = (text.replace('"', " ").strip()[:LONGEST] for text in (wanted.artist, wanted.title))
    free = f"{words(fold(artist))} {plain_title(title)}" if (artist + title).isascii() else f"{artist} {title}"
    return f'track:"{title}" artist:"{artist}"', free


def best(wanted: Wanted, rows: list[dict[str, Any]]) -> str:
    """The uri of the likeliest track in a search's rows, '' when none is like enough."""
    scored = [
        (score, -place, uri)
        for place, row in enumerate(rows)
        if (uri := uri_of(row)) and (score := _score(wanted, row))
    ]
    return max(scored)[2] if scored else ""


def uri_of(row: dict[str, Any]) -> str:
    """A row's uri when it is a track that can be played, else ''."""
    uri = row.get("uri")
    good = isinstance(uri, str) and uri.startswith("spotify:track:") and uri[14:].isalnum()
    return str(uri) if good and row.get("is_playable") is not False else ""


def same_length(wanted: Wanted, row: dict[str, Any]) -> bool:
    return (_apart(wanted, row) or 0.0) <= APART_S


def _score(wanted: Wanted, row: dict[str, Any]) -> float:
    """0 when it is something else; else likeness of title and artist, less what the lengths are apart."""
    from rapidfuzz import fuzz

    artists = row.get("artists")
    names = (
        [str(one.get("name") or "") for one in artists if isinstance(one, dict)] if isinstance(artists, list) else []
    )
    title = fuzz.ratio(plain_title(wanted.title), plain_title(str(row.get("name") or "")))
    artist = max((fuzz.ratio(plain_artist(wanted.artist), plain_artist(name)) for name in names), default=0.0)
    artist = max(artist, fuzz.token_sort_ratio(words(fold(wanted.artist)), words(fold(" ".join(names)))))
    if title < TITLE_LIKE or artist < ARTIST_LIKE or not same_length(wanted, row):
        return 0.0
    exact = fuzz.ratio(words(fold(wanted.title)), words(fold(str(row.get("name") or "")))) / 10
    return float(title + artist + exact - (_apart(wanted, row) or 0.0))


def _apart(wanted: Wanted, row: dict[str, Any]) -> float | None:
    length = row.get("duration_ms")
    if wanted.length_s is None or not isinstance(length, int) or length <= 0:
        return None
    return abs(length / 1000 - wanted.length_s)
