"""What counts as a play, and what plays weigh: half after 180 days, 50 at most; skips say little, and only twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.catalog.browse import Query
from musicdesk.catalog.fading import DAY_S, HALF_LIFE_DAYS, SKIP_WEIGHT, by_day, faded
from musicdesk.core.types import PlayEnd, TrackId, Verdict
from musicdesk.recommenders.confidence import Confidence
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.match import decide
from tests.helpers.histories import extended, put, take
from tests.unit.test_history_matching import own

NEWEST = 1_700_000_000.0


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def here(desk: Desk, track: TrackId, days_ago: float, heard_ms: int = 200_000, ended: PlayEnd = PlayEnd.FINISHED):
    desk.catalog.feedback.played(track, heard_ms, 200_000, ended, at=NEWEST - days_ago * DAY_S)


def there(desk: Desk, folder: Path, *plays: tuple[str, str, int, bool]) -> None:
    """Imports plays: (title, day of 2022 as MM-DD, milliseconds, skipped)."""
    rows = [
        extended(
            ts=f"2022-{day}T05:00:{n:02}Z",
            master_metadata_album_artist_name="Band",
            master_metadata_track_name=title,
            ms_played=ms,
            skipped=skipped,
        )
        for n, (title, day, ms, skipped) in enumerate(plays)
    ]
    take(desk, put(folder, f"endsong_{len(list(folder.iterdir()))}.json", rows))


def test_a_play_weighs_half_after_180_days(desk):
    one, two, three = own(desk, ("Band", "One", 200.0), ("Band", "Two", 200.0), ("Band", "Three", 200.0))
    here(desk, one, 0)
    for days in (HALF_LIFE_DAYS, 2 * HALF_LIFE_DAYS):
        here(desk, two, days)
    here(desk, three, 0, heard_ms=29_000)  # too short to count
    listener = desk.catalog.feedback.listener()
    assert listener.plays == {one: 1, two: 2}
    assert listener.weights == pytest.approx({one: 1.0, two: 0.75})
    assert listener.heard == listener.weights


@given(st.lists(st.floats(0, 3_000), min_size=1, max_size=12), st.randoms())
def test_the_order_of_plays_does_not_matter(ages, draw):
    """The weight that a track keeps from play to play is the sum over its plays, whatever order they come in."""
    weight, last = 0.0, 0.0
    mixed = [NEWEST - age * DAY_S for age in ages]
    draw.shuffle(mixed)
    for moment in mixed:
        newest = max(last, moment)
        weight, last = weight * faded(newest - (last or newest)) + faded(newest - moment), newest
    assert weight == pytest.approx(sum(faded(max(mixed) - moment) for moment in mixed))


def test_no_track_weighs_more_than_fifty_plays(desk):
    (one,) = own(desk, ("Band", "One", 200.0))
    for _ in range(60):
        here(desk, one, 0)
    listener = desk.catalog.feedback.listener()
    assert (listener.plays[one], listener.weights[one]) == (60, 50.0)


def test_imported_plays_fade_and_add_to_those_made_here(desk, tmp_path):
    one, two = own(desk, ("Band", "One", 200.0), ("Band", "Two", 200.0))
    there(desk, tmp_path, ("One", "01-01", 200_000, False), ("Two", "06-30", 200_000, False))
    listener = desk.catalog.feedback.listener()
    assert listener.plays == {one: 1, two: 1}
    assert listener.weights == pytest.approx({one: 0.5, two: 1.0}, rel=1e-3)  # 180 days lie between
    newest = desk.catalog.store.conn.execute("SELECT max(at) FROM listen").fetchone()[0]
    desk.catalog.feedback.played(one, 200_000, 200_000, PlayEnd.FINISHED, at=newest + HALF_LIFE_DAYS * DAY_S)
    assert desk.catalog.feedback.listener().weights == pytest.approx({one: 1.25, two: 0.5}, rel=1e-3)
    tracks, moments = desk.catalog.listens.timed()
    assert tracks.tolist() == [one, two, one] and (moments[1:] > moments[:-1]).all()


def test_songs_that_the_library_has_not_fade_too(desk, tmp_path):
    there(desk, tmp_path, ("Old", "01-01", 200_000, False), ("New", "06-30", 200_000, False))
    heard = {title: weight for _by, title, _album, _ms, weight in desk.catalog.listens.heard_elsewhere()}
    assert heard == pytest.approx({"old": 0.5, "new": 1.0}, rel=1e-3)


def test_two_skips_without_a_play_are_a_small_dislike(desk, tmp_path):
    one, _two, three, four = own(desk, *(("Band", name, 200.0) for name in ("One", "Two", "Three", "Four")))
    there(
        desk, tmp_path, ("One", "01-01", 5_000, True), ("Two", "01-02", 5_000, True), ("Three", "01-03", 99_000, True)
    )
    for track in (one, three, three):
        here(desk, track, 0, heard_ms=3_000, ended=PlayEnd.SKIPPED)
    for _ in range(2):
        here(desk, four, 0, heard_ms=3_000, ended=PlayEnd.STOPPED)
    listener = desk.catalog.feedback.listener()
    assert listener.disliked == {one: SKIP_WEIGHT}  # two once, three was played on, four was stopped
    desk.catalog.feedback.rate(one, Verdict.LIKE)
    assert desk.catalog.feedback.listener().disliked == {}
    signed = Confidence(10.0, 1.0).of_listener(listener)
    surely = Confidence(10.0, 1.0).of_listener(type(listener)(disliked={one: 1.0}))
    assert surely[one] < signed[one] < -1.0


def test_plays_elsewhere_are_plays_wherever_a_track_is_shown(desk, tmp_path):
    """Ten years of listening, brought along, are not 0 in the Library; lists by plays and by last time go by both."""
    one, two, other = own(desk, ("Band", "One", 200.0), ("Band", "Two", 200.0), ("Other", "Three", 200.0))
    here(desk, other, 0)
    here(desk, one, 0)
    there(desk, tmp_path, *(("Two", f"{month:02}-01", 200_000, False) for month in range(1, 4)))
    catalog = desk.catalog
    assert [track.plays for track in catalog.tracks.get_many([one, two, other])] == [1, 3, 1]
    last = catalog.tracks.get(two).last_played_at
    assert last is not None and catalog.measures.last_heard(np.array([two])) == [last]
    assert catalog.tracks.get(one).last_played_at == NEWEST
    assert catalog.browse.ids(Query(order="plays", descending=True)).tolist()[0] == two
    assert catalog.browse.ids(Query(order="played")).tolist()[0] == two  # the longest ago of those that were played
    assert catalog.browse.by_artist("Band", 5) == [two, one] and catalog.browse.favourite_artist() == "Band"
    assert catalog.sound.waiting("an ear")[0][0] == two


def test_the_same_object_until_something_is_written(desk, tmp_path):
    one, two = own(desk, ("Band", "One", 200.0), ("Band", "Two", 200.0))
    here(desk, one, 0)
    feedback = desk.catalog.feedback
    first = feedback.listener()
    assert feedback.listener() is first
    feedback.rate(two, Verdict.LIKE)
    assert feedback.listener().liked == {two: 1.0} and feedback.listener().plays == {one: 1}
    there(desk, tmp_path, ("Two", "01-01", 200_000, False))
    assert feedback.listener().plays == {one: 1, two: 1}
    song = desk.catalog.store.conn.execute("SELECT id FROM song").fetchone()[0]
    decide(desk, song, None)
    assert feedback.listener().plays == {one: 1}
    with open_desk(desk.profile.folder) as other:
        other.catalog.feedback.rate(one, Verdict.DISLIKE)
    assert feedback.listener().disliked == {one: 1.0}
    desk.catalog.tracks.remove([one])
    assert feedback.listener().plays == {}


def test_weights_by_day_are_those_of_the_moment():
    days, weights = zip(*by_day(), strict=True)
    assert weights[180] == pytest.approx(0.5) and weights[360] == pytest.approx(faded(360 * DAY_S))
    assert list(days) == list(range(len(days))) and faded(-5) == 1.0
