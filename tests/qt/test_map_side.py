"""The side of the map where names are long: nothing is cut in the middle of a letter, nothing lies over another."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from musicdesk.gui.controls import DropDown
from musicdesk.gui.pages.map_side import Ramp
from musicdesk.gui.style.theme import Theme
from tests.qt.conftest import Spin

LONG = "old tape machine hiss", "very modern, clean and loud"


def test_the_ends_of_a_long_axis_share_the_scale(app: QApplication, spin: Spin) -> None:
    ramp = Ramp()
    ramp.tell([(0, 0, 0), (255, 255, 255)], *LONG)
    ramp.resize(210, 40)
    ramp.show()
    spin(seconds=0.05)
    low, high = ramp._low, ramp._high
    assert (low.whole_text(), high.whole_text()) == LONG
    assert low.text().endswith("…") and high.text().endswith("…")
    assert low.geometry().right() < high.geometry().left() and high.geometry().right() < ramp.width()
    ramp.deleteLater()


def test_a_list_that_opens_is_as_wide_as_its_entries(app: QApplication, spin: Spin) -> None:
    box = DropDown(Theme(app))
    box.addItems(["Genre", " – ".join(LONG)])
    box.resize(90, 30)
    box.show()
    box.showPopup()
    assert spin(lambda: box.view().isVisible(), 2)
    assert box.view().viewport().width() >= box.view().sizeHintForColumn(0)
    box.hidePopup()
    box.deleteLater()
