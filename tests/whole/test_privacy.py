"""What is yours stays here: no connection, nothing written elsewhere, no name in a log, nothing left after deletion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from musicdesk.core.crashes import kept
from tests.helpers.forks import ROOT, Forks
from tests.helpers.histories import account, put
from tests.helpers.music import make_file

CANARY = "Kanarienvogel"  # in every title, artist, folder and file name, and in what exports say of their owner
OWNER = "zaunkoenig"  # in the exports, about the person: user name, address, device
GUARD = ROOT / "tests" / "helpers" / "guard"
PAGES = """
import sys
from PySide6.QtCore import QTimer
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
        {}["Kanarienvogel"] if bug else made.window.close()
    made.window.painted.connect(lambda: QTimer.singleShot(50, made.window, painted))
    QTimer.singleShot(4_000, made.window, made.window.close)
    return made
gui.open_window = opened
bug, sys.argv[1:] = sys.argv[2:], ["--profile", sys.argv[1], "gui"]
from musicdesk.__main__ import main
sys.exit(main())
"""


@dataclass
class Home:
    """A person's computer: home, profile, music, exports and a temporary folder, all of our own."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("home", "tmp", "streams"):
            (self.folder / name).mkdir()
        self.profile = self.folder / "home" / "profile"
        self.music = self.folder / f"{CANARY} Music"
        self.log = self.folder / "guard.log"
        self.environment = {
            # MPLCONFIGDIR: the program sets it, so a test that called it in this process leaves its own profile there.
            **{k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "MPLCONFIGDIR"))},
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
            "GUARD_LOG": str(self.log),
            "OMP_NUM_THREADS": "1",
            "QT_QPA_PLATFORM": "offscreen",
        }

        self.forks = Forks(environment=self.environment)

    def run(self, *arguments: str, code: int | None = 0) -> str:
        ended, out, err = self.forks.say(self.profile, *arguments, within=self.folder / "streams")
        assert code in (None, ended), (arguments, out, err)
        return out

    def window(self, *arguments: str) -> None:
        command = [sys.executable, "-c", PAGES, str(self.profile), *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, (command, done.stdout, done.stderr)

    def events(self) -> list[tuple[str, str]]:
        lines = self.log.read_text("utf-8", "surrogateescape").splitlines()
        return [(event, what) for event, _tab, what in (line.partition("\t") for line in lines)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Somebody who has used everything once, and had bad luck as well."""
    made = Home(tmp_path_factory.mktemp("privacy"))
    for n in range(6):
        named = {"title": f"{CANARY} Song {n}", "artist": f"{CANARY} Band", "album": CANARY, "genre": "Rock"}
        make_file(made.music / CANARY / f"{CANARY} {n}.flac", 220.0 + 20 * n, 5.0, **named)
    (made.music / f"{CANARY} broken.mp3").write_bytes(b"no music at all")
    rows = [
        account(endTime=f"2022-03-01 10:{n:02}", artistName=f"{CANARY} Band", trackName=f"{CANARY} Song {n % 6}")
        for n in range(40)
    ]
    for row in rows:
        row |= {"username": OWNER, "ip_addr": f"10.0.0.1 {OWNER}", "user_agent": OWNER}
    put(made.folder, f"{CANARY}/StreamingHistory0.json", rows)
    made.run("scan", str(made.music))
    made.run("analyze")
    made.run("import", str(made.folder / CANARY / "StreamingHistory0.json"))
    for words in (("rate", "1", "like"), ("rate", "2", "like"), ("recommend", "-n", "3"), ("map",)):
        made.run(*words)
    made.run("evaluate", code=None)
    made.run("map", "--png", str(made.folder / f"{CANARY}.png"))
    made.run("playlist", "export", "1", str(made.folder / f"{CANARY}.m3u8"))
    made.run("similar", f"{CANARY} nowhere.mp3", code=1)
    made.run("scan", f"/{CANARY}/nowhere", code=1)
    made.run("doctor")
    made.window()
    made.window("bug")
    yield made
    made.forks.close()


def test_no_connection_is_made(home: Home):
    inet = [(event, what) for event, what in home.events() if event.startswith("socket.")]
    assert not [e for e in inet if "AF_UNIX" not in e[1]], inet


def test_nothing_is_written_outside_the_profile(home: Home):
    """But for the file that was asked for, and temporary files that are gone again."""
    streams = str(home.folder / "streams")
    allowed = (str(home.profile), streams, str(home.folder / "tmp"), str(home.folder / CANARY), "/dev/", "/proc/")
    temps = str(home.folder / ".musicdesk-tmp-")
    site = str(Path(sys.prefix).resolve())
    outside = {
        (event, what)
        for event, what in home.events()
        if not event.startswith("socket.")
        and not what.startswith((*allowed, temps, site))
        and "__pycache__" not in what
    }
    assert not {e for e in outside if e[0] != "os.mkdir"}, outside
    left = sorted(str(path.relative_to(home.folder)) for path in (home.folder / "tmp").iterdir())
    assert not left
    assert [path.name for path in (home.folder / "home").iterdir()] == ["profile"]


def test_no_name_is_in_a_log_or_a_report(home: Home):
    files = [path for name in ("logs", "crashes") for path in (home.profile / name).rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert CANARY.encode() not in content and OWNER.encode() not in content, content.decode("utf-8", "replace")
    [report] = kept(home.profile / "crashes")
    assert "KeyError: …" in report.text and "painted" in report.text


def test_who_the_exports_are_from_is_kept_nowhere(home: Home):
    for path in home.profile.rglob("*"):
        assert not path.is_file() or OWNER.encode() not in path.read_bytes(), path


def test_the_profile_is_readable_by_its_owner_alone(home: Home):
    for path in (home.profile, *home.profile.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, f"{path}: {path.stat().st_mode & 0o777:o}"


def test_after_deletion_nothing_is_left(home: Home):
    """Searched byte by byte in all that the program could write to. Runs last: it takes the profile away."""
    music = {path: path.read_bytes() for path in home.music.rglob("*") if path.is_file()}
    told = json.loads(home.run("delete-all-data", "--yes", "--json"))
    assert told["files"] > 5
    assert not home.profile.exists()
    for place in ("home", "tmp"):
        for path in (home.folder / place).rglob("*"):
            assert CANARY not in path.name
            assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
    assert {path: path.read_bytes() for path in home.music.rglob("*") if path.is_file()} == music
