"""Duels on a whole catalog: two models in one list, decided by plays, skips and ratings, told at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import PickId, PlayEnd, Playlist, RunId, Side, TrackId, Verdict
from musicdesk.evaluation.interleaving import Fate, credit
from musicdesk.workflows import duel as duels
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.rate import log_play, rate
from musicdesk.workflows.recommend import Request, draft, recommend
from musicdesk.workflows.runs import delete
from musicdesk.workflows.train import train
from tests.helpers.big_catalog import hear, liked_library
from tests.helpers.programs import ask, run

MINUTE = 60_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with liked_library(tmp_path / "p") as opened:
        yield opened


def play(desk: Desk, pick: int | None, track: TrackId, part: float, at: float | None = None) -> None:
    """Plays a pick so far, then ends or skips it."""
    assert pick is not None
    ended = PlayEnd.FINISHED if part == 1 else PlayEnd.SKIPPED
    desk.catalog.feedback.played(track, int(part * MINUTE), MINUTE, ended, at=at, pick=PickId(pick))


def sides_of(desk: Desk, playlist: Playlist) -> list[Side]:
    found = {shown.pick: shown.side for shown in desk.catalog.fates.all() if shown.list == playlist.id}
    return [side for pick in playlist.picks if (side := found[PickId(pick.id or 0)])]


def sit_through(desk: Desk, loved: Side, n: int = 20) -> Playlist:
    """A list of whose picks those of one side are heard to the end and the others skipped."""
    playlist = recommend(desk, Request(n=n))
    for pick, side in zip(playlist.picks, sides_of(desk, playlist), strict=True):
        play(desk, pick.id, pick.track, 1.0 if side is loved else 0.05)
    return playlist


def test_for_you_is_one_list_of_both(desk: Desk) -> None:
    before = recommend(desk, Request(n=20, kind="unplayed"))
    alone = [
        [p.track for p in draft(desk, Request(n=20, model=name, surprise=0.0))[0].picks]
        for name in ("content", "popularity")
    ]
    told = duels.start(desk, "content", "popularity", horizon=49, seed=1)
    assert (told.state, told.decisions, told.wins_a, told.p) == ("running", 0, None, None)
    drafted, account = draft(desk, Request(n=20))
    kept = recommend(desk, Request(n=20))
    assert [pick.track for pick in kept.picks] == [pick.track for pick in drafted.picks]
    assert kept.model == "duel" and kept.name == "For you" and len(kept.picks) == len(account.rows) == 20
    ids = desk.vectors().ids[account.rows]
    assert [int(pick.track) for pick in kept.picks] == ids.tolist()
    sides = sides_of(desk, kept)
    assert sides.count(Side.A) == sides.count(Side.B) == 10
    assert all(one is other.other for one, other in zip(sides[::2], sides[1::2], strict=True))
    for side, ranking in zip((Side.A, Side.B), alone, strict=True):
        mine = [pick.track for pick, whose in zip(kept.picks, sides, strict=True) if whose is side]
        assert set(mine) <= set(ranking)
    artists = [track.tags.artist for track in desk.catalog.tracks.get_many([pick.track for pick in kept.picks])]
    assert all(artists[at] not in artists[max(0, at - account.window + 1) : at] for at in range(20))
    assert len(set(sides[::2])) == 2  # the coin fell on both
    again = recommend(desk, Request(n=20))
    assert sides_of(desk, again) != sides  # and is thrown anew for every list
    # other lists, and a model that was asked for by name, are nobody's business
    assert recommend(desk, Request(n=20, kind="unplayed")).model == before.model
    assert recommend(desk, Request(n=20, model="content")).model == "content"


def test_what_stays_stays_in_its_place_and_is_nobodys(desk: Desk) -> None:
    duels.start(desk, "content", "popularity", horizon=49, seed=1)
    plain = recommend(desk, Request(n=20))
    one, other = plain.picks[0].track, plain.picks[12].track
    stays = ((3, one), (7, other))
    for seed in range(3):
        kept = recommend(desk, Request(n=20, pinned=stays, seed=seed))
        tracks = [pick.track for pick in kept.picks]
        assert (tracks.index(one), tracks.index(other), len(set(tracks))) == (3, 7, 20)
        sides = {shown.track: shown.side for shown in desk.catalog.fates.all() if shown.list == kept.id}
        assert sides[one] is sides[other] is None
        assert list(sides.values()).count(Side.A) == list(sides.values()).count(Side.B) == 9
        artists = [track.tags.artist for track in desk.catalog.tracks.get_many(tracks)]
        window = draft(desk, Request(n=20, pinned=stays, seed=seed))[1].window
        assert all(artists[at] not in artists[max(0, at - window + 1) : at] for at in range(20))
    short = draft(desk, Request(n=5, pinned=((3, one), (27, other))))[0]
    assert [pick.track for pick in short.picks][3:] == [one, other]  # what was beyond the end is at the end


@pytest.mark.parametrize("pinned", [False, True])
def test_an_hour_of_both_is_an_hour(desk: Desk, pinned: bool) -> None:
    duels.start(desk, "content", "popularity", horizon=49, seed=1)
    stays = ((2, draft(desk, Request(n=10))[0].picks[5].track),) if pinned else ()
    for seed in range(3):
        playlist, account = draft(desk, Request(minutes=60.0, seed=seed, pinned=stays))
        tracks = desk.catalog.tracks.get_many([pick.track for pick in playlist.picks])
        lengths = [track.tags.duration_s or 0.0 for track in tracks]
        assert abs(sum(lengths) - 3600) <= max(lengths) / 2 + 1 and len(account.rows) == len(lengths)
        assert not pinned or tracks[2].id == stays[0][1]


def test_what_is_heard_decides_and_nothing_is_told_before_the_end(desk: Desk) -> None:
    duels.start(desk, "content", "popularity", horizon=20, seed=2)
    first = sit_through(desk, Side.B)
    (running,) = duels.duels(desk)
    assert (running.decisions, running.lists, running.state) == (10, 1, "running")
    told = running.as_json()
    assert all(told[name] is None for name in ("wins_a", "wins_b", "ties", "share", "p", "p_by_list"))
    assert "content against popularity: 10 of 20 decisions" in running.sentence and not running.winner
    sit_through(desk, Side.B)
    assert recommend(desk, Request(n=5)).model == "blend"  # it is over, and the model in use is back
    (told_now,) = duels.duels(desk)
    assert (told_now.state, told_now.winner, told_now.wins_a, told_now.wins_b) == ("finished", "b", 0, 20)
    assert told_now.p == pytest.approx(2 / 2**20) and told_now.p_by_list == 0.5
    assert told_now.sentence.startswith("popularity beats content on you, 100% ± ")
    assert "whole lists alone would not show it" in told_now.sentence  # two lists are no proof by lists
    for pick in first.picks:  # what is said later changes nothing of what has ended
        rate(desk, pick.track, Verdict.DISLIKE, pick=PickId(pick.id or 0))
    assert duels.duels(desk) == [told_now]


def test_a_track_that_is_dragged_to_its_end_was_not_heard_to_it(desk: Desk) -> None:
    duels.start(desk, "content", "popularity", horizon=49, seed=2)
    one, other = recommend(desk, Request(n=2)).picks
    log_play(desk, one.track, 2_000, 200_000, PlayEnd.FINISHED, pick=one.id)
    log_play(desk, other.track, 2_000, 0, PlayEnd.FINISHED, pick=other.id)  # how long it is was never told
    fates = {shown.pick: shown for shown in desk.catalog.fates.all()}
    told = [fates[PickId(pick.id or 0)] for pick in (one, other)]
    assert [shown.heard for shown in told] == [0.01, 1.0]
    assert [credit(Fate(None, shown.heard, shown.skipped)) for shown in told] == [0, 1]
    plays = {track.id: track.plays for track in desk.catalog.tracks.get_many([one.track])}
    log_play(desk, one.track, 2_000, 200_000, PlayEnd.FINISHED, pick=one.id)
    assert desk.catalog.tracks.get_many([one.track])[0].plays == plays[one.track]  # nor is it a play


def test_ratings_go_before_plays_and_undo_takes_them_back(desk: Desk) -> None:
    duels.start(desk, "content", "popularity", horizon=49, seed=3)
    playlist = recommend(desk, Request(n=4))
    one, other = playlist.picks[:2]
    assert not duels.rounds(desk, desk.catalog.duels.running() or pytest.fail("no duel"))

    def decided() -> list[tuple[int, int]]:
        running = desk.catalog.duels.running()
        assert running is not None
        swap = sides_of(desk, playlist)[0] is Side.B
        return [(r.b, r.a) if swap else (r.a, r.b) for r in duels.rounds(desk, running)]

    play(desk, one.id, one.track, 1.0)
    assert decided() == []  # the other one was not met yet
    play(desk, other.id, other.track, 1.0)
    assert decided() == [(1, 1)]
    rate(desk, other.track, Verdict.DISLIKE, pick=PickId(other.id or 0))
    assert decided() == [(1, -1)]
    desk.catalog.feedback.undo()
    assert decided() == [(1, 1)]
    play(desk, playlist.picks[2].id, playlist.picks[2].track, 0.3)
    assert decided() == [(1, 1)]


def test_a_duel_ends_by_hand_and_there_is_one_at_a_time(desk: Desk) -> None:
    with pytest.raises(NotFound, match="No duel"):
        duels.stop(desk)
    duels.start(desk, "content", "content", seed=4)
    with pytest.raises(Unusable, match="going on already"):
        duels.start(desk, "content", "popularity")
    sit_through(desk, Side.A)
    stopped = duels.stop(desk)
    assert (stopped.state, stopped.winner, stopped.decisions) == ("stopped", "", 10)
    assert "too early to say anything" in stopped.sentence
    assert recommend(desk, Request(n=5)).model == "blend"
    for horizon in (5, 2_001):
        with pytest.raises(Unusable, match="from 6 to 2,000"):
            duels.start(desk, "content", "popularity", horizon)
    with pytest.raises(NotFound, match="no model"):
        duels.start(desk, "content", "populerity")


def test_runs_compete_by_their_number_and_stay_while_they_do(desk: Desk) -> None:
    runs = [train(desk, "content", {}, seed, Silent(), measure=False).run for seed in (0, 1)]
    trained = train(desk, "popularity", {}, 0, Silent(), measure=False).run
    told = duels.start(desk, str(runs[1]), str(trained), seed=5)
    assert (told.a, told.b) == (f"content (run {runs[1]})", f"popularity (run {trained})")
    assert {shown.run for shown in desk.catalog.fates.all()} == set()
    recommend(desk, Request(n=6))
    assert {(s.model, s.run) for s in desk.catalog.fates.all()} == {("content", runs[1]), ("popularity", trained)}
    with pytest.raises(Unusable, match="in a duel"):
        delete(desk, RunId(trained))
    offered = [name for name, _text in duels.offered(desk)]
    assert offered[:3] == [str(trained), str(runs[1]), str(runs[0])] and "blend" in offered and "wmf" not in offered
    duels.stop(desk)
    delete(desk, RunId(trained))
    assert duels.duels(desk)[0].b == "popularity"


def test_a_run_of_another_encoder_is_told_to_be_lost(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """The duel decides nothing any more, and says so, wherever it is told."""
    trained = train(desk, "content", {}, 0, Silent(), measure=False).run
    duels.start(desk, str(trained), "artist", seed=5)
    assert recommend(desk, Request(n=6)).model == "duel"
    vectors = desk.vectors()
    hear(desk.catalog, vectors.ids, "other", vectors.matrix)
    desk.catalog.encoders.use("other", "other", chosen=True)
    assert "cannot be asked" not in duels.duels(desk, at_once=True)[0].sentence, "nothing is read for it"
    assert duels.duels(desk)[0].sentence.endswith(f"Run {trained} cannot be asked any more; stop the duel.")
    assert duels.duels(desk, at_once=True) == duels.duels(desk)
    assert recommend(desk, Request(n=6)).model != "duel"
    assert duels.stop(desk).state == "stopped"
    caplog.clear()  # the log says that the run is not usable


def test_a_model_that_was_trained_since_is_lost(desk: Desk) -> None:
    duels.start(desk, "content", "popularity", seed=5)
    train(desk, "content", {}, 0, Silent(), measure=False)
    assert duels.duels(desk)[0].sentence.endswith("Content has been trained since; stop the duel.")


def test_the_command_line_starts_tells_stops_and_checks(desk: Desk) -> None:
    profile = desk.profile.folder
    assert ask(profile, "duel") == {"running": None, "duels": []}
    started = ask(profile, "duel", "start", "content", "popularity", "--decisions", "49")
    assert started["state"] == "running" and started["horizon"] == 49 and started["p"] is None
    assert ask(profile, "duel", "status")["running"]["duel"] == started["duel"]
    assert ask(profile, "duel", "stop")["state"] == "stopped"
    assert "stopped after 0 of 49" in run(profile, "duel")
    checked = ask(profile, "duel", "check", "--duels", "20")
    assert [row["decisions"] for row in checked["same"]] == [49, 90, 199]
    assert all(row["called"] < 0.4 for row in checked["same"])
    assert all(row["right"] > 0.4 for row in checked["better"])
    assert "Name the two that compete" in run(profile, "duel", "start", "content", code=1)
