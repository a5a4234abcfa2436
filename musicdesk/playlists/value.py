"""What a track is worth to a list: the parts that add up to its score, each on one scale.

The unit is the lead of the best candidate over the middle one, and 0 the worst: so whatever speaks for a track has
points above 0. A list's levers only weigh the parts.
"""

from __future__ import annotations

import numpy as np

from musicdesk.playlists.rules import Candidates
from musicdesk.playlists.wish import Wish

EXPOSURE_WEIGHT = 0.35  # of a showing just now
MOST_EXPOSURE = 2.0
REST_WEIGHT = 1.0  # of a track that was told 'not now' a moment ago
FRESH_WEIGHT = 0.15  # of never having been played, at full adventure
CHANCE_WEIGHT = 0.3  # spread of the draw, at full adventure
ERA_WEIGHT = 1.5  # of the very year, at full weight: then it goes before all else
ERA_SPAN = 12.0  # years away from which a track has nothing of the era
AXIS_WEIGHT = 2.0  # of the very end of an axis, at full lean: more than most of what taste tells apart
LOWEST = 1.5  # leads below the middle from which quality is counted
Parts = dict[str, np.ndarray]


def parts(choices: Candidates, rows: np.ndarray, wish: Wish, seed: int) -> Parts:
    """float64 (rows,) by name: quality (the scores), sound, era, axis, fresh, exposure and rest (negative), chance.

    Without order there is only quality: the scores themselves.
    """
    scores = choices.scores[rows].astype(np.float64)
    if not wish.ordered:
        return {"quality": scores}
    taste = 1.0 if choices.sound is None else wish.taste
    made = {"quality": taste * lead(scores)}
    if choices.sound is not None and taste < 1.0:
        made["sound"] = (1.0 - taste) * lead(choices.sound[rows].astype(np.float64))
    if wish.era and wish.year is not None:
        made["era"] = ERA_WEIGHT * wish.era * nearness_in_time(choices.years[rows], wish.year)
    if choices.axis is not None and wish.lean:
        place = choices.axis[rows].astype(np.float64)
        made["axis"] = AXIS_WEIGHT * abs(wish.lean) * (place if wish.lean > 0 else 1.0 - place)
    made["fresh"] = FRESH_WEIGHT * wish.adventure * choices.fresh[rows].astype(np.float64)
    made["exposure"] = -EXPOSURE_WEIGHT * np.minimum(choices.exposure[rows].astype(np.float64), MOST_EXPOSURE)
    made["rest"] = -REST_WEIGHT * choices.rest[rows].astype(np.float64)
    made["chance"] = CHANCE_WEIGHT * wish.adventure * draw(choices.ids[rows], seed)
    return made


def lead(scores: np.ndarray) -> np.ndarray:
    """Scores in units of the best one's lead over the middle one, counted from the worst, or from as far below the
    middle as LOWEST where that is far out; 0 for all where none leads."""
    if not len(scores):
        return scores
    middle = float(np.median(scores))
    best = float(scores.max()) - middle
    if best <= 0:
        return np.zeros(len(scores))
    return (scores - middle) / best + min((middle - float(scores.min())) / best, LOWEST)


def nearness_in_time(years: np.ndarray, year: float) -> np.ndarray:
    """float64 (n,): 1 in the very year, 0 from ERA_SPAN years away and where the year is not known."""
    near = np.maximum(0.0, 1.0 - np.abs(years.astype(np.float64) - year) / ERA_SPAN)
    return np.nan_to_num(near, nan=0.0)


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
