"""Songs to decide: by keys alone, taken back, and while a job is at work: what was typed and marked stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.gui.jobs import GROWTH
from musicdesk.gui.main import Opened
from musicdesk.gui.pages.history import HistoryPage
from musicdesk.gui.pages.history_state import Doubt
from musicdesk.workflows.desk import open_desk
from tests.qt.conftest import Spin
from tests.qt.test_history import history
from tests.qt.windows import window
from tests.unit.test_history_matching import own


def doubtful(profile: Path, songs: int = 4) -> None:
    """A library and a history with songs that may be one of two tracks each."""
    with open_desk(profile) as desk:
        names = [f"Aurora Borealis Number {word}" for word in ("One", "Two", "Three", "Four", "Five", "Six")[:songs]]
        own(desk, *(("Band", f"{name} Versus Them", 200.0) for name in names), ("Other", "Something Else", 100.0))
        for track in range(1, songs + 1):
            number = desk.catalog.store.conn.execute(
                "INSERT INTO song (artist, title, artist_key, title_key) VALUES ('Bänd', ?, 'band', ?)",
                (names[track - 1], names[track - 1].lower()),
            ).lastrowid
            desk.catalog.store.conn.execute(
                "INSERT INTO match VALUES (?, NULL, 'fuzzy', 88.0, 'ambiguous', 0.0)", (number,)
            )
            rows = [(number, track, "fuzzy", 88.0), (number, track % songs + 1, "fuzzy", 81.0)]
            desk.catalog.store.conn.executemany("INSERT INTO match_candidate VALUES (?, ?, ?, ?)", rows)
        desk.catalog.listens.begin("csv", "mine.csv", desk.catalog.listens.listener("me"))


def states(opened: Opened) -> dict[int, tuple[str, int | None]]:
    rows = opened.shell.desk.catalog.store.conn.execute("SELECT song_id, state, track_id FROM match")
    return {song: (state, track) for song, state, track in rows}


def test_songs_are_decided_by_keys_alone(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    doubtful(tmp_path)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page = history(opened)
        assert page.tabs["review"].text() == "To decide"
        assert spin(lambda: page.settled)
        assert page.tabs["review"].text() == "To decide (4)"
        QTest.keyClick(page.tabs["review"], Qt.Key.Key_Space)
        review = page.review
        assert review.songs.hasFocus() or opened.window.focusWidget() is review.songs
        order = [doubt.song for doubt in review.state.doubts]
        assert review.tracks.item(0, 5).text() == "88 %"
        QTest.keyClick(review.songs, Qt.Key.Key_Return)  # the likeliest
        assert states(opened)[order[0]] == ("matched", review.state.decided[0][1].candidates[0].track)
        assert review.state.current is not None and review.state.current.song == order[1], "the next one is chosen"
        QTest.keyClick(review.songs, "2")
        second = review.state.decided[1][1].candidates[1].track
        assert states(opened)[order[1]] == ("matched", second)
        QTest.keyClick(review.songs, "n")
        assert states(opened)[order[2]] == ("never", None)
        assert page.tabs["review"].text() == "To decide (1)"
        opened.window.undo()  # Ctrl+Z
        assert states(opened)[order[2]] == ("ambiguous", None)
        assert review.state.current.song == order[2] and review.songs.currentRow() == 0
        page.search()  # Ctrl+F
        QTest.keyClicks(review.words, "something els")
        QTest.keyClick(review.words, Qt.Key.Key_Return)
        other = opened.shell.desk.catalog.tracks.by_path(b"/music/4.mp3")
        assert states(opened)[order[2]] == ("matched", other)
        QTest.keyClick(review.songs, Qt.Key.Key_Right)
        QTest.keyClick(review.tracks, Qt.Key.Key_Down)
        QTest.keyClick(review.tracks, Qt.Key.Key_Return)
        assert states(opened)[order[3]][0] == "matched"
        assert review.nothing.isVisible() and page.tabs["review"].text() == "To decide"
        for _ in range(4):
            opened.window.undo()
        assert {state for state, _track in states(opened).values()} == {"ambiguous"}
        assert [doubt.song for doubt in review.state.doubts] == order


def test_what_was_decided_before_is_taken_back_too(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    doubtful(tmp_path, 2)
    for _ in range(2):
        with window(app, tmp_path) as opened:
            opened.window.show()
            page = history(opened)
            page.open("review")
            if page.review.state.decided or len(page.review.state.doubts) < 2:
                opened.window.undo()
                assert len(page.review.state.doubts) == 2
            else:
                page.review.never.click()
                assert len(page.review.state.doubts) == 1


@contextmanager
def deciding(app: QApplication, profile: Path) -> Iterator[tuple[Opened, HistoryPage, Doubt]]:
    """The window before the first song to decide."""
    doubtful(profile)
    with window(app, profile) as opened:
        opened.window.show()
        page = history(opened)
        page.open("review")
        song = page.review.state.current
        assert song is not None
        yield opened, page, song


def test_the_marked_track_stays_marked_while_a_job_goes_on(app: QApplication, tmp_path: Path) -> None:
    with deciding(app, tmp_path) as (opened, page, song):
        review = page.review
        QTest.keyClick(review.songs, Qt.Key.Key_Right)
        QTest.keyClick(review.tracks, Qt.Key.Key_Down)
        opened.shell.jobs.changed.emit(GROWTH)
        assert review.tracks.currentRow() == 1
        QTest.keyClick(review.tracks, Qt.Key.Key_Return)
        assert states(opened)[song.song] == ("matched", song.candidates[1].track)
        assert review.tracks.currentRow() == 0, "another song begins with its likeliest"


def test_what_was_searched_stays_while_a_job_goes_on(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    with deciding(app, tmp_path) as (opened, page, song):
        review = page.review
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
    with deciding(app, tmp_path) as (opened, page, song):
        review = page.review
        review.tracks.setCurrentCell(1, 0)
        new = next(n for n in range(1, 6) if n not in {candidate.track for candidate in song.candidates})
        opened.shell.desk.catalog.store.conn.execute(
            "INSERT INTO match_candidate VALUES (?, ?, 'fuzzy', 99.0)", (song.song, new)
        )
        opened.shell.tell(Changes.TRACKS)
        assert review.tracks.rowCount() == 3 and review._candidates[0].track == new
        assert review._candidates[review.tracks.currentRow()].track == song.candidates[1].track
