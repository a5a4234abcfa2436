"""The order of a playlist: an artist at most once in ten consecutive tracks, as far as the music allows it.

Tracks of one artist as tasks with a cooldown: a set of n tracks can be put in order with window w exactly
when (c - 1) w + k <= n, where c is the most tracks by one artist and k the number of artists with so many.
"""

from __future__ import annotations

import numpy as np

from musicdesk.playlists.diversify import each_its_own
from musicdesk.playlists.rules import ARTIST_WINDOW


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


def arrange(artists: np.ndarray, widest: int = ARTIST_WINDOW) -> tuple[np.ndarray, int]:
    """Orders tracks given best first; each keeps as near to its rank as the artist window lets it.

    artists: int64 (k,), codes, -1 for unknown
    returns: (order int64 (k,), the window that holds: the widest there is, at most `widest`)
    """
    own = each_its_own(artists)
    for window in range(widest, 1, -1):
        for careful in (True, False):
            order = _greedy(own, window, careful)
            if order is not None:
                return order, window
    return np.arange(len(own)), 1


def _greedy(artists: np.ndarray, window: int, by_rank: bool) -> np.ndarray | None:
    """One try: by rank with an eye on what must still fit, or strictly the fullest artist first; None if stuck."""
    total = len(artists)
    left = np.bincount(artists) if total else np.empty(0, np.int64)
    free_from = np.zeros(len(left), np.int64)  # position from which the artist may come again
    waiting = np.arange(total)
    order = np.empty(total, np.int64)
    for position in range(total):
        usable = free_from[artists[waiting]] <= position
        if not usable.any():
            return None
        fullest = int(left.max())
        ahead = total - position - 1
        needed = (fullest - 1) * window + int((left == fullest).sum())
        counts = left[artists[waiting]]
        if not by_rank:
            usable &= counts == counts[usable].max()
        elif needed > ahead and (usable & (counts == fullest)).any():
            usable &= counts == fullest
        at = int(np.argmax(usable))
        item = waiting[at]
        order[position] = item
        left[artists[item]] -= 1
        free_from[artists[item]] = position + window
        waiting = np.delete(waiting, at)
    return order


def repeats_within(artists: np.ndarray, window: int) -> bool:
    """Whether some known artist comes twice within `window` consecutive tracks."""
    last: dict[int, int] = {}
    for position, artist in enumerate(each_its_own(artists)):
        if position - last.get(int(artist), -window) < window:
            return True
        last[int(artist)] = position
    return False
