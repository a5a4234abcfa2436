"""What else the Map shows by a tick: the queue, the trail of plays, ghosts, two playlists, a preview, a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.progress import Silent
from musicdesk.core.types import PlayEnd, TrackId
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.map_shows import GHOSTS, NAMES, PREVIEW, QUEUE, TRAIL
from musicdesk.gui.player.snippets import Snippet
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.own_list import keep_list
from musicdesk.workflows.rate import log_play
from musicdesk.workflows.train import train
from tests.helpers.histories import take
from tests.qt.clouds import pixels
from tests.qt.conftest import Spin
from tests.qt.test_map_window import shown
from tests.qt.windows import Answers, make_library, page_of, window
from tests.whole.test_trail import SETTINGS, crowd_file


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    profile = tmp_path_factory.mktemp("shows")
    ids = make_library(profile, 150)
    with open_desk(profile) as desk:
        for track in ids[[3, 60, 9, 120]].tolist():
            log_play(desk, TrackId(track), 200_000, 210_000, PlayEnd.FINISHED)
        for name, part in (("First", ids[:30]), ("Second", ids[20:50])):
            keep_list(desk, name, [TrackId(int(track)) for track in part], "by hand")
    return profile


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(path=tmp_path / "map.png")


@pytest.fixture
def opened(app: QApplication, library: Path, answers: Answers) -> Iterator[Opened]:
    with window(app, library, answers) as made:
        made.window.resize(1280, 800)
        made.window.show()
        yield made


def test_the_queue_is_a_line(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.shows.ticks[NAMES].setChecked(False)
    spin(lambda: not page.cloud.moving)
    without = pixels(page.cloud.picture())
    page.shows.ticks[QUEUE].setChecked(True)
    opened.window.listen.enqueue([TrackId(int(track)) for track in page.points.ids[[5, 80, 140]]])
    assert opened.shell.queue == tuple(page.points.ids[[5, 80, 140]].tolist())
    changed = (pixels(page.cloud.picture()) != without).any(axis=-1)
    one, other = (page.cloud.place_of(int(track)) for track in page.points.ids[[5, 80]])
    middle = (one + other) / 2
    assert changed[int(middle.y()) - 2 : int(middle.y()) + 3, int(middle.x()) - 2 : int(middle.x()) + 3].any()
    page.shows.ticks[QUEUE].setChecked(False)
    assert (pixels(page.cloud.picture()) == without).all()


def test_the_trail_of_plays_has_a_time_and_runs(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.shows.ticks[TRAIL].setChecked(True)
    trail = page.shows.trail
    assert spin(lambda: trail.isVisible())
    assert trail.stations == page.points.ids[[3, 60, 9, 120]].tolist() and trail.slider.maximum() == 3
    assert trail.words.whole_text().endswith("play 4 of 4")
    trail.slider.setValue(1)
    assert trail.stations == page.points.ids[[3, 60]].tolist()
    page.cloud.picture()
    trail.run.setChecked(True)
    assert spin(lambda: trail.slider.value() == 3 and not trail.run.isChecked(), 5), "it runs to the end and stops"
    page_of(opened, "settings")
    assert trail.isHidden() and not trail.stations, "a page that is left keeps nothing"
    shown(opened, spin)
    assert spin(lambda: trail.isVisible() and len(trail.stations) == 4), "what was ticked comes back"
    page.shows.ticks[TRAIL].setChecked(False)
    assert trail.isHidden()


def test_ghosts_without_a_crowd_say_what_is_missing(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    told: list[str] = []
    opened.shell.noticed.connect(lambda notice: told.append(notice.text))
    page.shows.ticks[GHOSTS].setChecked(True)
    assert spin(lambda: bool(told)) and "Import a crowd" in told[0]
    assert not page.shows.on(GHOSTS)


def test_a_ghost_has_a_name_and_a_card(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 150)
    with open_desk(tmp_path) as desk:
        take(desk, crowd_file(tmp_path, desk, desk.catalog.layouts.active().ids), crowd="friends")
        train(desk, "wmf", SETTINGS, 0, Silent(), crowd="friends", measure=False)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page = shown(opened, spin)
        layer, card = page.shows.ghosts, page.hover.card
        assert not layer.named()
        page.shows.ticks[GHOSTS].setChecked(True)
        assert spin(lambda: layer.shown is not None, 20)
        spots = page.cloud.spots(layer.shown.xyz)
        free = [row for row, (x, y, *_) in enumerate(spots.tolist()) if layer.at(QPointF(x, y)) == row]
        assert free, "some lie where no track does"
        artist, title = layer.shown.names[free[0]]
        place = QPointF(*spots[free[0], :2].tolist()).toPoint()
        QTest.mouseMove(page.cloud, place)
        assert layer.over == free[0] and card.isVisible()
        assert (card.title.whole_text(), card.facts.whole_text()) == (title, artist)
        assert card.near.text().startswith("Played by those who play “") and "friends" in card.trust.text()
        assert all(each.height() >= each.heightForWidth(each.width()) for each in (card.near, card.trust)), (
            "none is cut"
        )
        page.cloud.picture()
        row = next(row for row in range(150) if page.cloud.id_at(page.cloud.place_of(int(page.points.ids[row]))) > 0)
        QTest.mouseMove(page.cloud, page.cloud.place_of(int(page.points.ids[row])).toPoint())
        assert layer.over == -1 and card.isVisible() and card.title.whole_text() != title, "a track comes first"
        QTest.mouseMove(page.cloud, place)
        page.cloud.reset_camera()
        assert spin(lambda: card.isHidden() and layer.over == -1), "what moves has no card"
        page.cloud._pilot.turn(page.cloud.camera.looking_at(page.cloud._scene.cloud.place(layer.shown.xyz[0]), 0.3))
        ghosts = {name for _artist, name in layer.shown.names}
        named = lambda: {written.name.text for written in page.labels.written if written.name.kind == "ghost"}  # noqa: E731
        assert spin(lambda: not page.cloud.moving and bool(named()), 20) and named() <= ghosts
        page.shows.ticks[GHOSTS].setChecked(False)
        assert spin(lambda: not named() and bool(page.labels.written)) and layer.shown is None


def test_two_playlists_are_told_apart(opened: Opened, spin: Spin) -> None:
    page = shown(opened, spin)
    page.shows._offer_lists()
    texts = [action.text() for action in page.shows.compare.actions()]
    assert texts[:2] == ["Second", "First"]
    for action in page.shows.compare.actions()[:2]:
        action.setChecked(True)
    assert spin(lambda: page.reading.look.painted.legend.title == "Playlists" and page.settled)
    counts = {entry.label: entry.count for entry in page.reading.look.painted.legend.entries}
    assert counts == {"Second": 20, "First": 20, "In both": 10, "In neither": 100}
    colours = page.cloud._scene.cloud.colours
    assert len({tuple(colour) for colour in colours[[0, 25, 40]].tolist()}) == 3
    assert (colours[60:, 3] < 100).all() and (colours[:50, 3] == 255).all()
    page.side.coloured.emit("genre")
    assert spin(lambda: page.reading.look.painted.legend.title == "Genre")


def test_a_preview_is_heard_when_the_pointer_rests(opened: Opened, spin: Spin, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(opened, spin)
    heard: list[list[Snippet]] = []
    monkeypatch.setattr(opened.window.listen.snippets, "play", lambda snippets: heard.append(list(snippets)))
    track = int(page.points.ids[30])
    page.cloud.hovered.emit(track, QPointF(page.cloud.place_of(track)))
    spin(seconds=0.6)
    assert heard == [], "only when it is wanted"
    page.shows.ticks[PREVIEW].setChecked(True)
    page.cloud.hovered.emit(-1, QPointF())
    page.cloud.hovered.emit(track, QPointF(page.cloud.place_of(track)))
    assert spin(lambda: bool(heard), 3)
    [snippet] = heard[0]
    length = opened.shell.desk.catalog.tracks.get(TrackId(track)).tags.duration_s
    assert snippet.track == track and snippet.length_ms == 8_000
    assert 0 < snippet.start_ms <= 1000 * length - 8_000
    page.cloud.hovered.emit(-1, QPointF())
    assert heard[-1] == [] and len(heard) == 2, "it ends when the pointer goes on"


def test_the_map_is_saved_as_a_picture(opened: Opened, spin: Spin, answers: Answers) -> None:
    page = shown(opened, spin)
    page.shows._save_picture()
    saved = QImage(str(answers.path))
    assert saved.size() == page.cloud.size() and np.ptp(pixels(saved)) > 60


def test_the_words_of_the_trail_lie_under_nothing(opened: Opened, spin: Spin) -> None:
    """The slider took all the room: the words lay under the cross that closes the bar, and stood out of it."""
    page = shown(opened, spin)
    page.shows.ticks[TRAIL].setChecked(True)
    trail = page.shows.trail
    assert spin(lambda: trail.isVisible())
    for width in (1920, 1280, 900):
        opened.window.resize(width, 800)
        spin(seconds=0.1)
        assert trail.rect().contains(trail.words.geometry())
        assert trail.words.geometry().right() < trail.close_.geometry().left() or trail.words.isHidden()
        assert trail.rect().contains(trail.close_.geometry()) and trail.slider.width() >= 60
        assert not trail.slider.geometry().intersects(trail.words.geometry()) or trail.words.isHidden()
        assert trail.words.text() == trail.words.whole_text() or width == 900
    page.shows.ticks[TRAIL].setChecked(False)
