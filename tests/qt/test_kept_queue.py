"""The queue is there again when the program is opened anew: silent, where it stood, without what has gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from musicdesk.core.types import PickId, TrackId
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.queue import Repeat
from tests.qt.windows import make_library, window

Spin = Callable[..., bool]


def test_the_queue_outlives_the_window(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = [TrackId(int(track)) for track in make_library(tmp_path, 12)]
    with window(app, tmp_path) as opened:
        player = opened.window.listen.player
        player.lay_out(ids, 4, {ids[5]: PickId(7)}, Repeat.ALL)
        player.move([0], 12)
    with window(app, tmp_path) as opened:
        player = opened.window.listen.player
        opened.window.show()
        assert spin(lambda: len(player.queue) == 12, 5)
        assert player.queue.tracks == [*ids[1:], ids[0]] and player.queue.current == ids[4]
        assert player.queue.picks[4] == 7 and player.queue.repeat is Repeat.ALL
        assert player.state is PlayState.STOPPED, "nothing sounds by itself"
        title = opened.shell.desk.catalog.tracks.get(ids[4]).tags.title
        assert opened.window.listen.bar._title.text().startswith(title[:6])
        assert opened.window.listen.bar._total.text() != "–:––", "its length is known before it sounds"


def test_what_has_gone_is_left_out_and_the_place_stays(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    ids = [int(track) for track in make_library(tmp_path, 6)]
    kept = {"tracks": [999_999, *ids], "at": 3, "picks": {}, "repeat": "off"}
    (tmp_path / "queue.json").write_text(json.dumps(kept))
    with window(app, tmp_path) as opened:
        opened.window.show()
        queue = opened.window.listen.player.queue
        assert spin(lambda: len(queue) == 6, 5) and queue.current == ids[2]
        opened.window.listen.player.clear()
    assert not (tmp_path / "queue.json").exists(), "an emptied queue stays empty"


@pytest.mark.parametrize("text", ["", "[]", '{"tracks": 3}', '{"tracks": ["a", null], "at": "x", "repeat": 9}'])
def test_a_file_that_is_none_of_ours_is_no_queue(app: QApplication, tmp_path: Path, spin: Spin, text: str) -> None:
    make_library(tmp_path, 2)
    (tmp_path / "queue.json").write_text(text)
    with window(app, tmp_path) as opened:
        opened.window.show()
        spin(seconds=0.1)
        assert not len(opened.window.listen.player.queue)
