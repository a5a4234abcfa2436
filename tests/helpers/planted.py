"""Songs as other programs write them: known tracks with the usual disfigurements, and songs that nobody owns."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

SYLLABLES = re.findall(
    r"\w+", "ka lo mi ren sol tar vek wun dra fei gor hal jin pol que rus shi tem vor zan bel cor dun fle gri"
)
TITLE_WORDS = re.findall(
    r"\w+",
    "night river love summer heart road light blue dancing fire home rain city dream golden stone angel wild broken "
    "morning shadow silver ocean winter black mirror burning secret lonely sugar thunder paper garden train diamond",
)


def word(draw: random.Random) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, 3))).capitalize()


def library(count: int, draw: random.Random) -> list[tuple[str, str, float]]:
    """(artist, title, seconds) of `count` tracks, no artist with the same title twice."""
    made: dict[tuple[str, str], float] = {}
    artists = [artist(draw) for _ in range(max(1, count // 12))]
    while len(made) < count:
        words = [draw.choice(TITLE_WORDS) if draw.random() < 0.6 else word(draw) for _ in range(draw.randint(1, 4))]
        made.setdefault((draw.choice(artists), " ".join(words).title()), draw.uniform(100, 400))
    return [(by, title, seconds) for (by, title), seconds in made.items()]


def artist(draw: random.Random) -> str:
    name = " ".join(word(draw) for _ in range(draw.randint(1, 2)))
    kind = draw.random()
    return f"The {name}s" if kind < 0.25 else f"{name} & {word(draw)}" if kind < 0.35 else name


ACCENTS = str.maketrans("aeiouncsz", "áêïöûñçšž")
Song = tuple[str, str, float]


def _typo(text: str, draw: random.Random) -> str:
    """Two letters swapped, one left out, or one doubled; not in short words, where it makes another one."""
    if len(text) < 8:
        return text
    at = draw.randrange(1, len(text) - 2)
    kind = draw.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind == 1 else text[:at] + text[at] + text[at:]


def _the(by: str) -> str:
    if by.startswith("The "):
        return by[4:] + ", The"
    return by.replace(" & ", " and ")


Change = Callable[[Song, random.Random], Song]
CHANGES: dict[str, Change] = {
    "same": lambda s, d: s,
    "guest": lambda s, d: (s[0], f"{s[1]} (feat. {word(d)})", s[2]),
    "guest without brackets": lambda s, d: (s[0], f"{s[1]} ft. {word(d)} & {word(d)}", s[2]),
    "remaster": lambda s, d: (s[0], f"{s[1]} - Remastered {d.randint(1999, 2020)}", s[2]),
    "remaster, year first": lambda s, d: (s[0], f"{s[1]} - {d.randint(1999, 2020)} Remaster", s[2]),
    "live": lambda s, d: (s[0], f"{s[1]} (Live at {word(d)})", s[2]),
    "album version": lambda s, d: (s[0], f"{s[1]} [Album Version]", s[2]),
    "year": lambda s, d: (s[0], f"{s[1]} ({d.randint(1970, 2020)})", s[2]),
    "accents": lambda s, d: (s[0].translate(ACCENTS), s[1].translate(ACCENTS), s[2]),
    "capitals": lambda s, d: (s[0].upper(), s[1].upper(), s[2]),
    "small": lambda s, d: (s[0].lower(), s[1].lower(), s[2]),
    "the": lambda s, d: (_the(s[0]), s[1], s[2]),
    "without the": lambda s, d: (s[0].removeprefix("The "), s[1], s[2]),
    "signs": lambda s, d: (s[0].replace(" ", "  "), s[1].replace(" ", "-"), s[2]),
    "typo in the title": lambda s, d: (s[0], _typo(s[1], d), s[2]),
    "typo in the artist": lambda s, d: (_typo(s[0], d), s[1], s[2]),
    "guest artist": lambda s, d: (f"{s[0]} feat. {word(d)}", s[1], s[2]),
}


def measured(found: list[tuple[int | None, int | None]]) -> tuple[float, float]:
    """(recall, precision) of (track that it is, track that was found), by place."""
    right = sum(is_it is not None and is_it == said for is_it, said in found)
    return right / sum(is_it is not None for is_it, _ in found), right / max(1, sum(s is not None for _, s in found))


def songs(tracks: list[Song], count: int, draw: random.Random) -> list[tuple[Song, int | None, str]]:
    """`count` songs as a history has them: (song, place of its track or None, change). A third is not owned:
    half of that third by artists of the library, with titles that it has not."""
    owned = {(by, title) for by, title, _s in tracks}
    found: list[tuple[Song, int | None, str]] = []
    while len(found) < count:
        if draw.random() < 2 / 3:
            place = draw.randrange(len(tracks))
            change = draw.choice(list(CHANGES))
            by, title, seconds = CHANGES[change](tracks[place], draw)
            found.append(((by, title, seconds + draw.uniform(-2, 2)), place, change))
        else:
            by = draw.choice(tracks)[0] if draw.random() < 0.5 else artist(draw)
            title = " ".join(draw.choice((draw.choice(TITLE_WORDS), word(draw))) for _ in range(draw.randint(2, 4)))
            if (by, title.title()) not in owned:
                found.append(((by, title.title(), draw.uniform(100, 400)), None, "not owned"))
    return found
