"""The window by keyboard alone, and as a screen reader tells it: every control has a name and a role."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QScrollBar,
    QWidget,
)

from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.pages import PAGES
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.lanes import lanes
from musicdesk.workflows.request import Request
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window

CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QAbstractItemView)
SAYS_NOTHING = (QAccessible.Role.NoRole, QAccessible.Role.Client)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    ids = make_library(tmp_path, 240)
    with open_desk(tmp_path) as desk:
        for track in ids[::40]:
            desk.catalog.feedback.rate(TrackId(int(track)), Verdict.LIKE)
        lanes(desk)
    return tmp_path


def told(root: QWidget) -> list[tuple[str, str, str]]:
    """What a screen reader has of each control on show: (class, role, name)."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, CONTROLS) or isinstance(widget, QScrollBar):
            continue
        if widget.objectName().startswith("qt_") or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        name = spoken.text(QAccessible.Text.Name) if spoken is not None else ""
        role = spoken.role() if spoken is not None else QAccessible.Role.NoRole
        found.append((type(widget).__name__, "" if role in SAYS_NOTHING else role.name, name.strip()))
    return found


def test_every_page_tells_each_control_by_role_and_name(app: QApplication, profile: Path, spin: Spin) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        nameless: dict[str, list[tuple[str, str, str]]] = {}
        counted = 0
        for place in PAGES:
            page = page_of(opened, place.name)
            spin(seconds=0.05)
            dump = told(opened.window)
            counted += len(dump)
            if bad := [each for each in dump if not each[1] or not each[2]]:
                nameless[place.name] = bad
            if isinstance(page, DiscoverPage):
                page.show_draw(Request())
                spin(seconds=0.02)
                dump = told(page.list)
                counted += len(dump)
                if bad := [each for each in dump if not each[1] or not each[2]]:
                    nameless["playlist"] = bad
                assert {"Playlist", "New draw", "Play", "Export"} <= {name for _, _, name in dump}
                page.home()
        assert not nameless and counted > 150


def test_a_row_is_told_with_its_reasons_pin_and_rating(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        page.show_draw(Request())
        spoken = QAccessible.queryAccessibleInterface(page.list.table)
        assert spoken is not None and spoken.role() in (QAccessible.Role.Table, QAccessible.Role.List)
        columns = [column.name for column in page.list.table.tracks.columns]
        row = {name: page.list.table.tracks.index(0, at).data() for at, name in enumerate(columns)}
        assert row["pin"] == "not pinned" and row["rating"] and "%" in row["why"] and row["both"]


def focused(app: QApplication) -> QWidget:
    found = app.focusWidget()
    assert found is not None, "the keyboard has gone nowhere"
    return found


def tab_to(app: QApplication, name: str, most: int = 60) -> QWidget:
    """Presses Tab until the control of this name has the keyboard."""
    for _ in range(most):
        if focused(app).accessibleName() == name:
            return focused(app)
        QTest.keyClick(focused(app), Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {name!r}")


def test_a_walk_by_keyboard_alone(app: QApplication, profile: Path, spin: Spin) -> None:
    """From the start to a list, its levers, a pin, another draw, why, back, another page, a search and the queue."""
    with window(app, profile) as opened:
        opened.window.show()
        opened.window.activateWindow()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        app.processEvents()
        QTest.keyClick(tab_to(app, "For you: Make a playlist"), Qt.Key.Key_Space)
        assert page.stack.currentIndex() == 1 and focused(app) is page.list.table
        QTest.keyClick(focused(app), Qt.Key.Key_Down)
        QTest.keyClick(focused(app), Qt.Key.Key_K)
        assert page.list.shown is not None and len(page.list.shown.pinned) == 1
        kept = page.list.table.tracks.id_at(1)
        slider = tab_to(app, "Adventure: from close to what you know to far afield")
        before = list(page.list.table.tracks.ids)
        for _ in range(8):
            QTest.keyClick(slider, Qt.Key.Key_Right)
        assert spin(lambda: list(page.list.table.tracks.ids) != before, 3)
        assert page.list.table.tracks.id_at(1) == kept
        QTest.keyClick(tab_to(app, "New draw"), Qt.Key.Key_Space)
        assert page.list.table.tracks.id_at(1) == kept
        table = tab_to(app, "Playlist")
        QTest.keyClick(table, Qt.Key.Key_W)
        assert opened.window._why.isVisible()
        QTest.keyClick(opened.window._why, Qt.Key.Key_Escape)
        assert not opened.window._why.isVisible()
        opened.window.activateWindow()  # as every desktop does when a popup has gone
        app.processEvents()
        QTest.keyClick(table, Qt.Key.Key_Q)
        assert len(opened.window.listen.player.queue) == 1
        QTest.keyClick(table, Qt.Key.Key_Escape)
        assert spin(lambda: page.stack.currentIndex() == 0, 2)
        QTest.keyClick(opened.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        assert spin(lambda: opened.window.page.NAME == "library" and opened.window.page.settled)
        QTest.keyClick(opened.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(focused(app), "waltz")
        assert spin(lambda: 0 < len(opened.window.page.table.tracks.ids) < 240, 3)  # type: ignore[attr-defined]
        QTest.keyClick(focused(app), Qt.Key.Key_Return)
        app.processEvents()
        opened.window.page.table.selectRow(0)  # type: ignore[attr-defined]
        QTest.keyClick(focused(app), Qt.Key.Key_S)
        assert opened.window.page is page and page.stack.currentIndex() == 1
        assert page.list.shown is not None and page.list.shown.playlist.kind == "similar"


def test_tab_leads_through_all_cards_and_back_to_the_beginning(app: QApplication, profile: Path) -> None:
    with window(app, profile) as opened:
        opened.window.show()
        opened.window.activateWindow()
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.shell.set_selected(TrackId(5))
        app.processEvents()
        seen: list[str] = []
        for _ in range(80):
            QTest.keyClick(focused(app), Qt.Key.Key_Tab)
            seen.append(focused(app).accessibleName())
        cards = page.home_cards.findChildren(QPushButton)
        buttons = [made.accessibleName() for made in cards if made.isVisible() and made.isEnabled()]
        assert len(buttons) >= 14 and set(buttons) <= set(seen)
        assert seen.count(buttons[0]) >= 2, "the way goes round"
