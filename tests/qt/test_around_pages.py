"""The window around its pages: play with nothing queued, notices, help, its shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
)

from musicdesk.core.types import TrackId
from musicdesk.gui.shortcuts import Shortcuts
from tests.qt.windows import make_library, window

Spin = Callable[..., bool]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of 240 tracks that no test writes to."""
    folder = tmp_path_factory.mktemp("library")
    make_library(folder, 240)
    return folder


def test_the_window_keeps_its_shape(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    make_library(tmp_path, 3)
    with window(app, tmp_path) as opened:
        opened.window.show()
        opened.window.resize(960, 700)
        opened.window.show_queue(False)
        spin(seconds=0.02)
    with window(app, tmp_path) as opened:
        opened.window.show()
        assert opened.window.height() == 700
        assert opened.window.side.isHidden()


def test_play_with_an_empty_queue_plays_the_library_in_random_order(
    app: QApplication, tmp_path: Path, spin: Spin
) -> None:
    ids = make_library(tmp_path / "p", 30)
    with window(app, tmp_path / "p") as opened:
        catalog, listen = opened.shell.desk.catalog, opened.window.listen
        with catalog.write():
            catalog.tracks.exclude(TrackId(int(ids[0])), "always", "by your choice")
        said: list[str] = []
        opened.shell.noticed.connect(lambda notice: said.append(notice.text))
        listen.toggle()
        assert sorted(listen.player.queue.tracks) == sorted(int(track) for track in ids[1:])
        assert said[0] == "Playing 29 tracks of your library in random order."


def test_play_without_any_music_says_what_to_do(app: QApplication, tmp_path: Path) -> None:
    with window(app, tmp_path / "p") as opened:
        said: list[str] = []
        opened.shell.noticed.connect(lambda notice: said.append(f"{notice.text} [{notice.action}]"))
        opened.window.listen.toggle()
        assert said == ["There is no music here yet. [Choose a folder]"]


def test_a_notice_is_whole_after_a_short_one_and_above_the_strip(app: QApplication, library: Path, spin: Spin) -> None:
    """It used to keep the width of the notice before, and to stay where it was when the strip came."""
    with window(app, library) as opened:
        opened.window.show()
        bar = opened.window.notices
        opened.shell.notice("Short.")
        opened.shell.notice("A sentence with a great many words in it, " * 5 + "to its end.", "Show", lambda: None)
        spin(seconds=0.1)
        assert bar.text.height() >= bar.text.heightForWidth(bar.text.width())
        assert bar.width() <= opened.window.stack.width()
        task = opened.shell.jobs.start("scan", {"do": "wait"})
        assert spin(opened.window.strip.isVisible, 5)
        spin(seconds=0.1)
        assert bar.geometry().bottom() <= opened.window.stack.height()
        opened.shell.jobs.cancel(task)
        assert spin(lambda: not opened.shell.jobs.running(), 5)


def test_help_is_a_click_away_and_fits_a_small_screen(app: QApplication, library: Path, spin: Spin) -> None:
    with window(app, library) as opened:
        opened.window.show()
        opened.window.navigation.help.click()
        dialog = opened.window.findChild(Shortcuts)
        assert dialog is not None and dialog.isVisible()
        texts = {text.text() for text in dialog.findChildren(QLabel)}
        assert {"Play", "Why?", "Search"} <= texts and any(str(library) in text for text in texts)
        assert dialog.sizeHint().width() <= 1024 and dialog.sizeHint().height() <= 600
        dialog.close()
