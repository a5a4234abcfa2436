"""Reports of mistakes: they tell where, they name nothing of the person's, and a crash leaves one too."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicdesk.core import crashes, logs
from musicdesk.core.errors import NotFound, Unusable
from musicdesk.workflows.troubles import told

ODD = st.text(st.characters(exclude_categories=("Cs",)), min_size=6, max_size=40)


def raised(make) -> BaseException:  # type: ignore[no-untyped-def]
    try:
        make()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@given(ODD)
def test_what_python_says_of_a_name_is_left_out(name: str):
    """As the usual mistakes quote it: a key, a number that is none, a file that is not there."""
    for make in (
        lambda: {}[name],
        lambda: int("x" + name),
        lambda: open("/canary/" + name.replace("\0", "")),  # noqa: SIM115
        lambda: name.encode("ascii") + ("é" + name).encode("ascii"),
    ):
        text = crashes.trace_of(raised(make)).partition("\n")[2]
        last = text.splitlines()[-1]
        assert "canary" not in last
        assert name.strip() not in last or len(name.strip()) < 3 or name.strip() in LAST_WORDS, last


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("can't open 'Secret Song' now", "can't open '…' now"),
        ("'Secret' and \"Secret\" of b'Secret' can't be", "'…' can't be"),
        ("no 'Talkin' Secret' here", "no '…' here"),
        ("no “Secret Song” here", "no '…' here"),
        ("no 「Secret」 here", "no '…' here"),
        ("it ends in \"Secret 'and' more", "it ends in '…'"),
        ("no number: " + repr('Don\'t "Secret" Believin'), "no number: '…'"),
        ("no number: " + repr(b"Secret's"), "no number: b'…'"),
        ("no number: " + repr('It\'s "Secret" ' + "x" * 400 + " Secret"), "no number: '…'"),
    ],
)
def test_names_with_marks_of_their_own(message: str, kept: str):
    assert crashes.trace_of(ValueError(message)) == f"ValueError: {kept}"


LAST_WORDS = "KeyError: … ValueError: invalid literal for int() with base 10: '…' FileNotFoundError: No such file"


def test_a_trace_tells_where_and_what_was_behind_it():
    def inner() -> None:
        raise KeyError("Canary Song")

    def outer() -> None:
        try:
            inner()
        except KeyError as error:
            raise RuntimeError("cannot read /home/canary/My Music/a.mp3 or 'Canary' or more") from error

    text = crashes.trace_of(raised(outer))
    assert "Canary" not in text.replace('raise KeyError("Canary Song")', "").replace(SOURCE, "")
    assert "in inner" in text and "KeyError" in text and "RuntimeError: cannot read" in text
    assert "/home" not in text.replace(SOURCE, "")


SOURCE = """raise RuntimeError("cannot read /home/canary/My Music/a.mp3 or 'Canary' or more") from error"""


def test_reports_are_private_few_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "crashes"
    for second in range(crashes.KEEP + 5):
        monkeypatch.setattr(crashes.time, "time", lambda second=second: 1_800_000_000.0 + second)
        made = crashes.keep(folder, "window", "a test", f"mistake {second}")
    assert made.path.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    found = crashes.kept(folder)
    assert len(found) == crashes.KEEP and "mistake 24" in found[0].text and found[0].process == "window"
    assert os.environ.get("USER", "?") not in found[0].text or os.environ["USER"] in "musicdesk window"


CRASH = """
import sys, ctypes
from pathlib import Path
from musicdesk.core.crashes import Watch
watch = Watch(Path(sys.argv[1]), "worker")
if sys.argv[2] == "crash": ctypes.string_at(0)
watch.end()
"""


@pytest.mark.parametrize("how", ["crash", "end"])
def test_a_crash_leaves_its_stack_and_a_proper_end_nothing(tmp_path: Path, how: str):
    done = subprocess.run([sys.executable, "-c", CRASH, tmp_path, how], timeout=60, capture_output=True)
    assert (done.returncode == 0) is (how == "end")
    found = crashes.collect(tmp_path)
    assert not list(tmp_path.glob("dying-*")) and not crashes.collect(tmp_path)
    assert len(found) == (how == "crash")
    if found:
        assert "Segmentation fault" in found[0].text and "string_at" in found[0].text
        assert crashes.kept(tmp_path)[0].process == "worker"


def test_what_a_running_process_keeps_ready_stays(tmp_path: Path):
    watch = crashes.Watch(tmp_path, "window")
    assert not crashes.collect(tmp_path) and len(list(tmp_path.glob("dying-*"))) == 1
    watch.end()
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_stops_nobody(tmp_path: Path):
    (tmp_path / "file").write_text("")
    crashes.Watch(tmp_path / "file", "window").end()
    assert "x" in crashes.keep(tmp_path / "file" / "deeper", "window", "a test", "x").text


def test_the_log_names_nothing_either(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = logs.start(tmp_path, "t")
    try:
        open("/home/canary/Music/Secret Song.mp3")  # noqa: SIM115
    except OSError:
        logs.bug("a test")
    logs.stop()
    line = path.read_text().splitlines()[-1]
    assert line == "FileNotFoundError: No such file or directory"
    logging.getLogger("musicdesk").handlers.clear()
    caplog.clear()


def test_disks_and_memory_have_sentences():
    for number in (28, 5, 30, 122, 13, 24):
        found = told(OSError(number, os.strerror(number), "/home/canary/x"))
        assert isinstance(found, Unusable) and "canary" not in str(found)
    assert isinstance(told(MemoryError()), Unusable)
    assert told(ValueError("x")) is None and told(FileNotFoundError(2, "x")) is None
    mine = NotFound("x")
    assert told(mine) is mine
