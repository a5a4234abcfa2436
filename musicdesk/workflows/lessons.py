"""Five questions that teach most: the tracks whose verdict would change the list most, whichever it will be.

Of each candidate both answers are tried on the model as it is, without writing anything. What an answer teaches is
the share of the first fifty tracks of *For you* that would be others after it; both answers are weighed by how probable
they are: the higher the model ranks a track now, the more probable a like (Settles 2012, section 4.1, expected model
change). Candidates stand for the whole of what has not been rated, as the ten questions do, each by another artist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from musicdesk.core.changes import Changes
from musicdesk.core.errors import NotReady
from musicdesk.core.feedback import NOW, Saying
from musicdesk.core.progress import Monitor
from musicdesk.core.types import TrackId, Verdict
from musicdesk.workflows.desk import at_one_moment
from musicdesk.workflows.questions import questions
from musicdesk.workflows.taste import ranks_of, standing_ranks

if TYPE_CHECKING:
    from musicdesk.workflows.desk import Desk

LESSONS = 5
CANDIDATES = 24
FIRST = 50  # tracks of the list that may change
LEAST_LIKELY = 0.05  # of either answer: nobody is so predictable
NOTHING_YET = "Nothing is liked or played yet; answer the ten questions first: musicdesk questions."


@dataclass(frozen=True)
class Lesson:
    """likely: how probable a like is, 0..1; change: share of the first tracks of the list that an answer would replace,
    in expectation; if_liked, if_disliked: by answer"""

    track: TrackId
    likely: float
    change: float
    if_liked: float
    if_disliked: float


@dataclass(frozen=True)
class Lessons:
    questions: list[Lesson]
    changes: Changes = field(default=Changes.NOTHING)


@at_one_moment
def lessons(desk: Desk, monitor: Monitor, n: int = LESSONS, seed: int = 0) -> Lessons:
    """The n questions whose answers teach most, the best first; another seed looks among others in a big library.

    Raises NotReady while nothing was listened to, or nothing is known of the taste.
    """
    asked = questions(desk, max(CANDIDATES, n), seed).questions
    now = standing_ranks(desk)
    if not len(now):
        raise NotReady(NOTHING_YET)
    found = []
    for number, question in enumerate(asked):
        monitor.check()
        monitor.report(number, len(asked), "Working out what to ask")
        found.append(_lesson(desk, question.track, now))
    return Lessons(_by_others(desk, sorted(found, key=lambda lesson: (-lesson.change, lesson.track)))[:n])


def _by_others(desk: Desk, found: list[Lesson]) -> list[Lesson]:
    """The best of each artist first, then the others: what was asked of one track says much of its artist's others."""
    artists = {track.id: track.tags.artist for track in desk.catalog.tracks.get_many([each.track for each in found])}
    asked: set[str] = set()
    later = []
    for lesson in found:
        artist = artists.get(lesson.track, "").casefold()
        if artist and artist in asked:
            later.append(lesson)
        asked.add(artist)
    return [*(lesson for lesson in found if lesson not in later), *later]


def _lesson(desk: Desk, track: TrackId, now: np.ndarray) -> Lesson:
    row = int(desk.vectors().rows_of([track])[0])
    likely = float(np.clip(1.0 - (now[row] + 0.5) / len(now), LEAST_LIKELY, 1.0 - LEAST_LIKELY))
    liked, disliked = (_replaced(desk, track, verdict, now) for verdict in (Verdict.LIKE, Verdict.DISLIKE))
    return Lesson(track, likely, likely * liked + (1.0 - likely) * disliked, liked, disliked)


def _replaced(desk: Desk, track: TrackId, verdict: Verdict, now: np.ndarray) -> float:
    """The share of the first tracks, the one that is asked about left out, that would be others."""
    feedback = desk.catalog.feedback
    then = ranks_of(desk, feedback.listener_after(track, Saying(verdict)), feedback.kept_from(NOW))
    first = min(FIRST, max(len(now) // 4, 1))
    before, after = now < first, then < first
    row = desk.vectors().rows_of([track])
    before[row] = after[row] = False
    return float((before & ~after).sum()) / first
