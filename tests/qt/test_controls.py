"""Controls that style sheets cannot draw."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import QApplication

from musicdesk.gui.controls import DropDown
from musicdesk.gui.style.theme import Theme

LONG = "For you: sound, artists, plays and people together"


def test_a_drop_down_says_that_there_is_more_than_fits(app: QApplication) -> None:
    theme = Theme(app, "dark")

    def picture(text: str) -> QImage:
        box = DropDown(theme)
        box.addItem(text)
        box.resize(240, 34)
        shown = box.grab().toImage()
        box.deleteLater()
        return shown

    drawn = picture(LONG)
    shorter = [f"{LONG[:letters].rstrip()}…" for letters in range(8, len(LONG))]
    fitting = [text for text in shorter if QFontMetrics(app.font()).horizontalAdvance(text) < 180]
    assert any(picture(text) == drawn for text in fitting), "it is cut in a letter"
