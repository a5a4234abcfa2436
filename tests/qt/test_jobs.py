"""Jobs in real processes: the outcome comes once, after the process has gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psutil
import pytest
from PySide6.QtWidgets import QApplication

from musicdesk.core.changes import Changes
from musicdesk.gui import jobs
from musicdesk.gui.jobs import JobRunner
from musicdesk.gui.strip import told
from musicdesk.gui.task import KILL_AFTER_MS, Outcome, Progress, Task, worker_command
from tests.qt.windows import COMMAND

Spin = Callable[..., bool]


class Seen:
    def __init__(self, runner: JobRunner) -> None:
        self.outcomes: list[Outcome] = []
        self.progress: list[Progress] = []
        self.changes: list[Changes] = []
        self.alive_at_the_end: list[bool] = []
        self.pids: dict[str, int] = {}
        runner.progressed.connect(lambda _task, progress: self.progress.append(progress))
        runner.changed.connect(self.changes.append)
        runner.ended.connect(self._ended)
        runner.progressed.connect(self._note)

    def _note(self, task: Task, _progress: Progress) -> None:
        self.pids[task.request.job] = task.pid

    def _ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        pid = self.pids.get(outcome.job, 0)
        self.alive_at_the_end.append(bool(pid) and psutil.pid_exists(pid))


@pytest.fixture
def runner(app: QApplication) -> Iterator[JobRunner]:
    made = JobRunner("/nowhere", None, COMMAND)
    yield made
    made.close()


def test_a_job_tells_progress_changes_and_its_end_once(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    runner.start("scan")
    assert spin(lambda: seen.outcomes, 10)
    spin(seconds=0.1)
    assert [outcome.state for outcome in seen.outcomes] == ["finished"]
    assert seen.outcomes[0].result == {"pid": 1, "job": "scan"}
    assert [progress.done for progress in seen.progress] == [0, 1, 2]
    assert seen.changes == [Changes.TRACKS, Changes.TRACKS | Changes.MAP]
    assert seen.alive_at_the_end == [False]


def test_cancel_stops_the_worker(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    task = runner.start("scan", {"do": "wait"})
    assert spin(lambda: len(seen.progress) == 3, 10)
    task.cancel()
    assert spin(lambda: seen.outcomes, 5)
    assert seen.outcomes[0].state == "cancelled"
    assert seen.alive_at_the_end == [False]


def test_what_is_stopped_before_it_was_told_what_to_do_ends_at_once(app: QApplication, spin: Spin) -> None:
    runner = JobRunner("/nowhere", None, worker_command())
    seen = Seen(runner)
    runner.start("scan").cancel()
    assert spin(lambda: seen.outcomes, KILL_AFTER_MS / 1_000)
    assert [outcome.state for outcome in seen.outcomes] == ["cancelled"]
    runner.close()


def test_a_worker_that_does_not_listen_is_killed(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    task = runner.start("scan", {"do": "deaf"})
    task._killer.setInterval(200)
    assert spin(lambda: len(seen.progress) == 3, 10)
    task.cancel()
    assert spin(lambda: seen.outcomes, 5)
    assert seen.outcomes[0].state == "cancelled"


def test_a_crash_is_a_sentence_and_the_next_job_runs(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    runner.start("scan", {"do": "crash"})
    runner.start("project")
    assert spin(lambda: len(seen.outcomes) == 2, 20)
    assert [outcome.state for outcome in seen.outcomes] == ["failed", "finished"]
    assert "ended unexpectedly" in seen.outcomes[0].text


def test_an_explained_failure_keeps_its_sentence(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    runner.start("scan", {"do": "explain"})
    assert spin(lambda: seen.outcomes, 10)
    assert seen.outcomes[0].text == "The folder is not there."
    assert not seen.outcomes[0].bug


def test_jobs_wait_for_each_other_but_a_waveform_does_not(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    first = runner.start("scan", {"do": "wait"})
    runner.start("project")
    assert runner.start("project") is not first
    runner.start("waveform", {"track": 1})
    assert spin(lambda: any(outcome.job == "waveform" for outcome in seen.outcomes), 10)
    assert [task.request.job for task in runner.running()] == ["scan"]
    assert runner.waiting() == 1
    first.cancel()
    assert spin(lambda: len(seen.outcomes) == 3, 10)
    assert [outcome.job for outcome in seen.outcomes] == ["waveform", "scan", "project"]


def test_listening_steps_aside_for_what_is_asked_meanwhile_and_goes_on(runner: JobRunner, spin: Spin) -> None:
    """Hours of listening must not keep a history from being read; it is no failure and is not told as a stop."""
    seen = Seen(runner)
    runner.start("settle", {"do": "wait", "roots": ["/music"]})
    assert spin(lambda: len(seen.progress) == 3, 10)
    assert not runner.waits(runner.start("import", {"paths": ["/export"]})), "what steps aside keeps nobody waiting"
    assert spin(lambda: len(seen.outcomes) == 2, 10)
    assert [(outcome.job, outcome.state) for outcome in seen.outcomes] == [("settle", "paused"), ("import", "finished")]
    assert spin(lambda: len(runner.running()) == 1, 10)
    again = runner.running()[0]
    assert again.request.job == "settle" and again.request.request["roots"] == ["/music"]
    assert spin(lambda: len(seen.progress) == 9, 10)
    more = runner.start("settle", {"roots": ["/more"]})  # one of its own kind waits its turn
    assert runner.running() == [again] and runner.waiting() == 1 and runner.waits(more)
    runner.cancel(again)
    assert spin(lambda: len(seen.outcomes) == 4, 10)
    assert [outcome.state for outcome in seen.outcomes[2:]] == ["cancelled", "finished"]


def test_listening_that_was_stopped_by_hand_stays_stopped(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    settle = runner.start("settle", {"do": "wait"})
    assert spin(lambda: len(seen.progress) == 3, 10)
    runner.start("train")
    runner.cancel(settle)
    assert spin(lambda: len(seen.outcomes) == 2, 10)
    assert [(outcome.job, outcome.state) for outcome in seen.outcomes] == [
        ("settle", "cancelled"),
        ("train", "finished"),
    ]
    spin(seconds=0.1)
    assert not runner.running() and not runner.waiting()


def test_listening_that_is_being_stopped_is_not_set_aside(runner: JobRunner, spin: Spin) -> None:
    """Stop was pressed, and before the worker had gone something else was asked for."""
    seen = Seen(runner)
    settle = runner.start("settle", {"do": "deaf"})
    settle._killer.setInterval(300)
    assert spin(lambda: len(seen.progress) == 3, 10)
    runner.cancel(settle)
    runner.start("train")
    assert spin(lambda: len(seen.outcomes) == 2, 10)
    assert [(outcome.job, outcome.state) for outcome in seen.outcomes] == [
        ("settle", "cancelled"),
        ("train", "finished"),
    ]
    assert not runner.running() and not runner.waiting()


def test_what_is_stopped_before_its_turn_keeps_no_other_from_running(runner: JobRunner, spin: Spin) -> None:
    """A page stops the task that it follows, whether that runs or waits; one that waited had stayed in the queue."""
    seen = Seen(runner)
    first = runner.start("scan", {"do": "wait"})
    assert spin(lambda: len(seen.progress) == 3, 10)
    runner.start("train", {"do": "wait"}).cancel()
    assert runner.waiting() == 0
    runner.start("project")
    runner.cancel(first)
    assert spin(lambda: len(seen.outcomes) == 3, 10)
    assert [(outcome.job, outcome.state) for outcome in seen.outcomes] == [
        ("train", "cancelled"),
        ("scan", "cancelled"),
        ("project", "finished"),
    ]


def test_what_waits_for_a_person_waits_for_no_job(runner: JobRunner, spin: Spin) -> None:
    seen = Seen(runner)
    main = runner.start("scan", {"do": "wait"})
    beside = runner.start("spotify-playlist", {"do": "wait"})
    after = runner.start("spotify-connect")
    assert spin(lambda: len(seen.progress) == 6, 10)
    assert [task.request.job for task in runner.running()] == ["scan", "spotify-playlist"]
    runner.cancel(after)
    assert seen.outcomes[0].state == "cancelled" and not runner.waiting()
    runner.cancel(beside)
    assert spin(lambda: len(seen.outcomes) == 2, 10)
    assert [task.request.job for task in runner.running()] == ["scan"]
    runner.cancel(main)
    assert spin(lambda: len(seen.outcomes) == 3, 10)


def test_a_page_to_open_is_told(runner: JobRunner, spin: Spin) -> None:
    links: list[str] = []
    seen = Seen(runner)
    runner.start("scan", {"do": "link"}).linked.connect(links.append)
    assert spin(lambda: seen.outcomes, 10)
    assert links == ["https://example.org/"]


def test_a_program_that_is_not_there_fails_in_words(app: QApplication, spin: Spin) -> None:
    runner = JobRunner("/nowhere", None, ["/no/such/program"])
    seen = Seen(runner)
    runner.start("scan")
    assert spin(lambda: seen.outcomes, 5)
    assert seen.outcomes[0].state == "failed"
    assert "could not be started" in seen.outcomes[0].text
    runner.close()


def test_pages_see_what_a_running_job_commits(runner: JobRunner, spin: Spin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "GROWTH_MS", (50, 100))
    seen = Seen(runner)
    task = runner.start("scan", {"do": "wait"})
    assert spin(lambda: jobs.GROWTH in seen.changes, 10)
    task.cancel()
    assert spin(lambda: seen.outcomes, 5)
    told = len(seen.changes)
    spin(seconds=0.3)
    assert len(seen.changes) == told, "nothing more once it has ended"


def test_the_strip_says_what_how_fast_and_how_long() -> None:
    progress = Progress(1204, 8310, "", 640 / 60, 660.0)
    assert told("Listening to your music", progress) == (
        "Listening to your music · 1,204 of 8,310 · 640/min · 11 min left"
    )
    assert told("Working", Progress(500, 1000, "Drawing the map", None, None)) == "Drawing the map · 50%"
    nearly = Progress(998, 1000, "Drawing the map", None, 5.0)
    assert told("Working", nearly) == "Drawing the map · 99% · about 5 s left", "all of it is not done"
