"""What a song is called, without what differs between its versions and between those who write it down."""

from __future__ import annotations

import re
from functools import lru_cache

from musicdesk.core.marks import spaced, unaccented
from musicdesk.core.pieces import is_piece, numbered

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_GUEST = re.compile(r"\b(?:feat|featuring|(?<!\d )ft)\b(?=\W*\w).*")  # but not "6 ft under"
_VERSION = (
    r"(?:\d{4} )?(?:digital(?:ly)? )?(?:re-?master(?:ed)?|live|mono|stereo|demo|acoustic|unplugged|radio edit|single"
    r"|album|extended|original|bonus track|edit|mix|deluxe|session)s?\b.*"
)
_REMASTERED = r"\b(?:digital(?:ly)? )?re-?master(?:ed)?\b.*"
_ENDING = re.compile(rf"(?:\s[-–—:/]\s*{_VERSION}|\s[-–—:/]\s*\d{{4}}\s*$|{_REMASTERED})")
_YEAR_AT_END = re.compile(r"(?<=\S) (?:19|20)\d\d$")
_LIVE_AT_END = re.compile(r"(?<=\S) live$")

LONGEST_NAME = 1000  # characters
_HARMFUL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]+")

# What programs write where no artist is known.
NOBODY = frozenset(
    (
        *("unknown", "unknown artist", "various", "various artists", "va", "v a", "artist", "compilations", "none"),
        *("unbekannt", "unbekannter kunstler", "verschiedene interpreten", "artiste inconnu", "n a"),
    )
)


def key_of(artist: str, title: str) -> str:
    """Artist and title without what differs between versions, as 'artist|title'; '' when one is unknown.

    NFKC, accents off, case folded, '&' is 'and'; guests, remasters, live, years and brackets dropped. But parts are
    kept, and written one way: "Pt. II" is "part 2".
    """
    by, called = plain_artist(artist), plain_title(title)
    return f"{by}|{called}" if by and called and by not in NOBODY else ""


@lru_cache(maxsize=1024)
def plain_artist(artist: str) -> str:
    text = fold(artist)
    return words(_GUEST.sub("", _BRACKETS.sub(" ", text))) or words(text) or " ".join(text.split())


@lru_cache(maxsize=8192)
def artist_key(artist: str) -> str:
    """`plain_artist` without "the" at either end; '' for names that say nobody."""
    key = plain_artist(artist)
    for cut in (key.removeprefix("the "), key.removesuffix(" the")):
        if cut and cut != key:
            key = cut
            break
    return "" if key in NOBODY else key


def plain_title(title: str) -> str:
    text = fold(title)
    short = _GUEST.sub("", _BRACKETS.sub(_piece_or_nothing, text))
    short = words(_ENDING.sub("", short))
    short = _LIVE_AT_END.sub("", _YEAR_AT_END.sub("", short))
    return numbered(short or words(text)) or " ".join(text.split())


def _piece_or_nothing(bracket: re.Match[str]) -> str:
    inside = words(bracket[0])
    return f" {inside} " if is_piece(inside) else " "


def fold(text: str) -> str:
    """Compatibility forms, accents and case taken off, '&' as 'and'."""
    if not text.isascii():
        text = unaccented(text)
    return text.casefold().replace("&", " and ")


def words(text: str) -> str:
    """Letters and digits of folded text, anything else as one space."""
    return spaced(text.replace("'", "").replace("’", ""))


def clean(value: object) -> str:
    """A name as it is kept: no control characters, no lone surrogates, no space around it, not endless."""
    if not isinstance(value, str):
        return ""
    if len(value) > LONGEST_NAME:
        value = value[:LONGEST_NAME]
    if not value.isprintable():
        value = _HARMFUL.sub(" ", value)
    return value.strip()
