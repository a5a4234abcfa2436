"""Discover: five questions that teach most on cards, and a month in the past."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtWidgets import QApplication, QMenu

from musicdesk.core.types import PlayEnd, Playlist, TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import past_offers, playlist_line
from musicdesk.gui.task import worker_command
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.request import moment_of, said_of
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window

DAY = 86_400
MINUTE = 60_000


def played_library(folder: Path) -> None:
    ids = make_library(folder, 240)
    with open_desk(folder) as desk:
        for place, track in enumerate(ids[::40]):
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
            at = time.time() - (200 - 30 * place) * DAY
            desk.catalog.feedback.played(TrackId(int(track)), MINUTE, MINUTE, PlayEnd.FINISHED, at=at)


def test_five_questions_are_asked_and_answered(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    played_library(tmp_path)
    with window(app, tmp_path, command=worker_command()) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.home_cards.teach.action.click()
        assert page.stack.currentWidget() is page.rooms.teaching and "Working out" in page.rooms.teaching.line.text()
        assert spin(lambda: len(page.rooms.teaching.questions.cards) == 5, 60)
        card = page.rooms.teaching.questions.cards[0]
        assert card.share.text().startswith("changes ") and "% of your list" in card.accessibleName()
        assert card.track is not None
        asked = card.track.id
        card.buttons["dislike"].click()
        assert spin(lambda: "1 of 5 answered" in page.rooms.teaching.line.text(), 5)
        assert opened.shell.desk.catalog.tracks.get(asked).verdict is Verdict.DISLIKE
        page.rooms.teaching.ready.click()
        assert spin(lambda: page.list.shown is not None, 20) and page.stack.currentWidget() is page.list
        page.home()
        assert page.stack.currentIndex() == 0


def test_a_month_in_the_past_is_a_list(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    played_library(tmp_path)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        assert page.home_cards.past.action.isEnabled()
        page.home_cards.past.action.click()
        menu = page.home_cards.past.findChild(QMenu)
        assert menu is not None
        months = [action for year in menu.actions() for action in year.menu().actions()]  # type: ignore[union-attr]
        assert 5 <= len(months) <= 7
        months[1].trigger()
        assert spin(lambda: page.list.shown is not None, 20) and page.list.shown is not None
        assert ", as of " in page.list.shown.playlist.name
        assert "since then" in " ".join(page.list.shown.notices)
        menu.close()


def test_a_list_of_the_past_is_not_because_of_what_is_liked_now() -> None:
    known = {"like": 3, "plays": 9}
    assert playlist_line([], Playlist(None, "For you", "for-you"), known).endswith("because of 3 likes and 9 plays")
    assert "because" not in playlist_line([], Playlist(None, "For you, as of 1 May 2019", "for-you"), known)


def test_months_from_the_first_play_to_the_last() -> None:
    offers = past_offers((moment_of("2018-11-03"), moment_of("2019-02-10")))
    assert [(year, [offer.text for offer in months]) for year, months in offers] == [
        (2019, ["February 2019", "January 2019"]),
        (2018, ["December 2018", "November 2018"]),
    ]
    assert said_of(offers[1][1][1].request.as_of) == "30 November 2018"
    assert past_offers(None) == []
