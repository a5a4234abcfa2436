"""Every test runs in a house of its own: own profile, no network, and nothing left behind."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import settings

from tests.helpers.guard.sitecustomize import refuse

if TYPE_CHECKING:
    from tests.helpers.spotify_server import SpotifyServer

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Qt Multimedia's FFmpeg writes to the terminal otherwise.
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")

IN_MEMORY = Path("/dev/shm")
ROOM = 6 << 30  # bytes; the tests take a few hundred million


def quick_folder() -> Path | None:
    """A file system in memory, where there is one with room: what is to be safe on a disk waits for it, a quarter of
    the time of the tests of imports. None for the system's own."""
    try:
        room = min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available)
    except OSError:
        return None
    return IN_MEMORY if room >= ROOM and os.access(IN_MEMORY, os.W_OK) else None


# A temporary folder of our own: what others leave in the system's one is none of our business.
os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="md-", dir=quick_folder())

# Nothing that the tests do reaches another machine, nor do the processes that they start.
REFUSED = Path(os.environ["TMPDIR"]) / "refused.txt"
REFUSED.touch()
os.environ["GUARD_REFUSED"] = str(REFUSED)
refuse()
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).parent / "helpers" / "guard"), *filter(None, [os.environ.get("PYTHONPATH")])]
)

# The same examples every time, so that a change is judged by what it changed; `make soak` draws others.
settings.register_profile("same", derandomize=True)
settings.register_profile("drawn", derandomize=False)
settings.load_profile("same")

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data beside the project; tests that want it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real data (../shared/data) is not here")
    return SHARED


@pytest.fixture(scope="session")
def real_music(shared: Path) -> Path:
    return shared / "music" / "library"


@pytest.fixture(scope="session")
def hostile(shared: Path) -> Path:
    return shared / "hostile"


@pytest.fixture
def server() -> Iterator[SpotifyServer]:
    """Spotify's side, on this machine."""
    from tests.helpers.spotify_server import SpotifyServer

    with SpotifyServer() as made:
        yield made


@pytest.fixture(autouse=True)
def own_profile(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing a test does can reach the profile of whoever runs it."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MUSICDESK_PROFILE", str(folder / "profile"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """A wish for another machine fails the test, also one that was refused in another process and swallowed there."""
    yield
    wishes = REFUSED.read_text("utf-8", "replace")
    os.truncate(REFUSED, 0)
    assert not wishes, f"another machine was to be reached: {wishes}"


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A thread, a child process, an open file or a temporary file that stays behind fails the test."""
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    temps = _temps()
    yield
    left = _left(threads, children, temps)
    if left:
        gc.collect()  # what only waits for the collector is not left behind
        time.sleep(0.3)
        left = _left(threads, children, temps)
    assert not left, f"left behind: {left}"


def _left(threads: set[threading.Thread], children: set[int], temps: set[str]) -> list[str]:
    born = [child for child in psutil.Process().children(recursive=True) if child.pid not in children]
    _gone, alive = psutil.wait_procs(born, timeout=1) if born else ([], [])
    return [
        *(f"thread {t.name}" for t in threading.enumerate() if t not in threads and _counts(t)),
        *(f"process {_command(p)}" for p in alive if not any(name in " ".join(_command(p)) for name in STAY)),
        *(f"temporary file {name}" for name in _temps() - temps),
    ]


STAY = ("resource_tracker", "tests.helpers.forks")  # processes for the whole run


def _counts(thread: threading.Thread) -> bool:
    """Pools that libraries keep for the whole process are not ours to end."""
    return thread.is_alive() and not thread.name.startswith(
        ("ThreadPoolExecutor", "pytest_timeout", "Dummy", "QtWarm", "tqdm_monitor")
    )


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


# What pytest, the sound system and torch keep in the temporary folder for themselves.
KEPT_BY_OTHERS = ("pytest-of-", "pulse-", "torchinductor_")


def _temps() -> set[str]:
    """What lies in the temporary folder, but for what is kept by others."""
    names = (entry.name for entry in os.scandir(tempfile.gettempdir()))
    return {name for name in names if not name.startswith(KEPT_BY_OTHERS)}


def pytest_unconfigure() -> None:
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)


@pytest.fixture(autouse=True)
def no_loud_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning in our log that the test did not ask for (`caplog.clear()`) fails it."""
    yield
    loud = [
        r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.WARNING and "musicdesk" in r.name
    ]
    assert not loud, f"unexpected log lines: {loud}"
