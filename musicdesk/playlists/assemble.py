"""From scores to a playlist: rules, exposure memory, variety, diversity, order. Arrays in, rows out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from musicdesk.core.types import TrackId
from musicdesk.playlists.diversify import ArtistQuota, each_its_own, mmr
from musicdesk.playlists.rules import ARTIST_WINDOW, NOBODY, RULES, Allowed, Candidates, allowed, empty_sentence
from musicdesk.playlists.sequence import arrange, caps, widest_window

EXPOSURE_WEIGHT = 0.35  # of a showing just now; quality is 1 at the best, 0 at the median candidate
MOST_EXPOSURE = 2.0
REST_WEIGHT = 1.0  # of a track that was told 'not now' a moment ago
FRESH_WEIGHT = 0.15  # of never having been played, at full adventure
CHANCE_WEIGHT = 0.3  # spread of the draw, at full adventure
DIVERSITY = 0.5  # 1 - MMR weight, at full adventure


@dataclass(frozen=True)
class Wish:
    """n: tracks wanted; adventure: 0 (the best matches, no chance) .. 1; leave_out: never in this list
    artist_window: an artist at most once in this many consecutive tracks; 1 for no such rule
    ordered: False keeps the plain ranking (for "similar"), without diversity, chance or sequencing
    """

    n: int = 30
    adventure: float = 0.3
    leave_out: tuple[TrackId, ...] = ()
    artist_window: int = ARTIST_WINDOW
    ordered: bool = True


@dataclass(frozen=True, eq=False)
class Assembled:
    """rows:    int64 (k,), rows of the candidates in playing order
    scores:  float32 (k,), the model's scores of those rows
    parts:   for each row what moved it: quality, fresh, exposure and rest (negative), chance
    window:  the artist window that holds
    notices: sentences for the person (rules that had to give way, too few tracks)
    dropped: rule -> tracks it kept out
    empty:   why there is nothing, or ""
    """

    rows: np.ndarray
    scores: np.ndarray
    parts: tuple[dict[str, float], ...] = ()
    window: int = ARTIST_WINDOW
    notices: tuple[str, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    empty: str = ""


def assemble(choices: Candidates, wish: Wish, seed: int = 0) -> Assembled:
    """The playlist for a wish; the same candidates, wish and seed give the same list."""
    passed = allowed(choices, wish.leave_out)
    if not len(passed.rows):
        nothing = np.empty(0, np.int64)
        empty = empty_sentence(len(choices), passed)
        return Assembled(nothing, nothing.astype(np.float32), dropped=passed.dropped, empty=empty)
    parts = _parts(choices, passed.rows, wish, seed)
    value = sum(parts.values(), np.zeros(len(passed.rows)))
    pool, n, window = _pool(choices, passed.rows, value, wish)
    chosen, window = _choose(choices, passed.rows, value, pool, n, window, wish)
    rows = passed.rows[chosen]
    told = tuple({name: float(part[at]) for name, part in parts.items()} for at in chosen)
    notices = _notices(wish, passed, len(rows), window)
    return Assembled(rows, choices.scores[rows], told, window, notices, passed.dropped)


def _parts(choices: Candidates, rows: np.ndarray, wish: Wish, seed: int) -> dict[str, np.ndarray]:
    """What makes up the value of each allowed row, in units of the best one's lead over the median."""
    scores = choices.scores[rows].astype(np.float64)
    middle = float(np.median(scores))
    lead = float(scores.max()) - middle
    quality = (scores - middle) / lead if lead > 0 else np.zeros(len(rows))
    if not wish.ordered:
        return {"quality": quality}
    return {
        "quality": quality,
        "fresh": FRESH_WEIGHT * wish.adventure * choices.fresh[rows],
        "exposure": -EXPOSURE_WEIGHT * np.minimum(choices.exposure[rows], MOST_EXPOSURE),
        "rest": -REST_WEIGHT * choices.rest[rows],
        "chance": CHANCE_WEIGHT * wish.adventure * draw(choices.ids[rows], seed),
    }


def draw(ids: np.ndarray, seed: int) -> np.ndarray:
    """float64 (n,) in [-1, 1): each track's luck in this draw. It hangs on id and seed alone, so that a
    track more or less in the library does not stir the rest (splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        x = ids.astype(np.uint64) + np.uint64(seed % (1 << 32)) * np.uint64(0x9E3779B97F4A7C15)
        x += np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) / (1 << 52) - 1.0


def _pool(choices: Candidates, rows: np.ndarray, value: np.ndarray, wish: Wish) -> tuple[np.ndarray, int, int]:
    """(positions in `rows`, best first, one per song; tracks to pick; artist window) for the choice.

    The best few hundred, or all of them where these few are by too few artists.
    """
    few = _few(wish)
    wanted = wish.artist_window if wish.ordered else 1
    for size in (few, 10 * few, len(rows)):
        top = np.argpartition(-value, size)[:size] if size < len(rows) else np.arange(len(rows))
        top = top[np.lexsort((choices.ids[rows[top]], -value[top]))]
        pool = top[_first_of_each(choices.songs[rows[top]])]
        n = min(wish.n, len(pool))
        window = widest_window(choices.artists[rows[pool]], n, wanted)
        if size >= len(rows) or (n == wish.n and window == wanted):
            break
    return pool, n, window


def _few(wish: Wish) -> int:
    return max(200, int(wish.n * (4 + 16 * wish.adventure)))


def _trim(pool_artists: np.ndarray, most: int, few: int) -> np.ndarray:
    """The first `few` positions of a sorted pool when each artist keeps its best `most`.

    With `few` at least twice what is wanted, whatever could be chosen before can be chosen still.
    """
    own = each_its_own(pool_artists)
    by_artist = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[by_artist], own[by_artist])
    rank = np.empty(len(own), np.int64)
    rank[by_artist] = np.arange(len(own)) - starts
    return np.flatnonzero(rank < most)[:few]


def _first_of_each(songs: np.ndarray) -> np.ndarray:
    """Positions of the first row of every song; rows of unknown song all stay."""
    keep = songs == NOBODY
    _, first = np.unique(songs, return_index=True)
    keep[first] = True
    return np.flatnonzero(keep)


def _choose(
    choices: Candidates, rows: np.ndarray, value: np.ndarray, pool: np.ndarray, n: int, window: int, wish: Wish
) -> tuple[np.ndarray, int]:
    """Positions in `rows`, in playing order, and the artist window that holds."""
    if not wish.ordered:
        return pool[:n], 1
    most, full = caps(n, window)
    pool = pool[_trim(choices.artists[rows[pool]], most, _few(wish))]
    artists = choices.artists[rows[pool]]
    quota = ArtistQuota(artists, most, full) if window > 1 else None
    picked = mmr(value[pool], choices.vectors[rows[pool]], n, 1.0 - DIVERSITY * wish.adventure, quota)
    order, holds = arrange(artists[picked], window)
    return pool[picked[order]], holds


def _notices(wish: Wish, passed: Allowed, got: int, window: int) -> tuple[str, ...]:
    notices = []
    if got < wish.n:
        account = ", ".join(f"{count} {RULES[rule][0]}" for rule, count in passed.dropped.items())
        notices.append(f"Only {got} of {wish.n} tracks could be found" + (f": {account}." if account else "."))
    if wish.ordered and window < wish.artist_window and got > 1:
        notices.append(
            f"There are too few artists to have each only once in {wish.artist_window} consecutive tracks; "
            + (f"it is once in {window} here." if window > 1 else "one may follow itself here.")
        )
    return tuple(notices)
