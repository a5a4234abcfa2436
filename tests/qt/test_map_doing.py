"""What can be done on the Map: tracks enclosed, joined by a path, mixed, kept, played; one neighbourhood alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from musicdesk.core.types import TrackId
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.map import MapPage
from musicdesk.gui.pages.map_pointer import Tool
from musicdesk.gui.pages.map_state import FADED
from musicdesk.gui.pages.map_twin import CHOSEN
from musicdesk.gui.shell import Goto, Notice
from musicdesk.gui.task import Outcome, worker_command
from tests.qt.conftest import Spin
from tests.qt.test_map_window import shown
from tests.qt.windows import Answers, make_library, window

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    profile = tmp_path_factory.mktemp("doing")
    make_library(profile, 200)
    return profile


@pytest.fixture
def answers() -> Answers:
    return Answers(yes=True, name="Corner of the map")


@pytest.fixture
def opened(app: QApplication, library: Path, answers: Answers) -> Iterator[Opened]:
    with window(app, library, answers) as made:
        made.window.resize(1500, 950)
        made.window.show_queue(False)
        made.window.show()
        yield made


def drag(page: MapPage, corners: list[QPoint], modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(page.cloud, LEFT, modifier, corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(page.cloud, corner)
    QTest.mouseRelease(page.cloud, LEFT, modifier, corners[-1])


def spot(page: MapPage, row: int) -> QPoint:
    place = page.cloud.place_of(int(page.points.ids[row]))
    assert place is not None
    return place.toPoint()


def test_a_line_is_seen_while_it_is_drawn(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    assert spin(lambda: not page.cloud.moving and bool(page.labels.written))
    page.doing.take(Tool.LASSO)
    spin(seconds=0.1)
    painted: list[int] = []
    page.cloud.set_overlay(lambda _painter: painted.append(len(page.doing.pointer._line)))
    spin(seconds=0.1)
    QTest.mousePress(page.cloud, LEFT, NONE, QPoint(100, 100))
    for corner in (QPoint(140, 100), QPoint(140, 150)):
        QTest.mouseMove(page.cloud, corner)
    assert spin(lambda: 3 in painted, 2), "before the button is let go"
    QTest.mouseRelease(page.cloud, LEFT, NONE, QPoint(140, 150))


def apart(page: MapPage) -> list[int]:
    """Rows of points that nothing lies before or beside, so that a click means them."""
    found = []
    for row, track in enumerate(page.points.ids.tolist()):
        place = page.cloud.place_of(track)
        near = place is not None and page.cloud.rect().adjusted(80, 20, -20, -120).contains(place.toPoint())
        if near and page.cloud.id_at(place) == track:
            found.append(row)
    assert len(found) > 4
    return found


def test_a_box_and_a_line_choose_tracks_for_a_playlist_or_the_queue(
    opened: Opened, spin: Spin, answers: Answers
) -> None:
    page = shown(opened, spin)
    camera = page.cloud.camera
    page.cloud.setFocus()
    QTest.keyClick(page.cloud, Qt.Key.Key_B)
    assert page.doing.pointer.tool is Tool.BOX and page.doing.bar.hint.isVisible()
    size = page.cloud.size()
    drag(page, [QPoint(size.width() // 2, 2), QPoint(size.width() - 2, size.height() - 2)])
    screen = page.cloud.seen()
    inside = page.cloud.ids[(screen.x > size.width() // 2) & (screen.radius > 0)]
    assert page.cloud.camera == camera, "a box does not turn the map"
    assert page.doing.chosen is not None and set(page.doing.chosen.ids.tolist()) == set(inside.tolist())
    assert page.twin.shown == CHOSEN and page.doing.bar.play.isVisible()
    assert (page.cloud._scene.cloud.colours[:, 3] == FADED).sum() == 200 - len(inside)
    page.doing.bar.keep.click()
    [kept] = [found for found in opened.shell.desk.catalog.playlists.all() if found.name == "Corner of the map"]
    assert kept.tracks == len(inside) and answers.asked[-1] == "Keep as a playlist"
    page.doing.bar.queue.click()
    assert len(opened.window.listen.player.queue) == len(inside)
    QTest.keyClick(page.cloud, Qt.Key.Key_L)
    row = apart(page)[0]
    middle = spot(page, row)
    around = [QPoint(int(14 * x), int(14 * y)) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    drag(page, [middle + step for step in around])
    assert int(page.points.ids[row]) in page.doing.chosen.ids
    before = len(page.doing.chosen.ids)
    drag(page, [QPoint(2, 2), QPoint(size.width() - 2, 2), QPoint(size.width() - 2, size.height() - 2)], SHIFT)
    assert len(page.doing.chosen.ids) > before, "Shift adds"
    QTest.keyClick(page.cloud, Qt.Key.Key_Escape)
    assert page.doing.chosen is None and page.doing.pointer.tool is Tool.LOOK and page.doing.bar.isHidden()
    assert (page.cloud._scene.cloud.colours[:, 3] == 255).all()


def test_a_sphere_chooses_what_lies_around_a_point_in_space(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.cloud.setFocus()
    QTest.keyClick(page.cloud, Qt.Key.Key_O)
    assert page.doing.pointer.tool is Tool.SPHERE and "Page Up" in page.doing.bar.hint.text()
    row = apart(page)[0]
    track, middle = int(page.points.ids[row]), spot(page, row)
    away = np.linalg.norm(page.points.xyz - page.points.xyz[row], axis=1)
    near_first = page.points.ids[np.argsort(away, kind="stable")]
    QTest.mouseClick(page.cloud, LEFT, NONE, middle)
    assert page.doing.chosen.ids.tolist() == near_first[:24].tolist(), "a click takes the nearest, by distance in space"
    assert opened.window.listen.player.track is None
    camera, told = page.cloud.camera, []
    page.doing.pointer.counted.connect(told.append)
    drag(page, [middle, middle + QPoint(40, 0), middle + QPoint(90, 0)])
    held = len(page.doing.chosen.ids)
    assert page.cloud.camera == camera and told[-1] == held, "the count is told while it is drawn"
    assert page.doing.chosen.ids.tolist() == near_first[:held].tolist()
    assert page.doing.bar.words.whole_text() == f"{held} tracks chosen"
    page.cloud.picture()
    QTest.keyClick(page.cloud, Qt.Key.Key_PageUp)
    assert len(page.doing.chosen.ids) > held and page.doing.pointer.sphere.middle == track
    for _ in range(40):
        QTest.keyClick(page.cloud, Qt.Key.Key_PageDown)
    assert track in page.doing.chosen.ids and len(page.doing.chosen.ids) < held, "never less than its middle"
    other = next(each for each in apart(page) if page.points.ids[each] not in near_first[:60])
    before = page.doing.chosen.ids.tolist()
    QTest.mouseClick(page.cloud, LEFT, SHIFT, spot(page, other))
    assert len(page.doing.chosen.ids) == len(before) + 24, "Shift adds"
    QTest.keyClick(page.cloud, Qt.Key.Key_PageUp)
    assert set(before) < set(page.doing.chosen.ids.tolist()), "another size leaves what it was added to"
    drag(page, [QPoint(3, 3), QPoint(60, 40)])
    assert page.cloud.camera != camera, "beside all points the map is turned"
    page.cloud.picture()
    QTest.keyClick(page.cloud, Qt.Key.Key_Escape)
    assert page.doing.chosen is None and page.doing.pointer.sphere.middle is None
    assert page.doing.pointer.tool is Tool.LOOK


def test_a_sphere_needs_no_pointer(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.cloud.setFocus()
    page.cloud.select(int(page.points.ids[5]))
    QTest.keyClick(page.cloud, Qt.Key.Key_O)
    QTest.keyClick(page.cloud, Qt.Key.Key_Return)
    assert len(page.doing.chosen.ids) == 24 and page.doing.chosen.ids[0] == page.points.ids[5]
    QTest.keyClick(page.cloud, Qt.Key.Key_PageUp)
    assert len(page.doing.chosen.ids) > 24
    bar = page.doing.bar
    assert bar.play.text() == " Play"
    opened.window.show_queue(True)
    opened.window.resize(960, 600)
    assert spin(lambda: bar.width() < 250 and not bar.play.text())
    assert bar.play.isVisible() and bar.play.width() >= bar.play.minimumSizeHint().width(), "no word that is cut"
    assert page.frame._card.width() < 0.6 * page.frame.width(), "the view keeps a good part"


def test_tracks_that_the_legend_hides_are_not_chosen(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    entry = page.reading.look.painted.legend.entries[0]
    page.side.toggled.emit(entry.label)
    page.doing.take(Tool.BOX)
    drag(page, [QPoint(1, 1), QPoint(page.cloud.width() - 1, page.cloud.height() - 1)])
    assert len(page.doing.chosen.ids) == entry.count < 200


def test_a_kept_selection_keeps_its_tracks_and_says_what_goes_with_them(
    opened: Opened, spin: Spin, answers: Answers
) -> None:
    page = shown(opened, spin)
    answers.name = "A ball of songs"
    page.doing.take(Tool.SPHERE)
    page.doing.pointer.point(TrackId(int(page.points.ids[9])))
    mine = page.doing.chosen.ids.tolist()
    page.doing.bar.keep.click()
    lists = opened.shell.desk.catalog.playlists
    [kept] = [found for found in lists.all() if found.name == "A ball of songs"]
    assert kept.kind == "own" and [int(pick.track) for pick in lists.get(kept.id).picks] == mine
    opened.window.go(Goto("discover", "kept", playlist=kept.id))
    view = opened.window.stack.pages["discover"].list
    assert spin(lambda: view.shown is not None and view.isVisible())
    assert view.again.isHidden() and view.options.button.isHidden(), "nobody draws away what a person chose"
    assert view.goes.isVisible()
    view.goes.click()
    assert spin(lambda: view.shown.playlist.kind == "extend")
    assert view.goes.isHidden() and view.again.isVisible() and "A ball of songs" in view.title.whole_text()
    assert not {int(pick.track) for pick in view.shown.playlist.picks} & set(mine)
    assert [int(pick.track) for pick in lists.get(kept.id).picks] == mine


def test_the_neighbourhood_that_the_job_draws_is_shown(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library, command=worker_command()) as opened:
        opened.window.show()
        page = shown(opened, spin)
        track = TrackId(int(page.points.ids[20]))
        menu = page.doing.menu(track, QPoint(), page.cloud)
        [action] = [each for each in menu.actions() if each.text() == "Draw the map around this"]
        action.trigger()
        assert spin(lambda: page.points is not None and page.points.around == track, 240)
        assert spin(lambda: page.settled and page.cloud.selection() == track and len(page.cloud.ids) > 100)
        assert track in page.cloud.ids and 0 < page.points.trustworthiness <= 1
        assert np.allclose(page.points.xyz[page.points.rows_of([track])], 0, atol=1e-5), "it is in the middle"
        title = opened.shell.desk.catalog.tracks.get(track).tags.title
        assert title in page.subtitle.whole_text() and page.frame.back.isVisible()
        menu.close()


def test_a_path_is_drawn_between_two_points_and_a_mixture_follows_clicks(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.doing.take(Tool.PATH)
    rows = apart(page)
    start, end = rows[0], rows[-1]
    for row in (start, end):
        QTest.mouseClick(page.cloud, LEFT, NONE, spot(page, row))
    assert spin(lambda: page.doing.chosen is not None, 10)
    assert page.doing.chosen.way
    ids = page.doing.chosen.ids.tolist()
    assert (ids[0], ids[-1]) == (int(page.points.ids[start]), int(page.points.ids[end])) and len(ids) == 12
    assert opened.window.listen.player.track is None, "a click that gives a tool a point plays nothing"
    page.cloud.picture()
    page.doing.take(Tool.MIX)
    QTest.mouseClick(page.cloud, LEFT, NONE, spot(page, rows[1]))
    assert spin(lambda: page.doing.chosen is not None and not page.doing.chosen.way, 10)
    alone = page.doing.chosen.ids.tolist()
    QTest.mouseClick(page.cloud, LEFT, SHIFT, spot(page, rows[-1]))
    assert spin(lambda: "−" in page.doing.chosen.title, 10)
    assert page.doing.chosen.ids.tolist() != alone, "what is taken away changes the list"
    page.doing.pointer.point(TrackId(int(page.points.ids[rows[1]])))
    assert spin(lambda: page.doing.chosen is None), "a second click takes a point back"


def test_a_way_that_cannot_be_found_is_told_and_no_longer_looked_for(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.doing.take(Tool.PATH)
    notices: list[Notice] = []
    opened.shell.noticed.connect(notices.append)
    gone = TrackId(99_999)  # taken out of the library while it is still on the map
    page.doing.pointer.joined.emit(TrackId(int(page.points.ids[0])), gone)
    assert page.doing.bar.words.whole_text() == "Looking for the way …"
    assert spin(lambda: bool(notices), 10) and notices[0].trouble
    assert not page.doing.bar.words.whole_text() and page.doing.bar.hint.text() == Tool.PATH.hint


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_L])
def test_a_path_that_is_no_longer_wanted_does_not_appear(opened: Opened, spin: Spin, key: Qt.Key) -> None:
    page = shown(opened, spin)
    page.cloud.setFocus()
    page.doing.take(Tool.PATH)
    for row in (0, 9):
        page.doing.pointer.point(TrackId(int(page.points.ids[row])))
    QTest.keyClick(page.cloud, key)
    assert spin(lambda: page.settled, 10)
    assert page.doing.chosen is None and not page.doing.bar.words.whole_text()


def test_one_neighbourhood_is_shown_alone_and_left_again(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    track = int(page.points.ids[20])
    ids = page.points.ids[10:50]
    xyz = np.random.default_rng(0).normal(size=(40, 3))
    result = {"track": track, "ids": ids.tolist(), "xyz": xyz.tolist(), "trust": [0.9] * 40, "trustworthiness": 0.99}
    opened.shell.jobs.ended.emit(Outcome("finished", "around", result=result))
    assert spin(lambda: page.points is not None and page.points.around == track, 10)
    assert spin(lambda: len(page.cloud.ids) == 40 and page.cloud.selection() == track)
    assert page.frame.back.isVisible() and "around it" in page.subtitle.whole_text()
    page.frame.back.click()
    assert spin(lambda: page.points is not None and page.points.around is None and len(page.cloud.ids) == 200, 10)
    assert page.frame.back.isHidden()


def test_a_neighbourhood_that_is_drawn_meanwhile_is_shown_on_return(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    ids = page.points.ids[:30].tolist()
    jobs = opened.shell.jobs
    for another in (TrackId(ids[4]), TrackId(int(page.points.ids[99]))):
        opened.window.open("library")
        jobs.ended.emit(Outcome("finished", "around", result=neighbourhood(ids)))
        spin(lambda: page.settled)
        assert shown(opened, spin).points.around == ids[0] and len(page.cloud.ids) == 30
        assert page.frame.back.isVisible() and spin(lambda: page.cloud.selection() == ids[0] and page.settled)
        opened.window.open("library")
        assert shown(opened, spin).points.around is None, "it was seen, and left"
        opened.window.open("library")
        jobs.ended.emit(Outcome("finished", "around", result=neighbourhood(ids)))
        opened.window.go(Goto("map", "show", another))
        assert spin(lambda another=another: page.settled and page.cloud.selection() == another)
        assert page.points.around == (ids[0] if another in ids else None)


def neighbourhood(ids: list[int]) -> dict[str, object]:
    """What the job tells that has drawn the first of them with the others around it."""
    xyz = np.random.default_rng(0).normal(size=(len(ids), 3)).tolist()
    return {"track": ids[0], "ids": ids, "xyz": xyz, "trust": [0.9] * len(ids), "trustworthiness": 0.99}


def test_the_menu_of_a_point_has_the_verbs_of_every_list(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    row = apart(page)[0]
    place = spot(page, row)
    for step in (QTest.mousePress, QTest.mouseRelease):
        step(page.cloud, Qt.MouseButton.RightButton, NONE, place)
    menu = page.cloud.findChild(QMenu)
    assert menu is not None and menu.isVisible()
    texts = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
    assert {"Play", "Radio from here", "More like this", "Why?", "Draw the map around this", "Path from here"} <= set(
        texts
    )
    menu.close()
    for step, at in ((QTest.mousePress, place), (QTest.mouseRelease, place + QPoint(60, 10))):
        step(page.cloud, Qt.MouseButton.RightButton, NONE, at)
    spin(seconds=0.05)
    assert page.cloud.findChild(QMenu) is None, "a drag with the right button moves the map"
    assert page.cloud.id_at(QPointF(-50, -50)) == -1
