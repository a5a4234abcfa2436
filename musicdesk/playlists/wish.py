"""What a list shall be like: everything that a person can turn without the library being read again."""

from __future__ import annotations

from dataclasses import dataclass

from musicdesk.core.types import TrackId
from musicdesk.playlists.rules import ARTIST_WINDOW

ALBUM_MOST = 2  # tracks of one album in a list
MOST_TRACKS = 1_000  # of a list whose length is told in minutes
WAYS = ("mmr", "dpp")  # of choosing a varied set


@dataclass(frozen=True)
class Wish:
    """n: tracks wanted; adventure: 0 (the best matches, no chance) .. 1; leave_out: never in this list
    artist_window: an artist at most once in this many consecutive tracks; 1 for no such rule
    ordered: False keeps the plain ranking (for "similar"), without diversity, chance or sequencing
    taste: 1 goes by the scores alone, 0 by likeness in sound alone, where the candidates have one
    era, year: how much nearness to that year weighs, 0..1
    pinned: (position from 0, track) that the list has in any case
    relaxed: rules that do not count this time
    minutes: how long the list shall be, instead of n; 0: n counts
    smooth: whether a track may give way by a few places to one that follows more smoothly
    lean: how much the place on an axis weighs, where the candidates have one: 1 for its high end, -1 for its low one
    best_first: whether the best track opens the list, whatever the order of the others
    surprise: share of the rows that are tried out, 0..1, see `playlists.trial`
    album_most: tracks of one album in the list, as far as there are others; 0 for no such rule
    """

    n: int = 30
    adventure: float = 0.3
    leave_out: tuple[TrackId, ...] = ()
    artist_window: int = ARTIST_WINDOW
    ordered: bool = True
    taste: float = 1.0
    era: float = 0.0
    year: float | None = None
    pinned: tuple[tuple[int, TrackId], ...] = ()
    relaxed: tuple[str, ...] = ()
    minutes: float = 0.0
    album_most: int = ALBUM_MOST
    varied_by: str = "mmr"
    smooth: bool = True
    best_first: bool = False
    surprise: float = 0.0
    lean: float = 0.0
