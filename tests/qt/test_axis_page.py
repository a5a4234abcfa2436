"""An axis is named from the window, and is a lever of the next list."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import axis_words
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.request import Request
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window


def test_an_axis_is_named_and_turns_a_list(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 240)
    with open_desk(tmp_path) as desk:
        for track in ids[::60]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.home_cards.axis_card.action.click()
        made = page.rooms.axis
        assert page.stack.currentWidget() is made and not made.keep.isEnabled() and made.remove.isHidden()
        for end, name, rows in zip(made.ends, ("calm", "wild"), ((0, 1, 2), (7, 8, 9)), strict=True):
            end.name.setText(name)
            for row in rows:
                made.table.selectRow(row)
                end.put.click()
            assert len(end.tracks) == end.list.count() == 3
        made.ends[0].list.setCurrentRow(0)
        QTest.keyClick(made.ends[0].list, Qt.Key.Key_Delete)
        assert len(made.ends[0].tracks) == 2 and made.keep.isEnabled()
        made.keep.click()
        assert "“calm – wild” is kept" in made.line.text() and made.known.count() == 1
        page.show_draw(Request(n=10, adventure=0.0))
        assert spin(lambda: page.list.shown is not None, 20)
        levers = page.list.levers
        assert levers.sliders["lean"].isVisible() and not levers.next_axis.isVisible()
        assert page.list.shown is not None
        before = [pick.track for pick in page.list.shown.playlist.picks]
        levers.sliders["lean"].setValue(90)
        assert spin(lambda: [pick.track for pick in page.list.shown.playlist.picks] != before, 5)  # type: ignore[union-attr]
        assert page.list.shown.request.axis and page.list.shown.request.lean == 0.9
        reasons = [reason.text for pick in page.list.shown.playlist.picks for reason in pick.reasons]
        assert any("more wild than" in text for text in reasons)
        page.rooms.name_axis()
        made.remove.click()
        assert made.known.count() == 0
        assert page.show_draw(Request(n=10)) and not levers.sliders["lean"].isVisible()


def test_what_the_lever_of_an_axis_says() -> None:
    assert [axis_words(lean, "calm", "wild") for lean in (-1.0, -0.2, 0.0, 0.3, 0.8)] == [
        *("Very calm", "Rather calm", "calm – wild", "Rather wild", "Very wild")
    ]
