"""From scores to a playlist: rules, exposure memory, variety, diversity, order. Arrays in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from musicdesk.playlists.diversify import ArtistQuota, best_of_each, dpp, each_its_own, mmr
from musicdesk.playlists.rules import ARTIST_WINDOW, HARD, Allowed, Candidates, account, allowed, empty_sentence, masks
from musicdesk.playlists.sequence import arrange, caps, widest_window
from musicdesk.playlists.trial import NOTHING, Limits, Trial, scenarios, slots
from musicdesk.playlists.value import parts as parts_of
from musicdesk.playlists.wish import MOST_TRACKS, Wish

DIVERSITY = 0.5  # 1 - MMR weight, at full adventure
TYPICAL_S = 240.0  # seconds of a track whose length is not known

__all__ = ["TYPICAL_S", "Assembled", "Wish", "assemble", "places_of"]


@dataclass(frozen=True, eq=False)
class Assembled:
    """rows:    int64 (k,), rows of the candidates in playing order
    scores:  float32 (k,), what each row is worth to this list: the sum of its parts
    parts:   for each row what moved it, see `value.parts`
    window:  the artist window that holds
    notices: sentences for the person (rules that had to give way, too few tracks)
    dropped: rule -> tracks it kept out
    empty:   why there is nothing, or ""; emptied_by: the rule after which nothing was left
    propensity: of each row that was tried out, with what probability; None for the others; empty where none was
    """

    rows: np.ndarray
    scores: np.ndarray
    parts: tuple[dict[str, float], ...] = ()
    window: int = ARTIST_WINDOW
    notices: tuple[str, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    empty: str = ""
    emptied_by: str = ""
    propensity: tuple[float | None, ...] = ()


Steps = Callable[[np.ndarray], np.ndarray]


def assemble(choices: Candidates, wish: Wish, seed: int = 0, steps: Steps | None = None) -> Assembled:
    """The playlist for a wish; the same candidates, wish and seed give the same list.

    steps: int64 (k,) rows -> float (k, k), how roughly each is followed by each, for a smooth order
    """
    if wish.minutes > 0:
        return _as_long(choices, wish, seed, steps)
    passed = allowed(choices, wish.leave_out, wish.relaxed)
    pinned = _pinned(choices, wish)
    rows = np.union1d(passed.rows, [row for _, row in pinned]).astype(np.int64) if pinned else passed.rows
    if not len(rows):
        nothing = np.empty(0, np.int64)
        empty = empty_sentence(len(choices), passed)
        scores, rule = nothing.astype(np.float32), passed.emptied_by
        return Assembled(nothing, scores, dropped=passed.dropped, empty=empty, emptied_by=rule)
    parts = parts_of(choices, rows, wish, seed)
    value = sum(parts.values(), np.zeros(len(rows)))
    pool = _pool(choices, rows, value, wish, np.isin(rows, [row for _, row in pinned]))
    chosen = _picked(choices, rows, value, pool, wish)
    trial = _trial(choices, rows, value, chosen, pool, wish, seed)
    if len(trial.at):
        parts["trial"] = np.zeros(len(rows))
        parts["trial"][trial.at] = trial.gain
        value = value + parts["trial"]
        chosen = _with_trial(chosen, trial.at, pool.pins)
    window = 1
    if wish.ordered:
        fixed = places_of(pinned, rows[chosen])
        if wish.best_first and 0 not in fixed:
            fixed[0] = _best(value[chosen], fixed)
        cost = steps(rows[chosen]) if steps is not None and wish.smooth else None
        order, window = arrange(choices.artists[rows[chosen]], pool.window, fixed, cost)
        chosen = chosen[order]
    told = tuple({name: float(part[at]) for name, part in parts.items()} for at in chosen)
    notices = _notices(wish, passed, len(chosen), window, pool.by_album)
    drawn = dict(zip(trial.at.tolist(), trial.propensity.tolist(), strict=True))
    propensity = tuple(drawn.get(at) for at in chosen.tolist()) if drawn else ()
    return Assembled(
        rows[chosen], value[chosen].astype(np.float32), told, window, notices, passed.dropped, propensity=propensity
    )


def _trial(
    choices: Candidates,
    rows: np.ndarray,
    value: np.ndarray,
    chosen: np.ndarray,
    pool: _Pool,
    wish: Wish,
    seed: int,
) -> Trial:
    """What is tried out in the place of the list's last rows; nothing where the list is as short as the library."""
    k = min(slots(len(chosen), wish.surprise), len(chosen) - pool.pins) if wish.ordered else 0
    most, _full = caps(pool.n, pool.window)
    limits = Limits(max(1, most - 1) if pool.window > 1 else 0, wish.album_most if pool.by_album else 0)
    found = scenarios(choices, rows, value, chosen, k, limits) if k > 0 else None
    return found.drawn(seed) if found is not None else NOTHING


def _with_trial(chosen: np.ndarray, at: np.ndarray, pins: int) -> np.ndarray:
    """The list's first ones, and among them, evenly, what is tried out; pinned ones stay first."""
    kept = chosen[: len(chosen) - len(at)]
    places = pins + ((np.arange(len(at)) + 0.5) * (len(kept) - pins) / len(at)).astype(np.int64)
    found: np.ndarray = np.insert(kept, places, at)
    return found


def _pinned(choices: Candidates, wish: Wish) -> list[tuple[int, int]]:
    """(place, row) of the pinned tracks that may be in a list at all, by place."""
    if not wish.pinned:
        return []
    barred = np.zeros(len(choices), bool)
    for rule, mask in masks(choices, wish.leave_out, wish.relaxed).items():
        if rule in HARD:
            barred |= mask
    row_of = {int(track): row for row, track in enumerate(choices.ids) if not barred[row]}
    found = {row_of[int(track)]: place for place, track in sorted(wish.pinned, reverse=True) if int(track) in row_of}
    return sorted((place, row) for row, place in found.items())


def places_of(pinned: list[tuple[int, int]], rows: np.ndarray) -> dict[int, int]:
    """Place in the list -> position in `rows`, for the pinned rows that were chosen; none beyond the end."""
    at = {int(row): position for position, row in enumerate(rows)}
    wanted = [(place, at[row]) for place, row in pinned if row in at]
    places: dict[int, int] = {}
    for place, position in reversed(wanted):
        place = min(place, len(rows) - 1)
        while place in places:
            place -= 1
        if place < 0:
            place = next(free for free in range(len(rows)) if free not in places)
        places[place] = position
    return places


def _best(value: np.ndarray, fixed: Mapping[int, int]) -> int:
    """Position of the best track that has no place yet (there is one: the first place is free)."""
    return next(int(at) for at in np.argsort(-value, kind="stable") if int(at) not in fixed.values())


@dataclass(frozen=True, eq=False)
class _Pool:
    """What is chosen from.

    at:       positions in the open rows, the `pins` pinned ones first, then best first; one per song
    n:        how many to choose; window: in which they can be put in order
    by_album: whether albums are held to their share
    """

    at: np.ndarray
    pins: int
    n: int
    window: int
    by_album: bool


def _pool(choices: Candidates, rows: np.ndarray, value: np.ndarray, wish: Wish, pinned: np.ndarray) -> _Pool:
    """The best few hundred, or all of them where these few are by too few artists."""
    few = _few(wish)
    for size in (few, 10 * few, len(rows)):
        top = np.argpartition(-value, size)[:size] if size < len(rows) else np.arange(len(rows))
        top = np.union1d(top, np.flatnonzero(pinned))
        top = top[np.lexsort((choices.ids[rows[top]], -value[top], ~pinned[top]))]
        found = _filtered(choices, rows, top, wish, pinned)
        if size >= len(rows) or (found.n == wish.n and found.by_album and found.window == _wanted(wish)):
            break
    return found


def _filtered(choices: Candidates, rows: np.ndarray, top: np.ndarray, wish: Wish, pinned: np.ndarray) -> _Pool:
    """One of each song and few of each album, unless the album rule would shorten the list or its artist window."""
    pool = top[best_of_each(choices.songs[rows[top]], 1)]
    plain = _of_pool(choices, rows, pool, wish, pinned)
    if not wish.ordered or not wish.album_most:
        return plain
    few = pool[best_of_each(choices.albums[rows[pool]], wish.album_most, pinned[pool])]
    held = _of_pool(choices, rows, few, wish, pinned)
    return held if (held.n, held.window) >= (plain.n, plain.window) else replace(plain, by_album=False)


def _of_pool(choices: Candidates, rows: np.ndarray, pool: np.ndarray, wish: Wish, pinned: np.ndarray) -> _Pool:
    n = min(wish.n, len(pool))
    window = widest_window(choices.artists[rows[pool]], n, _wanted(wish))
    return _Pool(pool, min(int(pinned[pool].sum()), n), n, window, True)


def _wanted(wish: Wish) -> int:
    return wish.artist_window if wish.ordered else 1


def _few(wish: Wish) -> int:
    return max(200, int(wish.n * (4 + 16 * wish.adventure)))


def _trim(pool_artists: np.ndarray, most: int, few: int, pins: int) -> np.ndarray:
    """The first `few` positions of a sorted pool when each artist keeps its best `most`; the `pins` first ones stay.

    With `few` at least twice what is wanted, whatever could be chosen before can be chosen still.
    """
    first = np.arange(len(pool_artists)) < pins
    kept: np.ndarray = best_of_each(each_its_own(pool_artists), most, first)[: max(few, pins)]
    return kept


def _picked(choices: Candidates, rows: np.ndarray, value: np.ndarray, pool: _Pool, wish: Wish) -> np.ndarray:
    """Positions in `rows`, the best first: a varied set, or the plain ranking."""
    if not wish.ordered:
        return pool.at[: pool.n]
    most, full = caps(pool.n, pool.window)
    at = pool.at[_trim(choices.artists[rows[pool.at]], most, _few(wish), pool.pins)]
    quota = ArtistQuota(choices.artists[rows[at]], most, full) if pool.window > 1 else None
    choose = dpp if wish.varied_by == "dpp" else mmr
    weight = 1.0 - DIVERSITY * wish.adventure
    picked: np.ndarray = choose(value[at], choices.vectors[rows[at]], pool.n, weight, quota, pool.pins)
    chosen: np.ndarray = at[picked]
    return chosen


def _as_long(choices: Candidates, wish: Wish, seed: int, steps: Steps | None) -> Assembled:
    """The list whose length comes nearest to the minutes wanted, as its last tracks go one by one; pinned ones stay."""
    target = 60.0 * wish.minutes
    known = choices.seconds[np.isfinite(choices.seconds)]
    typical = max(float(np.median(known)) if len(known) else TYPICAL_S, 1.0)
    n = 2 + int(target / typical)
    for _try in range(4):
        n = min(n, MOST_TRACKS)
        made = assemble(choices, replace(wish, n=n, minutes=0.0), seed, steps)
        lengths = np.nan_to_num(choices.seconds[made.rows], nan=typical).astype(np.float64)
        total = _length(choices, made, typical)
        if total >= target or len(made.rows) < n or n == MOST_TRACKS:
            break
        n = 2 + int(n * target / max(total, 1.0))
    if not len(made.rows):
        return made
    keep = 1 + int(np.argmin(np.abs(np.cumsum(lengths) - target)))
    stay = np.isin(made.rows, [row for _, row in _pinned(choices, wish)])
    if stay[keep:].any():
        made = _with_pins(choices, replace(wish, minutes=0.0), seed, steps, max(keep, int(stay.sum())), target, typical)
        keep, total = len(made.rows), _length(choices, made, typical)
    notices = tuple(notice for notice in made.notices if not notice.startswith("Only"))
    if total < target - typical:
        notices = (f"Only {total / 60:.0f} of {wish.minutes:.0f} minutes could be filled.", *notices)
    cut = {name: getattr(made, name)[:keep] for name in ("rows", "scores", "parts", "propensity")}
    return replace(made, **cut, notices=notices)


def _with_pins(
    choices: Candidates, wish: Wish, seed: int, steps: Steps | None, n: int, target: float, typical: float
) -> Assembled:
    """The list of about `n` tracks that comes nearest to `target` seconds. A cut would take what is pinned beyond it;
    a list that is as short from the beginning has it at its end."""
    made = assemble(choices, replace(wish, n=n), seed, steps)
    off = _length(choices, made, typical) - target
    least = len(_pinned(choices, wish))
    for _try in range(2):
        n += -1 if off > 0 else 1
        if n < max(1, least):
            break
        other = assemble(choices, replace(wish, n=n), seed, steps)
        if abs(further := _length(choices, other, typical) - target) >= abs(off):
            break
        made, off = other, further
    return made


def _length(choices: Candidates, made: Assembled, typical: float) -> float:
    """Of a list, in seconds."""
    return float(np.nan_to_num(choices.seconds[made.rows], nan=typical).astype(np.float64).sum())


def _notices(wish: Wish, passed: Allowed, got: int, window: int, by_album: bool) -> tuple[str, ...]:
    notices = []
    if got < wish.n:
        why = account(passed.dropped)
        notices.append(f"Only {got} of {wish.n} tracks could be found" + (f": {why}." if why else "."))
    if wish.ordered and window < wish.artist_window and got > 1:
        notices.append(
            f"There are too few artists to have each only once in {wish.artist_window} consecutive tracks; "
            + (f"it is once in {window} here." if window > 1 else "one may follow itself here.")
        )
    if not by_album and got > 1:
        notices.append(f"There are too few albums to take only {wish.album_most} tracks from each.")
    return tuple(notices)
