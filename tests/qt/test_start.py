"""The start of the window in a process of its own: light, alone, and calm while workers run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from musicdesk.gui import screenshots
from musicdesk.gui.ask import Dialogs
from musicdesk.gui.single import OnlyOne, server_name
from tests.qt.windows import make_library, page_of, window

Spin = Callable[..., bool]
HEAVY = ("torch", "librosa", "sklearn", "matplotlib", "implicit", "scipy", "qtpy", "av", "soundfile")
START = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from threadpoolctl import threadpool_info
from musicdesk.gui import main as gui
from musicdesk.gui.pages import place_of
real = gui.open_window
def opened(app, profile, device=None):
    made = real(app, profile, device)
    def painted():
        for name in made.window.navigation._buttons:
            place_of(name).load()
            made.window.open(name).finish()
        app.processEvents()
        threads = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
        told = {"modules": sorted(sys.modules), "threads": threads, "switch": sys.getswitchinterval()}
        print(json.dumps(told), flush=True)
        %s
    made.window.painted.connect(lambda: QTimer.singleShot(50, made.window, painted))
    return made
gui.open_window = opened
sys.exit(gui.main(Path(sys.argv[1])))
"""


def _start(profile: Path, then: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "2"}
    command = [sys.executable, "-c", START % then, str(profile)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)


def test_nothing_heavy_is_imported_with_every_page_open(tmp_path: Path) -> None:
    """And sums have one thread: more of them wait for one another where other programs want the processors. Threads of
    Python give way soon: the window waits for its turn at every cell that it paints."""
    make_library(tmp_path, 30)
    with _start(tmp_path, "made.window.close()") as process:
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    found = json.loads(told.splitlines()[0])
    assert found["threads"] and set(found["threads"]) == {1} and found["switch"] <= 0.001
    loaded = {name.split(".")[0] for name in found["modules"]}
    assert loaded.isdisjoint(HEAVY), loaded & set(HEAVY)


def test_a_second_start_raises_the_first_window_and_goes(tmp_path: Path) -> None:
    make_library(tmp_path, 3)
    note = "made.window.raise_ = lambda: (print('raised', flush=True), made.window.close())"
    with _start(tmp_path, note) as first:
        assert first.stdout is not None and first.stdout.readline()
        with _start(tmp_path, "print('opened', flush=True)") as second:
            told, _ = second.communicate(timeout=30)
        assert second.returncode == 0 and told == ""
        assert first.stdout.readline() == "raised\n"
        assert first.wait(timeout=30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_window_closes_in_order_when_the_program_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    """By Ctrl+C, or by the system at the end of a session."""
    make_library(tmp_path, 3)
    with _start(tmp_path, "print('opened', flush=True)") as process:
        assert process.stdout is not None and process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
    assert not (tmp_path / "catalog.open").exists()


def test_a_name_left_by_a_killed_program_does_not_lock_out(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    one = OnlyOne(tmp_path)
    raised: list[bool] = []
    one.raised.connect(lambda: raised.append(True))
    assert one.first
    one.close()
    again = OnlyOne(tmp_path)
    assert again.first
    again.close()
    assert server_name(tmp_path) != server_name(tmp_path / "other")


@pytest.mark.parametrize("error", [KeyError("uid not found: 54321"), OSError("No username set in the environment")])
def test_a_user_without_a_name_is_known_by_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    def nameless() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", nameless)
    mine = server_name(tmp_path)
    assert mine == server_name(tmp_path)
    monkeypatch.setattr("os.getuid", lambda: 54_321)
    assert mine != server_name(tmp_path)


def test_without_a_home_files_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, app: QApplication) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    asked: list[str] = []
    for name in ("getExistingDirectory", "getSaveFileName", "getOpenFileName"):
        answer = "" if name == "getExistingDirectory" else ("", "")
        monkeypatch.setattr(QFileDialog, name, lambda _parent, _title, at, *_, told=answer: asked.append(at) or told)
    dialogs, endings = Dialogs(), [("m3u8", "M3U8 playlist")]
    assert dialogs.folder("Where") is dialogs.open_file("Which", endings) is None
    assert dialogs.save_as("Where", "Mix.m3u8", endings) is None
    assert all(os.path.isabs(at) for at in asked) and asked[2].endswith("/Mix.m3u8")


def test_the_event_loop_stays_free_while_a_job_reports(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    """A loose limit, for busy machines; the figure is in the benchmark."""
    make_library(tmp_path, 200)
    with window(app, tmp_path) as opened:
        opened.window.show()
        page_of(opened, "library")
        spin(seconds=0.2)
        beats: list[float] = []
        beat = QTimer(opened.window, interval=1)
        beat.timeout.connect(lambda: beats.append(time.perf_counter()))
        task = opened.shell.jobs.start("scan", {"do": "wait"})
        assert spin(lambda: task.progress.done == 2, 10)
        assert opened.window.strip.isVisible()
        beats.clear()
        beat.start()
        spin(seconds=0.5)
        beat.stop()
        task.cancel()
        assert spin(lambda: not opened.shell.jobs.running(), 5)
        assert not opened.window.strip.isVisible()
        gaps = [after - before for before, after in pairwise(beats)]
        assert max(gaps) < 0.5


def test_a_real_worker_scans_a_folder(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    from musicdesk.gui.task import Outcome, worker_command

    music = tmp_path / "music"
    music.mkdir()
    (music / "broken.mp3").write_bytes(b"not music at all")
    with window(app, tmp_path / "profile") as opened:
        opened.window.show()
        opened.shell.jobs._command = worker_command()
        ended: list[Outcome] = []
        opened.shell.jobs.ended.connect(ended.append)
        opened.shell.jobs.start("scan", {"roots": [str(music)]})
        assert spin(lambda: ended, 60)
        assert ended[0].state == "finished", ended[0].text
        assert ended[0].result["found"] == 1
        assert len(opened.shell.desk.catalog.roots.all()) == 1


def test_a_change_in_a_folder_starts_a_scan(app: QApplication, tmp_path: Path, spin: Spin) -> None:
    music = tmp_path / "music"
    music.mkdir()
    with window(app, tmp_path / "profile") as opened:
        opened.shell.desk.catalog.roots.add(os.fsencode(music))
        opened.shell.change_settings(watch_folders=True)
        opened.watching.start()
        assert opened.watching._watcher.ready.wait(10)
        (music / "new.mp3").write_bytes(b"x")
        assert spin(lambda: opened.shell.jobs.busy_with("settle"), 10)
        assert spin(lambda: not opened.shell.jobs.running(), 10)


def test_pictures_are_made_of_every_page(app: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path / "profile", 40)
    monkeypatch.setattr(screenshots, "SETTLE_S", 0.05)
    made = screenshots.shoot(tmp_path / "profile", tmp_path, sizes=((1000, 700),))
    assert len(made) == 2 * len(screenshots.PAGES)
    assert all(path.stat().st_size > 5_000 for path in made)
