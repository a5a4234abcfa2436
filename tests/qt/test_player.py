"""The engine really plays, the bar and the queue really ask; no sound device is needed."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from musicdesk.core.types import PlayEnd, TrackId
from musicdesk.gui.labels import ElidedLabel, plain_label, tip
from musicdesk.gui.player.bar import Now, PlayerBar
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.media_keys import MediaKeys
from musicdesk.gui.player.player import Player
from musicdesk.gui.player.queue import Queue, Repeat
from musicdesk.gui.player.queue_panel import ROWS_MIME, QueuePanel, Words
from musicdesk.gui.player.waveform import Waveform

Spin = Callable[..., bool]
LEFT = Qt.MouseButton.LeftButton
HELD = Qt.KeyboardModifier.NoModifier


def tone(path: bytes, seconds: float) -> bytes:
    """A wav file of a quiet sine."""
    samples = 3_000 * np.sin(2 * np.pi * 440 * np.arange(int(8_000 * seconds)) / 8_000)
    with open(path, "wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        out.writeframes(samples.astype("<i2").tobytes())
    return path


class Told:
    """Everything a player said."""

    def __init__(self, player: Player) -> None:
        self.heard: list[tuple[int, int, int, PlayEnd, int | None]] = []
        self.failed: list[tuple[int, str]] = []
        self.tracks: list[int | None] = []
        self.states: list[PlayState] = []
        player.heard.connect(lambda *account: self.heard.append(account))
        player.failed.connect(lambda *failure: self.failed.append(failure))
        player.track_changed.connect(self.tracks.append)
        player.state_changed.connect(self.states.append)


@pytest.fixture
def music(tmp_path: Path) -> dict[int, bytes]:
    """Four short tones under odd names, a missing file, an empty one, one that is no sound."""
    folder = os.fsencode(tmp_path)
    files = {
        1: tone(folder + b"/one #1 %20?.wav", 0.6),
        2: tone(folder + "/zwei – ü.wav".encode(), 0.5),
        3: tone(folder + b"/\xff\xfe three.wav", 0.5),
        4: tone(folder + b"/long.wav", 8.0),
        5: folder + b"/gone.wav",
        6: folder + b"/empty.mp3",
        7: folder + b"/text.mp3",
    }
    Path(os.fsdecode(files[6])).write_bytes(b"")
    Path(os.fsdecode(files[7])).write_bytes(b"#EXTM3U\n#EXTINF:1\nhttp://127.0.0.1:9/next.ts\n" * 3)
    return files


@pytest.fixture
def player(app: QApplication, music: dict[int, bytes]) -> Iterator[Player]:
    made = Player(music.get)
    yield made
    made.close()
    made.deleteLater()
    app.processEvents()


def test_a_queue_plays_to_its_end_and_tells_what_was_heard(player: Player, spin: Spin) -> None:
    told = Told(player)
    player.play([1, 2, 3])
    assert spin(lambda: len(told.heard) == 3 and player.state is PlayState.STOPPED)
    assert [(track, end) for track, _, _, end, _ in told.heard] == [(at, PlayEnd.FINISHED) for at in (1, 2, 3)]
    assert told.tracks == [1, 2, 3, None]
    assert told.states == [PlayState.PLAYING, PlayState.STOPPED]
    for _, heard, duration, *_ in told.heard:
        assert 0.8 * duration <= heard <= duration
    assert not told.failed


def test_the_next_track_waits_on_the_second_deck(player: Player, spin: Spin) -> None:
    player.play([1, 2])
    assert spin(lambda: player.engine.prepared == 2)
    player.play_next([3])
    assert player.engine.prepared is None
    assert spin(lambda: player.engine.prepared == 3)


def test_a_skipped_track_counts_what_was_heard_not_where_it_was(player: Player, spin: Spin) -> None:
    told = Told(player)
    player.play([4, 1])
    assert spin(lambda: player.engine.position_ms > 150)
    player.seek(7_000)
    assert spin(lambda: player.engine.position_ms > 7_100)
    player.next()
    track, heard, duration, end, _ = told.heard[0]
    assert (track, end, duration) == (4, PlayEnd.SKIPPED, 8_000)
    assert 150 <= heard <= 1_500


def test_what_was_heard_knows_the_pick_it_came_from(player: Player, spin: Spin) -> None:
    told = Told(player)
    player.play([4, 1, 2], picks={4: 40, 1: 10})
    assert spin(lambda: player.engine.position_ms > 50)
    assert player.engine.pick == 40 and player.engine.heard_ms >= 50
    player.enqueue([3], {3: 30})
    player.move([3], 1)
    player.next()
    assert player.engine.pick == 30
    assert spin(lambda: len(told.heard) == 4, 8)
    picks = [(track, end, pick) for track, _, _, end, pick in told.heard]
    done = PlayEnd.FINISHED
    assert picks == [(4, PlayEnd.SKIPPED, 40), (3, done, 30), (1, done, 10), (2, done, None)]
    assert player.engine.pick is None


def test_pausing_adds_nothing_and_stopping_tells(player: Player, spin: Spin) -> None:
    told = Told(player)
    player.play([4])
    assert spin(lambda: player.engine.position_ms > 200)
    player.toggle()
    assert player.state is PlayState.PAUSED
    spin(seconds=0.5)
    still = player.engine.position_ms
    spin(seconds=0.2)
    assert player.engine.position_ms == still
    player.toggle()
    assert spin(lambda: player.engine.position_ms > still + 80)
    player.stop()
    _, heard, _, end, _ = told.heard[0]
    assert end is PlayEnd.STOPPED and 200 <= heard <= still + 600
    assert player.track is None


@pytest.mark.parametrize("bad, word", [(5, "not there"), (6, "empty"), (7, "cannot be played"), (99, "not available")])
def test_what_cannot_be_played_is_told_and_passed_over(player: Player, spin: Spin, bad: int, word: str) -> None:
    told = Told(player)
    player.play([bad, 2])
    assert spin(lambda: any(end is PlayEnd.FINISHED for *_, end, _ in told.heard))
    assert [track for track, _ in told.failed] == [bad]
    assert word in told.failed[0][1] and told.failed[0][1].endswith(".")
    assert told.heard[0][0] == 2


def test_a_queue_of_broken_files_ends_even_when_it_repeats(player: Player, spin: Spin) -> None:
    told = Told(player)
    player.set_repeat(Repeat.ALL)
    player.play([5, 6, 7, 99] * 3)
    assert spin(lambda: len(told.failed) == 12)
    spin(seconds=0.2)
    assert len(told.failed) == 12 and player.state is PlayState.STOPPED and player.track is None


def test_previous_begins_anew_and_then_goes_back(player: Player, spin: Spin) -> None:
    player.play([1, 4], at=1)
    assert spin(lambda: player.engine.duration_ms == 8_000)
    player.seek(5_000)
    assert spin(lambda: player.engine.position_ms >= 5_000)
    player.previous()
    assert player.track == 4 and player.engine.position_ms < 1_000
    player.previous()
    assert player.track == 1


def test_removing_what_plays_goes_on_with_what_follows(player: Player, spin: Spin) -> None:
    told = Told(player)
    player.play([4, 1])
    spin(lambda: player.engine.position_ms > 50)
    player.remove([0])
    assert player.track == 1 and player.queue.tracks == [1]
    assert told.heard[0][3] is PlayEnd.SKIPPED
    player.clear()
    assert player.state is PlayState.STOPPED and len(player.queue) == 0


def test_the_volume_follows_the_ear(player: Player) -> None:
    player.engine.set_volume(0.5)
    assert player.engine._decks[0]._output.volume() == pytest.approx(0.125)
    player.engine.set_volume(7)
    player.engine.set_muted(True)
    assert player.engine.volume == 1.0 and player.engine._decks[1]._output.isMuted()


def test_media_keys_work_wherever_the_focus_is(app: QApplication, player: Player, spin: Spin) -> None:
    window, keys = QWidget(), MediaKeys(player)
    dialog, field = QDialog(window), QLineEdit()
    QVBoxLayout(window).addWidget(field)
    player.play([4, 1])
    for shown in (window, dialog):
        shown.show()
        shown.activateWindow()
        assert spin(lambda shown=shown: app.focusWindow() is shown.windowHandle(), 5)
        if shown is window:
            field.setFocus()
        press = partial(QTest.keyClick, shown.windowHandle())
        press(Qt.Key.Key_MediaTogglePlayPause)
        assert player.state is PlayState.PAUSED
        press(Qt.Key.Key_MediaPlay)
        assert player.state is PlayState.PLAYING
    press(Qt.Key.Key_MediaNext)
    assert player.track == 1
    press(Qt.Key.Key_MediaStop)
    assert player.state is PlayState.STOPPED
    keys.close()
    press(Qt.Key.Key_MediaPlay)
    assert player.state is PlayState.STOPPED
    window.close()


def test_media_keys_are_asked_for_little_else(app: QApplication, player: Player, spin: Spin) -> None:
    """A filter that Qt asks for every event of every widget makes each page open in twice the time."""
    asked = [0]

    class Counting(MediaKeys):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            asked[0] += 1
            return super().eventFilter(watched, event)

    window = QScrollArea()
    window.show()
    window.activateWindow()
    assert spin(lambda: app.focusWindow() is window.windowHandle(), 5)
    keys, page = Counting(player), QWidget()
    column = QVBoxLayout(page)
    for number in range(200):
        column.addWidget(QLabel(str(number)))
    window.setWidget(page)
    spin(seconds=0.05)
    keys.close()
    window.close()
    assert asked[0] < 100


# The bar


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
    assert told == ["toggle", "next", "previous", "mute True", "queue True", "mute False", "volume 0.3"]
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


# The waveform


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


# The queue panel


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


# Labels


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


def test_key_events_that_are_no_media_keys_pass(app: QApplication, player: Player) -> None:
    keys = MediaKeys(player)
    event = QKeyEvent(QKeyEvent.Type.KeyPress, 0x01FFFFFF, HELD)
    assert keys.eventFilter(player, event) is False
    keys.close()
