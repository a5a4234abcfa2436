"""The order of a playlist: an artist at most once in ten consecutive tracks, as far as the music allows it.

Tracks of one artist as tasks with a cooldown: a set of n tracks can be put in order with window w exactly
when (c - 1) w + k <= n, where c is the most tracks by one artist and k the number of artists with so many.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from musicdesk.playlists.diversify import each_its_own
from musicdesk.playlists.rules import ARTIST_WINDOW

REACH = 6  # ranks ahead that a smooth order may look for what follows well
LEAST_GAIN = 1e-9
ROUNDS = 4  # over all pairs, at most, while changing places makes an order smoother


def caps(n: int, window: int) -> tuple[int, int]:
    """(c, k): with n tracks in this window an artist may have c tracks, and k artists may have that many."""
    most = -(-n // window) if n else 0
    return most, n - (most - 1) * window


def widest_window(artists: np.ndarray, n: int, widest: int = ARTIST_WINDOW) -> int:
    """The widest window in which n of these tracks can be chosen and ordered; n is at most their number.

    artists: int64 (m,), codes, -1 for unknown (each its own)
    """
    counts = np.bincount(each_its_own(artists)) if len(artists) else np.empty(0, np.int64)
    for window in range(widest, 1, -1):
        most, full = caps(n, window)
        room = int(np.minimum(counts, most - 1).sum()) + min(full, int((counts >= most).sum()))
        if room >= n:
            return window
    return 1


def arrange(
    artists: np.ndarray,
    widest: int = ARTIST_WINDOW,
    fixed: Mapping[int, int] | None = None,
    steps: np.ndarray | None = None,
) -> tuple[np.ndarray, int]:
    """Orders tracks given best first; each keeps as near to its rank as the artist window lets it.

    artists: int64 (k,), codes, -1 for unknown (each its own)
    fixed:   place -> track that stands there in any case
    steps:   float (k, k), what it costs that one track follows another; of the next REACH by rank the cheapest
             follows, and then tracks change places as long as that makes the whole cheaper
    returns: (order int64 (k,), the window that holds: the widest there is, at most `widest`; with `fixed` one is found
             by trying, and it may be narrower than the widest)
    """
    own = each_its_own(artists)
    fixed = fixed or {}
    for window in range(widest, 1, -1):
        for by_rank, costs in ((True, steps), (True, None), (False, None)):
            order = _greedy(own, window, by_rank, fixed, costs)
            if order is not None:
                return order if costs is None else _smoother(order, own, window, fixed, costs), window
    order = _greedy(own, 1, True, fixed, steps)
    assert order is not None
    return order if steps is None else _smoother(order, own, 1, fixed, steps), 1


def _greedy(
    artists: np.ndarray, window: int, by_rank: bool, fixed: Mapping[int, int], steps: np.ndarray | None
) -> np.ndarray | None:
    """One try: by rank with an eye on what must still fit, or strictly the fullest artist first; None if stuck."""
    total = len(artists)
    left = np.bincount(artists) if total else np.empty(0, np.int64)
    free_from = np.zeros(len(left), np.int64)  # position from which the artist may come again
    ahead_of = _kept_clear(artists, window, fixed)
    waiting = np.setdiff1d(np.arange(total), list(fixed.values()))
    order = np.empty(total, np.int64)
    for position in range(total):
        if position in fixed:
            item, at = fixed[position], -1
            if free_from[artists[item]] > position:
                return None
        else:
            usable = (free_from[artists[waiting]] <= position) & ~ahead_of[artists[waiting], position]
            if not usable.any():
                return None
            usable = _must(usable, left, artists[waiting], total - position - 1, window, by_rank)
            at = _next(usable, waiting, order[position - 1] if position else -1, steps)
            item = waiting[at]
        order[position] = item
        left[artists[item]] -= 1
        free_from[artists[item]] = position + window
        if at >= 0:
            waiting = np.delete(waiting, at)
    return order


def _kept_clear(artists: np.ndarray, window: int, fixed: Mapping[int, int]) -> np.ndarray:
    """bool (artists, places): where an artist may not come because of its fixed track further on."""
    clear = np.zeros((int(artists.max(initial=-1)) + 1, len(artists)), bool)
    for place, item in fixed.items():
        clear[artists[item], max(0, place - window + 1) : place] = True
    return clear


def _must(
    usable: np.ndarray, left: np.ndarray, artists: np.ndarray, ahead: int, window: int, by_rank: bool
) -> np.ndarray:
    """Of the usable tracks those by which everything that is left can still be placed."""
    fullest = int(left.max())
    needed = (fullest - 1) * window + int((left == fullest).sum())
    counts = left[artists]
    if not by_rank:
        return np.asarray(usable & (counts == counts[usable].max()))
    if needed > ahead and (usable & (counts == fullest)).any():
        return np.asarray(usable & (counts == fullest))
    return usable


def _next(usable: np.ndarray, waiting: np.ndarray, before: int, steps: np.ndarray | None) -> int:
    """The first usable one, or the one of the next few that follows `before` most smoothly."""
    if steps is None or before < 0:
        return int(np.argmax(usable))
    few = np.flatnonzero(usable)[:REACH]
    return int(few[np.argmin(steps[before, waiting[few]])])


def _smoother(
    order: np.ndarray, artists: np.ndarray, window: int, fixed: Mapping[int, int], steps: np.ndarray
) -> np.ndarray:
    """Pairs up to REACH places apart change places where that makes the order cheaper: what follows well now may leave
    nothing that does for later. The first and the fixed tracks stay, the artist window holds, and no track comes more
    than REACH places before its rank.
    """
    k = len(order)
    now, codes = [*order.tolist(), k], artists.tolist()  # after the last comes what costs nothing
    cost = np.pad(steps, ((0, 1), (0, 1))).tolist()
    free = [place for place in range(1, k) if place not in fixed]

    def around(i: int, j: int) -> float:
        """What the steps to and from these places cost."""
        one, other = now[i], now[j]
        between = cost[one][now[i + 1]] + cost[now[j - 1]][other] if j > i + 1 else cost[one][other]
        return float(cost[now[i - 1]][one] + between + cost[other][now[j + 1]])

    for _round in range(ROUNDS):
        settled = True
        for at, i in enumerate(free):
            for j in free[at + 1 : at + 1 + REACH]:
                if now[j] - i > REACH:
                    continue
                before = around(i, j)
                now[i], now[j] = now[j], now[i]
                if around(i, j) < before - LEAST_GAIN and all(_alone(codes, now[:k], p, window) for p in (i, j)):
                    settled = False
                else:
                    now[i], now[j] = now[j], now[i]
        if settled:
            break
    return np.array(now[:k], np.int64)


def _alone(artists: list[int], order: list[int], place: int, window: int) -> bool:
    """Whether the artist at this place comes at no other within the window."""
    own = artists[order[place]]
    near = order[max(0, place - window + 1) : place + window]
    return sum(artists[track] == own for track in near) == 1


def repeats_within(artists: np.ndarray, window: int) -> bool:
    """Whether some known artist comes twice within `window` consecutive tracks."""
    last: dict[int, int] = {}
    for position, artist in enumerate(each_its_own(artists)):
        if position - last.get(int(artist), -window) < window:
            return True
        last[int(artist)] = position
    return False
