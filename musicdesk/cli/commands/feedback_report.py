"""`feedback-report`: what you said of the lists, by model."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the report goes (default: in the profile)")


def _run(context: Context, given: Namespace) -> Result:
    return job(context, "feedback-report", {"out": str(given.out.absolute()) if given.out else None})


def _show(result: Result) -> str:
    rows = [
        (
            row["model"],
            row["lists"],
            row["met"],
            *(_share(row[name]) for name in ("like_rate", "completion_rate", "skip_rate")),
            row["put_off"],
            _share(row["tried"]["like_rate_by_propensity"]),
        )
        for row in result["models"]
    ]
    heads = ("model", "lists", "met", "liked", "heard to the end", "skipped", "put off", "liked of what was tried out")
    table = show.table(rows, heads)
    told = [each["sentence"] for each in (*result["duels"], *result["listening_tests"])]
    return "\n\n".join([table, *told, result["report"]])


def _share(value: dict[str, float] | None) -> str:
    return "-" if value is None else f"{value['value']:.0%} [{value['low']:.0%}, {value['high']:.0%}]"


COMMANDS = [
    Command("feedback-report", "What you said of the lists, by model; duels.", _run, _show, _arguments),
]
