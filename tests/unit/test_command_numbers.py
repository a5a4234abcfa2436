"""Numbers on the command line: what no part of the program can count to is wrong usage, told in a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from musicdesk.cli.commands import commands
from musicdesk.cli.main import main, parser
from musicdesk.core.errors import Unusable
from musicdesk.workflows.request import moment_of

HUGE = "9" * 23
WRONG = [
    *(["recommend", *words] for words in (["--seed", HUGE], ["--minutes", "1e400"], ["--minutes", "nan"])),
    *(
        ["recommend", *words]
        for words in (["--memory", "nan"], ["--rest", "nan"], ["--rest", "-1"], ["--memory", "inf"])
    ),
    *(
        ["recommend", *words]
        for words in (["-n", "0"], ["-n", HUGE], ["--mix", "-1"], ["--lean", "nan"], ["--axis", "-1"])
    ),
    *(["recommend", *words] for words in (["--album-most", "-1"], ["--seed", "1.5"], ["-n", "9" * 5_000])),
    *(["analyze", "--limit", number] for number in (HUGE, "-3", "0")),
    *(["train", "content", "--seed", number] for number in ("99999999999999999999", "-1")),
    *(["questions", *words] for words in (["-n", "-3"], ["--seed", HUGE])),
    ["similar", "1", "-n", "-2"],
    ["tags", "--sounds", "piano", "-n", "-2"],
    ["map", "--around", "1", "--count", "-4"],
    ["feedback", "-n", "0"],
    ["demo", "--tracks", "-5"],
    *(["evaluate", *words] for words in (["--seed", "-1"], ["--run", HUGE], ["--days", "nan"])),
    *(["duel", *words] for words in (["check", "--duels", "0"], ["check", "--seed", HUGE], ["--decisions", HUGE])),
    ["use", HUGE],
    ["models", "--delete", HUGE],
    ["reproduce", "features", "--seed", HUGE],
    ["spotify", "playlist", HUGE],
    ["spotify", "connect", "--port", "99999"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_number_out_of_bounds_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    *_, sentence = capsys.readouterr().err.splitlines()
    assert "is no" in sentence and len(sentence) < 160


def test_every_number_has_bounds() -> None:
    bare = [(part.prog, action.dest) for part, action in actions(parser(commands())) if action.type in (int, float)]
    assert not bare


def actions(part: argparse.ArgumentParser) -> Iterator[tuple[argparse.ArgumentParser, argparse.Action]]:
    for action in part._actions:
        yield part, action
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from actions(inner)


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31", "0001", "2019-13", "9" * 30])
def test_days_that_cannot_be_counted_to_are_no_dates(text: str) -> None:
    try:
        assert moment_of(text) < 300_000_000_000
    except Unusable as error:
        assert any(words in str(error) for words in ("is no date", "has not come yet", "Nothing is known of"))
