"""Why a track is not in a list: its rank, every rule that keeps it out, and what would bring it in.

Rules that look at single tracks are read off; what follows from the other tracks (an artist's turn, likeness, length)
is found by making the list once more without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from musicdesk.core.types import TrackId
from musicdesk.playlists.assemble import Assembled, Wish, assemble
from musicdesk.playlists.rules import NOBODY, RULES, Candidates, masks
from musicdesk.playlists.value import parts

ARTIST_TURN, ALBUM_SHARE = "one artist in ten", "few of an album"
MEMORY, VARIETY, LENGTH, TRIAL = "shown lately", "variety", "length", "trial"


@dataclass(frozen=True)
class Obstacle:
    """rule: of RULES, or one of the above; text: a sentence; enough: without this rule alone it would be in"""

    rule: str
    text: str
    enough: bool


@dataclass(frozen=True)
class Account:
    """place: in the list, from 0, None when it is not in it
    rank:  from 1, by what it is worth to the list among the `of` tracks that may be in it
    score: the sum of parts; 0 and {} for a track that is not among the candidates
    """

    place: int | None
    rank: int
    of: int
    score: float
    parts: dict[str, float]
    obstacles: tuple[Obstacle, ...]


def why_not(choices: Candidates, wish: Wish, seed: int, made: Assembled, track: TrackId) -> Account:
    """made: the list of this very wish and seed. Raises ValueError for a track that is no candidate."""
    found = np.flatnonzero(choices.ids == track)
    if not len(found):
        raise ValueError(f"{track} is no candidate")
    row = int(found[0])
    held = {rule: mask for rule, mask in masks(choices, wish.leave_out, wish.relaxed).items() if mask[row]}
    rank, of, told = _rank(choices, wish, seed, row)
    places = np.flatnonzero(made.rows == row)
    if len(places):
        return Account(int(places[0]), rank, of, sum(told.values()), told, ())
    obstacles = [_blocked(choices, wish, seed, row, rule) for rule in held]
    if not held:
        obstacles = list(_among_others(choices, wish, seed, made, row, rank))
    return Account(None, rank, of, sum(told.values()), told, tuple(obstacles))


def _rank(choices: Candidates, wish: Wish, seed: int, row: int) -> tuple[int, int, dict[str, float]]:
    """(rank, among how many, parts) beside all that may be in the list."""
    shut = np.zeros(len(choices), bool)
    for mask in masks(choices, wish.leave_out, wish.relaxed).values():
        shut |= mask
    shut[row] = False
    rows = np.flatnonzero(~shut)
    made = parts(choices, rows, wish, seed)
    value = sum(made.values(), np.zeros(len(rows)))
    at = int(np.searchsorted(rows, row))
    rank = 1 + int((value > value[at]).sum())
    return rank, len(rows), {name: float(part[at]) for name, part in made.items()}


def _blocked(choices: Candidates, wish: Wish, seed: int, row: int, rule: str) -> Obstacle:
    text = f"It is one of the tracks that {RULES[rule][0]}."
    if rule == "left out":
        text = "The list starts from it, or it has just been in it."
    without = replace(wish, leave_out=tuple(t for t in wish.leave_out if t != choices.ids[row]))
    without = replace(without, relaxed=(*wish.relaxed, rule))
    return Obstacle(rule, text, row in assemble(choices, without, seed).rows)


def _among_others(choices: Candidates, wish: Wish, seed: int, made: Assembled, row: int, rank: int) -> list[Obstacle]:
    """What the other tracks have to do with it; the last word is the list's length."""
    if choices.songs[row] != NOBODY and choices.songs[row] in choices.songs[made.rows]:
        return [Obstacle("version", "Another version of the same song is in the list.", False)]
    tries: list[tuple[str, str, Callable[[], Assembled]]] = []
    if wish.ordered:
        by_same = choices.artists[row] != NOBODY and bool((choices.artists[made.rows] == choices.artists[row]).any())
        if by_same and wish.artist_window > 1:
            once = replace(wish, artist_window=1)
            text = f"Its artist has had a turn: an artist comes once in {made.window} tracks."
            tries.append((ARTIST_TURN, text, lambda: assemble(choices, once, seed)))
        if wish.album_most and choices.albums[row] != NOBODY:
            any_album = replace(wish, album_most=0)
            text = f"Its album has its share: {wish.album_most} tracks of an album."
            tries.append((ALBUM_SHARE, text, lambda: assemble(choices, any_album, seed)))
        if choices.exposure[row] > 0:
            unseen = replace(choices, exposure=np.zeros_like(choices.exposure))
            tries.append((MEMORY, "It was in your latest lists.", lambda: assemble(unseen, wish, seed)))
        if wish.surprise > 0:
            sure = replace(wish, surprise=0.0)
            text = "It gave way to a track that is tried out, to learn whether you like it."
            tries.append((TRIAL, text, lambda: assemble(choices, sure, seed)))
        if wish.adventure > 0:
            plain = replace(wish, adventure=0.0)
            text = "It had no luck in this draw, or sounds too much like others in it."
            tries.append((VARIETY, text, lambda: assemble(choices, plain, seed)))
    found = [Obstacle(rule, text, True) for rule, text, again in tries if row in again().rows]
    if not found:
        better = f"{rank - 1:,} tracks fit" if rank != 2 else "1 track fits"
        found.append(Obstacle(LENGTH, f"{better} better, and the list has {len(made.rows)}.", False))
    return found
