"""The Map page in a window: view, list and layers follow each other, and nothing is kept when it is left."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from time import sleep, thread_time

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.map import MapPage
from musicdesk.gui.pages.map_state import FADED
from musicdesk.gui.pages.map_twin import CHOSEN, NEAR, VIEW
from musicdesk.gui.shell import Goto
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.rate import rate
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, window


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    profile = tmp_path_factory.mktemp("map")
    make_library(profile, 240)
    return profile


@pytest.fixture
def opened(app: QApplication, library: Path) -> Iterator[Opened]:
    with window(app, library) as made:
        made.window.resize(1280, 800)
        made.window.show()
        yield made


def shown(opened: Opened, spin: Spin) -> MapPage:
    page = opened.window.open("map")
    assert isinstance(page, MapPage)
    assert spin(lambda: page.cloud is not None and page.points is not None and page.settled, 30)
    return page


def test_a_track_is_shown_with_its_neighbours(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    assert page.points is not None and page.cloud is not None
    track = TrackId(int(page.points.ids[7]))
    opened.window.go(Goto("map", "show", track))
    assert spin(lambda: page.cloud.selection() == track and page.settled)
    assert page.twin.table.tracks.id_at(0) == track and len(page.twin.table.tracks.ids) > 10
    assert page.star.middle == track and len(page.star.ends) == 8
    opened.window.go(Goto("map", "show", TrackId(9999)))
    assert spin(lambda: page.settled) and page.cloud.selection() == track


def test_a_page_that_is_opened_to_show_a_track_lists_that_one(opened: Opened, spin: Spin) -> None:
    with open_desk(opened.shell.desk.profile.folder) as desk:
        track = TrackId(int(desk.catalog.layouts.active().ids[30]))
    opened.window.go(Goto("map", "show", track))
    page = opened.window.stack.pages["map"]
    assert spin(lambda: page.settled and page.cloud is not None, 30)
    spin(seconds=0.1)
    assert spin(lambda: page.settled)
    assert page.twin.table.tracks.id_at(0) == track, "not the first track of the map"
    page.cloud.reset_camera()
    assert spin(lambda: not page.cloud.moving, 5)
    assert spin(lambda: page.labels.written)
    tools, places = page.doing.tools.geometry(), page.cloud.seen()
    assert (places.x > tools.right()).mean() > 0.98, "the map begins beside its tools"
    assert not [written.name for written in page.labels.written if written.box.intersects(QRectF(tools))]


def test_view_and_list_follow_each_other(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.twin.table.selectRow(3)
    row = page.twin.table.tracks.id_at(3)
    assert page.cloud.selection() == row, "the view follows the list"
    assert spin(lambda: page.star.middle == row)
    page.twin.turn(VIEW)
    assert spin(lambda: len(page.twin.ids_of(VIEW)) > 200), "the whole map is in view"
    other = int(page.twin.ids_of(VIEW)[30])
    page.cloud.select(other)
    assert page.twin.table.tracks.id_at(page.twin.table.currentIndex().row()) == other, "the list follows the view"
    assert opened.shell.selected == other
    page.cloud.fly_to(other)
    assert spin(lambda: len(page.twin.ids_of(VIEW)) < 200, 5), "what is in view changes with the camera"
    assert other in page.twin.ids_of(VIEW)
    assert "in view" in page.twin.table.accessibleName()
    QTest.keyClick(page.twin.table, Qt.Key.Key_4)
    assert opened.shell.desk.catalog.tracks.get(TrackId(other)).verdict is Verdict.LIKE


def test_search_flies_there(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.words.setText("garden")
    assert spin(lambda: page.twin.shown == CHOSEN and page.twin.title.whole_text().endswith("found"))
    QTest.keyClick(page.words, Qt.Key.Key_Return)
    first = int(page.twin.ids_of(CHOSEN)[0])
    assert page.cloud.selection() == first
    place, middle = page.cloud.place_of(first), QPointF(page.cloud.width() / 2, page.cloud.height() / 2)
    assert place is not None and (place - middle).manhattanLength() < 2
    page.words.setText("no such words anywhere")
    assert spin(lambda: page.twin.title.whole_text().startswith("Nothing"))
    page.words.clear()
    assert spin(lambda: page.twin.shown == NEAR)


def test_layers_are_chosen_and_their_legend_filters(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    colours = page.side.colours
    assert {colours.itemData(at) for at in range(colours.count())} >= {
        "genre",
        "year",
        "score",
        "trust",
        "tempo",
        "key",
    }
    buttons = page.side.legend.findChildren(QPushButton)
    first = page.reading.look.painted.legend.entries[0]
    assert buttons[0].accessibleName().startswith(f"{first.label}, {first.count}")
    buttons[0].click()
    alphas = page.cloud._scene.cloud.colours[:, 3]
    assert (alphas == FADED).sum() == 240 - first.count
    page.side.sizes.setCurrentIndex(page.side.sizes.findData("plays"))
    page.side.sizes.activated.emit(page.side.sizes.currentIndex())
    assert spin(lambda: len(np.unique(page.cloud._scene.cloud.sizes)) > 2)
    assert (page.cloud._scene.cloud.colours[:, 3] == FADED).any(), "the filter stays"
    colours.setCurrentIndex(colours.findData("year"))
    colours.activated.emit(colours.currentIndex())
    assert spin(lambda: page.side.ramp.isVisible())
    assert (page.cloud._scene.cloud.colours[:, 3] == 255).all(), "another layer begins without a filter"
    assert "Size: plays" in page.side.note.text()


def test_a_rating_colours_its_point_at_once(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page._choose(page.choice.coloured("rating"))
    assert spin(lambda: page.reading.look.painted.legend.title == "Rating")
    before = page.cloud._scene.cloud.colours[9].tolist()
    rate(opened.shell.desk, TrackId(int(page.points.ids[9])), Verdict.DISLIKE)
    opened.shell.tell(Changes.FEEDBACK)
    assert spin(lambda: page.cloud._scene.cloud.colours[9].tolist() != before)


def test_hovering_tells_of_a_point_and_joins_its_neighbours(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    track = int(page.points.ids[50])
    page.cloud.hovered.emit(track, page.cloud.place_of(track))
    card = page.hover.card
    assert card.isVisible() and card.title.whole_text()
    page.cloud._pilot._settle()  # it had hidden the card of a point that was reached just before
    assert card.isVisible()
    assert spin(lambda: card.near.text().startswith("Sounds like “")) and page.star.middle == track
    page.cloud.hovered.emit(-1, QPointF())
    assert card.isHidden()


def test_a_page_that_is_left_keeps_nothing_and_the_way_one_looked(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.cloud.fly_to(int(page.points.ids[3]))
    spin(seconds=0.3)
    camera = page.cloud.camera
    scene, look = page.cloud._scene, page.reading.look
    big = (
        page.points.xyz,
        page.points.trust,
        look.painted.codes,
        scene.cloud.positions,
        scene.cloud.colours,
        scene.screen,
    )
    alive = [weakref.ref(part) for part in big]
    del big, look, scene
    opened.window.open("settings")
    gc.collect()
    assert page.points is None and not len(page.cloud.ids)
    assert [ref() for ref in alive] == [None] * len(alive), "what was read of 100,000 tracks is let go"
    shown(opened, spin)
    assert page.cloud.camera == camera and len(page.cloud.ids) == 240


def test_a_page_that_is_left_while_it_is_built_is_whole_when_one_comes_back(opened: Opened, spin: Spin) -> None:
    page = opened.window.open("map")
    assert isinstance(page, MapPage) and not page.built and not page.settled, "not all in one turn"
    page.soon(lambda whole: whole.search())
    opened.window.open("settings")
    assert spin(lambda: page.built, 30)
    spin(seconds=0.1)
    assert page.points is None and page.cloud is None, "nothing is read for a page that nobody sees"
    assert len(shown(opened, spin).cloud.ids) == 240


def test_no_turn_of_the_first_opening_does_all_of_it(opened: Opened, spin: Spin) -> None:
    spin(seconds=1.0)
    before = thread_time()
    page = opened.window.open("map")
    turns = [thread_time() - before]
    while not (page.settled and page.cloud is not None):
        before = thread_time()
        QApplication.processEvents()
        turns.append(thread_time() - before)
        sleep(0.002)
    assert turns[0] < 0.25 * sum(turns) and max(turns) < 0.5 * sum(turns), turns


def test_without_a_map_the_page_says_what_to_do(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 5, layout=False)
    with window(app, tmp_path) as opened:
        page = opened.window.open("map")
        assert isinstance(page, MapPage)
        opened.window.show()
        assert spin(lambda: page.built and page.frame.shown == "none")
        with open_desk(tmp_path) as desk:
            ids = np.sort(desk.catalog.browse.ids(Query()))
            desk.catalog.layouts.save("pca", desk.encoder, ids, np.eye(5, 3, dtype=np.float32), 0.9, 1.0)
        opened.shell.tell(Changes.MAP)
        assert spin(lambda: page.cloud is not None and page.frame.shown == "map")


def test_names_stand_on_the_map_and_hide_nothing(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    assert spin(lambda: not page.cloud.moving and bool(page.labels.written))
    kinds = {written.name.kind for written in page.labels.written}
    assert "genre" in kinds, "regions are named from afar"
    texts = {written.name.text for written in page.labels.written if written.name.kind == "genre"}
    assert texts <= {entry.label for entry in page.reading.look.painted.legend.entries}
    for at, one in enumerate(page.labels.written):
        assert page.cloud.rect().contains(one.box.toAlignedRect())
        assert not any(one.box.intersects(other.box) for other in page.labels.written[:at])
        screen = page.cloud.seen()
        inside = (np.abs(screen.x - one.box.center().x()) < one.box.width() / 2) & (
            np.abs(screen.y - one.box.center().y()) < one.box.height() / 2
        )
        assert not inside.any(), one.name.text
    page.cloud.fly_to(int(page.points.ids[3]))
    assert spin(lambda: {written.name.kind for written in page.labels.written} >= {"song", "artist"}, 5)
    page.cloud.select(int(page.points.ids[3]))
    title = opened.shell.desk.catalog.tracks.get(TrackId(int(page.points.ids[3]))).tags.title
    assert spin(lambda: any(written.name.text == title for written in page.labels.written))
