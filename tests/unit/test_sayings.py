"""What is said of tracks: scopes, stars, taking any of it back; the listener that follows from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.feedback import Feedback
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.feedback import EVERYWHERE, NOW, Opinion, Reach, Saying, Scope, of_stars
from musicdesk.core.types import Pick, PlayEnd, Playlist, TrackId, Verdict
from musicdesk.workflows.sayings import in_words
from musicdesk.workflows.taste import descending
from tests.helpers.big_catalog import fill

HERE, MIX = Scope(Reach.KIND, "for-you"), Scope(Reach.LIST, "Genre: Jazz: the rest")
SAYINGS = st.one_of(
    st.sampled_from(list(Verdict)).map(Saying),
    st.builds(Saying, st.sampled_from([Verdict.DISLIKE, Verdict.CLEAR]), st.sampled_from([NOW, HERE, MIX])),
    st.integers(0, 5).map(of_stars),
)
TRACKS = [TrackId(1), TrackId(2), TrackId(3)]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory):
    opened = Catalog.open(tmp_path_factory.mktemp("sayings") / "c.sqlite")
    fill(opened, 12)
    opened.feedback.played(TrackId(2), 4_000, 180_000, PlayEnd.SKIPPED)
    opened.feedback.played(TrackId(2), 4_000, 180_000, PlayEnd.SKIPPED)
    opened.store.conn.execute("UPDATE track SET plays = 0 WHERE id = 2")
    opened.store.conn.execute("INSERT INTO said VALUES (3, -0.5)")
    yield opened
    opened.close()


def forget(catalog: Catalog) -> None:
    for table in ("feedback_event", "scoped"):
        catalog.store.conn.execute(f"DELETE FROM {table}")
    catalog.store.conn.execute("UPDATE track SET verdict = NULL, stars = NULL")


def held(catalog: Catalog) -> list[Opinion]:
    return [catalog.feedback.opinion(track) for track in TRACKS]


@pytest.mark.parametrize("scope", [EVERYWHERE, NOW, HERE, MIX])
def test_a_scope_is_its_text(scope: Scope) -> None:
    assert Scope.parse(str(scope)) == scope


@pytest.mark.parametrize("text", ["", "mix", "kind", "kind:", "now:x", "everywhere:x", "List:x", "list"])
def test_other_scopes_are_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(Unusable, match="kind:KIND and list:NAME"):
        Scope.parse(text)


@pytest.mark.parametrize("verdict", [Verdict.LIKE, Verdict.NEVER])
def test_only_dislikes_hold_in_a_part(verdict: Verdict) -> None:
    with pytest.raises(Unusable, match="counts everywhere"):
        Saying(verdict, NOW)
    with pytest.raises(Unusable, match="0 to 5 stars"):
        of_stars(6)


def test_sayings_in_words() -> None:
    dislike = [in_words(Saying(Verdict.DISLIKE, scope)) for scope in (EVERYWHERE, NOW, HERE, MIX)]
    assert dislike == ["less like this", "not now", "not in “For you”", "not in “Genre: Jazz: the rest”"]
    assert [in_words(of_stars(n)) for n in (1, 5)] == ["1 star", "5 stars"]
    assert in_words(Saying(Verdict.CLEAR, NOW)) == "now again"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(TRACKS), SAYINGS), max_size=12), st.data())
def test_whatever_is_taken_back_was_never_said(catalog: Catalog, told, data) -> None:
    """In any order, from the middle as well; what is left holds as if it alone had been said."""
    forget(catalog)
    gone = data.draw(st.permutations(range(len(told)))) if told else []
    gone = gone[: data.draw(st.integers(0, len(told)))]
    events = [catalog.feedback.rate(track, said) for track, said in told]
    for at in gone:
        undone = catalog.feedback.undo(events[at])
        assert undone is not None and (undone.track, undone.said) == told[at]
        with pytest.raises(Unusable, match="back already"):
            catalog.feedback.undo(events[at])
    found = held(catalog)
    left = [pair for at, pair in enumerate(told) if at not in gone]
    assert {event.id for event in catalog.feedback.events() if event.undone} == {events[at] for at in gone}
    listener = catalog.feedback.listener()
    forget(catalog)
    for track, said in left:
        catalog.feedback.rate(track, said)
    again = held(catalog)
    assert [(o.verdict, o.stars, set(o.scoped)) for o in found] == [(o.verdict, o.stars, set(o.scoped)) for o in again]
    assert repr(catalog.feedback.listener()) == repr(listener)  # the order of the tracks, too


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(TRACKS), SAYINGS), min_size=1, max_size=6))
def test_the_listener_that_is_foreseen_is_the_one_that_comes(catalog: Catalog, told) -> None:
    forget(catalog)
    for track, said in told:
        written = catalog.store.conn.total_changes
        foreseen, rests = catalog.feedback.listener_after(track, said), catalog.feedback.resting_after(track, said)
        assert catalog.store.conn.total_changes == written
        catalog.feedback.rate(track, said)
        assert catalog.feedback.listener() is foreseen
        assert set(catalog.feedback.kept_from(NOW)) == set(rests)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(TRACKS), SAYINGS, st.booleans()), max_size=9))
def test_a_listener_kept_up_is_the_one_read_anew(catalog: Catalog, told) -> None:
    """Whether it was this one or another that wrote, and one rating or several later."""
    forget(catalog)
    other = Feedback(catalog.store)
    for track, said, asks in told:
        (catalog.feedback if asks else other).rate(track, said)
        if asks:
            assert repr(catalog.feedback.listener()) == repr(Feedback(catalog.store).listener())
    assert repr(catalog.feedback.listener()) == repr(Feedback(catalog.store).listener())


def test_after_a_rating_only_its_track_is_read(catalog: Catalog) -> None:
    """All of many thousands would be a fifth of a second in which the window stands still."""
    forget(catalog)
    catalog.feedback.rate(TrackId(1), Verdict.LIKE)
    catalog.feedback.listener()
    asked: list[str] = []
    catalog.store.conn.set_trace_callback(asked.append)
    try:
        catalog.feedback.listener_after(TrackId(4), Saying(Verdict.LIKE))
        catalog.feedback.rate(TrackId(4), Verdict.LIKE)
        assert catalog.feedback.listener().liked == {1: 1.0, 4: 1.0}
    finally:
        catalog.store.conn.set_trace_callback(None)
    assert not [sql for sql in asked if "verdict IN (" in sql]
    assert [sql for sql in asked if "FROM feedback_event" in sql]


def test_stars_weigh_and_three_are_neither(catalog: Catalog) -> None:
    forget(catalog)
    for track, stars in ((1, 5), (4, 4), (5, 2), (6, 1), (7, 3)):
        catalog.feedback.rate(TrackId(track), of_stars(stars))
    me = catalog.feedback.listener()
    assert me.liked == {1: 1.0, 4: 0.6}
    assert {track: me.disliked.get(TrackId(track)) for track in (5, 6, 7)} == {5: 0.6, 6: 1.0, 7: None}
    assert [track.stars for track in catalog.tracks.get_many([TrackId(4), TrackId(7), TrackId(8)])] == [4, 3, None]
    assert {track for rule in (Verdict.DISLIKE,) for track in catalog.browse.kept_out()["refused"]} == {5, 6}


def test_a_list_that_is_gone_leaves_the_place_but_no_pick(catalog: Catalog) -> None:
    forget(catalog)
    made = catalog.playlists.save(Playlist(None, "A", "for-you", (Pick(TrackId(8), 1.0), Pick(TrackId(9), 0.5))), {})
    assert made.id is not None and made == catalog.playlists.get(made.id)
    pick = made.picks[1].id
    assert pick is not None and catalog.playlists.of_pick(pick) == ("for-you", "A")
    catalog.feedback.rate(TrackId(9), Verdict.LIKE, pick=pick, effect=(3, 4))
    catalog.feedback.played(TrackId(9), 40_000, 180_000, PlayEnd.FINISHED, pick=pick)
    catalog.playlists.remove(made.id)
    catalog.feedback.played(TrackId(9), 40_000, 180_000, PlayEnd.FINISHED, pick=pick)
    (event,) = catalog.feedback.events()
    assert (event.pick, event.position, event.effect) == (None, 1, (3, 4))
    plays = catalog.store.conn.execute("SELECT pick_id, position FROM play_event ORDER BY id DESC LIMIT 2").fetchall()
    assert plays == [(None, None), (None, 1)]
    with pytest.raises(NotFound, match="There is no rating number"):
        catalog.feedback.undo(event.id + 99)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False), max_size=40))
def test_the_fast_order_is_the_stable_one(values) -> None:
    scores = np.array(values, np.float32)
    assert descending(scores).tolist() == np.argsort(-scores, kind="stable").tolist()
