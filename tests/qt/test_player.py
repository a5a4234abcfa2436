"""The engine really plays, the bar and the queue really ask; no sound device is needed."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from musicdesk.core.types import PlayEnd, TrackId
from musicdesk.gui.player.deck import Deck
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.media_keys import MediaKeys
from musicdesk.gui.player.player import Player
from musicdesk.gui.player.queue import Queue, Repeat
from musicdesk.gui.player.queue_panel import CURRENT_ROLE, QueuePanel, Words

Spin = Callable[..., bool]
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
        self.absent: list[list[int]] = []
        self.tracks: list[int | None] = []
        self.states: list[PlayState] = []
        player.heard.connect(lambda *account: self.heard.append(account))
        player.failed.connect(lambda *failure: self.failed.append(failure))
        player.absent.connect(self.absent.append)
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


@pytest.mark.parametrize("bad, word", [(5, "not there"), (6, "empty"), (7, "cannot be played")])
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
    assert spin(lambda: len(told.failed) == 9)
    spin(seconds=0.2)
    assert (
        len(told.failed) == 9
        and told.absent == [[99]] * 3
        and player.state is PlayState.STOPPED
        and player.track is None
    )


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


@pytest.mark.parametrize("repeat, follows", [(Repeat.OFF, None), (Repeat.ONE, None), (Repeat.ALL, 1)], ids=str)
def test_removing_the_last_one_while_it_plays_begins_none_before_it(
    player: Player, spin: Spin, repeat: Repeat, follows: int | None
) -> None:
    told = Told(player)
    player.play([1, 2, 4], at=2)
    player.set_repeat(repeat)
    assert spin(lambda: player.engine.position_ms > 50)
    player.remove([2])
    assert player.track == follows and told.tracks == [4, follows]
    assert player.state is (PlayState.PLAYING if follows else PlayState.STOPPED)
    assert [track for track, *_ in told.heard] == [4]


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


# The waveform


# The queue panel


# Labels


def test_key_events_that_are_no_media_keys_pass(app: QApplication, player: Player) -> None:
    keys = MediaKeys(player)
    event = QKeyEvent(QKeyEvent.Type.KeyPress, 0x01FFFFFF, HELD)
    assert keys.eventFilter(player, event) is False
    keys.close()


def test_the_end_of_a_flac_is_an_end(spin: Spin, tmp_path: Path) -> None:
    """FFmpeg answers a wish for the last part of a second of a FLAC with an error."""
    deck = Deck()
    told: list[str] = []
    deck.ended.connect(lambda: told.append("ended"))
    deck.broken.connect(told.append)
    file = tmp_path / "tone.flac"
    soundfile.write(file, np.sin(np.arange(4 * 44_100) / 20) * 0.3, 44_100)
    deck.load(TrackId(1), os.fsencode(file))
    deck.play()
    assert spin(lambda: deck.duration_ms > 0)
    deck.seek(deck.duration_ms - 100)
    assert spin(lambda: told) and told == ["ended"]
    deck.eject()


def test_a_step_in_a_long_queue_lays_out_nothing_anew(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue()
    queue.replace([TrackId(n) for n in range(1, 2_001)], 0)
    panel = QueuePanel(lambda track: Words(f"Song {track}"))
    panel.resize(300, 600)
    panel.show()
    panel.show_queue(queue)
    app.processEvents()
    asked: list[int] = []
    rows = panel.model.rowCount
    monkeypatch.setattr(panel.model, "rowCount", lambda *given: (asked.append(1), rows(*given))[1])
    queue.advance()
    panel.show_queue(queue)
    app.processEvents()
    assert 0 < len(asked) < 200
    assert panel.model.index(1).data(CURRENT_ROLE) and not panel.model.index(0).data(CURRENT_ROLE)
