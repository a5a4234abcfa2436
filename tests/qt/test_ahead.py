"""The first list of a large library is read for beside the window, which goes on meanwhile."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from musicdesk.catalog.browse import Query
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.making import Making
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.radio import MORE
from musicdesk.gui.shell import Goto
from musicdesk.gui.task import Outcome
from musicdesk.workflows import ahead
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.recommend import recommend
from musicdesk.workflows.request import Request
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a few hundred tracks were many."""
    monkeypatch.setattr(ahead, "SMALL", 10)


def liked_library(folder: Path) -> list[int]:
    ids = make_library(folder, 300)
    with open_desk(folder) as desk:
        for track in ids[::30]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    return [int(track) for track in ids]


def test_the_first_list_waits_while_the_window_goes_on(
    app: QApplication, tmp_path: Path, spin: Spin, large: None
) -> None:
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        assert not page.show_draw(Request(adventure=0.0)), "it is being read for"
        view = page.list
        assert page.stack.currentIndex() == 1 and view.shown is None and not view._controls.isEnabled()
        assert len(view.table.tracks.ids) == 30 and "Reading" in view.title.whole_text()
        view.table.selectRow(3)
        assert view.table.choice().tracks == (), "a row without words is no track"
        QTest.keyClick(view.table, "4")
        turns: list[int] = []
        beat = QTimer(interval=1)
        beat.timeout.connect(lambda: turns.append(1))
        beat.start()
        assert spin(lambda: view.shown is not None, 20) and turns
        assert view._controls.isEnabled() and view.title.whole_text() == "For you"
        shown = view.shown
        assert shown is not None and page.show_draw(Request(adventure=0.0)), "the next one is made at once"
        assert ahead.at_hand(opened.shell.desk)
        reasons = [reason.text for pick in shown.playlist.picks for reason in pick.reasons]
        assert any("'" in text for text in reasons), "titles are read by the window's own desk now"
    with open_desk(tmp_path) as desk:
        assert recommend(desk, Request(adventure=0.0)).picks == shown.playlist.picks, "read beside or here, it is one"


def test_who_goes_back_meanwhile_is_not_fetched(app: QApplication, tmp_path: Path, spin: Spin, large: None) -> None:
    ids = liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        page.show_draw(Request())
        page.home()
        assert spin(lambda: ahead.at_hand(opened.shell.desk), 20) and page.stack.currentIndex() == 0
        opened.window.go(Goto("discover", "similar", TrackId(ids[3])))
        assert page.stack.currentIndex() == 1 and page.list.shown is not None


def test_what_is_said_before_all_is_read_is_said(app: QApplication, tmp_path: Path, spin: Spin, large: None) -> None:
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        library = page_of(opened, "library")
        assert isinstance(library, LibraryPage)
        opened.window.show()
        library.table.selectRow(0)
        track, feedback = library.table.tracks.id_at(0), opened.shell.desk.catalog.feedback
        before = feedback.events(1)[0].id
        QTest.keyClick(library.table, "4")
        assert spin(lambda: feedback.events(1)[0].id > before, 20)
        assert feedback.events(1)[0].track == track and feedback.events(1)[0].effect is not None


def test_a_radio_and_similar_artists_wait_too(app: QApplication, tmp_path: Path, spin: Spin, large: None) -> None:
    ids = [TrackId(track) for track in liked_library(tmp_path)]
    with window(app, tmp_path) as opened:
        queue, desk = opened.window.listen.player.queue, opened.shell.desk
        opened.window.listen.play_without_end(Request("artist-radio", (ids[0],)), "Radio", ids[:3])
        QApplication.processEvents()
        assert len(queue) == 3 and not desk.has_vectors, "nothing is read in the window's thread"
        assert spin(lambda: len(queue) > 3, 20) and len(queue) == 3 + MORE
        opened.window.listen.player.clear()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        opened.shell.set_selected(ids[5])
        desk.memo.clear()
        card = page.home_cards.seeds["artists"]
        card.action.click()
        assert not card.findChildren(QMenu) and "Reading" in opened.window.notices.text.text()
        assert spin(lambda: [menu for menu in card.findChildren(QMenu) if menu.isVisible()], 20)
        card.findChildren(QMenu)[0].close()


def test_where_reading_ahead_fails_the_list_is_made_as_it_is_asked_for(
    app: QApplication, tmp_path: Path, spin: Spin, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    liked_library(tmp_path)
    monkeypatch.setattr(ahead, "read_ahead", lambda desk: desk.catalog.store.conn.execute("SELECT * FROM nowhere"))
    monkeypatch.setattr(logging.getLogger("musicdesk.gui.ahead"), "disabled", True)  # what it tells is meant
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        page.show_draw(Request())
        assert spin(lambda: page.list.shown is not None, 20) and len(page.list.table.tracks.ids) == 30


def test_what_lists_compute_once_is_there_before_the_first(tmp_path: Path) -> None:
    liked_library(tmp_path)
    with open_desk(tmp_path) as desk:
        with desk.beside() as beside:
            ahead.read_ahead(beside)
        desk.adopt(beside)
        known = desk.memo["fresh"], desk.memo["known"]
        recommend(desk, Request())
        assert desk.memo["fresh"] is known[0] and desk.memo["known"] is known[1]


def test_the_library_is_read_before_it_is_opened(
    app: QApplication, tmp_path: Path, spin: Spin, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of all tracks and what the filters offer cost a window with 100,000 of them a tenth of a second."""
    liked_library(tmp_path)
    monkeypatch.setattr(Making, "read_library", lambda _making: None)  # opened by somebody who is quicker
    with window(app, tmp_path) as opened:
        opened.window.show()
        browse = opened.shell.desk.catalog.browse
        opened.shell.desk.memo.clear()
        assert not browse.at_hand and spin(lambda: browse.at_hand, 20)
        asked: list[str] = []
        opened.shell.desk.catalog.store.conn.set_trace_callback(asked.append)
        page = page_of(opened, "library")
        opened.shell.desk.catalog.store.conn.set_trace_callback(None)
        assert isinstance(page, LibraryPage) and len(page.table.tracks.ids) == 300 and page.genre.count() > 2
        late = ("group_concat", "GROUP BY artist", "GROUP BY presence")
        assert asked and not [sql for sql in asked if any(words in sql for words in late)]
        assert "tag head" in opened.shell.desk.memo


def test_what_was_read_before_somebody_wrote_is_not_taken(tmp_path: Path) -> None:
    ids = liked_library(tmp_path)
    with open_desk(tmp_path) as desk, open_desk(tmp_path) as other:
        browse = desk.catalog.browse
        since = desk.catalog.store.moment()
        with desk.beside() as beside:
            beside.catalog.browse.read_ahead()
            beside.catalog.feedback.listener()
        desk.adopt(beside, since)
        assert browse.at_hand and len(browse.ids(Query())) == len(ids) and desk.catalog.feedback.at_hand
        since = desk.catalog.store.moment()
        with desk.beside() as beside:
            beside.catalog.browse.read_ahead()
            beside.catalog.feedback.listener()
        other.catalog.feedback.rate(TrackId(ids[0]), Verdict.LIKE)
        desk.adopt(beside, since)
        assert not browse.at_hand and not desk.catalog.feedback.at_hand


def test_lanes_that_are_ready_make_nobody_wait_for_who_the_listener_is(
    app: QApplication, tmp_path: Path, spin: Spin, large: None
) -> None:
    """With 100,000 ratings and 10 M plays reading them for a sentence took more than a second; of a page that is not
    even seen."""
    liked_library(tmp_path)
    with window(app, tmp_path) as opened:
        page, feedback = page_of(opened, "discover"), opened.shell.desk.catalog.feedback
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        opened.shell.desk.vectors()
        opened.shell.jobs.ended.emit(Outcome("finished", "lanes"))
        assert not feedback.at_hand and "From everything" in page.home_cards.for_you.text.text()
        page_of(opened, "settings")
        page.home_cards.for_you.text.setText("")
        opened.shell.jobs.ended.emit(Outcome("finished", "lanes"))
        assert page.home_cards.for_you.text.text() == "", "nobody sees it"
        feedback.listener()
        page_of(opened, "discover")
        assert "known by its sound" in page.home_cards.for_you.text.text()
