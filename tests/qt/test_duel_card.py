"""Duels in the window: started by two choices, blind while they go on, told when they are over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.progress import Silent
from musicdesk.core.types import PickId, PlayEnd, RunId, Side, TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import DUEL_LINE, LOST_LINE
from musicdesk.gui.pages.evaluation import EvaluationPage
from musicdesk.gui.pages.evaluation_duel_state import both, ended, note
from musicdesk.gui.pages.evaluation_state import DUEL, FEEDBACK, MODELS
from musicdesk.gui.pages.models import ModelsPage
from musicdesk.gui.pages.models_state import COLUMNS, heading
from musicdesk.gui.shell import Goto
from musicdesk.workflows import duel as duels
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.request import Request
from musicdesk.workflows.train import train
from tests.helpers.big_catalog import hear
from tests.qt.windows import Answers, make_library, page_of, window

Spin = Callable[..., bool]
MINUTE = 60_000


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    make_library(tmp_path, 120)
    with open_desk(tmp_path) as desk:
        for track in (3, 50, 90):
            desk.catalog.feedback.rate(TrackId(track), Verdict.LIKE)
    return tmp_path


def listen(desk: Desk, loved: Side) -> None:
    """Every pick of the duel's lists that was not met yet: those of one side to the end."""
    for pick in desk.catalog.fates.all():
        if pick.side is not None and pick.heard is None:
            end, part = (PlayEnd.FINISHED, MINUTE) if pick.side is loved else (PlayEnd.SKIPPED, MINUTE // 20)
            desk.catalog.feedback.played(pick.track, part, MINUTE, end, pick=PickId(pick.pick))


def test_a_duel_goes_on_in_for_you_and_tells_its_end(app: QApplication, profile: Path, spin: Spin) -> None:
    answers = Answers()
    with window(app, profile, answers) as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        page.go(Goto("evaluation", DUEL))
        card = page.duel
        assert card.isVisible() and not page.start.isVisible() and not card.bar.isVisible()
        card.a.setCurrentIndex(card.a.findData("content"))
        card.b.setCurrentIndex(card.b.findData("popularity"))
        card.decisions.setCurrentIndex(card.decisions.findData(49))
        QTest.mouseClick(card.start, Qt.MouseButton.LeftButton)
        assert card.bar.isVisible() and not card.choices.isVisible()
        assert "0 of 49 decisions" in card.state.text() and page.topics[DUEL].state == "0 of 49 decisions"
        for _evening in range(4):
            QTest.mouseClick(card.play, Qt.MouseButton.LeftButton)
            discover = opened.window.page
            assert isinstance(discover, DiscoverPage) and len(discover.list.table.tracks.ids) == 30
            listen(opened.shell.desk, Side.A)
            opened.shell.tell(Changes.FEEDBACK)
            discover.home()
            page_of(opened, "evaluation")
        assert "content beats popularity on you" in opened.window.notices.text.text()
        assert discover.home_cards.for_you.text.text() != DUEL_LINE
        assert page.topics[DUEL].state == "Won by content" and not card.bar.isVisible()
        assert card.table.item(0, 1).text() == "49 of 49" and card.table.item(0, 2).text() == "0.000"


def test_it_is_stopped_by_hand_and_told_where_lists_are_made(app: QApplication, profile: Path, spin: Spin) -> None:
    with open_desk(profile) as desk:
        duels.start(desk, "content", "popularity")
    answers = Answers(yes=False)
    with window(app, profile, answers) as opened:
        opened.window.show()
        discover = page_of(opened, "discover")
        assert isinstance(discover, DiscoverPage) and discover.home_cards.for_you.text.text() == DUEL_LINE
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        page.go(Goto("evaluation", DUEL))
        QTest.mouseClick(page.duel.stop, Qt.MouseButton.LeftButton)
        assert answers.asked == ["Stop the duel?"] and page.duel.bar.isVisible()
        answers.yes = True
        QTest.mouseClick(page.duel.stop, Qt.MouseButton.LeftButton)
        assert not page.duel.bar.isVisible() and "stopped after 0 of 90" in page.duel.table.item(0, 0).text()
        assert discover.home_cards.for_you.text.text() != DUEL_LINE or not discover.isVisible()
        page.list.setCurrentRow(page.list.row(page.list.findItems("", Qt.MatchFlag.MatchContains)[2]))
        assert (
            page.chosen == FEEDBACK and page.start.isVisible() and page.start.start.text().strip() == "Make the report"
        )
        assert page.start.request() == ("feedback-report", {})
        assert page.topics[MODELS].state == "No report yet"


def test_the_card_follows_a_duel_of_another_process(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        page.go(Goto("evaluation", DUEL))
        card = page.duel
        with open_desk(profile) as other:
            duels.start(other, "content", "popularity")
        QTest.mouseClick(card.start, Qt.MouseButton.LeftButton)
        assert "A duel is going on already" in opened.window.notices.text.text()
        assert "0 of 90 decisions" in card.state.text() and card.stop.isVisible() and not card.start.isVisible()
        with open_desk(profile) as other:
            duels.stop(other)
        QTest.mouseClick(card.stop, Qt.MouseButton.LeftButton)
        assert card.state.text() == "No duel is going on." and card.start.isVisible()
        opened.window.open("library")
        with open_desk(profile) as other:
            duels.start(other, "content", "popularity")
        opened.window.open("evaluation")
        assert card.stop.isVisible() and page.topics[DUEL].state == "0 of 90 decisions"


def test_a_duel_whose_run_is_lost_is_told_where_lists_are_made(
    app: QApplication, profile: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another encoder is in use: the list is by one model again, and no page says otherwise."""
    with open_desk(profile) as desk:
        trained = train(desk, "content", {}, 0, Silent(), measure=False).run
        desk.catalog.runs.use(RunId(trained))
        duels.start(desk, str(trained), "artist")
        vectors = desk.vectors()
        hear(desk.catalog, vectors.ids, "other", vectors.matrix)
        desk.catalog.encoders.use("other", "other", chosen=True)
    with window(app, profile) as opened:
        opened.window.show()
        discover = page_of(opened, "discover")
        assert isinstance(discover, DiscoverPage)
        assert discover.show_draw(Request(n=10))
        discover.home()
        text = discover.home_cards.for_you.text.text()
        assert text == f"{LOST_LINE}: run {trained} cannot be asked any more."
        page = page_of(opened, "evaluation")
        assert isinstance(page, EvaluationPage)
        page.go(Goto("evaluation", DUEL))
        assert "stop the duel" in page.duel.state.text() and page.duel.stop.isVisible()
        models = page_of(opened, "models")
        assert isinstance(models, ModelsPage) and models._lost()
        assert not any(offer.in_use for offer in models.offers.values())
        runs = opened.shell.desk.catalog.runs.all()
        assert f"run {trained} (content) cannot be used any more" in heading([], runs, lost=True)
        models.runs.tell(runs, runs, models._lost())
        assert models.runs.table.item(0, len(COLUMNS) - 1).text() == "Cannot be used · In a duel"
    caplog.clear()  # the log says that the run is not usable


def test_what_the_card_says() -> None:
    head = (1, "content", "wmf (run 3)")
    running = duels.Told(*head, "running", 90, 12, 2, "goes on")
    won = duels.Told(*head, "finished", 90, 90, 9, "won", "b", 30, 60, 4, 0.33, 0.24, 0.44, 0.002, 0.01)
    even = duels.Told(*head, "finished", 90, 90, 9, "even", "", 44, 46, 4, 0.49, 0.39, 0.59, 0.92, 0.9)
    stopped = duels.Told(*head, "stopped", 90, 8, 1, "stopped", "", 8, 0, 0, 1.0, 0.6, 1.0, 0.008, 1.0)
    assert [note(t) for t in ([], [running, won], [stopped, won], [even])] == [
        *("No duel yet", "12 of 90 decisions", "Won by wmf (run 3)", "No difference found"),
    ]
    assert ended(won) == ("won", "90 of 90", "0.002")
    assert ended(stopped)[2] == "–"  # what was stopped when it pleased somebody has no p
    assert both([]) == ("", "") and both([("3", "x")]) == ("3", "3") and both([("3", "x"), ("b", "y")]) == ("3", "b")
