"""Titles and names by strangers are shown as the text they are, whatever Qt would make of them."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from musicdesk.gui.labels import ElidedLabel, plain, plain_label, tip

NAMES = st.text(max_size=40) | st.text(alphabet="<>&;/'\"=b imgsrc:\n\x00\u202e\u2028", max_size=40)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(NAMES)
@MANY
def test_labels_take_nothing_for_markup(app: QApplication, name: str) -> None:
    label = plain_label(name)
    assert label.textFormat() == Qt.TextFormat.PlainText and label.text() == name
    elided = ElidedLabel(name)
    assert elided.textFormat() == Qt.TextFormat.PlainText
    assert elided.whole_text() == plain(name) and plain(name).isprintable()
    for made in (label, elided):
        made.deleteLater()


@given(NAMES)
@MANY
def test_a_tool_tip_says_what_it_was_given(name: str) -> None:
    shown = tip(name)
    inside = shown.removeprefix("<span>").removesuffix("</span>")
    assert set(re.findall(r"<[^>]*>", inside)) <= {"<br/>"}
    assert unescape(inside.replace("<br/>", "\n")) == name or not name
