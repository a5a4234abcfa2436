"""What the window's player shows is what sounds, or would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.gui.listen import Listen
from musicdesk.gui.main import Opened
from musicdesk.gui.player.mpris import Mpris, Shown
from tests.qt.windows import make_library, window

KEYS = Qt.Key


@pytest.fixture
def opened(app: QApplication, tmp_path: Path) -> Iterator[Opened]:
    make_library(tmp_path, 12)
    with window(app, tmp_path) as made:
        made.window.show()
        yield made


def volume(listen: Listen) -> tuple[int, int, bool]:
    """Of the slider, and of what sounds."""
    engine = listen.player.engine
    return listen.bar._volume.value(), round(engine.volume * 100), engine.muted


@pytest.mark.parametrize("key, step", [(KEYS.Key_Left, -1), (KEYS.Key_Right, 1), (KEYS.Key_PageDown, -10)], ids=str)
def test_the_slider_shows_the_volume_by_keys(opened: Opened, key: Qt.Key, step: int) -> None:
    listen = opened.window.listen
    listen.set_volume(0.6)
    for times in (1, 2, 3):
        QTest.keyClick(listen.bar._volume, key)
        assert volume(listen) == (60 + times * step, 60 + times * step, False)


def test_the_slider_stays_where_it_is_dragged_to(opened: Opened) -> None:
    listen = opened.window.listen
    slider = listen.bar._volume
    listen.set_volume(0.2)
    slider.setSliderDown(True)
    for place in (30, 50, 70, 90):
        slider.setSliderPosition(place)
        assert volume(listen) == (place, place, False)
    slider.setSliderDown(False)
    assert volume(listen) == (90, 90, False)


def test_muting_keeps_the_volume_and_moving_the_slider_ends_it(opened: Opened) -> None:
    listen, mute = opened.window.listen, opened.window.listen.bar._mute
    listen.set_volume(0.5)
    mute.click()
    assert volume(listen) == (50, 50, True)
    QTest.keyClick(listen.bar._volume, KEYS.Key_Right)
    assert volume(listen) == (51, 51, False) and not mute.isChecked()
    listen.toggle_mute()
    assert volume(listen) == (51, 51, True) and mute.isChecked()


def test_the_slider_follows_the_desktop_s_sound_menu(opened: Opened) -> None:
    listen = opened.window.listen
    menu = Mpris(listen.player, lambda _track: Shown("a title"))
    menu._remote.setProperty("Volume", 0.25)
    assert volume(listen) == (25, 25, False)
    QTest.keyClick(listen.bar._volume, KEYS.Key_Right)
    assert menu._remote.property("Volume") == pytest.approx(0.26)
    menu.close()
