"""Which track a song of a history is: by exact key, by the same letters, by likeness within the artist, then the artist
alone.

Keys are those of core.wording (NFKC, accents off, case folded, '&' is 'and', guests, remasters, live, years and
brackets dropped); of artists also "The" at either end.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from musicdesk.core.wording import artist_key, plain_title

RULES = 5  # of this file and of keys: where they change, all that no person decided is looked at again
LIKE = 92.0  # token_set_ratio from which two titles are one
ARTIST_LIKE = 90.0  # ratio from which two spellings are one artist
LENGTH_S = 5.0  # what two lengths may differ by
SAME_LETTERS = 99.0  # what it counts that two names differ in spaces and dots alone
# Words by which pieces of one name are told apart; the letters of keys as well, but for those that are words.
_NUMERAL = re.compile(r"x{0,2}(?:ix|iv|v?i{0,3})")  # to xxviii
_WORDS = frozenset("aio")
CLEAR = 2.0  # points by which the best must lead the next
NAMES = 500  # compared at once with all of the library's: a table of 20 MB at 10,000 artists


@dataclass(frozen=True, slots=True)
class Song:
    id: int
    artist_key: str
    title_key: str
    album: str = ""
    length_s: float | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A track as matching sees it."""

    id: int
    artist_key: str
    title_key: str
    album: str = ""
    length_s: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`state`: matched (to `track`), ambiguous (among `candidates`), or unmatched.

    candidates: (track, score 0..100), the best first; with a match they are its other versions.
    """

    state: str
    method: str
    score: float = 0.0
    track: int | None = None
    candidates: tuple[tuple[int, float], ...] = ()


def keys(artist: str, title: str) -> tuple[str, str]:
    """What a song is matched by: (artist key, title key)."""
    return artist_key(artist), plain_title(title)


NOTHING = Found("unmatched", "none")


@dataclass
class Library:
    """The tracks by artist, ready to be asked."""

    by_artist: dict[str, list[Owned]] = field(default_factory=lambda: defaultdict(list))
    _joined: dict[str, str] = field(default_factory=dict)  # artist keys by their letters alone
    _spellings: dict[str, str] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tracks: Iterable[Owned]) -> Library:
        made = cls()
        for track in tracks:
            if track.artist_key:
                made.by_artist[track.artist_key].append(track)
                made._joined.setdefault(joined(track.artist_key), track.artist_key)
        return made

    def match(self, songs: list[Song]) -> Iterator[tuple[Song, Found]]:
        """Each song with what it is."""
        self._learn_spellings({song.artist_key for song in songs})
        for song in songs:
            yield song, self._one(song)

    def _one(self, song: Song) -> Found:
        artist = self._spellings.get(song.artist_key, song.artist_key)
        owned = self.by_artist.get(artist) if artist else None
        if not owned:
            return NOTHING
        exact = [track for track in owned if track.title_key == song.title_key]
        if exact:
            ranked = sorted(exact, key=lambda track: _rank(track, song))
            method = "exact" if artist == song.artist_key else "fuzzy"
            score = 100.0 if method == "exact" else ARTIST_LIKE
            return _first(ranked, method, score)
        letters = joined(song.title_key)
        alike = [track for track in owned if joined(track.title_key) == letters]
        if letters and alike:
            return _first(sorted(alike, key=lambda track: _rank(track, song)), "fuzzy", SAME_LETTERS)
        return _fuzzy(song, owned)

    def _learn_spellings(self, wanted: set[str]) -> None:
        """For artists that the library has not, the one whose name is all but the same."""
        from rapidfuzz import fuzz, process

        known = list(self.by_artist)
        missing = sorted(name for name in wanted - self._asked if name not in self.by_artist)
        self._asked |= wanted
        self._spellings |= {name: self._joined[joined(name)] for name in missing if joined(name) in self._joined}
        unknown = [name for name in missing if len(name) > 3 and name not in self._spellings]
        for start in range(0, len(unknown) if known else 0, NAMES):
            names = unknown[start : start + NAMES]
            table = process.cdist(names, known, scorer=fuzz.ratio, score_cutoff=ARTIST_LIKE)
            for name, best, score in zip(names, table.argmax(axis=1), table.max(axis=1), strict=True):
                if score:
                    self._spellings[name] = known[best]


def joined(key: str) -> str:
    """The letters of a key: 't n t' and 'tnt' are written by the same people."""
    return key.replace(" ", "")


def _first(ranked: list[Owned], method: str, score: float) -> Found:
    return Found("matched", method, score, ranked[0].id, tuple((track.id, score) for track in ranked[1:]))


def _rank(track: Owned, song: Song) -> tuple[bool, float, int]:
    """Among versions: the same album first, then the nearest length, then the first one found."""
    apart = abs(track.length_s - song.length_s) if track.length_s and song.length_s else 0.0
    return track.album.casefold() != song.album.casefold(), apart, track.id


def _fuzzy(song: Song, owned: list[Owned]) -> Found:
    from rapidfuzz import fuzz, process

    titles = [track.title_key for track in owned]
    near = process.extract(song.title_key, titles, scorer=fuzz.token_set_ratio, score_cutoff=LIKE, limit=10)
    scored = [(owned[place], likeness(song.title_key, title)) for title, _score, place in near]
    mine = _marks(song.title_key)
    good = [(t, score) for t, score in scored if _same_length(t, song) and not _apart(mine, _marks(t.title_key))]
    if not good:
        return Found("unmatched", "artist", 0.0)
    good.sort(key=lambda pair: (-pair[1], _rank(pair[0], song)))
    best, score = good[0]
    rivals = [pair for pair in good[1:] if pair[0].title_key != best.title_key and score - pair[1] < CLEAR]
    candidates = tuple((track.id, points) for track, points in good)
    if rivals or score < LIKE or mine != _marks(best.title_key):
        return Found("ambiguous", "fuzzy", score, None, candidates)
    return Found("matched", "fuzzy", score, best.id, candidates[1:])


def _marks(title: str) -> Counter[str]:
    """Numbers, Roman numerals and single letters of a title: what part, what key."""
    return Counter(word for word in title.split() if _marks_a_part(word))


def _marks_a_part(word: str) -> bool:
    if len(word) == 1:
        return word not in _WORDS
    return word.isdecimal() or _NUMERAL.fullmatch(word) is not None


def _apart(one: Counter[str], other: Counter[str]) -> bool:
    """Whether two titles name different parts: each has a mark that the other has not."""
    return bool(one - other) and bool(other - one)


def likeness(one: str, other: str) -> float:
    """0..100. token_set_ratio takes any title for a part of a longer one, so plain likeness has its say."""
    from rapidfuzz import fuzz

    return float(max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other)))


def _same_length(track: Owned, song: Song) -> bool:
    return not (track.length_s and song.length_s) or abs(track.length_s - song.length_s) <= LENGTH_S
