"""What is played and said from a list belongs to its picks: from the page through the queue to the catalog."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.types import TrackId
from musicdesk.gui.pages.discover import DiscoverPage
from musicdesk.gui.pages.discover_state import Draw
from tests.qt.test_player import tone
from tests.qt.windows import make_library, page_of, window

Spin = Callable[..., bool]
PLAYS = "SELECT track_id, ended, pick_id, position, heard_ms FROM play_event ORDER BY id DESC LIMIT 1"


def test_plays_skips_and_ratings_know_their_pick(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        catalog, player = opened.shell.desk.catalog, opened.window.listen.player
        page.show_draw(Draw("artist-radio", (TrackId(int(ids[0])),)))
        table = page.list.table
        assert page.list.shown is not None
        picks = [pick.id for pick in page.list.shown.playlist.picks]
        assert None not in picks and len(set(picks)) == len(picks)
        chosen = table.tracks.id_at(2)
        file = tone(os.fsencode(tmp_path / "tone.wav"), 8.0)
        catalog.store.conn.execute("UPDATE track SET path = ? WHERE id = ?", (file, int(chosen)))
        table.selectRow(2)
        QTest.keyClick(table, Qt.Key.Key_Return)
        assert player.queue.picks == picks[2:]
        assert spin(lambda: player.engine.heard_ms > 100)
        opened.window.listen.bar.said.emit(chosen, "like")
        said = catalog.store.conn.execute("SELECT pick_id, position, heard_ms FROM feedback_event").fetchone()
        assert said[:2] == (picks[2], 2) and said[2] >= 100
        player.stop()
        heard = catalog.store.conn.execute(PLAYS).fetchone()
        assert heard[:4] == (int(chosen), "stopped", picks[2], 2) and heard[4] >= 100


def test_a_draft_is_kept_before_it_is_acted_on(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        page = page_of(opened, "discover")
        assert isinstance(page, DiscoverPage)
        opened.window.show()
        page.show_draw(Draw("artist-radio", (TrackId(int(ids[0])),), adventure=0.0))
        page.list.levers.sliders["adventure"].setValue(80)
        assert spin(lambda: page.list.shown is not None and page.list.shown.playlist.id is None, 3)
        page.list.table.selectRow(1)
        page.list.table.setFocus()
        QTest.keyClick(page.list.table, "4")
        row = opened.shell.desk.catalog.store.conn.execute("SELECT pick_id, position FROM feedback_event").fetchone()
        assert row[0] is not None and row[1] == 1
        opened.window.actions_.perform("queue", page.list._whole())
        assert None not in opened.window.listen.player.queue.picks
