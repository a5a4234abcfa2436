"""Ranked lists of the History page under the keyboard, and when they are read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.gui.main import Opened
from musicdesk.gui.pages.history import HistoryPage
from musicdesk.gui.verbs import Choice
from musicdesk.workflows.listening import Ranked
from tests.qt.test_history import history
from tests.qt.windows import make_library, window

ROWS = [Ranked(f"Song {n}", "Band", 9 - n, 0.1, None, 0) for n in range(4)]


@contextmanager
def lists(app: QApplication, profile: Path) -> Iterator[tuple[Opened, HistoryPage]]:
    """The page as with a history, in which its lists can be shown."""
    make_library(profile, 30)
    with window(app, profile) as opened:
        opened.window.show()
        page = history(opened)
        page.outer.setCurrentIndex(0)
        yield opened, page


def test_space_pauses_on_a_song_that_is_not_owned(app: QApplication, tmp_path: Path) -> None:
    with lists(app, tmp_path) as (opened, page):
        page.open("songs")
        songs = page.wishes.list
        page.wishes.show_rows(ROWS)
        told: list[tuple[str, Choice]] = []
        songs.acted.connect(lambda verb, choice: told.append((verb, choice)))
        idle: list[bool] = []
        opened.window.listen.player.idle.connect(lambda: idle.append(True))  # nothing is queued
        songs.setCurrentIndex(songs.ranks.index(1))
        songs.setFocus()
        QTest.keyClick(songs, Qt.Key.Key_Space)
        assert idle == [True] and told == [("pause", Choice(()))]
        QTest.keyClick(songs, Qt.Key.Key_Return)
        assert len(told) == 1, "what is not here does not play"


def test_the_chosen_row_stays_chosen_when_plays_are_read_again(app: QApplication, tmp_path: Path) -> None:
    with lists(app, tmp_path) as (_opened, page):
        for card in (page.overview.songs, page.overview.artists, page.wishes):
            card.show_rows(ROWS)
            assert card.list.chosen() is None
            card.list.setCurrentIndex(card.list.ranks.index(1))
            card.show_rows([ROWS[1], ROWS[0], *ROWS[2:]])
            assert card.list.chosen() is ROWS[1] and card.list.currentIndex().row() == 0
            assert card.list.selectionModel().isSelected(card.list.ranks.index(0))
            card.show_rows([ROWS[0], *ROWS[2:]])
            assert card.list.chosen() is None
