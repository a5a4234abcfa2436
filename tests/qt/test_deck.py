"""Letting go of a track never stands still: the sound thread must not wait for the interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.helpers.music import make_file
from tests.helpers.programs import ROOT

# Each round has a new output: only its first farewell could lock up. In a process of its own, since a
# lock-up inside Qt can be ended by nothing but a kill.
ROUNDS = """
import os, sys, time
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication
from musicdesk.gui.player.deck import Deck
app = QApplication([])
until = time.time() + 12
while time.time() < until:
    deck = Deck()
    deck.load(1, os.fsencode(sys.argv[1]))
    deck.play()
    enough = time.time() + 0.05
    while time.time() < enough:
        app.processEvents()
    deck.pause()
    app.processEvents()
    deck.eject()
    deck.deleteLater()
    app.processEvents()
os._exit(0)
"""


def test_stopping_never_locks_up(tmp_path: Path) -> None:
    song = make_file(tmp_path / "a.flac", 220.0, 3.0)
    done = subprocess.run([sys.executable, "-c", ROUNDS, str(song)], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 0
