"""The player's bar, its waveform and the queue's panel: what they show, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QSlider,
)

from musicdesk.core.types import TrackId
from musicdesk.gui.labels import ElidedLabel, plain_label, tip
from musicdesk.gui.player.bar import Now, PlayerBar
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.queue import Queue, Repeat
from musicdesk.gui.player.queue_panel import ROWS_MIME, QueuePanel, Words
from musicdesk.gui.player.waveform import Waveform

Spin = Callable[..., bool]
LEFT = Qt.MouseButton.LeftButton
HELD = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def bar(app: QApplication, spin: Spin) -> PlayerBar:
    made = PlayerBar()
    made.resize(1_100, 72)
    made.show()
    spin(seconds=0.02)
    return made


def test_every_control_has_a_name_and_a_tip(bar: PlayerBar) -> None:
    controls = [*bar.findChildren(QAbstractButton), *bar.findChildren(QSlider)]
    assert len(controls) == 11
    assert len({control.accessibleName() for control in controls}) == 11
    for control in controls:
        assert control.accessibleName() and control.toolTip().startswith("<span>")
    assert bar.findChild(Waveform).accessibleName() == "Position in the track"


def test_tags_are_shown_as_text(bar: PlayerBar) -> None:
    bar.show_track(Now(TrackId(1), "a<b and c>d " * 20, "<img src='http://x'>"))
    title, artist = bar.findChildren(ElidedLabel)
    assert title.textFormat() is Qt.TextFormat.PlainText
    assert title.text().endswith("…") and title.whole_text().startswith("a<b")
    assert "&lt;b" in title.toolTip() and "<b " not in title.toolTip()
    assert artist.whole_text() == "<img src='http://x'>"


def test_signs_tell_track_and_verb_and_a_second_click_takes_it_back(bar: PlayerBar) -> None:
    told: list[tuple[int, str]] = []
    bar.said.connect(lambda track, verb: told.append((track, verb)))
    like, later = bar.signs.buttons["like"], bar.signs.buttons["not-now"]
    like.click()
    assert told == []
    bar.show_track(Now(TrackId(7), "t"))
    for button in (like, later, later):
        QTest.mouseClick(button, LEFT)
    assert told == [(7, "like"), (7, "not-now"), (7, "now")]
    assert like.isChecked() and not later.isChecked(), "what was wished, until the catalog tells"
    bar.signs.tell({"never"})
    assert [verb for verb, made in bar.signs.buttons.items() if made.isChecked()] == ["never"]
    assert "(4)" in like.toolTip() and like.accessibleName() == "More like this"


def test_the_bar_asks_and_does_nothing_itself(bar: PlayerBar) -> None:
    told: list[str] = []
    bar.toggle_wanted.connect(lambda: told.append("toggle"))
    bar.next_wanted.connect(lambda: told.append("next"))
    bar.previous_wanted.connect(lambda: told.append("previous"))
    bar.volume_wanted.connect(lambda share: told.append(f"volume {share}"))
    bar.mute_wanted.connect(lambda muted: told.append(f"mute {muted}"))
    bar.queue_toggled.connect(lambda shown: told.append(f"queue {shown}"))
    for button in (bar._play, bar._next, bar._previous, bar._mute, bar._queue):
        QTest.mouseClick(button, LEFT)
    bar._volume.setValue(30)
    assert told == ["toggle", "next", "previous", "mute True", "queue True", "volume 0.3", "mute False"]
    bar.set_volume(0.9)
    assert len(told) == 7


def test_the_play_button_says_what_it_will_do(bar: PlayerBar) -> None:
    bar.set_state(PlayState.PLAYING)
    assert bar._play.accessibleName() == "Pause"
    bar.set_state(PlayState.PAUSED)
    assert bar._play.accessibleName() == "Play"


def test_a_cover_fills_its_square(bar: PlayerBar) -> None:
    cover = QPixmap(300, 100)
    cover.fill(QColor("#ff0000"))
    bar.set_cover(cover)
    assert bar._cover.grab().toImage().pixelColor(24, 24) == QColor("#ff0000")
    bar.set_cover(QPixmap())
    assert bar._cover.grab().toImage().pixelColor(3, 24) != QColor("#ff0000")


def wave_bar(spin: Spin, overview: np.ndarray | None) -> tuple[Waveform, list[int]]:
    made, told = Waveform(), []
    made.resize(300, 36)
    made.set_overview(overview)
    made.set_duration(100_000)
    made.set_position(50_000)
    made.seek_wanted.connect(told.append)
    made.show()
    spin(seconds=0.02)
    return made, told


@pytest.mark.parametrize(
    "overview", [None, np.zeros(0, np.uint8), np.full(900, 255, np.uint8), np.full(7, 255, np.uint8)]
)
def test_the_played_part_is_in_the_accent(app: QApplication, spin: Spin, overview: np.ndarray | None) -> None:
    bar, _ = wave_bar(spin, overview)
    image = bar.grab().toImage()
    accent = QColor("#7C9CFF").rgb()
    line = [image.pixel(x, 18) == accent for x in range(300)]
    assert sum(line[:140]) >= 80 and sum(line[170:295]) == 0


def test_clicks_drags_and_keys_seek(app: QApplication, spin: Spin) -> None:
    bar, told = wave_bar(spin, None)
    QTest.mouseClick(bar, LEFT, HELD, QPoint(30, 10))
    QTest.mousePress(bar, LEFT, HELD, QPoint(30, 10))
    QTest.mouseMove(bar, QPoint(150, 10))
    assert bar.shown_ms == 50_000 and len(told) == 1
    QTest.mouseRelease(bar, LEFT, HELD, QPoint(240, 10))
    assert told == [10_000, 80_000]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_End):
        QTest.keyClick(bar, key)
    assert told[2:] == [85_000, 80_000, 75_000, 0, 0, 99_999]
    assert bar.accessibleDescription() == "1 minute 39 seconds of 1 minute 40 seconds"


def test_without_a_track_there_is_nothing_to_seek(app: QApplication, spin: Spin) -> None:
    bar, told = wave_bar(spin, None)
    bar.set_duration(0)
    QTest.mouseClick(bar, LEFT, HELD, QPoint(30, 10))
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert told == [] and bar.accessibleDescription() == "Nothing plays"


@pytest.fixture
def panel(app: QApplication, spin: Spin) -> tuple[QueuePanel, Queue]:
    queue = Queue()
    queue.replace([TrackId(at) for at in range(1, 6)], at=1)
    made = QueuePanel(lambda track: Words(f"<b>{track}</b>", "artist", "1:00"))
    made.show_queue(queue)
    made.resize(300, 400)
    made.show()
    spin(seconds=0.02)
    return made, queue


def test_the_queue_is_shown_with_what_plays(panel: tuple[QueuePanel, Queue]) -> None:
    shown, queue = panel
    index = shown.model.index(1)
    assert index.data() == "<b>2</b>"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == tip("<b>2</b>\nartist")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("plays now")
    queue.advance()
    shown.show_queue(queue)
    assert not index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("plays now")
    assert shown.grab().width() == 300


def test_enter_plays_delete_removes_and_a_drop_moves(panel: tuple[QueuePanel, Queue]) -> None:
    shown, _ = panel
    told: list[object] = []
    shown.play_wanted.connect(lambda row: told.append(("play", row)))
    shown.remove_wanted.connect(lambda rows: told.append(("remove", rows)))
    shown.move_wanted.connect(lambda rows, to: told.append(("move", rows, to)))
    shown.list.setCurrentIndex(shown.model.index(3))
    QTest.keyClick(shown.list, Qt.Key.Key_Return)
    QTest.keyClick(shown.list, Qt.Key.Key_Delete)
    data = shown.model.mimeData([shown.model.index(4), shown.model.index(0)])
    move = Qt.DropAction.MoveAction
    assert shown.model.dropMimeData(data, move, 2, 0, QModelIndex()) is False
    assert shown.model.dropMimeData(QMimeData(), move, 2, 0, QModelIndex()) is False
    assert data.hasFormat(ROWS_MIME)
    assert told == [("play", 3), ("remove", [3]), ("move", [0, 4], 2)]


def test_repeat_goes_through_its_three_kinds(panel: tuple[QueuePanel, Queue]) -> None:
    shown, queue = panel
    for wanted in (Repeat.ALL, Repeat.ONE, Repeat.OFF):
        told: list[Repeat] = []
        shown.repeat_wanted.connect(told.append)
        QTest.mouseClick(shown._repeat_button, LEFT)
        shown.repeat_wanted.disconnect(told.append)
        assert told == [wanted]
        queue.repeat = wanted
        shown.show_queue(queue)


def test_labels_never_interpret_their_text(app: QApplication, spin: Spin) -> None:
    assert plain_label("<b>x</b>").textFormat() is Qt.TextFormat.PlainText
    assert tip("a<b>\nc") == "<span>a&lt;b&gt;<br/>c</span>" and tip("") == ""
    label = ElidedLabel("one\ntwo\u202e\x00three")
    label.resize(600, 20)
    label.show()
    spin(seconds=0.02)
    assert label.text() == "one two  three" and label.toolTip() == ""
    label.resize(40, 20)
    spin(seconds=0.02)
    assert label.text().endswith("…") and "three" in label.toolTip()
