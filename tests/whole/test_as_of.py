"""A day in the past: lists by what was known then; the listening test; the last months of a history as the test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.feedback import of_stars
from musicdesk.core.progress import Silent
from musicdesk.core.types import PlayEnd, TrackId, Verdict
from musicdesk.gui.pages.discover_state import past_offers
from musicdesk.workflows import listening_test
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.evaluate import evaluate
from musicdesk.workflows.feedback_report import feedback_report
from musicdesk.workflows.rate import rate, undo
from musicdesk.workflows.recommend import Request, draft
from musicdesk.workflows.request import moment_of, said_of
from tests.helpers import planted_taste
from tests.helpers.programs import ask
from tests.helpers.simulated import SPEC, plant

DAYS = 90
MINUTE = 60_000


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted library, and a year of one listener's plays that are told with their times."""
    folder = tmp_path_factory.mktemp("past") / "p"
    world = planted_taste.world(SPEC)
    line = planted_taste.timeline(world, int(np.bincount(world.plays.listener).argmax()))
    with open_desk(folder) as desk:
        ids = plant(desk, world)
        with desk.catalog.write():
            for track, at in zip(ids[line.tracks - planted_taste.FIRST].tolist(), line.moments.tolist(), strict=True):
                desk.catalog.feedback.played(TrackId(track), MINUTE, MINUTE, PlayEnd.FINISHED, at=at)
    return folder


@pytest.fixture
def desk(profile: Path) -> Iterator[Desk]:
    with open_desk(profile) as opened:
        yield opened
        for table in ("feedback_event", "scoped", "playlist"):
            opened.catalog.store.conn.execute(f"DELETE FROM {table}")
        opened.catalog.store.conn.execute("UPDATE track SET verdict = NULL, stars = NULL")


def cut(desk: Desk) -> float:
    return float(desk.catalog.listens.timed()[1][-1]) - DAYS * 86_400


def test_what_came_later_is_not_known(desk: Desk, profile: Path) -> None:
    """The list of that day is the list of a program that has only heard of the plays until then."""
    request = Request("unplayed", n=12, as_of=cut(desk))
    then, made = draft(desk, request)
    rate(desk, then.picks[0].track, Verdict.NEVER)  # said today, not then
    assert [pick.track for pick in draft(desk, request)[0].picks] == [pick.track for pick in then.picks]
    tracks, moments = desk.catalog.listens.timed()
    before = set(tracks[moments <= request.as_of].tolist())
    assert not {int(pick.track) for pick in then.picks} & before
    with desk.catalog.write() as db:
        db.execute("SAVEPOINT past")
        db.execute("DELETE FROM play_event WHERE at > ?", (request.as_of,))
        alone, _ = draft(desk, request)
        db.execute("ROLLBACK TO past")
    assert [(pick.track, pick.score) for pick in alone.picks] == [(pick.track, pick.score) for pick in then.picks]
    later = {int(t) for t in np.unique(tracks[moments > request.as_of])}
    come = sum(int(pick.track) in later for pick in then.picks)
    assert f"Of these 12 you have played {come} since then" in made.notices[-1] and come > 0
    assert any("since" in reason.text for pick in then.picks for reason in pick.reasons)
    assert all(
        sum(reason.points for reason in pick.reasons) == pytest.approx(pick.score, abs=1e-5) for pick in then.picks
    )


def test_a_rating_of_then_counts_then(desk: Desk) -> None:
    request = Request("unplayed", n=12, as_of=cut(desk))
    then, _ = draft(desk, request)
    done = rate(desk, then.picks[0].track, Verdict.DISLIKE)
    desk.catalog.store.conn.execute("UPDATE feedback_event SET at = ? WHERE id = ?", (cut(desk) - 1, done.event))
    assert then.picks[0].track not in [pick.track for pick in draft(desk, request)[0].picks]


def test_what_cannot_be_asked_is_said(desk: Desk) -> None:
    with pytest.raises(NotReady, match="Nothing is known of what you played or liked before 1 January 1990"):
        draft(desk, Request(as_of=moment_of("1990-01-01")))
    with pytest.raises(Unusable, match="only 'for-you' and 'unplayed'"):
        draft(desk, Request("rediscover", as_of=cut(desk)))
    assert [said_of(moment_of(text)) for text in ("2019-12", "2019", "2019-05-12")] == [
        "31 December 2019",
        "31 December 2019",
        "12 May 2019",
    ]
    with pytest.raises(Unusable, match="is no date"):
        moment_of("spring")


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def set_to(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()


def test_a_day_ends_where_the_next_one_begins(zone: Callable[[str], None]) -> None:
    """Also where clocks are set forward or back."""
    zone("Europe/Berlin")
    assert said_of(moment_of("2019-03-31")) == "31 March 2019"
    assert said_of(moment_of("2019-10-27")) == "27 October 2019"
    for day, hours in (("2019-03-31", 23), ("2019-10-27", 25), ("2019-05-12", 24)):
        begins = datetime.strptime(day, "%Y-%m-%d").timestamp()
        assert moment_of(day) == begins + hours * 3_600
    zone("UTC")
    assert moment_of("1969") and said_of(moment_of("1969")) == "31 December 1969", "not: no day at all"
    assert moment_of("1969-12-31") == moment_of("1969-12") == moment_of("1969")


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31", "0001", "1800-05-01"])
def test_a_day_that_nothing_can_be_known_of_is_refused(text: str) -> None:
    with pytest.raises(Unusable, match="has not come yet" if text[0] == "9" else "1900 is the earliest"):
        moment_of(text)


def test_what_is_not_over_ends_now() -> None:
    now = datetime.now()
    with pytest.raises(Unusable, match="has not come yet"):
        moment_of(f"{now + timedelta(days=1):%Y-%m-%d}")
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        assert now.timestamp() <= moment_of(f"{now:{form}}") <= time.time()
    ahead = past_offers((time.time() - 86_400 * 40, time.time() + 86_400 * 400))
    offers = [offer for _year, months in ahead for offer in months]
    assert len(offers) in (2, 3) and all(offer.request.as_of <= time.time() for offer in offers)


def test_the_last_months_are_asked_for_and_the_list_is_judged_blind(desk: Desk, tmp_path: Path) -> None:
    found = evaluate(desk, Silent(), days=DAYS, out=tmp_path / "a")
    assert found.split == "time" and found.test is not None
    assert found.models["blend"]["metrics"]["auc"]["mean"] > found.controls["random"]["metrics"]["auc"]["mean"]
    page = (tmp_path / "a" / "report.md").read_text()
    assert "the last 90 days kept back" in page and "Listening test, as of" in page
    again = evaluate(desk, Silent(), days=DAYS, out=tmp_path / "b")
    assert again.test == found.test, "asked again, it is the same list"
    playlist = desk.catalog.playlists.get(found.test)
    assert 20 < len(playlist.picks) <= 30 and playlist.model not in ("blend", "popularity")
    last = playlist.picks[-1]
    for pick in playlist.picks[:-1]:
        rate(desk, pick.track, Verdict.DISLIKE, pick=pick.id)
    (told,) = feedback_report(desk, tmp_path / "c", Silent()).listening_tests
    assert told["judged"] == told["tracks"] - 1 and not told["shares"] and "when all are" in told["sentence"]
    rate(desk, last.track, Verdict.LIKE, pick=last.id)
    report = feedback_report(desk, tmp_path / "c", Silent())
    (told,) = report.listening_tests
    assert set(told["shares"]) == {"blend", "popularity", "random"}
    by = desk.catalog.playlists.request(playlist.id)["listening_test"]["by"]
    for who, share in told["shares"].items():
        assert share["tracks"] == 10 and share["liked"]["value"] == pytest.approx((int(last.track) in by[who]) / 10)
    assert told["shares"]["blend"]["played"]["value"] > told["shares"]["random"]["played"]["value"]
    assert not report.models, "what was shuffled says nothing of one model's lists"
    assert "judged by you without knowing by whom" in (tmp_path / "c" / "report.md").read_text()


def test_what_was_said_before_the_list_is_no_verdict_on_it(desk: Desk) -> None:
    """It was not blind: the track may have stood in a list of one that takes part."""
    tracks = desk.vectors().ids.tolist()
    for track in tracks:
        desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
    desk.catalog.store.conn.execute("UPDATE feedback_event SET at = at - 60")
    made = listening_test.propose(desk, "popularity", cut(desk), DAYS, 0)
    (told,) = listening_test.tests(desk)
    assert (told.judged, told.tracks) == (0, len(made.picks)) and not told.shares
    for pick in made.picks:
        done = rate(desk, pick.track, Verdict.DISLIKE, pick=pick.id)
    (told,) = listening_test.tests(desk)
    assert told.judged == told.tracks and {share.liked.mean for share in told.shares.values()} == {0.0}
    undo(desk, done.event)  # the like of before holds again, and is no verdict on this list
    (told,) = listening_test.tests(desk)
    assert told.judged == told.tracks - 1


def test_three_stars_judge_and_are_no_like(desk: Desk) -> None:
    made = listening_test.propose(desk, "popularity", cut(desk), DAYS, 0)
    for pick in made.picks:
        rate(desk, pick.track, of_stars(3), pick=pick.id)
    (told,) = listening_test.tests(desk)
    assert told.judged == told.tracks and {share.liked.mean for share in told.shares.values()} == {0.0}
    rate(desk, made.picks[0].track, of_stars(0), pick=made.picks[0].id)
    assert listening_test.tests(desk)[0].judged == told.tracks - 1, "taken back"


def test_a_window_without_first_plays_says_so(desk: Desk) -> None:
    with pytest.raises(NotReady, match="In the last 1 days of your history fewer than twenty"):
        evaluate(desk, Silent(), days=1)
    with pytest.raises(Unusable, match="belongs to the split 'time'"):
        evaluate(desk, Silent(), split="items", days=30)


def test_by_command(desk: Desk, profile: Path) -> None:
    day = time.strftime("%Y-%m-%d", time.localtime(cut(desk)))
    told = ask(profile, "recommend", "--as-of", day, "-n", "5")
    assert told["name"].startswith("For you, as of ") and len(told["items"]) == 5
    assert ask(profile, "evaluate", "--days", "90")["test"]
