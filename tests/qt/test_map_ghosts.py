"""Songs that one does not own, on the Map: by the pointer, by the keys alone, and as a screen reader tells them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.progress import Silent
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.map import MapPage
from musicdesk.gui.pages.map_shows import GHOSTS as TICK
from musicdesk.gui.pages.map_twin import CHOSEN, GHOSTS, NEAR
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.train import train
from tests.helpers.histories import take
from tests.qt.conftest import Spin
from tests.qt.test_map_window import shown
from tests.qt.windows import make_library, window
from tests.whole.test_trail import SETTINGS, crowd_file


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    profile = tmp_path_factory.mktemp("ghosts")
    make_library(profile, 150)
    with open_desk(profile) as desk:
        layout = desk.catalog.layouts.active()
        assert layout is not None
        take(desk, crowd_file(profile, desk, layout.ids), crowd="friends")
        train(desk, "wmf", SETTINGS, 0, Silent(), crowd="friends", measure=False)
    return profile


@pytest.fixture
def opened(app: QApplication, library: Path) -> Iterator[Opened]:
    with window(app, library) as made:
        made.window.resize(1280, 800)
        made.window.show()
        made.window.activateWindow()
        yield made


@pytest.fixture
def page(opened: Opened, spin: Spin) -> MapPage:
    page = shown(opened, spin)
    page.shows.ticks[TICK].setChecked(True)
    assert spin(lambda: page.shows.ghosts.shown is not None and not page.cloud.moving, 20)
    return page


def ring(page: MapPage, row: int) -> QPointF:
    x, y, *_ = page.cloud.spots(page.shows.ghosts.shown.xyz[row])[0].tolist()
    return QPointF(x, y)


def test_ghosts_are_a_list_beside_the_map_that_says_what_they_are(page: MapPage) -> None:
    twin, found = page.twin, page.shows.ghosts.shown
    tab = twin._tabs[GHOSTS]
    assert tab.isVisible() and tab.accessibleName().startswith("Not yours: songs of a crowd that you do not own")
    QTest.mouseClick(tab, Qt.MouseButton.LeftButton)
    assert twin.ghosts.isVisible() and not twin.table.isVisible()
    assert twin.title.whole_text() == f"{len(found.names)} songs you do not own"
    spoken = QAccessible.queryAccessibleInterface(twin.ghosts)
    assert spoken.text(QAccessible.Text.Name) == f"Map as a list: {len(found.names)} songs you do not own"
    assert spoken.role() == QAccessible.Role.List and spoken.childCount() == len(found.names)
    artist, title = found.names[0]
    assert spoken.child(0).text(QAccessible.Text.Name) == f"{title}, {artist}, not in your library"


def test_the_list_goes_by_keys_and_the_map_follows_with_the_card(opened: Opened, page: MapPage, spin: Spin) -> None:
    twin, layer, card = page.twin, page.shows.ghosts, page.hover.card
    played: list[object] = []
    opened.shell.current.connect(played.append)
    twin.turn(GHOSTS)
    twin.focus()
    assert spin(lambda: twin.ghosts.hasFocus() and layer.chosen == 0 and card.isVisible(), 5)
    QTest.keyClick(twin.ghosts, Qt.Key.Key_Down)
    artist, title = layer.shown.names[1]
    assert spin(lambda: layer.chosen == 1 and card.isVisible() and card.title.whole_text() == title, 5)
    assert card.facts.whole_text() == artist and "Not in your library" in card.trust.text()
    before = page.cloud.camera.distance
    QTest.keyClick(twin.ghosts, Qt.Key.Key_Return)
    middle = QPointF(page.cloud.width() / 2, page.cloud.height() / 2)
    assert spin(lambda: page.cloud.camera.distance < before and (ring(page, 1) - middle).manhattanLength() < 2, 5)
    assert spin(lambda: card.isVisible(), 5), "it comes back when the map stands still"
    assert not played
    assert layer.chosen == 1
    page.cloud.setFocus()
    assert spin(card.isHidden, 5)
    twin.turn(NEAR)
    assert layer.chosen == -1 and twin.table.isVisible()


def test_what_is_out_of_sight_is_brought_into_it(page: MapPage, spin: Spin) -> None:
    page.cloud._pilot.turn(page.cloud.camera.looking_at(np.array([3.0, 3.0, 0.0], np.float32), 0.3))
    page.twin.turn(GHOSTS)
    page.twin.ghosts.setCurrentIndex(page.twin.ghosts.ghosts.index(2))
    assert spin(lambda: page.cloud.rect().contains(ring(page, 2).toPoint()), 5)


def test_a_click_on_a_ring_goes_to_its_row_and_plays_nothing(opened: Opened, page: MapPage, spin: Spin) -> None:
    layer, twin = page.shows.ghosts, page.twin
    played: list[object] = []
    opened.shell.current.connect(played.append)
    free = [row for row in range(len(layer.shown.names)) if layer.at(ring(page, row)) == row]
    QTest.mouseClick(
        page.cloud, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, ring(page, free[0]).toPoint()
    )
    assert twin.shown == GHOSTS and twin.ghosts.currentIndex().row() == free[0] == layer.chosen
    assert not played
    start = ring(page, free[0]).toPoint()
    QTest.mousePress(page.cloud, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    twin.turn(NEAR)
    for step in (20, 40):
        QTest.mouseMove(page.cloud, start + QPointF(step, 0).toPoint())
    QTest.mouseRelease(page.cloud, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    assert page.cloud.camera != page.cloud.resting and twin.shown == NEAR, "dragged and back again is no click"


def test_without_the_tick_there_is_no_list_of_them(page: MapPage) -> None:
    page.twin.turn(GHOSTS)
    page.shows.ticks[TICK].setChecked(False)
    assert page.twin.shown == NEAR and page.twin.table.isVisible() and not page.twin._tabs[GHOSTS].isVisible()
    assert page.twin.ghosts.ghosts.rowCount() == 0


def test_no_name_lies_over_a_ring(page: MapPage, spin: Spin) -> None:
    """It did: rings were no points, and names keep clear of points alone."""
    cloud, layer = page.cloud, page.shows.ghosts
    for distance in (0.3, 0.9):
        cloud._pilot.turn(cloud.camera.looking_at(cloud._scene.cloud.place(layer.shown.xyz[3]), distance))
        assert spin(lambda: not cloud.moving, 5)
        page.labels.written = []
        page.labels.place_anew()
        cloud.redraw()  # names come a turn after the points
        assert spin(lambda: page.labels.written)
        names = [written for written in page.labels.written if written.name.kind in ("song", "ghost")]
        assert names
        for written, (x, y, radius) in product(names, layer.rings().tolist()):
            beside_x = min(max(x, written.box.left()), written.box.right())
            beside_y = min(max(y, written.box.top()), written.box.bottom())
            assert np.hypot(beside_x - x, beside_y - y) >= radius - 1, written.name.text


def test_a_narrow_side_still_says_what_the_colours_are(opened: Opened, page: MapPage, spin: Spin) -> None:
    """At 900 pixels with the queue it said “Te…”."""
    box = page.side.colours
    for width in (900, 1280):
        opened.window.resize(width, 800)
        spin(seconds=0.1)
        assert box.fontMetrics().horizontalAdvance("Tempo") + 46 <= box.width()
        assert page.side._heads[0].isVisible() == (width == 1280)


def test_no_tab_is_cut_where_the_side_is_narrow(opened: Opened, page: MapPage, spin: Spin) -> None:
    """All four in a row had their letters cut at 1280 pixels with the queue beside the map."""
    twin = page.twin
    twin.fill(CHOSEN, "24 tracks", page.points.ids[:24])
    for width in (1920, 1280, 900):
        opened.window.resize(width, 800)
        spin(seconds=0.1)
        tabs = [tab for tab in twin._tabs.values() if tab.isVisible()]
        assert len(tabs) == 4 and all(tab.width() >= tab.sizeHint().width() for tab in tabs)
        assert all(twin.rect().contains(tab.geometry()) for tab in tabs)
        assert not any(one.geometry().intersects(other.geometry()) for one, other in combinations(tabs, 2))
