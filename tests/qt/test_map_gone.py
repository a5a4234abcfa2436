"""Tracks that leave the library while the Map is on show leave it, the choice and a neighbourhood as well."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId
from musicdesk.gui.pages.map_pointer import Tool
from musicdesk.gui.pages.map_twin import CHOSEN, NEAR, VIEW
from musicdesk.gui.pages.map_view import in_sight
from musicdesk.gui.task import Outcome
from musicdesk.workflows.desk import open_desk
from tests.qt.conftest import Spin
from tests.qt.test_map_doing import neighbourhood
from tests.qt.test_map_window import shown
from tests.qt.windows import Answers, make_library, window

GONE = Changes.TRACKS | Changes.MAP | Changes.EMBEDDINGS  # of a folder that is forgotten


def test_tracks_that_are_gone_leave_the_choice(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 60)
    with window(app, tmp_path, Answers(name="What is left")) as opened:
        opened.window.show()
        page, tracks, lists = shown(opened, spin), opened.shell.desk.catalog.tracks, opened.shell.desk.catalog.playlists
        ids = page.points.ids.tolist()
        page.doing.take(Tool.SPHERE)
        page.doing.pointer.point(TrackId(ids[0]))
        page.doing.pointer.enclosed.emit(page.points.ids[:20], False)
        page.twin.turn(NEAR)
        tracks.remove(ids[:5])
        opened.shell.tell(GONE)
        assert spin(lambda: page.settled and len(page.points) == 55, 10)
        assert page.doing.chosen.ids.tolist() == ids[5:20] and page.twin.shown == NEAR
        assert page.doing.bar.words.whole_text() == page.twin._lists[CHOSEN][0] == "15 tracks chosen"
        QTest.keyClick(page.cloud, Qt.Key.Key_PageUp)
        assert len(page.doing.chosen.ids) == 15, "the sphere has gone with its middle"
        with open_desk(tmp_path) as other:  # nobody tells the window
            other.catalog.tracks.remove(ids[5:8])
        page.doing.bar.keep.click()
        [kept] = lists.all()
        assert (kept.name, kept.tracks) == ("What is left", 12)
        assert "is kept with 12 tracks" in opened.window.notices.text.text()
        tracks.remove(ids[8:20])
        page.doing.bar.keep.click()
        assert opened.window.notices.text.text() == "None of these tracks is in the library any more."
        opened.shell.tell(GONE)
        assert spin(lambda: page.settled and len(page.points) == 40, 10)
        assert page.doing.chosen is None and not page.doing.bar.words.whole_text()


def test_a_neighbourhood_shows_what_is_left_of_it(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page, tracks = shown(opened, spin), opened.shell.desk.catalog.tracks
        ids = page.points.ids[:30].tolist()
        opened.shell.jobs.ended.emit(Outcome("finished", "around", result=neighbourhood(ids)))
        assert spin(lambda: page.settled and len(page.cloud.ids) == 30, 10)
        for gone, told in ((ids[20:], "and 19 tracks around it"), (ids[:1], "and 19 tracks around it")):
            tracks.remove(gone)
            opened.shell.tell(GONE)
            assert spin(lambda gone=gone: page.settled and gone[0] not in page.cloud.ids, 10)
            assert page.points.around == ids[0] and told in page.subtitle.whole_text()
        tracks.remove(ids[1:20])
        opened.shell.tell(GONE)
        assert spin(lambda: page.settled and len(page.cloud.ids) == 30, 10)
        assert page.points.around is None and page.frame.back.isHidden()


def test_what_was_read_later_is_what_is_shown(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    """Steps of showing the places before still waited, and came after those that had been read meanwhile."""
    make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page, tracks = shown(opened, spin), opened.shell.desk.catalog.tracks
        older = page.reading
        tracks.remove(page.points.ids[:5].tolist())
        opened.shell.tell(GONE)
        assert spin(lambda: page.settled and len(page.cloud.ids) == 55, 10)
        newer, page.reading = page.reading, older
        page._showing.run(page._show(False))
        page._showing._step()  # the window's own turn
        page._showing._step()
        assert page._showing.busy
        page._has_read(page.choice, newer)
        assert not page._showing.busy
        spin(seconds=0.1)
        assert len(page.cloud.ids) == len(page.points) == 55


def test_tracks_that_are_gone_leave_the_lists(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page, tracks = shown(opened, spin), opened.shell.desk.catalog.tracks
        table = page.twin.table.tracks

        def forget(gone: list[int], left: int) -> None:
            tracks.remove(gone)
            opened.shell.tell(GONE)
            assert spin(lambda: page.settled and len(page.points) == left, 10)

        near = table.ids.tolist()
        forget(near[3:7], 56)
        assert page.twin.shown == NEAR and table.ids.tolist() == near[:3] + near[7:]
        title = page.twin.title.whole_text()
        forget(near[:1], 55)
        assert spin(lambda: page.twin.title.whole_text() != title, 5), "of another, where the first has gone"
        assert len(table.ids) > 5 and not set(table.ids.tolist()) & set(near[:1] + near[3:7])
        page.twin.turn(VIEW)
        assert spin(lambda: page.settled and len(table.ids) == 55, 5)
        forget(table.ids[:10].tolist(), 45)
        assert table.ids.tolist() == in_sight(page.cloud).tolist()
        assert page.twin.title.whole_text().startswith(f"{len(table.ids)} tracks in view")
        assert all(table.track_at(row) for row in range(len(table.ids)))
