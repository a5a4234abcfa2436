"""Files that are not there are passed over together, in one sentence, and the window goes on meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, thread_time

import pytest
from PySide6.QtWidgets import QApplication

from musicdesk.core.types import TrackId
from musicdesk.gui.main import Opened
from musicdesk.gui.player.engine import PlayState
from musicdesk.gui.player.queue import Repeat
from musicdesk.workflows.reach import absence
from tests.helpers.big_catalog import fill
from tests.qt.conftest import Spin
from tests.qt.test_player import tone
from tests.qt.windows import window

MANY = 3_000


@pytest.fixture
def opened(app: QApplication, tmp_path: Path) -> Iterator[Opened]:
    with window(app, tmp_path / "profile") as made:
        made.window.show()
        yield made


def away(opened: Opened, folder: Path, tracks: int) -> list[TrackId]:
    return fill(opened.shell.desk.catalog, tracks, folder=folder).tolist()


def said(opened: Opened) -> list[str]:
    texts: list[str] = []
    opened.shell.noticed.connect(lambda notice: texts.append(notice.text))
    return texts


@pytest.mark.parametrize("scanned", [False, True], ids=["unplugged just now", "known to be away"])
def test_a_queue_of_an_absent_drive_stops_with_one_sentence(
    opened: Opened, spin: Spin, tmp_path: Path, scanned: bool
) -> None:
    player, drive = opened.window.listen.player, tmp_path / "drive"
    tracks = away(opened, drive, MANY)
    if scanned:
        [root] = opened.shell.desk.catalog.roots.all()
        opened.shell.desk.catalog.roots.mark(root.id, False)
    texts, turns, begun = said(opened), [0.0], perf_counter()
    opened.window.listen.play(tracks)
    QApplication.processEvents()  # the queue's first paint

    def over() -> bool:
        return bool(texts) and player.state is PlayState.STOPPED

    while not over() and perf_counter() < begun + 20:
        start = thread_time()
        QApplication.processEvents()
        turns.append(thread_time() - start)
    spin(seconds=0.1)
    assert texts == [f"3,000 tracks cannot be played: the folder {drive} is not there."]
    assert player.track is None and player.queue.position == 0, "it goes on here once the drive is back"
    assert max(turns) < 0.05 and perf_counter() < begun + 10


def test_the_first_that_is_there_plays(opened: Opened, spin: Spin, tmp_path: Path) -> None:
    player, drive, here = opened.window.listen.player, tmp_path / "drive", tmp_path / "here"
    gone, [there] = away(opened, drive, 30), away(opened, here, 1)
    path = Path(os.fsdecode(opened.shell.desk.catalog.tracks.get(there).path))
    path.parent.mkdir(parents=True)
    tone(os.fsencode(path), 5.0)
    texts = said(opened)
    player.set_repeat(Repeat.ALL)
    opened.window.listen.play([*gone, there])
    assert spin(lambda: player.track == there and player.engine.position_ms > 0)
    assert texts == [f"30 tracks cannot be played: the folder {drive} is not there."]
    player.next()
    assert spin(lambda: player.track == there and len(texts) == 2), "once for every round"
    player.jump(3)
    player.clear()
    assert spin(lambda: not player._retry.isActive()) and len(texts) == 3
    assert player.track is None and player.queue.position == -1


def played(opened: Opened, folder: Path, tracks: int = 1) -> list[TrackId]:
    """Tracks whose files are there."""
    found = away(opened, folder, tracks)
    for track in opened.shell.desk.catalog.tracks.get_many(found):
        Path(os.fsdecode(track.path)).parent.mkdir(parents=True, exist_ok=True)
        tone(track.path, 5.0)
    return found


def test_what_is_taken_out_meanwhile_counts_for_nothing(
    opened: Opened, spin: Spin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("musicdesk.gui.player.player.TURN_S", 0.0)  # one file a turn
    player = opened.window.listen.player
    [gone], there = away(opened, tmp_path / "drive", 1), played(opened, tmp_path / "here", 2)
    player.play([gone, *there])
    player.remove([0])
    assert spin(lambda: player.track is not None) and player.track == there[0], "the entry that moved up was skipped"
    many = away(opened, tmp_path / "other", 59)
    player.play([*many, there[0]])
    assert spin(lambda: player.queue.position >= 35)
    player.remove(range(35))
    assert spin(lambda: player.track == there[0]), "entries that are gone were counted"


def test_it_stands_on_the_first_that_is_left(opened: Opened, spin: Spin, tmp_path: Path) -> None:
    player, texts = opened.window.listen.player, said(opened)
    tracks = away(opened, tmp_path / "drive", 40)
    player.play(tracks, at=20)
    player.remove(range(20))
    assert spin(lambda: not player._retry.isActive() and bool(texts))
    assert player.queue.position == 0 and player.queue.current == tracks[20]


@pytest.mark.parametrize("verb", ["pause", "stop"])
def test_it_can_be_stopped(opened: Opened, spin: Spin, tmp_path: Path, verb: str) -> None:
    player, texts = opened.window.listen.player, said(opened)
    tracks = [*away(opened, tmp_path / "drive", 59), *played(opened, tmp_path / "here")]
    player.play(tracks)
    getattr(player, verb)()
    spin(seconds=0.2)
    assert player.track is None and player.state is PlayState.STOPPED and player.queue.position == 0
    assert len(texts) == 1 and "cannot be played" in texts[0]


def test_what_is_said_names_the_folders(opened: Opened, tmp_path: Path) -> None:
    desk = opened.shell.desk
    one, two, three = (away(opened, tmp_path / name, count) for name, count in (("a", 1), ("b", 3), ("c", 2)))
    assert absence(desk, one) == f"“River Song 0” cannot be played: the folder {tmp_path / 'a'} is not there."
    assert absence(desk, one + two).endswith(f"the folders {tmp_path / 'b'} and {tmp_path / 'a'} are not there.")
    assert absence(desk, one + two + three).endswith(f"the folders {tmp_path / 'b'} and 2 others are not there.")
    (tmp_path / "a").mkdir()
    mixed = absence(desk, [*one, *two])
    assert mixed.endswith(f"the folder {tmp_path / 'b'} is not there, and other files are not there any more.")
    for name in ("b", "c"):
        (tmp_path / name).mkdir()
    assert absence(desk, one) == "“River Song 0” cannot be played: its file is not there any more."
    assert absence(desk, two) == "3 tracks cannot be played: their files are not there any more."
    assert absence(desk, [TrackId(999)]) == "A track that is gone cannot be played: its file is not there any more."
