"""What strangers type and hand over: names without end, numbers too large, archives that are broken inside."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from musicdesk.cli.commands import commands
from musicdesk.cli.main import main, parser
from musicdesk.core.errors import MusicdeskError, Unusable
from musicdesk.history.sources import Sources
from musicdesk.workflows.desk import open_desk
from tests.helpers.histories import account, put, stored, take, zipped

HUGE = "9" * 25


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def said(capsys: pytest.CaptureFixture[str], profile: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a command and what it says on standard error."""
    try:
        code = main(["--profile", os.fspath(profile), *arguments])
    except SystemExit as usage:
        code = int(usage.code or 0)
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "--forget", HUGE),
        ("match", "--never", HUGE),
        ("match", "--accept", HUGE, "1"),
        ("match", "--accept", "1", HUGE),
        ("match", "--never", "-3"),
        ("playlist", "show", HUGE),
    ],
)
def test_numbers_that_nothing_can_have_are_wrong_usage(capsys, tmp_path, arguments):
    code, text = said(capsys, tmp_path / "p", *arguments)
    assert code == 2 and "the number of anything" in text, text


@pytest.mark.parametrize("name", ["", "nobody"])
def test_forgetting_a_crowd_that_is_none(capsys, tmp_path, name):
    code, text = said(capsys, tmp_path / "p", "import", "--forget", name)
    assert code == 1 and f"There is no crowd '{name}'" in text


def test_rating_a_number_of_many_digits(capsys, tmp_path):
    code, text = said(capsys, tmp_path / "p", "rate", HUGE, "like")
    assert code == 1 and "neither a track's number nor the path" in text


def test_no_path_at_all_and_one_that_is_no_text(capsys, tmp_path):
    code, text = said(capsys, tmp_path / "p", "import", "")
    assert code == 1 and "Name the files" in text
    code, text = said(capsys, tmp_path / "p", "import", os.fsdecode(b"/nowhere/\xff\xfe"))
    assert code == 1 and "There is no file or folder /nowhere/" in text


def test_a_profile_that_is_a_file(capsys, tmp_path):
    profile = put(tmp_path, "notes.txt", "mine")
    for command in (("status",), ("delete-all-data", "--yes")):
        code, text = said(capsys, profile, *command)
        assert code == 1 and "notes.txt" in text, text
    assert profile.read_text() == "mine"


def test_a_profile_of_a_user_that_is_none(capsys, tmp_path, monkeypatch):
    code, text = said(capsys, Path("~nosuchuser/x"), "status")
    assert code == 1 and "no home folder for '~nosuchuser'" in text and text.count("\n") == 1
    monkeypatch.setenv("MUSICDESK_PROFILE", "~nosuchuser/x")
    assert main(["status"]) == 1 and "~nosuchuser" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="a folder that is in use stays there")
def test_a_current_folder_that_is_gone(capsys, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for profile, *command in (("rel", "status"), (tmp_path / "p", "import", "x.json")):
        code, text = said(capsys, Path(profile), *command)
        assert code == 1 and "The folder you are in is gone" in text and text.count("\n") == 1, text


def test_an_empty_profile_is_none_given(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["--profile", "", "status"]) == 0
    assert not list(tmp_path.iterdir()) and Path(os.environ["MUSICDESK_PROFILE"]).is_dir()


def test_the_help_of_import_names_what_it_reads():
    text = _help("import")
    for name in ("Spotify", "Last.fm", "ListenBrainz", "Apple Music", "YouTube Music", "iTunes", "CSV"):
        assert name in text
    for name in ("Taste Profile", "KKBox", "hetrec", "Million Song Dataset"):
        assert name in text


def _help(command: str) -> str:
    with pytest.raises(SystemExit), pytest.MonkeyPatch.context() as patch:
        told = io.StringIO()
        patch.setattr("sys.stdout", told)
        parser(commands()).parse_args([command, "--help"])
    return " ".join(told.getvalue().split())


def test_names_of_listeners_and_crowds_have_an_end(desk, tmp_path):
    path = put(tmp_path, "StreamingHistory0.json", [account()])
    for wish in ({"listener": "x" * 101}, {"crowd": "y" * 101}):
        with pytest.raises(Unusable, match="too long for a name"):
            take(desk, path, **wish)
    with pytest.raises(Unusable, match="no number"):
        take(desk, path, crowd="12")
    assert (stored(desk), stored(desk, table="listener"), stored(desk, table="source")) == (0, 1, 0)
    assert take(desk, path, listener="x" * 100).imported == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archives_broken_at_any_byte(tmp_path, method):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("a/StreamingHistory0.json", json.dumps([account(trackName=f"{n}") for n in range(20)]))
    good = target.getvalue()
    read = 0
    for at in range(0, len(good), 1 if len(good) < 600 else 5):
        for value in (0, 0xFF):
            data = bytearray(good)
            data[at] = value
            try:
                read += _read_through(put(tmp_path, "my_data.zip", bytes(data)))
            except MusicdeskError as told:
                assert str(told).endswith(".")
    assert read > 20


def _read_through(path: Path) -> int:
    """How many of the streams behind a path have come to their end."""
    ended = 0
    with Sources([path]) as found:
        for source in found.found:
            with source.open() as stream:
                while stream.read(4096):
                    pass
            ended += 1
    return ended


def test_a_member_without_a_name(desk, tmp_path):
    data = zipped({"StreamingHistory0.json": json.dumps([account()]).encode(), "x": b"nothing"})
    end = data.rindex(b"PK\x01\x02", 0, len(data))
    nameless = bytearray(data)
    nameless[end + 28 : end + 30] = b"\0\0"  # the length of its name in the directory
    nameless[end + 30 : end + 32] = b"\x01\0"  # what was the name counts as its extra field
    try:
        take(desk, put(tmp_path, "my_data.zip", bytes(nameless)))
    except MusicdeskError as told:
        assert str(told).endswith(".")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_machine(desk, tmp_path, end):
    rows = [f"2022-03-04 05:{n // 60:02}:{n % 60:02},John Coltrane,Blue Train {n}" for n in range(3000)]
    done = take(desk, put(tmp_path, "mine.csv", end.join(["time,artist,title", *rows, ""]).encode()))
    assert (done.format, done.rows, done.imported) == ("csv", 3000, 3000)


def test_what_stands_behind_the_list_is_told(desk, tmp_path):
    one, two = json.dumps([account()]), json.dumps([account(trackName="Naima")])
    done = take(desk, put(tmp_path, "StreamingHistory0.json", one + two))
    assert done.imported == 1 and "behind the end of its list" in done.notes[0]
    assert take(desk, put(tmp_path, "StreamingHistory1.json", one + "\n\n")).notes == []
