"""An axis is named from the window, and is a lever of the next list."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import axis_words
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.prepared import AXIS_GONE
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
        heard: list[Changes] = []
        opened.shell.changed.connect(heard.append)
        made.remove.click()
        assert heard == [Changes.FEEDBACK]
        assert made.known.count() == 0
        leaning = page.list.shown.request
        assert leaning.axis and page.show_draw(leaning), "it is drawn as if it had not leaned"
        assert AXIS_GONE in page.list.notices.text()
        levers.sliders["adventure"].setValue(80)
        assert spin(lambda: page.list.shown.request.adventure == 0.8, 5)  # type: ignore[union-attr]
        assert not page.list.shown.request.axis and AXIS_GONE not in page.list.notices.text()
        assert page.show_draw(Request(n=10)) and not levers.sliders["lean"].isVisible()


def test_what_the_lever_of_an_axis_says() -> None:
    assert [axis_words(lean, "calm", "wild") for lean in (-1.0, -0.2, 0.0, 0.3, 0.8)] == [
        *("Very calm", "Rather calm", "calm – wild", "Rather wild", "Very wild")
    ]
