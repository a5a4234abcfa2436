"""What the window's player shows is what sounds, or would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from musicdesk.catalog.browse import Query
from musicdesk.core.changes import Changes
from musicdesk.core.types import TrackId, Verdict
from musicdesk.gui.listen import Listen
from musicdesk.gui.main import Opened
from musicdesk.gui.player.mpris import Mpris, Shown
from musicdesk.gui.player.queue import Repeat
from tests.qt.windows import make_library, window

KEYS = Qt.Key


@pytest.fixture
def opened(app: QApplication, tmp_path: Path) -> Iterator[Opened]:
    make_library(tmp_path, 12)
    with window(app, tmp_path) as made:
        made.window.show()
        yield made


def waiting(opened: Opened) -> tuple[Listen, list[TrackId]]:
    """Four tracks that wait in silence, as after a start; the second is on."""
    listen, browse = opened.window.listen, opened.shell.desk.catalog.browse
    ids = [TrackId(int(track)) for track in browse.ids(Query())[:4]]
    listen.player.lay_out(ids, 1, {}, Repeat.OFF)
    listen.show_paused(ids[1])
    return listen, ids


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


def test_signs_of_a_track_that_waits_tell_what_holds(app: QApplication, opened: Opened) -> None:
    listen, ids = waiting(opened)
    tracks, like = opened.shell.desk.catalog.tracks, listen.bar.signs.buttons["like"]
    like.click()
    assert tracks.get(ids[1]).verdict is Verdict.LIKE and like.isChecked()
    opened.window.undo()
    app.processEvents()
    assert tracks.get(ids[1]).verdict is None and not like.isChecked()


def test_the_bar_goes_with_a_queue_that_waits(opened: Opened) -> None:
    listen, ids = waiting(opened)
    titles = [opened.shell.desk.catalog.tracks.get(track).tags.title for track in ids]
    listen.player.move([1], 4)
    assert listen.bar._title.whole_text() == titles[1]
    listen.bar.signs.buttons["never"].click()
    assert listen.player.queue.tracks == [ids[0], ids[2], ids[3]]
    assert listen.bar._title.whole_text() == titles[3] and listen.bar._total.text() != "–:––"
    listen.player.clear()
    assert listen.bar._title.whole_text() == "Nothing plays" and not listen.bar.signs.isEnabled()
    assert not listen.bar.signs.buttons["never"].isChecked()


def test_tracks_of_a_forgotten_folder_leave_the_queue(opened: Opened) -> None:
    listen, ids = waiting(opened)
    opened.shell.desk.catalog.tracks.remove([ids[0], ids[1], ids[3]])
    opened.shell.tell(Changes.TRACKS)
    title = opened.shell.desk.catalog.tracks.get(ids[2]).tags.title
    assert listen.player.queue.tracks == [ids[2]] and listen.bar._title.whole_text() == title


def test_nothing_is_shown_of_a_queue_that_was_played_to_its_end(opened: Opened) -> None:
    listen, ids = waiting(opened)
    listen.player.track_changed.emit(None)  # what the engine tells as it stops
    listen.player.enqueue([ids[0]])
    assert listen.bar._title.whole_text() == "Nothing plays"
