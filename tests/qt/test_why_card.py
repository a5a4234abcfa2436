"""The card that says why: of a row with its shares, of any other track what keeps it out, and one click lets it in."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.why import WhyCard
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.request import Request
from musicdesk.workflows.why_not import why_not
from tests.qt.windows import make_library, page_of, window


def offers(card: WhyCard) -> dict[str, QPushButton]:
    return {made.text().strip(): made for made in card.findChildren(QPushButton) if made.isVisible()}


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    ids = make_library(tmp_path, 200)
    with open_desk(tmp_path) as desk:
        for track in ids[:60:12]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    return tmp_path


def ask_of(opened, track: int) -> WhyCard:  # type: ignore[no-untyped-def]
    library = page_of(opened, "library")
    assert isinstance(library, LibraryPage)
    assert library.table.select_track(TrackId(track))
    QTest.keyClick(library.table, "w")
    card: WhyCard = opened.window._why
    assert card.isVisible()
    return card


def test_what_keeps_a_track_out_is_taken_away_by_one_click(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        catalog = opened.shell.desk.catalog
        page.show_draw(Request("unplayed", adventure=0.0, n=200))
        best = next(t for t in catalog.tracks.all() if t.plays and t.id not in page.list.table.tracks.ids)
        card = ask_of(opened, best.id)
        assert "have been played before" in card.accessibleName()
        offers(card)["Relax this rule"].click()
        assert not card.isVisible() and best.id in page.list.table.tracks.ids
        assert page.list.table.choice().tracks == (best.id,), "it is shown where it now is"
        assert page.list.shown is not None and page.list.shown.request.relaxed == ("played",)


@pytest.mark.parametrize(("change", "offer"), [("dislike", "Take the verdict back"), ("exclude", "Allow this track")])
def test_what_was_said_of_a_track_is_taken_back(app: QApplication, profile: Path, change: str, offer: str) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        page.show_draw(Request(adventure=0.0, n=100))
        track = TrackId(int(page.list.table.tracks.ids[2]))
        if change == "dislike":
            opened.shell.desk.catalog.feedback.rate(track, Verdict.DISLIKE)
        else:
            opened.shell.desk.catalog.tracks.exclude(track, "always", "by your choice")
        page.show_draw(Request(adventure=0.0, n=100))
        assert track not in page.list.table.tracks.ids
        offers(ask_of(opened, track))[offer].click()
        found = opened.shell.desk.catalog.tracks.get(track)
        assert found.verdict is None and not found.excluded and track in page.list.table.tracks.ids


def test_a_track_that_fits_too_little_can_be_put_in_anyway(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        page.show_draw(Request(adventure=0.0, n=5))
        desk, request = opened.shell.desk, Request(adventure=0.0, n=5)
        low = next(
            t for t in range(200, 0, -1) if [h.step for h in why_not(desk, TrackId(t), request).hindrances] == ["pin"]
        )
        offers(ask_of(opened, low))["Put it in anyway"].click()
        assert page.list.table.tracks.id_at(4) == low and low in page.list.table.tracks.pinned


def test_it_is_put_into_a_list_of_an_hour_as_well(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        desk, request = opened.shell.desk, Request(adventure=0.0, minutes=60.0)
        page.show_draw(request)
        low = next(
            t for t in range(200, 0, -1) if [h.step for h in why_not(desk, TrackId(t), request).hindrances] == ["pin"]
        )
        offers(ask_of(opened, low))["Put it in anyway"].click()
        assert page.list.table.tracks.ids[-1] == low and low in page.list.table.tracks.pinned


def test_before_anything_was_learned_the_card_waits_to_be_asked(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        card = ask_of(opened, 77)
        offers(card)["Why is it not in my list?"].click()
        assert card.isVisible() and "by rank" in card.accessibleName()


def test_a_row_has_its_shares_and_what_can_be_heard(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        page.show_draw(Request())
        table = page.list.table
        row = next(
            r
            for r in range(30)
            if any(x.track not in (None, table.tracks.id_at(r)) for x in table.tracks.reasons[table.tracks.id_at(r)])
        )
        table.selectRow(row)
        QTest.keyClick(table, Qt.Key.Key_W)
        card: WhyCard = opened.window._why
        assert table.tracks.reasons[table.tracks.id_at(row)][0].text in card.accessibleName()
        asked: list[str] = []
        opened.shell.jobs.start = lambda job, _request=None: asked.append(job)  # type: ignore[method-assign,assignment]
        offers(card)["Hear why (H)"].click()
        assert asked == ["hear-why"]
