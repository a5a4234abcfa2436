"""Feedback with scope and visible effect: what is kept out of which lists, previews, the ledger; by command too."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import NotReady
from musicdesk.core.feedback import NOW, Reach, Saying, Scope
from musicdesk.core.types import Playlist, TrackId, Verdict
from musicdesk.playlists.rest import REST_DAYS, nearest, rest, resting
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.rate import preview, rate, undo
from musicdesk.workflows.recommend import Request, draft, recommend
from musicdesk.workflows.sayings import entries, not_in
from tests.helpers.big_catalog import fill
from tests.helpers.programs import ask, run

TRACKS = 360
LIKED = (3, 50, 200)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedback") / "p"
    with open_desk(folder) as desk:
        fill(desk.catalog, TRACKS, desk.encoder)
    return folder


@pytest.fixture
def desk(profile: Path):
    with open_desk(profile) as opened:
        for table in ("feedback_event", "scoped", "playlist", "play_event"):
            opened.catalog.store.conn.execute(f"DELETE FROM {table}")
        opened.catalog.store.conn.execute("UPDATE track SET plays = 0, play_weight = 0, verdict = NULL, stars = NULL")
        for track in LIKED:
            opened.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
        yield opened


def tracks(playlist: Playlist) -> list[int]:
    return [int(pick.track) for pick in playlist.picks]


def test_not_now_rests_the_track_and_softly_what_is_near(desk: Desk) -> None:
    request = Request(adventure=0.0)
    before, _ = draft(desk, request)
    first = before.picks[0].track
    done = rate(desk, first, Saying(Verdict.DISLIKE, NOW))
    assert done.down > 1 and done.up > 0
    after, made = draft(desk, request)
    assert first not in tracks(after) and made.dropped["resting"] == 1
    assert first not in desk.catalog.feedback.listener().disliked, "it is no judgement of taste"
    desk.catalog.store.conn.execute("UPDATE scoped SET at = at - ?", (8 * 86_400,))
    assert first in tracks(draft(desk, Request(n=60, adventure=0.0))[0]), "after a week it may come back"
    undo(desk)
    assert draft(desk, request)[0] == before


def test_rest_fades_and_ends(desk: Desk) -> None:
    vectors = desk.vectors()
    track, now = TrackId(int(vectors.ids[40])), time.time()
    near = nearest(vectors, [track])
    alike = vectors.matrix[near[track]] @ vectors.matrix[40]
    assert len(near[track]) == 40 and (np.diff(alike) <= 0).all() and 40 not in near[track]
    artists = np.arange(len(vectors)) // 12
    found = [rest(vectors.ids, artists, near, {track: now - days * 86_400}, now) for days in (0, 3, 21)]
    assert found[0][40] == 1 and found[0].max() == 1 and not found[2].any()
    assert np.allclose(found[1], found[0] / 2)
    mates = np.flatnonzero(artists == artists[40])
    assert (found[0][mates] >= 0.5).all()
    assert resting({track: now - REST_DAYS * 86_400 + 1}, now) == [track] and not resting({track: 0.0}, now)


@pytest.mark.parametrize("kind", ["for-you", "artist-radio"])
def test_not_in_this_mix_holds_there_alone(desk: Desk, kind: str) -> None:
    """A kind with one list is meant as a whole; a radio by its own name."""
    request = Request(kind=kind, seed_tracks=(TrackId(3),) if kind == "artist-radio" else (), adventure=0.0)
    made = recommend(desk, request)
    pick = made.picks[1]
    assert pick.id is not None
    said = not_in(desk, pick.id)
    assert said is not None and said.scope.reach is (Reach.KIND if kind == "for-you" else Reach.LIST)
    assert rate(desk, pick.track, said, pick=pick.id).down == 1
    after, account = draft(desk, request)
    assert pick.track not in tracks(after) and account.dropped["not here"] == 1
    other = Request(n=TRACKS, adventure=0.0) if kind != "for-you" else Request(kind="unplayed", n=200, adventure=0.0)
    assert pick.track in tracks(draft(desk, other)[0])
    assert pick.track in [
        p.track for p in draft(desk, Request(kind="artist-radio", seed_tracks=(TrackId(350),), n=360))[0].picks
    ]
    undo(desk)
    assert tracks(draft(desk, request)[0]) == tracks(made)


def test_an_empty_list_names_the_scope_that_emptied_it(desk: Desk) -> None:
    scope = Scope(Reach.KIND, "for-you")
    with desk.catalog.write():
        for track in desk.vectors().ids:
            desk.catalog.feedback.rate(TrackId(int(track)), Saying(Verdict.DISLIKE, scope))
    with pytest.raises(NotReady, match=r"360 are not wanted in this list\. To get a list, take that back"):
        draft(desk, Request())


def test_a_preview_writes_nothing_and_foretells_the_effect(desk: Desk) -> None:
    for said in (Verdict.LIKE, Verdict.DISLIKE, Verdict.NEVER, Saying(Verdict.DISLIKE, NOW), Verdict.CLEAR):
        for track in (3, 77):
            rows = desk.catalog.store.conn.total_changes
            foreseen = preview(desk, TrackId(track), said)
            assert desk.catalog.store.conn.total_changes == rows
            done = rate(desk, TrackId(track), said)
            assert (done.up, done.down) == (foreseen.up, foreseen.down)
            undo(desk, done.event)


def test_the_standing_after_a_rating_is_what_a_fresh_start_finds(desk: Desk, profile: Path) -> None:
    from musicdesk.workflows.taste import standing_ranks

    rate(desk, TrackId(7), Verdict.DISLIKE)
    kept = standing_ranks(desk)
    with open_desk(profile) as fresh:
        assert (standing_ranks(fresh) == kept).all()


def test_undo_brings_the_list_back_to_the_byte(desk: Desk) -> None:
    """From the middle of what was said as well, in whatever order it is taken back."""
    request = Request(adventure=0.7, seed=5)
    before = repr(draft(desk, request)[0])
    said = [(9, Verdict.LIKE), (120, Verdict.NEVER), (9, Verdict.DISLIKE), (300, Saying(Verdict.DISLIKE, NOW))]
    events = [rate(desk, TrackId(track), verdict).event for track, verdict in said]
    assert repr(draft(desk, request)[0]) != before
    for at in (1, 3, 0, 2):
        undo(desk, events[at])
    assert repr(draft(desk, request)[0]) == before


def test_the_ledger_tells_it_all(desk: Desk) -> None:
    done = rate(desk, TrackId(9), Verdict.LIKE)
    rate(desk, TrackId(10), Saying(Verdict.DISLIKE, NOW))
    undo(desk, done.event)
    newest, older, *liked = entries(desk)
    assert [newest.words, older.words] == ["not now", "more like this"] and len(liked) == len(LIKED)
    assert older.event.undone and not newest.event.undone
    assert older.moved == f"{done.up:,} up, {done.down:,} down"
    assert older.title == desk.catalog.tracks.get(TrackId(9)).tags.title


def test_the_command_line_says_previews_and_takes_back(desk: Desk, profile: Path) -> None:
    desk.close()
    told = ask(profile, "rate", "9", "like", "--preview")
    assert told["feedback"] is None and told["effect"]["up"] > 0
    assert ask(profile, "feedback")["feedback"][0]["track"] == LIKED[-1]
    said = ask(profile, "rate", "9", "4")
    assert (said["verdict"], said["stars"]) == ("like", 4)
    rested = ask(profile, "rate", "12", "dislike", "--scope", "now")
    ledger = ask(profile, "feedback", "-n", "2")["feedback"]
    assert [row["words"] for row in ledger] == ["not now", "4 stars"]
    assert ledger[0]["effect"] == rested["effect"] and ledger[0]["scope"] == "now"
    undone = ask(profile, "feedback", "--undo", str(said["feedback"]))
    assert undone["undone"] == said["feedback"] and undone["feedback"][1]["words"] == "4 stars (taken back)"
    assert "taken back already" in run(profile, "feedback", "--undo", str(said["feedback"]), code=1)
    assert "counts everywhere" in run(profile, "rate", "9", "like", "--scope", "now", code=1)
    assert "is no scope" in run(profile, "rate", "9", "dislike", "--scope", "mix", code=1)


def test_what_holds_in_some_lists_is_not_told_of_for_you(desk: Desk, profile: Path) -> None:
    desk.close()
    scope = ("--scope", "kind:artist-radio")
    assert "It leaves 'Artist radio'." in run(profile, "rate", "14", "dislike", *scope, "--preview")
    assert "It leaves 'Artist radio'." in run(profile, "rate", "14", "dislike", *scope)
    assert "It is kept out of 'Artist radio' already." in run(profile, "rate", "14", "dislike", *scope)
    assert "It may come in 'Artist radio'." in run(profile, "rate", "14", "clear", *scope)
    assert "It leaves 'Genre: Jazz'." in run(profile, "rate", "14", "dislike", "--scope", "list:Genre: Jazz")
    assert "In 'for you', " in run(profile, "rate", "15", "dislike", "--scope", "now")


def test_of_a_kind_that_is_none_nothing_is_kept(desk: Desk, profile: Path) -> None:
    before = len(desk.catalog.feedback.events())
    desk.close()
    assert "artist-radio" in run(profile, "rate", "14", "dislike", "--scope", "kind:artist-radoi", code=1)
    assert "kind of playlist" in run(profile, "rate", "14", "dislike", "--scope", "kind:xx", code=1)
    with open_desk(profile) as after:
        assert len(after.catalog.feedback.events()) == before
