"""What is typed and would be passed over is refused: empty names, and options that belong to another way to ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicdesk.cli.main import main

EMPTY = [
    ["map", "--around", ""],
    ["recommend", "--crowd", ""],
    ["import", "history.json", "--crowd", ""],
    ["train", "wmf", "--crowd", ""],
    *([command, ""] for command in ("backup", "backups", "restore")),
]
STRAY = [
    (["recommend", "--out", "lists.tsv"], "name it with --crowd"),
    (["recommend", "--listeners", "all"], "name it with --crowd"),
    (["recommend", "--lean", "1"], "name it with --axis"),
    (["encoders", "list", "ear4"], "takes no name"),
    (["encoders", "back", "ear4"], "takes no name"),
    (["tags", "1", "--sounds", "piano"], "not both at once"),
    (["train", "wmf", "--set", "factors=true"], "'True' is not a whole number"),
    (["train", "wmf", "--set", "factors=null"], "is not a whole number"),
]


@pytest.mark.parametrize("arguments", EMPTY, ids=" ".join)
def test_an_empty_name_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and "the name is empty" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "words"), STRAY, ids=[" ".join(arguments) for arguments, _ in STRAY])
def test_an_option_that_would_be_passed_over_is_refused(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--profile", str(tmp_path), *arguments]) == 1
    told = capsys.readouterr().err
    assert words in told and told.count("\n") == 1


def test_a_demo_of_a_size_there_is_not_makes_no_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile", str(tmp_path / "p"), "demo", "--no-gui", "--tracks", "6"]) == 1
    assert "8 to 500 tracks" in capsys.readouterr().err and not (tmp_path / "p" / "demo").exists()
