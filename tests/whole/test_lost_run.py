"""A run in use that belongs to another encoder: whatever recommends instead is told, and nobody says it is in use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.core.errors import Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import RunId
from musicdesk.workflows.desk import Desk
from musicdesk.workflows.ladder import where
from musicdesk.workflows.layers import paint
from musicdesk.workflows.recommend import Request, draft
from musicdesk.workflows.train import train
from tests.helpers.big_catalog import hear, liked_library
from tests.helpers.programs import ask, run


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with liked_library(tmp_path / "p") as opened:
        opened.catalog.runs.use(RunId(train(opened, "content", {}, 0, Silent(), measure=False).run))
        yield opened


def other_encoder(desk: Desk) -> None:
    vectors = desk.vectors()
    hear(desk.catalog, vectors.ids, "other", vectors.matrix)
    desk.catalog.encoders.use("other", "other", chosen=True)


def test_the_list_says_that_another_model_stands_for_the_run(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    assert not [notice for notice in draft(desk, Request(n=6))[1].notices if "cannot be used" in notice]
    assert where(desk).sentence == "The model 'content' recommends."
    other_encoder(desk)
    lost = "Run 1 (content) cannot be used any more; train it again."
    for request in (Request(n=6), Request(n=6, model="content")):
        assert draft(desk, request)[1].notices[0].startswith(lost)
    assert where(desk).sentence.startswith(lost)
    told = draft(desk, Request(n=6, model="popularity"))[1].notices
    assert not [notice for notice in told if "cannot be used" in notice]
    caplog.clear()  # the log says that the run is not usable


def test_a_run_that_is_asked_for_by_number_is_refused(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    assert draft(desk, Request(n=6, model="1"))[0].model == "content"
    other_encoder(desk)
    for kind in ("for-you", "genre"):
        with pytest.raises(Unusable, match=r"Run 1 \(content\) cannot be used any more; train it again"):
            draft(desk, Request(kind, n=6, model="1"))
    assert "cannot be used" in run(desk.profile.folder, "recommend", "--model", "1", code=1)
    caplog.clear()  # the log says so, too


REFUSED = (
    ("use", "1"),
    ("use", "--back"),
    ("duel", "start", "1", "popularity"),
    ("duel", "start", "content", "popularity"),
    ("map", "--colour", "score-content", "--png", "{}/map.png"),
    ("map", "--size", "score-content", "--html", "{}/map.html"),
    ("why", "5", "--model", "1"),
)


@pytest.mark.parametrize("said", REFUSED, ids=" ".join)
def test_whatever_takes_a_run_refuses_it_before_the_work(desk: Desk, said: tuple[str, ...], tmp_path: Path) -> None:
    runs = desk.catalog.runs
    runs.use(RunId(train(desk, "popularity", {}, 0, Silent(), measure=False).run))
    shutil.rmtree(desk.profile.models / runs.get(RunId(1)).folder)
    out = tmp_path / "out"
    out.mkdir()
    told = run(desk.profile.folder, *(part.format(out) for part in said), code=1)
    assert "Run 1 (content) cannot be used any more; train it again." in told
    assert [each.id for each in runs.all() if each.active] == [2] and desk.catalog.duels.running() is None
    assert desk.catalog.layouts.active() is None and not list(out.iterdir())


def test_the_window_shows_no_score_under_the_name_of_a_lost_run(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    ids = desk.vectors().ids
    assert not paint(desk, "score-content", ids).legend.note
    other_encoder(desk)
    assert "cannot be used any more" in paint(desk, "score-content", ids).legend.note
    caplog.clear()  # the log says so, too


def test_the_command_line_tells_what_is_in_use(desk: Desk) -> None:
    profile = desk.profile.folder
    assert "Model in use: content\n" in run(profile, "status") and "in use" in run(profile, "models")
    assert ask(profile, "status")["usable"] is ask(profile, "models")["runs"][0]["usable"] is True
    other_encoder(desk)
    assert "Model in use: none; run 1 (content) cannot be used" in run(profile, "status")
    told = ask(profile, "status")
    assert (told["model"], told["run"], told["usable"]) == ("content", 1, False)
    table = run(profile, "models")
    assert "cannot be used" in table and "in use" not in table
    assert ask(profile, "models")["runs"][0]["usable"] is False
