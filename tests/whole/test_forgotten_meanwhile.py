"""A folder that is forgotten while its files are read, or heard: the job ends well, and the rest is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from musicdesk.core.progress import Silent
from musicdesk.core.types import Verdict
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.scan import scan
from tests.helpers.scanning import one, quiet, run, six_tracks, tracks
from tests.helpers.tagged import make_sound, set_tags


@dataclass
class Meanwhile(Silent):
    """Does something once, as soon as the work tells `message` of the file number `after`."""

    do: Callable[[], object] = lambda: None
    message: str = ""
    after: int = 1
    done: bool = False

    def report(self, done: int, total: int | None, message: str = "") -> None:
        if not self.done and message.startswith(self.message) and done >= self.after:
            self.done = True
            self.do()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile", "cpu") as opened:
        opened.settings = replace(opened.settings, processes=2)
        yield opened


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return six_tracks(tmp_path / "music")


def forget(desk: Desk, folder: Path) -> Callable[[], object]:
    return lambda: desk.catalog.roots.remove(
        next(root.id for root in desk.catalog.roots.all() if root.path == bytes(folder))
    )


def test_forgotten_while_its_tags_are_read(desk: Desk, music: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_sound(other / "stays.flac", 900.0, 0.5)
    watched = Meanwhile(do=forget(desk, music), message="Reading tags", after=3)
    found = scan(desk, [bytes(music), bytes(other)], watched)
    assert watched.done and 1 <= found.found == found.added <= 3  # on a busy machine a first part is written before
    assert set(tracks(desk)) == {"stays.flac"}
    quiet(desk)


def test_forgotten_while_its_changed_files_are_read(desk: Desk, music: Path, tmp_path: Path) -> None:
    """One of them has moved to a folder that stays: it is a new file there."""
    other = tmp_path / "other"
    other.mkdir()
    run(desk, music)
    set_tags(one(music, 0), title="New")
    one(music, 1).rename(other / "moved.flac")
    watched = Meanwhile(do=forget(desk, music), message="Reading tags")
    found = scan(desk, [bytes(music), bytes(other)], watched)
    assert watched.done and (found.added, found.updated, found.moved) == (1, 0, 0)
    assert set(tracks(desk)) == {"moved.flac"}
    quiet(desk)


def test_a_folder_inside_another_that_is_forgotten_while_it_is_read(desk: Desk, music: Path) -> None:
    desk.catalog.roots.add(bytes(music / "Ann"))
    found = scan(desk, [bytes(music)], Meanwhile(do=forget(desk, music / "Ann"), message="Reading tags"))
    assert (found.found, found.added) == (6, 6)
    quiet(desk)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_forgotten_while_it_is_listened_to(desk: Desk, tmp_path: Path, after: int) -> None:
    for number in range(6):
        folder = tmp_path / ("stays" if number % 2 else "goes")
        folder.mkdir(exist_ok=True)
        make_sound(folder / f"{number}.wav", 200.0 + 90 * number, 4.0)
    (tmp_path / "goes" / "broken.wav").write_bytes(b"RIFF    WAVE" + b"x" * 99)
    run(desk, tmp_path / "goes", tmp_path / "stays")
    desk.catalog.feedback.rate(tracks(desk)["1.wav"].id, Verdict.LIKE)
    watched = Meanwhile(do=forget(desk, tmp_path / "goes"), message="Listening", after=after)
    found = analyze(desk, watched)
    assert watched.done and found.remaining == 0 and found.device
    assert desk.vectors().ids.tolist() == sorted(int(track.id) for track in tracks(desk).values())
    assert set(tracks(desk)) == {"1.wav", "3.wav", "5.wav"}
    assert tracks(desk)["1.wav"].verdict is Verdict.LIKE and not desk.catalog.sound.failures()
    assert analyze(desk, Silent()).analyzed == 0


def test_a_file_that_fails_after_its_folder_was_forgotten(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "goes"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.wav").write_bytes(b"RIFF    WAVE" + b"x" * 99)
    run(desk, folder)
    assert analyze(desk, Meanwhile(do=forget(desk, folder), message="Listening", after=1)).analyzed == 0
    assert not desk.catalog.tracks.all()
