"""A first honest measure of a model: hide some likes and plays, learn from the rest, look where they come.

Small data give wide intervals, and these are told. Controls see exactly the same: popularity (plays of the
artist's other tracks; the hidden track's own plays are hidden too) and chance. Never sampled metrics: the tracks
that are hidden together are ranked among all tracks of the library that are not known positives or dislikes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from musicdesk.core.counting import counted
from musicdesk.core.progress import Monitor, Silent
from musicdesk.core.types import Listener, TrackId
from musicdesk.evaluation.hidden import COMPETING, NAMES, measured

LEAST = 5  # likes and played tracks; fewer say nothing
LEAVE_ONE_OUT = 20  # up to so many positives each is hidden alone, above in ten parts
PARTS = 10
RESAMPLES = 2_000
NO_RIVALS = "Everything is liked or played; nothing is left to tell it from."

Scorer = Callable[[Listener], np.ndarray]  # float (n,) over the library's vectors


def evaluate(model: Any, data: Any, seed: int = 0, monitor: Monitor | None = None) -> dict[str, Any]:
    """Held-out recall@10 and @20 and AUC of a recommender, with 95 % intervals and both controls.

    model: a Recommender (`fit(data, seed, monitor)` gives what has `score(listener, items)`)
    data:  its TrainingData (`vectors`, `listener`, `artists`)
    returns: {held_out, parts, candidates, note, auc, auc_interval, recall@10, recall@10_interval, ..., competing,
        controls: {popularity: {...}, random: {...}}}; figures are null where `note` says why. Fit for JSON.
    """
    watch = monitor or Silent()
    positives = held_candidates(data)
    open_rows = _open_rows(data, positives)
    if len(positives) < LEAST:
        there = f"{counted(len(positives), 'track')} {'is' if len(positives) == 1 else 'are'}"
        note = f"{there} liked or played and analyzed; a measure needs at least {LEAST}."
        return _nothing(len(positives), note, seed)
    if not open_rows.any():
        return _nothing(len(positives), NO_RIVALS, seed)
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(positives)
    parts = np.array_split(mixed, len(mixed) if len(mixed) <= LEAVE_ONE_OUT else PARTS)
    each: dict[str, list[np.ndarray]] = {"model": [], "popularity": [], "random": []}
    chance = rng.random(len(data.vectors))
    for number, hidden in enumerate(parts):
        watch.check()
        watch.report(number, len(parts), "Measuring on hidden likes and plays")
        rest = replace(data, listener=without(data.listener, hidden))
        fitted = model.fit(rest, seed, watch)
        scores = {
            "model": fitted.score(rest.listener, data.vectors.ids),
            "popularity": _artist_plays(rest),
            "random": chance,
        }
        for name, values in scores.items():
            each[name].append(measured(values, data.vectors.rows_of(hidden.tolist()), open_rows))
    found = {name: np.concatenate(rows) for name, rows in each.items()}
    return {
        "held_out": len(positives),
        "parts": len(parts),
        "candidates": int(open_rows.sum()) + 1,
        "note": "",
        **COMPETING,
        **_figures(found["model"], seed),
        "controls": {name: _figures(found[name], seed) for name in ("popularity", "random")},
    }


def _nothing(held_out: int, note: str, seed: int) -> dict[str, Any]:
    """No figures, and why."""
    head = {"held_out": held_out, "parts": 0, "candidates": 0, "note": note}
    controls = {name: _figures(None, seed) for name in ("popularity", "random")}
    return head | _figures(None, seed) | {"controls": controls}


def held_candidates(data: Any) -> np.ndarray:
    """int64 (p,): tracks that are liked or played, not disliked, and have a vector; ascending."""
    listener = data.listener
    wanted = {t for t, w in listener.liked.items() if w > 0} | {t for t, c in listener.plays.items() if c > 0}
    known: np.ndarray = data.vectors.ids[data.vectors.rows_of(sorted(wanted - set(listener.disliked)))]
    return known


def without(listener: Listener, hidden: np.ndarray) -> Listener:
    """The listener as if nothing were known of the `hidden` tracks."""
    out = {TrackId(int(track)) for track in hidden}
    return Listener(
        listener.name,
        {track: weight for track, weight in listener.liked.items() if track not in out},
        {track: weight for track, weight in listener.disliked.items() if track not in out},
        {track: count for track, count in listener.plays.items() if track not in out},
        {track: weight for track, weight in listener.weights.items() if track not in out},
    )


def _open_rows(data: Any, positives: np.ndarray) -> np.ndarray:
    """bool (n,): the tracks that a hidden one competes with."""
    rows = np.ones(len(data.vectors), bool)
    rows[data.vectors.rows_of(positives.tolist())] = False
    rows[data.vectors.rows_of(list(data.listener.disliked))] = False
    return rows


def _artist_plays(data: Any) -> np.ndarray:
    """float64 (n,): plays of each track and, weighing a tenth, of its artist."""
    plays = data.listener.plays
    by_artist: dict[str, int] = {}
    for track, count in plays.items():
        name = data.artists.get(track, "")
        by_artist[name] = by_artist.get(name, 0) + count
    ids = [TrackId(int(track)) for track in data.vectors.ids]
    names = [data.artists.get(track, "") for track in ids]
    return np.array(
        [
            plays.get(track, 0) + (0.1 * by_artist.get(name, 0) if name else 0.0)
            for track, name in zip(ids, names, strict=True)
        ]
    )


def _figures(each: np.ndarray | None, seed: int) -> dict[str, Any]:
    """AUC and recalls of float (hidden, NAMES) with percentile bootstrap intervals over the hidden tracks; null where
    there is nothing to tell them from."""
    figures: dict[str, Any] = {key: None for name in NAMES for key in (name, f"{name}_interval")}
    if each is None:
        return figures
    draws = np.random.default_rng(seed).integers(0, len(each), (RESAMPLES, len(each)))
    for name, values in zip(NAMES, each.T, strict=True):
        if np.isnan(values).any():
            continue
        low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
        figures[name] = round(float(values.mean()), 4)
        figures[f"{name}_interval"] = [round(float(low), 4), round(min(float(high), 1.0), 4)]
    return figures
