"""Songs to decide while a job is at work: what was typed and marked stays as it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.gui.jobs import GROWTH
from tests.qt.conftest import Spin
from tests.qt.test_history import doubtful, history, states
from tests.qt.windows import window


def test_the_marked_track_stays_marked_while_a_job_goes_on(app: QApplication, tmp_path: Path) -> None:
    doubtful(tmp_path)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page = history(opened)
        page.open("review")
        review = page.review
        song = review.state.current
        assert song is not None
        QTest.keyClick(review.songs, Qt.Key.Key_Right)
        QTest.keyClick(review.tracks, Qt.Key.Key_Down)
        opened.shell.jobs.changed.emit(GROWTH)
        assert review.tracks.currentRow() == 1
        QTest.keyClick(review.tracks, Qt.Key.Key_Return)
        assert states(opened)[song.song] == ("matched", song.candidates[1].track)
        assert review.tracks.currentRow() == 0, "another song begins with its likeliest"


def test_what_was_searched_stays_while_a_job_goes_on(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    doubtful(tmp_path)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page = history(opened)
        page.open("review")
        review = page.review
        song = review.state.current
        assert song is not None
        page.search()
        QTest.keyClicks(review.words, "versus")
        assert spin(lambda: review.tracks.rowCount() == 4, 5)
        review.tracks.setCurrentCell(2, 0)
        wanted = review._candidates[2].track
        opened.shell.jobs.changed.emit(GROWTH)
        assert review.words.text() == "versus" and review.tracks.rowCount() == 4
        assert review.tracks.currentRow() == 2
        QTest.keyClick(review.words, Qt.Key.Key_Return)
        assert states(opened)[song.song] == ("matched", wanted)
        assert review.words.text() == "", "the next song begins without words"


def test_tracks_that_a_song_may_be_are_read_anew_around_the_mark(app: QApplication, tmp_path: Path) -> None:
    doubtful(tmp_path)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page = history(opened)
        page.open("review")
        review = page.review
        song = review.state.current
        assert song is not None
        review.tracks.setCurrentCell(1, 0)
        new = next(n for n in range(1, 6) if n not in {candidate.track for candidate in song.candidates})
        opened.shell.desk.catalog.store.conn.execute(
            "INSERT INTO match_candidate VALUES (?, ?, 'fuzzy', 99.0)", (song.song, new)
        )
        opened.shell.tell(Changes.TRACKS)
        assert review.tracks.rowCount() == 3 and review._candidates[0].track == new
        assert review._candidates[review.tracks.currentRow()].track == song.candidates[1].track
