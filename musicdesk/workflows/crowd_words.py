"""What is said about a crowd's songs: tags, terms, genres, and songs that are alike.

Kept as the plays are, one sparse matrix per kind in the profile's `crowds` folder: songs or recordings by rows as
their sources name them, words by columns, weights in millionths. `words` gives them by the crowd's own song codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.catalog.crowds import CrowdRow, WordsRow
from musicdesk.core.errors import CatalogDamaged, NotFound
from musicdesk.history.crowd import Coded, Crowd, crowd_of, load, merged, save
from musicdesk.history.crowd_names import WHOLE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from musicdesk.workflows.desk import Desk

KINDS = {
    "tag": "what Last.fm's listeners call a track",
    "term": "what the artist is described as",
    "genre": "a genre, and perhaps a second one of half the weight",
    "similar": "tracks that are alike",
}


@dataclass(frozen=True, eq=False)
class SongWords:
    """Song `songs[i]` of the crowd has the word `words[columns[i]]` with `weights[i]`; each pair once.

    words:   the words, sorted
    songs:   int64 (pairs,), ascending, codes in the crowd's matrix
    columns: int64 (pairs,), ascending within a song
    weights: float32 (pairs,), above 0 and up to 1
    """

    words: list[str]
    songs: np.ndarray
    columns: np.ndarray
    weights: np.ndarray

    def matrix(self, songs: int) -> csr_matrix:
        """float32 (songs, words)."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.weights, (self.songs, self.columns)), shape=(songs, len(self.words)))


def words(desk: Desk, crowd: CrowdRow, kind: str) -> SongWords:
    """What is said about the songs of the crowd's matrix; of several recordings of a song, the greatest weight.

    Songs under ids known to be wrong are left out. Empty when nothing of that kind was imported.
    Raises NotFound for an unknown kind, CatalogDamaged when the file is.
    """
    if kind not in KINDS:
        raise NotFound(f"There are no words of the kind '{kind}'; known are {', '.join(KINDS)}.")
    kept = _kept(desk, crowd, kind)
    if kept is None:
        return SongWords([], *(np.empty(0, dtype) for dtype in (np.int64, np.int64, np.float32)))
    codes = _codes(desk, crowd, kept.listeners)
    songs, columns, weights = _greatest(codes[kept.rows()], kept.indices.astype(np.int64), kept.plays)
    return SongWords([name.decode("utf-8", "replace") for name in kept.songs.tolist()], songs, columns, weights)


def alike(desk: Desk, crowd: CrowdRow) -> csr_matrix:
    """float32 (songs, songs): how much alike two songs of the crowd are, 0..1, as Last.fm tells it; not symmetric."""
    from scipy.sparse import csr_matrix

    shape = (crowd.songs, crowd.songs)
    kept = _kept(desk, crowd, "similar")
    if kept is None:
        return csr_matrix(shape, dtype=np.float32)
    others = _codes(desk, crowd, kept.songs)
    songs, columns, weights = _greatest(
        _codes(desk, crowd, kept.listeners)[kept.rows()], others[kept.indices], kept.plays
    )
    return csr_matrix((weights, (songs, columns)), shape=shape)


def put_words(desk: Desk, crowd: CrowdRow, kind: str, new: Crowd) -> int:
    """Adds words to those of the kind, inside the open transaction; returns how many pairs say something new."""
    old = _kept(desk, crowd, kind)
    whole, fresh = merged(old, new) if old else (new, new.pairs)
    if fresh:
        digest = whole.digest()
        folder = f"{crowd.id}-{kind}-{digest[:16]}"
        place = desk.profile.folder / "crowds" / folder
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        save(whole, place)
        row = WordsRow(kind, len(whole.listeners), len(whole.songs), whole.pairs, folder, digest)
        desk.catalog.crowds.put_words(crowd.id, row)
    return fresh


class Telling:
    """Words of one kind, gathered row by row and kept at the end."""

    def __init__(self, desk: Desk, crowd: CrowdRow, kind: str) -> None:
        self._desk, self._crowd, self._kind = desk, crowd, kind
        self._items: dict[bytes, int] = {}
        self._words: dict[bytes, int] = {}
        self._weights: dict[tuple[int, int], int] = {}
        self._known: dict[tuple[bytes, bytes], int] | None = None

    def add(self, name: str, told: tuple[tuple[str, int], ...]) -> bool:
        """Whether any of the words is new or weighs more than it did."""
        new = False
        for word, weight in told:
            item, column = name.encode(), word.encode()
            pair = (
                self._items.setdefault(item, len(self._items)),
                self._words.setdefault(column, len(self._words)),
            )
            known = self._weights.get(pair) or self._before(item, column)
            if weight > known:
                self._weights[pair] = weight
                new = True
        return new

    def _before(self, item: bytes, word: bytes) -> int:
        if self._known is None:
            kept = _kept(self._desk, self._crowd, self._kind)
            self._known = {}
            if kept is not None:
                items, words = kept.listeners.tolist(), kept.songs.tolist()
                pairs = zip(kept.rows().tolist(), kept.indices.tolist(), kept.plays.tolist(), strict=True)
                self._known = {(items[row], words[column]): weight for row, column, weight in pairs}
        return self._known.get((item, word), 0)

    def keep(self) -> None:
        """Writes what was new, inside the open transaction."""
        if self._weights:
            table = np.array([(*pair, weight) for pair, weight in self._weights.items()], np.uint32)
            coded = Coded(_names(self._items), _names(self._words), *table.T)
            put_words(self._desk, self._crowd, self._kind, crowd_of(_used(coded)))


def _used(coded: Coded) -> Coded:
    """Without names that no row speaks of."""
    items, who = np.unique(coded.who, return_inverse=True)
    columns, what = np.unique(coded.what, return_inverse=True)
    names = coded.listeners[items], coded.songs[columns]
    return Coded(*names, who.astype(np.uint32), what.astype(np.uint32), coded.plays)


def _names(codes: dict[bytes, int]) -> np.ndarray:
    return np.array(list(codes), f"S{max(map(len, codes), default=1)}")


def _kept(desk: Desk, crowd: CrowdRow, kind: str) -> Crowd | None:
    row = next((row for row in desk.catalog.crowds.words(crowd.id) if row.kind == kind), None)
    if row is None:
        return None
    try:
        return load(desk.profile.folder / "crowds" / row.folder)
    except (OSError, ValueError) as error:
        raise CatalogDamaged(f"The words about '{crowd.name}' ({kind}) are damaged; import them again.") from error


def _codes(desk: Desk, crowd: CrowdRow, names: np.ndarray) -> np.ndarray:
    """int64 (names,): codes of songs or of their recordings' songs, -1 for those that the crowd has not."""
    codes = desk.catalog.crowds.codes(crowd.id)
    found = (codes.get(name.decode("utf-8", "replace"), -1) for name in names.tolist())
    return np.fromiter(found, np.int64, len(names))


def _greatest(songs: np.ndarray, columns: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Pairs in order, each once with its greatest weight; those of song -1 or column -1 are left out."""
    known = (songs >= 0) & (columns >= 0)
    songs, columns, weights = songs[known], columns[known], weights[known]
    order = np.lexsort((weights, columns, songs))
    songs, columns, weights = songs[order], columns[order], weights[order]
    last = np.ones(len(songs), bool)
    last[:-1] = (np.diff(songs) != 0) | (np.diff(columns) != 0)
    return songs[last], columns[last], (weights[last] / WHOLE).astype(np.float32)
