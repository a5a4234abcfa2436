"""The desktop's remote control, over a real D-Bus of its own; and silence where there is no bus."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import pytest

SCRIPT = """
import subprocess, sys, time
from PySide6.QtWidgets import QApplication
from musicdesk.gui.player.mpris import Mpris, Shown
from musicdesk.gui.player.player import Player

app = QApplication([])
path = sys.argv[1].encode()
player = Player(lambda track: path)
mpris = Mpris(player, lambda track: Shown(f"title {track}", "artist <b>"))
raised = []
mpris.raise_wanted.connect(lambda: raised.append(1))

def call(member, *arguments):
    command = ["dbus-send", "--session", "--print-reply", "--dest=org.mpris.MediaPlayer2.musicdesk",
               "/org/mpris/MediaPlayer2", member, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        app.processEvents()
        time.sleep(0.002)
    return process.communicate()[0]

print("connected", mpris.connected)
if mpris.connected:
    player.play([11, 12])
    everything = call("org.freedesktop.DBus.Properties.GetAll", "string:org.mpris.MediaPlayer2.Player")
    for word in ('"Playing"', "title 11", "artist <b>", "/org/musicdesk/track/11", "int64", "CanGoNext"):
        print(word, word in everything)
    call("org.mpris.MediaPlayer2.Player.PlayPause")
    print("state", player.state.value)
    call("org.mpris.MediaPlayer2.Player.Next")
    print("track", player.track)
    call("org.mpris.MediaPlayer2.Player.SetPosition", "objpath:/org/musicdesk/track/11", "int64:900000")
    print("late seek", player.engine.position_ms < 500)
    call("org.freedesktop.DBus.Properties.Set", "string:org.mpris.MediaPlayer2.Player", "string:Volume",
         "variant:double:0.25")
    print("volume", player.engine.volume)
    call("org.mpris.MediaPlayer2.Raise")
    print("raised", len(raised))
    call("org.mpris.MediaPlayer2.Player.Stop")
    print("state", player.state.value)
mpris.close()
player.close()
"""
EXPECTED = [
    "connected True", '"Playing" True', "title 11 True", "artist <b> True", "/org/musicdesk/track/11 True",
    "int64 True", "CanGoNext True", "state paused", "track 12", "late seek True", "volume 0.25", "raised 1",
    "state stopped",
]  # fmt: skip


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        out.writeframes(bytes(8_000 * 20))
    return path


def run(command: list[str], sound: Path, **environment: str) -> list[str]:
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen", **environment}
    done = subprocess.run(
        [*command, sys.executable, "-c", SCRIPT, str(sound)],
        env=surroundings, capture_output=True, text=True, timeout=60, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_desktop_can_ask_and_steer(sound: Path) -> None:
    if not (shutil.which("dbus-run-session") and shutil.which("dbus-send")):
        pytest.skip("needs dbus-run-session and dbus-send")
    assert run(["dbus-run-session", "--"], sound) == EXPECTED


def test_without_a_bus_it_is_silently_absent(sound: Path, tmp_path: Path) -> None:
    nowhere = f"unix:path={tmp_path}/nothing"
    assert run([], sound, DBUS_SESSION_BUS_ADDRESS=nowhere) == ["connected False"]
