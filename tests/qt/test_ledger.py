"""The ledger in the window: what was said when, what it moved, and any of it taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.ledger import LedgerDialog
from musicdesk.gui.rating import Rating
from musicdesk.gui.verbs import Choice
from tests.qt.conftest import Spin
from tests.qt.windows import make_library, page_of, window


def cells(ledger: LedgerDialog, column: int) -> list[str]:
    found = [ledger.table.item(row, column) for row in range(ledger.table.rowCount())]
    return [item.text() for item in found if item is not None]


def test_any_saying_is_taken_back_from_the_ledger(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = make_library(tmp_path, 300)
    with window(app, tmp_path) as opened:
        opened.window.show()
        feedback, actions = opened.shell.desk.catalog.feedback, opened.window.actions_
        library = page_of(opened, "library")
        player = opened.window.listen.player
        tracks = [TrackId(int(ids[row])) for row in (0, 40, 80)]
        player.enqueue(tracks)
        opened.window.show_ledger()
        ledger = opened.window.findChild(LedgerDialog)
        assert ledger is not None and ledger.stack.currentIndex() == 0 and not ledger.back.isEnabled()
        for track, verb in zip(tracks, ("like", "never", "not-now"), strict=True):
            library.table.select_track(track)  # type: ignore[attr-defined]
            actions.perform(verb, library.table.choice())  # type: ignore[attr-defined]
        app.processEvents()
        assert cells(ledger, 1) == ["not now", "never", "more like this"], "it follows what is said"
        assert all(" up, " in cell for cell in cells(ledger, 4)[1:]) and cells(ledger, 0)[0].startswith("today ")
        ledger.table.selectRow(1)
        assert player.queue.tracks == [tracks[0], tracks[2]]
        QTest.keyClick(ledger.table, Qt.Key.Key_Delete)
        app.processEvents()
        assert cells(ledger, 5) == ["", "taken back", ""] and "1 of them taken back" in ledger.line.text()
        assert feedback.opinion(tracks[1]).verdict is None and feedback.opinion(tracks[0]).verdict is Verdict.LIKE
        assert player.queue.tracks == tracks, "it is in the queue again"
        assert not ledger.back.isEnabled()
        ledger.table.selectRow(2)
        ledger.back.click()
        assert feedback.opinion(tracks[0]).verdict is None and list(feedback.opinion(tracks[2]).scoped)
        opened.window.show_ledger()
        assert opened.window.findChildren(LedgerDialog) == [ledger], "one is enough"
        ledger.close()


def test_what_is_said_meanwhile_leaves_another_saying_chosen(app: QApplication, tmp_path: Path) -> None:
    tracks = [TrackId(int(track)) for track in make_library(tmp_path, 60)[:5]]
    with window(app, tmp_path) as opened:
        opened.window.show()
        feedback, rating = opened.shell.desk.catalog.feedback, opened.window.actions_.rating
        for track in tracks[:4]:
            rating.say("like", Choice((track,)))
        opened.window.show_ledger()
        ledger = opened.window.findChild(LedgerDialog)
        assert ledger is not None
        ledger.table.selectRow(2)
        rating.say("like", Choice((tracks[4],)))
        app.processEvents()
        assert ledger.table.currentRow() == 3 and ledger.table.selectionModel().isRowSelected(3)
        ledger.back.click()
        app.processEvents()
        verdicts = [feedback.opinion(track).verdict for track in tracks]
        assert verdicts == [Verdict.LIKE, None, Verdict.LIKE, Verdict.LIKE, Verdict.LIKE]
        assert ledger.table.currentRow() == 3 and not ledger.back.isEnabled()
        ledger.close()


def test_what_was_said_in_another_session_is_taken_back_too(app: QApplication, tmp_path: Path) -> None:
    ids = make_library(tmp_path, 60)
    with window(app, tmp_path) as opened:
        event = opened.shell.desk.catalog.feedback.rate(TrackId(int(ids[5])), Verdict.LIKE)
        Rating(opened.shell, opened.window.listen).take_back(event)
        assert opened.shell.desk.catalog.feedback.opinion(TrackId(int(ids[5]))).verdict is None
