"""The desk is closed in order: no worker writes to it then, and nothing that waited comes after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from musicdesk.core.paths import Profile
from musicdesk.core.types import TrackId
from musicdesk.gui.main import Opened
from musicdesk.workflows.backups import delete_all
from musicdesk.workflows.request import Request
from tests.qt.windows import make_library, page_of, window

Spin = Callable[..., bool]


@pytest.fixture
def opened(app: QApplication, tmp_path: Path) -> Iterator[Opened]:
    make_library(tmp_path / "profile", 5)
    with window(app, tmp_path / "profile") as made:
        page_of(made, "settings")
        yield made


class Began:
    """The jobs that began, and those that ran while the desk was closed."""

    def __init__(self, opened: Opened) -> None:
        self.jobs: list[str] = []
        self.meanwhile: list[str] = []
        self._runner = opened.shell.jobs
        self._runner.began.connect(self._note)

    def _note(self, task: object) -> None:
        self.jobs.append(task.request.job)  # type: ignore[attr-defined]

    def look(self, _profile: Profile) -> bool:
        self.meanwhile += [task.request.job for task in self._runner.running()]
        return True


def test_what_waited_for_its_turn_is_gone_with_the_library(opened: Opened, spin: Spin) -> None:
    """Each end had started the next one, which brought the data back that were being deleted."""
    began, jobs = Began(opened), opened.shell.jobs
    running = jobs.start("train", {"do": "wait"})
    assert spin(lambda: running.progress.done == 2, 10)
    for name in ("first", "second"):
        jobs.start("import", {"paths": [name]})
    jobs.start("spotify-connect", {"do": "wait"})
    assert jobs.waiting() == 2
    assert opened.shell.with_desk_closed(began.look)
    assert not began.meanwhile and not jobs.waiting()
    spin(seconds=0.3)
    assert began.jobs == ["train", "spotify-connect"] and not jobs.running()


def test_listening_that_stepped_aside_does_not_go_on_in_another_library(opened: Opened, spin: Spin) -> None:
    began, jobs = Began(opened), opened.shell.jobs
    ends: list[str] = []
    jobs.ended.connect(lambda outcome: ends.append(outcome.state))
    settle = jobs.start("settle", {"do": "wait"})
    assert spin(lambda: settle.progress.done == 2, 10)
    jobs.start("train")
    assert opened.shell.with_desk_closed(began.look)
    spin(seconds=0.3)
    assert began.jobs == ["settle"] and not began.meanwhile
    assert sorted(ends) == ["cancelled", "cancelled"]
    assert not jobs.running() and not jobs.waiting()


def test_the_list_that_was_shown_is_gone_with_the_library(opened: Opened) -> None:
    """*Why not* had asked about it, with tracks that other music has the numbers of by now."""
    opened.shell.listed = Request("artist-radio", (TrackId(3),))
    assert opened.shell.with_desk_closed(delete_all)
    assert opened.shell.listed is None


def test_what_the_new_library_asks_for_begins_once_it_lies_on_the_desk(opened: Opened, spin: Spin) -> None:
    began, jobs = Began(opened), opened.shell.jobs
    opened.shell.reopened.connect(lambda: jobs.start("scan"))
    opened.shell.reopened.connect(lambda: began.look(opened.shell.desk.profile))
    assert opened.shell.with_desk_closed(delete_all)
    assert not began.meanwhile, "not before all of the window knows of it"
    assert spin(lambda: began.jobs == ["scan"] and not jobs.running(), 10)


def test_a_full_disk_keeps_nothing_from_being_closed(
    app: QApplication, tmp_path: Path, spin: Spin, caplog: pytest.LogCaptureFixture
) -> None:
    """It had left the threads at work, and Qt to kill the workers."""
    make_library(tmp_path, 5)
    told: list[str] = []
    with window(app, tmp_path) as opened:
        page_of(opened, "settings")
        opened.shell.closing.connect(lambda: told.append("closing"))
        opened.window.closed.connect(lambda: told.append("closed"))
        task = opened.shell.jobs.start("train", {"do": "wait"})
        task.ended.connect(lambda outcome: told.append(outcome.text))
        assert spin(lambda: task.progress.done == 2, 10)
        opened.window.listen.set_volume(0.31)
        settings = opened.shell.desk.profile.settings
        settings.unlink()
        settings.mkdir()  # a file cannot be written there
    assert told == ["closing", "Stopped.", "closed"]
    assert sum("not kept at the end" in record.message for record in caplog.records) == 2
    caplog.clear()


def test_a_desk_that_could_not_be_changed_still_lets_jobs_run(opened: Opened, spin: Spin) -> None:
    def fails(_profile: Profile) -> None:
        raise OSError(28, "No space left on device")

    assert opened.shell.with_desk_closed(fails) is None
    ends: list[str] = []
    opened.shell.jobs.ended.connect(lambda outcome: ends.append(outcome.state))
    opened.shell.jobs.start("scan")
    assert spin(lambda: ends == ["finished"], 10)
