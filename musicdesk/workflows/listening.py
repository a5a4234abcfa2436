"""Looking back on what was played: read once, then counted for any period, by time, artist, song and hour.

Songs that are one track count together. A play counts from 30 s or half of the song on, as it does in
recommendations; where the source tells no length of the play, it counts. Hours and days are local.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

DAY_S = 86_400
BLOCK = 500_000  # plays that are worked on together
OWNED, UNSURE, ABSENT = 2, 1, 0


@dataclass(frozen=True, eq=False)
class Items:
    """What plays are of: a track of the library, or a song that is not in it. Columns, one value per item.

    track: int64, -1 where there is none; owned: int8, OWNED, UNSURE or ABSENT; artist: int32, a place in `artists`,
    one for all ways to write a name
    """

    names: list[str]
    credits: list[str]
    track: np.ndarray
    owned: np.ndarray
    artist: np.ndarray
    artists: list[str]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Listening:
    """One listener's plays that count, in order of time: ten bytes each.

    at: uint32 (plays,), seconds of the local clock; item: int32 (plays,), a place in `items`; seconds: uint16
    (plays,), heard or supposed, at most eighteen hours; untimed: int64 (items,), plays that a source tells as sums,
    as far as they are more than those with a time
    """

    listener: str
    items: Items
    at: np.ndarray
    item: np.ndarray
    seconds: np.ndarray
    untimed: np.ndarray
    short: int = 0  # plays that were too short to count

    def __len__(self) -> int:
        return len(self.at)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last play, seconds of the local clock."""
        return (int(self.at[0]), int(self.at[-1])) if len(self.at) else (0, 0)


@dataclass(frozen=True)
class Ranked:
    name: str
    artist: str  # '' when the name is an artist's
    plays: int
    share: float  # of the period's plays, 0..1
    track: int | None  # of the library; an artist's: their track played most
    owned: int


@dataclass(frozen=True)
class Bin:
    """A stretch of time: begins (seconds of the local clock), and plays in it."""

    start: int
    plays: int


@dataclass(frozen=True, eq=False)
class Lookback:
    """A period in numbers. `clock` int64 (7, 24): Monday to Sunday by hour; coverage: plays, and songs, by owned."""

    plays: int
    hours: float
    songs: int
    artists: int
    unit: str  # of the bins: day, week, month
    bins: list[Bin]
    top_artists: list[Ranked]
    top_songs: list[Ranked]
    wishes: list[Ranked]
    clock: np.ndarray
    by_plays: tuple[int, int, int]  # absent, unsure, owned
    by_songs: tuple[int, int, int]
    untimed: int = 0  # plays among them that no source gives a time for


def by_item(item: np.ndarray, items: int) -> np.ndarray:
    """Plays of each item, int64 (items,)."""
    counts = np.zeros(items, np.int64)
    for part in blocks(len(item)):
        counts += np.bincount(item[part], minlength=items)
    return counts


def blocks(count: int) -> Iterator[slice]:
    """Stretches of an array of `count`: what is worked out on the way stays small."""
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def look_back(listening: Listening, since: int | None = None, until: int | None = None, top: int = 50) -> Lookback:
    """The plays in [since, until) of the local clock; None: no bound. Sums without times count when there is none."""
    low = 0 if since is None else int(_places(listening.at, [since])[0])
    high = len(listening) if until is None else int(_places(listening.at, [until])[0])
    item, at = listening.item[low:high], listening.at[low:high]
    per_item = by_item(item, len(listening.items))
    untimed = 0
    if since is None and until is None:
        per_item = per_item + listening.untimed
        untimed = int(listening.untimed.sum())
    items, owned = listening.items, listening.items.owned
    per_artist = np.bincount(items.artist, per_item, minlength=len(items.artists)).astype(np.int64)
    per_artist[[at for at, name in enumerate(items.artists) if not name]] = 0  # a tag left empty is nobody
    unit, bins = binned(at)
    by_plays = np.bincount(owned, per_item, minlength=3)
    by_songs = np.bincount(owned[per_item > 0], minlength=3)
    return Lookback(
        plays=int(per_item.sum()),
        hours=float(listening.seconds[low:high].sum(dtype=np.int64)) / 3_600,
        songs=int((per_item > 0).sum()),
        artists=int((per_artist > 0).sum()),
        unit=unit,
        bins=bins,
        top_artists=_top_artists(items, per_artist, per_item, top),
        top_songs=_top_items(items, per_item, top),
        wishes=_top_items(items, np.where(owned == ABSENT, per_item, 0), 500, int(per_item.sum())),
        clock=_clock(at),
        by_plays=(int(by_plays[0]), int(by_plays[1]), int(by_plays[2])),
        by_songs=(int(by_songs[0]), int(by_songs[1]), int(by_songs[2])),
        untimed=untimed,
    )


def _highest(counts: np.ndarray, top: int) -> np.ndarray:
    """Places of the `top` highest counts above 0, the highest first, equal ones by place."""
    order = np.argsort(-counts, kind="stable")[:top]
    found: np.ndarray = order[counts[order] > 0]
    return found


def _top_items(items: Items, per_item: np.ndarray, top: int, total: int = 0) -> list[Ranked]:
    whole = max(1, total or int(per_item.sum()))
    ranked = []
    for at in _highest(per_item, top).tolist():
        plays, track = int(per_item[at]), int(items.track[at])
        credit, owned = items.credits[at], int(items.owned[at])
        ranked.append(Ranked(items.names[at], credit, plays, plays / whole, None if track < 0 else track, owned))
    return ranked


def _top_artists(items: Items, per_artist: np.ndarray, per_item: np.ndarray, top: int) -> list[Ranked]:
    """Each with the track of theirs that was played most."""
    whole = max(1, int(per_artist.sum()))
    found = _highest(per_artist, top)
    mine = np.flatnonzero(np.isin(items.artist, found) & (items.track >= 0) & (per_item > 0))
    mine = mine[np.argsort(per_item[mine], kind="stable")]
    best = dict(zip(items.artist[mine].tolist(), items.track[mine].tolist(), strict=True))  # the last one stays
    return [
        Ranked(items.artists[at], "", n, n / whole, best.get(at), OWNED if at in best else ABSENT)
        for at, n in zip(found.tolist(), per_artist[found].tolist(), strict=True)
    ]


def _clock(at: np.ndarray) -> np.ndarray:
    counts = np.zeros(168, np.int64)
    for part in blocks(len(at)):
        hour = at[part] // 3600 % 24
        weekday = (at[part] // DAY_S + 3) % 7  # 1970-01-01 was a Thursday
        counts += np.bincount(weekday * 24 + hour, minlength=168)
    return counts.reshape(7, 24)


def binned(at: np.ndarray) -> tuple[str, list[Bin]]:
    """(unit, bins without a gap): days up to two months, weeks up to two years, else months."""
    if not len(at):
        return "month", []
    days = (int(at[-1]) - int(at[0])) // DAY_S
    if days > 730:
        first, last = at[[0, -1]].astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        months = np.arange(first, last + 2).astype("datetime64[M]")
        return "month", _counted(at, months.astype("datetime64[s]").astype(np.int64))
    width, shift = (7, 3) if days > 62 else (1, 0)
    first, last = (at[[0, -1]].astype(np.int64) // DAY_S + shift) // width
    edges = (np.arange(first, last + 2) * width - shift) * DAY_S
    return "week" if width == 7 else "day", _counted(at, edges)


def _counted(at: np.ndarray, edges: np.ndarray) -> list[Bin]:
    """Plays between each two edges; `at` is in order."""
    counts = np.diff(_places(at, edges))
    return [Bin(int(start), int(n)) for start, n in zip(edges[:-1], counts, strict=True)]


def _places(at: np.ndarray, moments: Sequence[int] | np.ndarray) -> np.ndarray:
    """Where `moments` stand among `at`, which is in order. They get its type, or all of `at` would be copied."""
    kind = np.iinfo(at.dtype)
    return np.searchsorted(at, np.clip(np.asarray(moments, np.int64), kind.min, kind.max).astype(at.dtype))
