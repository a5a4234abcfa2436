"""The listener at this desk, put together: verdicts and plays here, and what histories tell of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from musicdesk.catalog.fading import DAY_S, HALF_LIFE_DAYS, MOST_WEIGHT, SKIP_WEIGHT, SKIPS
from musicdesk.core.feedback import Opinion
from musicdesk.core.types import Listener, TrackId, Verdict
from musicdesk.core.weights import Weights

RATED = """SELECT id, verdict, stars FROM track WHERE verdict IN ('like', 'dislike', 'never')
    UNION SELECT id, verdict, stars FROM track WHERE stars IS NOT NULL"""  # each by its index
SAID = "SELECT track_id, weight FROM said"
PLAYS = (
    "SELECT id, plays, skips, play_weight, coalesce(last_played_at, 0) FROM track WHERE plays > 0 OR skips > 0",
    """SELECT track_id, plays, skips, weight, (SELECT value FROM fact WHERE name = 'heard_until')
        FROM heard WHERE plays > 0 OR skips > 0""",
)


@dataclass(frozen=True, eq=False)
class Heard:
    """Counts and weights of played tracks, and the tracks that were skipped and never played on."""

    plays: dict[TrackId, int]
    weights: dict[TrackId, float]
    skipped: list[TrackId]

    @classmethod
    def of(cls, *parts: list[tuple[int, int, int, float, float]], now: float | None = None) -> Heard:
        """Rows (track, plays, skips, weight, moment of that weight); a track may come more than once. Weights are taken
        to the newest moment, but for those that lie ahead of `now`, noted while the clock was wrong: one of them would
        make everything else too old to matter."""
        rows = [row for part in parts for row in part]
        columns = zip(*rows, strict=True) if rows else ((),) * 5
        tracks, plays, skips, weights, moments = (np.array(column, np.float64) for column in columns)
        newest = min(moments.max(initial=0.0), time.time() if now is None else now)
        weights = weights * 2.0 ** (np.minimum(moments - newest, 0.0) / (HALF_LIFE_DAYS * DAY_S))
        ids, at = np.unique(tracks.astype(np.int64), return_inverse=True)
        counts, skipped = (np.bincount(at, column, len(ids)).astype(np.int64) for column in (plays, skips))
        weighed = np.minimum(np.bincount(at, weights, len(ids)), MOST_WEIGHT)
        known = counts > 0
        names = ids[known].tolist()
        return cls(
            dict(zip(names, counts[known].tolist(), strict=True)),
            dict(zip(names, weighed[known].tolist(), strict=True)),
            ids[~known & (skipped >= SKIPS)].tolist(),
        )


@dataclass(frozen=True, eq=False)
class Told:
    """What is known besides ratings: plays here and elsewhere, and by track what histories say of liking it (below 0
    of disliking)."""

    heard: Heard
    said: Mapping[TrackId, float]


def listener(rated: Mapping[TrackId, Opinion], told: Told) -> Listener:
    """What is rated here goes before what a history says, and that before skips.

    Tracks are in the order of their numbers, so that the same knowledge gives the same scores to the last bit,
    whichever way it came about.
    """
    mine = {track: opinion for track, opinion in rated.items() if opinion.verdict or opinion.stars}
    liked = {track: opinion.weight for track, opinion in mine.items() if opinion.verdict is Verdict.LIKE}
    against = (Verdict.DISLIKE, Verdict.NEVER)
    disliked = {track: opinion.weight for track, opinion in mine.items() if opinion.verdict in against}
    for track, weight in told.said.items():
        if track not in mine:
            (liked if weight > 0 else disliked)[track] = abs(weight)
    for track in told.heard.skipped:
        if track not in mine and track not in liked:
            disliked.setdefault(track, SKIP_WEIGHT)
    return Listener("me", Weights.of(liked), Weights.of(disliked), told.heard.plays, told.heard.weights)


def listener_with(before: Listener, changed: Mapping[TrackId, Opinion], told: Told) -> Listener:
    """As `listener`, where all but these tracks hold as before, and the rest was told before too."""
    said = {track: told.said[track] for track in changed if track in told.said}
    skipped = [track for track in told.heard.skipped if track in changed]
    theirs = listener(changed, Told(replace(told.heard, skipped=skipped), said))
    liked, disliked = (
        Weights.of(old).but(changed, new)
        for old, new in ((before.liked, theirs.liked), (before.disliked, theirs.disliked))
    )
    return replace(before, liked=liked, disliked=disliked)
