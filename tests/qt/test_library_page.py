"""The Library page: what it finds, how it sorts, what its rows can be asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QMenu,
)

from musicdesk.catalog.tracks import Found
from musicdesk.core.changes import Changes
from musicdesk.core.types import Track, TrackId, Verdict
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.shell import Notice
from musicdesk.gui.tables.delegate import SLOT
from musicdesk.gui.verbs import Choice
from musicdesk.workflows.desk import open_desk
from tests.qt.windows import make_library, page_of, window

Spin = Callable[..., bool]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of 240 tracks that no test writes to."""
    folder = tmp_path_factory.mktemp("library")
    make_library(folder, 240)
    return folder


def test_the_library_finds_filters_and_sorts(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        assert len(page.table.tracks.ids) == 240
        page.words.setText("river dan")
        assert spin(lambda: len(page.table.tracks.ids) < 240)
        shown = [page.table.tracks.track_at(row) for row in range(len(page.table.tracks.ids))]
        assert shown and all(track and {"River", "Dance"} <= _words(track) for track in shown)
        assert page.subtitle.whole_text() == f"{len(shown)} of 240 tracks"
        page.clear.click()
        assert len(page.table.tracks.ids) == 240
        page.table.horizontalHeader().sectionClicked.emit(0)
        titles = [track.tags.title for row in range(5) if (track := page.table.tracks.track_at(row))]
        assert titles in (sorted(titles), sorted(titles, reverse=True))
        page.words.setText("nothing is called this")
        assert spin(lambda: page.stack.currentIndex() == 1)


def test_failed_files_are_a_click_away(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 30, heard=False)
    with window(app, tmp_path) as opened:
        catalog = opened.shell.desk.catalog
        catalog.sound.fail(TrackId(int(ids[3])), "decode", "The file holds only silence.", (1003, 3))
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        spin(seconds=0.02)
        assert page.failed.text() == "1 could not be read"
        page.failed.click()
        assert list(page.table.tracks.ids) == [ids[3]]
        reasons = [page.table.tracks.index(0, at).data() for at in range(page.table.tracks.columnCount())]
        assert "The file holds only silence." in reasons


def test_files_that_could_not_be_read_are_tried_again(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    """All by a button, that is there where they are listed; one by its menu, which other tracks do not have."""
    ids = make_library(tmp_path, 30, heard=False)
    with window(app, tmp_path) as opened:
        sound = opened.shell.desk.catalog.sound
        for row in (3, 4, 5):
            sound.fail(TrackId(int(ids[row])), "decode", "The file is damaged.", (1000 + row, row))
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        spin(seconds=0.02)
        jobs: list[str] = []
        opened.shell.jobs.began.connect(lambda task: jobs.append(task.request.job))
        table = page.table
        assert not page.again.isVisible()
        table.selectRow(list(table.tracks.ids).index(ids[0]))
        assert not _entry(table.menu(), "Try to read it again")
        page.failed.click()
        assert page.again.isVisible() and len(table.tracks.ids) == 3
        table.selectRow(0)
        _entry(table.menu(), "Try to read it again")[0].trigger()
        assert len(sound.failures()) == 2 and jobs == ["settle"]
        assert spin(lambda: len(table.tracks.ids) == 2, 10)
        page.again.click()
        assert not sound.failures() and len(sound.waiting(opened.shell.desk.encoder)) == 30
        assert spin(lambda: not opened.shell.jobs.running(), 10) and jobs == ["settle", "settle"]
        assert not page.again.isVisible()


def test_keys_rate_queue_and_undo(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 40)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        table, catalog = page.table, opened.shell.desk.catalog
        notices: list[Notice] = []
        opened.shell.noticed.connect(notices.append)
        table.setFocus()
        table.selectRow(2)
        track = table.choice().tracks[0]
        for key, verdict in (("4", Verdict.LIKE), ("5", Verdict.DISLIKE), ("3", Verdict.NEVER), ("0", None)):
            QTest.keyClick(table, key)
            assert catalog.tracks.get(track).verdict is verdict
        QTest.keyClick(table, "4")
        assert catalog.tracks.get(track).verdict is Verdict.LIKE
        assert notices[-1].action == "Undo" and "More like" in notices[-1].text
        assert notices[-1].run is not None
        notices[-1].run()
        assert catalog.tracks.get(track).verdict is None
        QTest.keyClick(table, "q")
        assert opened.window.listen.player.queue.tracks == [track]
        assert table.choice().tracks == (track,), "the selection stays where it was"


def test_a_rating_sign_is_clicked(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 20)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        spin(seconds=0.05)
        table = page.table
        column = [c.name for c in table.tracks.columns].index("rating")
        cell = table.visualRect(table.tracks.index(4, column))
        place = cell.topLeft()
        place.setX(cell.left() + 4 + 3 * SLOT + SLOT // 2)  # the last of the four signs
        place.setY(cell.center().y())
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert opened.shell.desk.catalog.tracks.get(table.tracks.id_at(4)).verdict is Verdict.LIKE
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert opened.shell.desk.catalog.tracks.get(table.tracks.id_at(4)).verdict is None


def test_a_list_that_is_no_mix_offers_three_signs_without_a_hole(app: QApplication, tmp_path: Path) -> None:
    """What is not painted cannot be clicked: the sign of "not in this mix" used to be there, unseen."""
    make_library(tmp_path, 20)
    with window(app, tmp_path) as opened:
        delegate = page_of(opened, "library").table._delegate  # type: ignore[attr-defined]
        cell = QRect(0, 0, 108, 28)
        places = [QPoint(4 + at * SLOT + SLOT // 2, 14) for at in range(4)]
        plain = [delegate.sign_at(cell, place, in_mix=False) for place in places]
        assert plain == [None, "not-now", "never", "like"]
        assert [delegate.sign_at(cell, place) for place in places] == ["not-now", "not-here", "never", "like"]


def test_nothing_overlaps_above_the_library_in_a_narrow_window(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 30)
    with open_desk(tmp_path) as desk:
        for track in ids[:12]:
            desk.catalog.sound.fail(TrackId(int(track)), "decode", "broken", (1, 1))
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.resize(1280, 800)
        opened.window.show()
        page.genre.setCurrentIndex(1)
        page._filter("genre", page.genre.currentData())
        spin(seconds=0.1)
        assert page.failed.isVisible() and page.clear.isVisible()
        places = [box.geometry() for box in (page.genre, page.artist, page.status, page.clear, page.failed)]
        assert all(a.right() < b.left() for a, b in pairwise(places)), places


def test_a_track_leads_to_its_album_and_its_artist(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path / "p", 200)
    with window(app, tmp_path / "p") as opened:
        opened.window.show()
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        page.words.setText("nothing such")
        track = opened.shell.desk.catalog.tracks.get(TrackId(int(page.table.tracks.ids[7])))
        for verb in ("album", "artist"):
            opened.window.actions_.perform(verb, Choice((track.id,)))
            shown = opened.shell.desk.catalog.tracks.get_many([TrackId(int(i)) for i in page.table.tracks.ids])
            wanted = getattr(track.tags, verb)
            assert wanted and {getattr(one.tags, verb) for one in shown} == {wanted}
            assert len(shown) < 200 and page.table.choice().tracks == (track.id,)
            assert not page.words.text() and page.clear.isVisible()
        assert "album" not in page.subtitle.text()
        opened.window.actions_.perform("album", Choice((track.id,)))
        assert f"album “{track.tags.album}”" in page.subtitle.text()


def test_the_menu_of_columns_tells_which_have_no_room(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library) as opened:
        opened.window.resize(960, 640)
        opened.window.show()
        page = page_of(opened, "library")
        spin(seconds=0.1)
        menu = next(
            menu for menu in page.findChildren(QMenu) if any(a.text().startswith("Plays") for a in menu.actions())
        )
        menu.aboutToShow.emit()
        told = {str(action.data()): action.text() for action in menu.actions()}
        assert told["status"] == "Status (needs a wider window)" and told["artist"] == "Artist"


def _words(track: Track) -> set[str]:
    return set(f"{track.tags.title} {track.tags.artist} {track.tags.album}".split())


def _entry(menu: QMenu, text: str) -> list[QAction]:
    return [action for action in menu.actions() if action.text().split("\t")[0] == text]


def test_what_is_liked_is_listed_by_the_filter_at_once(app: QApplication, tmp_path: Path) -> None:
    ids = [TrackId(int(track)) for track in make_library(tmp_path, 30)[:5]]
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        page._filter("status", "liked")
        assert not len(page.table.tracks.ids)
        opened.window.actions_.rating.say("like", Choice(tuple(ids)))
        app.processEvents()
        assert set(page.table.tracks.ids.tolist()) == set(ids)


def test_filters_know_a_genre_that_came_by_new_tags(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 30)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        tracks = opened.shell.desk.catalog.tracks
        for track in tracks.get_many([TrackId(int(track)) for track in ids[:9]]):
            tracks.update(track.id, Found(track.path, 1, 1), replace(track.tags, genre="Zydeco"), "", "")
        opened.shell.tell(Changes.TRACKS)
        assert page.genre.findData("Zydeco") > 0


def test_the_arrow_stays_where_the_order_is(app: QApplication, library: Path) -> None:
    with window(app, library) as opened:
        page = page_of(opened, "library")
        assert isinstance(page, LibraryPage)
        opened.window.show()
        header, columns = page.table.horizontalHeader(), page.table.tracks.columns
        at = header.sortIndicatorSection()
        still = next(n for n, column in enumerate(columns) if not column.order)
        header.setSortIndicator(still, Qt.SortOrder.AscendingOrder)  # as Qt does at a click
        header.sectionClicked.emit(still)
        assert header.sortIndicatorSection() == at != still
