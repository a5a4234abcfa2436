"""The feedback report: what was played and rated of real lists comes back as shares, tables and plots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.errors import NotReady
from musicdesk.core.feedback import NOW, Saying
from musicdesk.core.progress import Silent
from musicdesk.core.types import Pick, PickId, PlayEnd, Playlist, TrackId, Verdict
from musicdesk.reports.kept import read
from musicdesk.workflows import duel as duels
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.feedback_report import feedback_report
from musicdesk.workflows.listening_test import KEY, MADE_BY
from musicdesk.workflows.rate import rate
from musicdesk.workflows.recommend import Request, recommend
from musicdesk.workflows.sayings import not_in
from tests.helpers.big_catalog import fill
from tests.helpers.programs import ask, run

MINUTE = 60_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "p") as opened:
        fill(opened.catalog, 240, opened.encoder)
        opened.catalog.store.conn.execute("UPDATE track SET plays = 0, play_weight = 0")
        for track in (3, 50, 200):
            opened.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
        yield opened


def live(desk: Desk, model: str, finished: int, skipped: int, liked: int, days_ago: float = 0) -> None:
    """A list of 10 by `model`, so many of whose tracks are heard to the end, then skipped; the first ones liked."""
    playlist = recommend(desk, Request(n=10, model=model))
    for place, pick in enumerate(playlist.picks[: finished + skipped]):
        end = PlayEnd.FINISHED if place < finished else PlayEnd.SKIPPED
        part = MINUTE if place < finished else MINUTE // 20
        desk.catalog.feedback.played(pick.track, part, MINUTE, end, pick=PickId(pick.id or 0))
    for pick in playlist.picks[:liked]:
        rate(desk, pick.track, Verdict.LIKE, pick=PickId(pick.id or 0))
    sql = "UPDATE playlist SET made_at = made_at - ? WHERE id = ?"
    desk.catalog.store.conn.execute(sql, (days_ago * 86_400, playlist.id))


def test_shares_come_back_by_model_and_over_time(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="Nothing of your lists"):
        feedback_report(desk, None, Silent())
    recommend(desk, Request(n=10))  # never listened to: says nothing
    live(desk, "content", 6, 2, 3, days_ago=20)
    live(desk, "content", 6, 2, 1)
    live(desk, "popularity", 2, 8, 0)
    found = feedback_report(desk, tmp_path / "out", Silent())
    assert [row["model"] for row in found.models] == ["content", "popularity"]
    content, popularity = found.models
    assert (content["lists"], content["shown"], content["met"], content["begun"]) == (2, 20, 16, 16)
    assert content["like_rate"]["value"] == 0.25 and content["completion_rate"]["value"] == 0.75
    assert popularity["skip_rate"]["value"] == 0.8 and popularity["like_rate"]["value"] == 0.0
    assert 0 < content["distance"] < 2 and 0.5 < content["new"] <= 1.0
    assert (found.lists, found.shown, found.met) == (4, 40, 26)
    assert [(row["model"], row["met"]) for row in found.over_time] == [
        ("content", 8),
        ("content", 8),
        ("popularity", 10),
    ]
    kept = read(tmp_path / "out")
    assert kept is not None and kept.title == "What you said of the lists"
    pages = (tmp_path / "out" / "report.md").read_text()
    assert "0.25 [" in pages and "By model" in pages
    assert {Path(file).suffix for file in found.files} == {".html", ".md", ".png"}
    assert all(Path(file).stat().st_size > 0 for file in found.files)
    assert (tmp_path / "out" / "completion-rate-over-time.png").is_file()


def test_what_is_put_off_is_no_dislike(desk: Desk) -> None:
    """'Not now' and 'not in this mix' are about the moment and the list: the like rate stays what it was."""
    live(desk, "content", 4, 0, 2)
    playlist = recommend(desk, Request(n=10, model="content", seed=3))
    picks = [PickId(pick.id or 0) for pick in playlist.picks]
    here = not_in(desk, picks[1])
    assert here is not None
    for place, saying in enumerate((Saying(Verdict.DISLIKE, NOW), here, Saying(Verdict.DISLIKE))):
        rate(desk, playlist.picks[place].track, saying, pick=picks[place])
    fates = {fate.pick: fate for fate in desk.catalog.fates.all()}
    assert [(fates[pick].verdict, fates[pick].put_off) for pick in picks[:3]] == [
        (None, True),
        (None, True),
        (Verdict.DISLIKE, False),
    ]
    (content,) = feedback_report(desk, None, Silent()).models
    assert (content["met"], content["put_off"]) == (5, 2) and content["like_rate"]["value"] == 2 / 5
    rate(desk, playlist.picks[0].track, Saying(Verdict.CLEAR, NOW), pick=picks[0])
    assert feedback_report(desk, None, Silent()).models[0]["put_off"] == 1
    assert "put off" in run(desk.profile.folder, "feedback-report")


def test_a_duels_picks_count_for_their_sides(desk: Desk) -> None:
    duels.start(desk, "content", "popularity", horizon=6, seed=1)
    for _ in range(2):
        playlist = recommend(desk, Request(n=10))
        side = {shown.pick: shown.model for shown in desk.catalog.fates.all()}
        for pick in playlist.picks:
            loved = side[PickId(pick.id or 0)] == "content"
            end, part = (PlayEnd.FINISHED, MINUTE) if loved else (PlayEnd.SKIPPED, MINUTE // 20)
            desk.catalog.feedback.played(pick.track, part, MINUTE, end, pick=PickId(pick.id or 0))
    found = ask(desk.profile.folder, "feedback-report")
    rates = {row["model"]: (row["shown"], row["completion_rate"]["value"]) for row in found["models"]}
    assert rates == {"content": (10, 1.0), "popularity": (10, 0.0)}
    assert found["sign_test"] == {
        "a": "content",
        "b": "popularity",
        "winner": "a",
        "wins_a": 6,
        "wins_b": 0,
        "ties": 0,
        "p": 0.03125,
    }
    assert found["duels"][0]["state"] == "finished"
    assert json.loads((Path(found["report"]).parent / "report.json").read_text())["parts"]
    told = run(desk.profile.folder, "feedback-report")
    assert "content beats popularity on you" in told and "100% [" in told


def forget(desk: Desk, *tracks: int) -> None:
    """As if the folder that they lie in had been forgotten."""
    root = desk.catalog.roots.add(b"/gone")
    for track in tracks:
        desk.catalog.store.conn.execute("UPDATE track SET root_id = ? WHERE id = ?", (root, track))
    desk.catalog.roots.remove(root)


def test_of_tracks_that_are_gone_no_share_is_told(desk: Desk, tmp_path: Path) -> None:
    live(desk, "content", 6, 2, 1)
    by = {"blend": [11, 12], "random": [13, 14]}
    picks = tuple(Pick(TrackId(track), 0.0) for track in range(11, 15))
    made = Playlist(None, "Listening test, as of then", "unplayed", picks, 0, MADE_BY)
    desk.catalog.playlists.save(made, {KEY: {"until": 0.0, "days": 30.0, "by": by}})
    for pick in picks:
        rate(desk, pick.track, Verdict.LIKE)
    forget(desk, 13, 14)
    (told,) = ask(desk.profile.folder, "feedback-report")["listening_tests"]
    assert told["sentence"].endswith("blend 100% [34%, 100%], random –.")
    assert told["shares"]["random"] == {"tracks": 0, "liked": None, "played": None}
    assert "nan" not in (desk.profile.folder / "reports" / "feedback" / "report.md").read_text()
    forget(desk, 11, 12)
    (told,) = feedback_report(desk, tmp_path / "out", Silent()).listening_tests
    assert told["sentence"] == "Listening test, as of then: its tracks are no longer in the library."
    assert (told["tracks"], told["judged"], told["shares"]) == (0, 0, {})
    assert "no longer in the library" in (tmp_path / "out" / "report.md").read_text()
