"""Questions, mixes, similar artists and the ladder, on a whole catalog and through the command line's functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicdesk.core.errors import NotFound, NotReady
from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover_state import mix_offers
from musicdesk.workflows.artists import mixes, similar_artists
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.ladder import where
from musicdesk.workflows.lanes import kept_lanes, lanes
from musicdesk.workflows.questions import questions
from musicdesk.workflows.recommend import Request, draft, recommend
from musicdesk.workflows.request import request_of
from musicdesk.workflows.status import status
from musicdesk.workflows.train import offered, train
from tests.helpers.big_catalog import fill
from tests.helpers.programs import ask

TRACKS = 360


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personal") / "p"
    with open_desk(folder) as desk:
        fill(desk.catalog, TRACKS, desk.encoder)
        desk.catalog.store.conn.execute("UPDATE track SET plays = 0, play_weight = 0")
    return folder


@pytest.fixture
def desk(profile: Path):
    with open_desk(profile) as opened:
        yield opened
        opened.catalog.store.conn.execute("UPDATE track SET plays = 0, play_weight = 0, verdict = NULL")


def like(desk: Desk, *tracks: int) -> None:
    for track in tracks:
        desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)


def test_questions_stand_for_the_library_and_leave_out_what_is_rated(desk):
    first = questions(desk).questions
    assert len(first) == 10 and sum(question.share for question in first) == pytest.approx(1.0)
    assert questions(desk).questions == first
    artists = [track.tags.artist for track in desk.catalog.tracks.get_many([q.track for q in first])]
    assert len(set(artists)) == 10
    like(desk, int(first[0].track))
    desk.catalog.feedback.rate(first[1].track, Verdict.NEVER)
    left = {question.track for question in questions(desk).questions}
    assert first[0].track not in left and first[1].track not in left


def test_the_ladder_is_told_where_people_look(desk):
    assert where(desk).name == "questions"
    like(desk, 3, 50, 200)
    rung = where(desk)
    assert rung.name == "content" and "3 tracks" in rung.sentence and "crowd" in rung.lift
    assert status(desk)["ladder"]["name"] == offered(desk).ladder["name"] == "content"
    assert status(desk)["model"] == "blend" and not status(desk)["trained"]
    assert next(model for model in offered(desk).models if model["model"] == "blend")["uses_crowd"]


def test_similar_artists_are_the_librarys_own(desk):
    name = desk.catalog.tracks.get(TrackId(1)).tags.artist
    found = similar_artists(desk, name.upper(), 5)
    assert len(found) == 5 and name not in [artist.artist for artist in found]
    assert [a.similarity for a in found] == sorted((a.similarity for a in found), reverse=True)
    assert all(artist.tracks > 0 and artist.by == "sound" for artist in found)
    with pytest.raises(NotFound, match="no artist 'Nobody'"):
        similar_artists(desk, "Nobody")


def test_daily_mixes_are_tastes_and_each_is_a_list(desk):
    with pytest.raises(NotReady, match="Nothing is liked"):
        mixes(desk)
    like(desk, *range(1, 31), *range(150, 170), *range(300, 320))
    made = mixes(desk, 3)
    assert [mix.number for mix in made] == [1, 2, 3] and mixes(desk, 3) == made
    tracks = [track for mix in made for track in mix.seeds]
    assert len(tracks) == len(set(tracks))  # an artist is in one mix
    playlist = recommend(desk, Request(kind="daily-mix", n=15, mix=2))
    assert playlist.name.startswith("Daily mix 2: ") and len(playlist.picks) == 15
    with pytest.raises(NotFound, match="no daily mix 9"):
        draft(desk, Request(kind="daily-mix", mix=9))


def test_a_mix_stays_the_one_that_its_card_shows(desk):
    """Cards are worked out beside the window: by the time one is clicked, tastes may fall into other groups."""
    like(desk, *range(1, 13))
    lanes(desk)
    card = mix_offers(kept_lanes(desk).mixes)[0]
    then, _ = draft(desk, card.request)
    like(desk, *range(200, 241))
    assert mixes(desk)[0].name != card.name
    made = recommend(desk, card.request)
    assert made.name == then.name == card.name
    assert {mix.number: mix.seeds for mix in mixes(desk)}[1] != card.request.seed_tracks
    again = request_of(desk.catalog.playlists.request(made.id)).again()  # another draw, when it is opened later
    assert (again.seed_tracks, draft(desk, again)[0].name) == (card.request.seed_tracks, card.name)
    desk.catalog.feedback.rate(card.request.seed_tracks[0], Verdict.NEVER)
    assert draft(desk, card.request)[0].name == card.name  # without the one that is not wanted any more
    for track in card.request.seed_tracks:
        desk.catalog.feedback.rate(track, Verdict.DISLIKE)
    with pytest.raises(NotReady, match="this mix starts from"):
        draft(desk, card.request)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.integers(1, 3), st.floats(0, 1))
def test_an_artist_rests_for_ten_tracks_in_every_mix(desk, seed, mix, adventure):
    """The cooldown, whatever is drawn; and the same seed is the same list."""
    if not desk.catalog.feedback.listener().liked:
        like(desk, *range(1, 31), *range(150, 170), *range(300, 320))
    request = Request(kind="daily-mix", n=25, mix=mix, seed=seed, adventure=adventure)
    playlist, made = draft(desk, request)
    names = [track.tags.artist for track in desk.catalog.tracks.get_many([pick.track for pick in playlist.picks])]
    for at in range(len(names)):
        assert names[at] not in names[max(0, at - made.window + 1) : at]
    assert made.window == 10 or made.notices
    assert [pick.track for pick in draft(desk, request)[0].picks] == [pick.track for pick in playlist.picks]
    for pick in playlist.picks:
        assert sum(reason.share for reason in pick.reasons) == pytest.approx(1.0)


def test_sounds_like_is_by_sound_alone(desk):
    like(desk, 3)
    found = recommend(desk, Request(kind="similar", n=5, seed_tracks=(TrackId(9),)))
    assert found.model == "content" and recommend(desk, Request(n=5)).model == "blend"
    assert recommend(desk, Request(kind="artist-radio", n=5)).model == "blend"


def test_a_blend_without_a_crowd_can_be_trained_and_used(desk):
    like(desk, *range(1, 8), *range(150, 156))
    done = train(desk, "blend", {}, 0, Silent())
    assert done.model == "blend" and done.metrics["auc"] is not None
    scores = {pick.track: pick.score for pick in draft(desk, Request(n=10))[0].picks}
    assert len(scores) == 10 and np.isfinite(list(scores.values())).all()
    desk.catalog.runs.remove(next(run.id for run in desk.catalog.runs.all() if run.model == "blend"))


def test_on_the_command_line(profile):
    with open_desk(profile) as desk:
        like(desk, *range(1, 31), *range(150, 170), *range(300, 320))
        kept = ask(profile, "recommend", "--kind", "daily-mix", "--mix", "2", "-n", "5")
        request = request_of(desk.catalog.playlists.request(kept["playlist"]))
        assert request.title == kept["name"] == mixes(desk)[1].name and request.seed_tracks == mixes(desk)[1].seeds
        desk.catalog.store.conn.execute("UPDATE track SET verdict = NULL")
    asked = ask(profile, "questions", "-n", "4")["questions"]
    assert len(asked) == 4 and {"track", "title", "artist", "path", "share"} <= asked[0].keys()
    name = asked[0]["artist"]
    assert ask(profile, "similar", "--artist", name, "-n", "3")["items"][0].keys() == {
        *("artist", "similarity", "tracks", "by")
    }
    assert {"name", "sentence", "lift", "command"} == ask(profile, "train", "--list")["ladder"].keys()
