"""Genre tags as people write them, and which of them mean the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from musicdesk.core.wording import NOBODY, fold, words

_LISTED = re.compile(r"[;,/|\x00]")
LONGEST = 40  # characters; longer is a sentence, not a genre
# What programs write where nothing is known, and words that say nothing about the sound.
NOTHING = NOBODY | {"other", "others", "misc", "miscellaneous", "undefined", "default", "genre", "music", "no genre"}
# One name for one genre. Only names that nobody uses for two genres.
SAME = {
    "dnb": "drumandbass",
    "drumnbass": "drumandbass",
    "drumandbase": "drumandbass",
    "rnb": "randb",
    "rhythmandblues": "randb",
    "soundtracks": "soundtrack",
    "ost": "soundtrack",
    "videogames": "game",
    "videogame": "game",
    "games": "game",
    "gamemusic": "game",
    "orchestra": "orchestral",
    "chiptunes": "chiptune",
    "electronica": "electronic",
    "classique": "classical",
    "klassik": "classical",
}

Key = TypeVar("Key", bound=Hashable)


def split(genre: str) -> list[str]:
    """The genres that a tag lists, as written: 'Electronic/Industrial' has two."""
    return [part.strip() for part in _LISTED.split(genre) if part.strip()]


def spelling(genre: str) -> str:
    """The same for all spellings of a genre: 'Hip-Hop', 'hip hop' and 'HIPHOP'; '' where it says nothing."""
    plain = words(fold(genre))
    return "" if plain in NOTHING or len(plain) > LONGEST else _key(genre)


@lru_cache(maxsize=8192)
def _key(text: str) -> str:
    joined = words(fold(text)).replace(" ", "")
    return SAME.get(joined, joined) or text


def same_spelling(values: Sequence[str]) -> list[str]:
    """ "electronic" and "ELECTRONIC" are one: each value in the spelling that is most frequent."""
    counts = Counter(values)
    best: dict[str, str] = {}
    for value in sorted(counts, key=lambda value: (-counts[value], value)):
        best.setdefault(_key(value), value)
    return [best[_key(value)] for value in values]


def cleaned(genres: Mapping[Key, str]) -> dict[Key, tuple[str, ...]]:
    """The genres of each item: lists taken apart, each in its most frequent spelling, empty words dropped.

    Items of which nothing is left are left out; an item has a genre once.
    """
    parts = {item: [part for part in split(tag) if spelling(part)] for item, tag in genres.items()}
    listed = same_spelling([part for found in parts.values() for part in found])
    every = iter(listed)
    unified = {item: tuple(dict.fromkeys(next(every) for _ in found)) for item, found in parts.items()}
    return {item: found for item, found in unified.items() if found}


def frequent(
    genres: Mapping[Key, Sequence[str]], groups: Mapping[Key, str], least: int, least_groups: int = 1
) -> list[str]:
    """Genres of at least `least` items by at least `least_groups` groups (artists), the most frequent first.

    Items without a group count as a group of their own.
    """
    counts: Counter[str] = Counter()
    by: dict[str, set[Hashable]] = {}
    for item, found in genres.items():
        for name in found:
            counts[name] += 1
            by.setdefault(name, set()).add(groups.get(item) or (item,))
    kept = [name for name, count in counts.items() if count >= least and len(by[name]) >= least_groups]
    return sorted(kept, key=lambda name: (-counts[name], name))
