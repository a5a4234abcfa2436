"""What is selected in a list stays selected when the list is read again, and the place in it too."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from musicdesk.catalog.runs import Run
from musicdesk.core.changes import Changes
from musicdesk.core.types import RunId, TrackId
from musicdesk.gui.jobs import GROWTH
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.library import LibraryPage
from musicdesk.gui.pages.models_parts import RunTable
from musicdesk.gui.selection import select_rows, selected_rows
from tests.helpers.big_catalog import fill
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window

FLAG = QItemSelectionModel.SelectionFlag


def shown_library(opened: Opened) -> LibraryPage:
    opened.window.show()
    page = page_of(opened, "library")
    assert isinstance(page, LibraryPage)
    return page


def test_tracks_stay_selected_as_the_library_grows(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 120)
    with window(app, tmp_path) as opened:
        page = shown_library(opened)
        table = page.table
        spin(seconds=0.05)
        for row in (108, 110, 112, 113):
            table.selectionModel().select(table.tracks.index(row, 0), FLAG.Select | FLAG.Rows)
        table.selectionModel().setCurrentIndex(table.tracks.index(112, 0), FLAG.NoUpdate)
        table.verticalScrollBar().setValue(900)
        chosen, current, rows = table.choice().tracks, table.tracks.id_at(112), table.rows()
        fill(opened.shell.desk.catalog, 30, folder=Path("/more"), seed=5)
        opened.shell.jobs.changed.emit(GROWTH)
        assert len(table.tracks.ids) == 150 and table.rows() != rows
        assert table.choice().tracks == chosen and table.tracks.id_at(table.currentIndex().row()) == current
        spin(seconds=0.05)
        assert table.verticalScrollBar().value() == 900
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_Q)
        assert opened.window.listen.player.queue.tracks == list(chosen)
        artist = opened.shell.desk.catalog.tracks.get(chosen[1]).tags.artist
        left = [t.id for t in opened.shell.desk.catalog.tracks.get_many(chosen) if t.tags.artist == artist]
        page._filter("artist", artist)
        assert table.choice().tracks == tuple(left), "what is no longer found is let go"


def test_tracks_stay_selected_as_columns_are_chosen(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 120)
    with window(app, tmp_path) as opened:
        page = shown_library(opened)
        table = page.table
        select_rows(table.selectionModel(), np.array([30, 31, 40]), 40)
        table.verticalScrollBar().setValue(600)
        chosen, columns = table.choice().tracks, len(table.tracks.columns)
        menu = page.findChild(QMenu)
        assert isinstance(menu, QMenu)
        next(action for action in menu.actions() if action.isChecked()).trigger()
        assert len(table.tracks.columns) == columns - 1
        assert table.choice().tracks == chosen and table.currentIndex().row() == 40
        spin(seconds=0.05)
        assert table.verticalScrollBar().value() == 600


def test_runs_stay_side_by_side_when_they_are_told_again(app: QApplication) -> None:
    table = RunTable()
    runs = [Run(RunId(at), "content", {}, 0, "", "", {}, "", "", 1.0, 0.0, at == 1) for at in (3, 2, 1)]
    table.tell(runs)
    assert [run.id for run in table.chosen()] == [3]
    table.selectAll()
    table.tell(runs)
    assert [run.id for run in table.chosen()] == [3, 2, 1]
    select_rows(table.selectionModel(), np.array([0, 2]), 2)
    newer = Run(RunId(4), "content", {}, 0, "", "", {}, "", "", 1.0, 0.0, False)
    table.tell([newer, *runs])
    assert [run.id for run in table.chosen()] == [3, 1]
    table.tell([newer])
    assert [run.id for run in table.chosen()] == [4], "where none of them is left, the newest"


def test_entries_of_the_queue_stay_selected_as_it_grows(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = [TrackId(int(track)) for track in make_library(tmp_path, 60)]
    with window(app, tmp_path) as opened:
        opened.window.show()
        player, panel = opened.window.listen.player, opened.window.listen.queue
        player.enqueue([*ids[:40], *ids[:40]])
        opened.window.show_queue(True)
        spin(seconds=0.05)
        chosen = panel.list.selectionModel()
        for row in (30, 31, 71):
            chosen.select(panel.model.index(row), FLAG.Select)
        panel.list.verticalScrollBar().setValue(1_000)
        player.enqueue([ids[50]])
        assert panel.selected_rows() == [30, 31, 71]
        player.play_next([ids[51], ids[52]])
        assert panel.selected_rows() == [32, 33, 73], "by entry: the other one of the same track is not selected"
        player.remove([32])
        assert panel.selected_rows() == [32, 72]
        spin(seconds=0.05)
        assert panel.list.verticalScrollBar().value() == 1_000
        opened.shell.tell(Changes.FEEDBACK)
        panel.list.setFocus()
        QTest.keyClick(panel.list, Qt.Key.Key_Delete)
        assert len(player.queue) == 80 and player.queue.tracks.count(ids[31]) == 0


def test_a_large_selection_is_read_and_set_at_once(app: QApplication) -> None:
    model = QStandardItemModel(20_000, 1)
    selection = QItemSelectionModel(model)
    everything, some = np.arange(20_000), np.arange(0, 3_000, 2)
    for rows in (everything, some, np.array([3, 5, 6, 7]), np.empty(0, np.int64)):
        select_rows(selection, rows, -1)
        assert np.array_equal(selected_rows(selection), rows)
    begun = time.monotonic()
    select_rows(selection, np.arange(1, 20_000, 2), 7)
    assert list(selected_rows(selection)) == [7], "too scattered: Qt would stand still"
    assert time.monotonic() - begun < 0.5
