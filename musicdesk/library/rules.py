"""What is never mixed into playlists by itself. It stays in the library and can be played."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from musicdesk.core.genres import split
from musicdesk.core.paths import shown
from musicdesk.core.types import Tags
from musicdesk.core.wording import fold

_SPOKEN = frozenset(
    (
        *(
            "audiobook",
            "audiobooks",
            "audio book",
            "audio books",
            "spoken",
            "spoken word",
            "speech",
            "podcast",
            "podcasts",
        ),
        *("comedy", "stand up", "stand up comedy", "humour", "humor", "sermon", "lecture", "interview", "horbuch"),
        *(
            "horbucher",
            "horspiel",
            "horspiele",
            "audio drama",
            "audio theatre",
            "radio drama",
            "kabarett",
            "livre audio",
        ),
    )
)
_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Rules:
    """The person's choices; lengths in seconds, 0 switches a length off."""

    words: tuple[str, ...] = ()
    shorter_s: float = 45.0
    longer_s: float = 900.0


def excluded(tags: Tags, path: bytes, duration_s: float | None, rules: Rules) -> str:
    """Why a track is kept out of playlists, as a few words for the person, or ''.

    path: relative to the folder the person has given. An unknown duration excludes nothing.
    """
    for genre in split(tags.genre):
        if _plain(genre) in _SPOKEN:
            return f"genre {genre.strip()}"
    word = _word(rules.words, f"{tags.title}\n{tags.album}\n{tags.genre}\n{shown(path)}")
    if word:
        return f"the word '{word}'"
    if duration_s is None:
        return ""
    if rules.shorter_s and duration_s < rules.shorter_s:
        return f"shorter than {rules.shorter_s:g} s"
    if rules.longer_s and duration_s > rules.longer_s:
        return f"longer than {rules.longer_s / 60:g} min"
    return ""


def _word(words: tuple[str, ...], text: str) -> str:
    """The first of `words` that begins a word of `text`."""
    pattern = _pattern(words)
    found = pattern.search(fold(text).replace("_", " ")) if pattern else None
    return words[int(found.lastgroup[1:])] if found and found.lastgroup else ""


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = [f"(?P<w{i}>{re.escape(fold(word.strip()))})" for i, word in enumerate(words) if word.strip()]
    return re.compile(rf"\b(?:{'|'.join(parts)})") if parts else None


@lru_cache(maxsize=1024)
def _plain(genre: str) -> str:
    return _APART.sub(" ", fold(genre)).strip()
