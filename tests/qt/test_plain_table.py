"""Tables of plain text take only the keys that are theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.gui.tables.plain import PlainTable
from tests.qt.windows import window


@pytest.mark.parametrize(("key", "text"), [(Qt.Key.Key_Space, " "), (Qt.Key.Key_L, "l")])
def test_space_and_letters_are_for_the_window(app: QApplication, tmp_path: Path, key: Qt.Key, text: str) -> None:
    with window(app, tmp_path) as opened:
        table = PlainTable(opened.shell, ("A",), "Words")
        table.fill([["lamp"], ["moon"]])
        table.setCurrentCell(1, 0)
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text)
        table.keyPressEvent(event)
        assert not event.isAccepted() and table.currentRow() == 1
        QTest.keyClick(table, Qt.Key.Key_Up)
        assert table.currentRow() == 0
        table.deleteLater()
