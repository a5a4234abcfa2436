"""`reproduce`: the published studies on data of your own, theirs beside ours."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job, seed, setting
from musicdesk.core.errors import Unusable


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("study", nargs="?", metavar="STUDY")
    parser.add_argument("--list", action="store_true", help="the studies, and what each needs")
    parser.add_argument("--data", type=Path, metavar="DIR_OR_FILE", help="the data to run it on")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the report goes (default: in the profile)")
    parser.add_argument("--seed", type=seed, default=0, metavar="N")
    parser.add_argument("--set", action="append", default=[], type=setting, metavar="key=value")
    parser.add_argument("--made-up", action="store_true", help="a program made these data: show no published figure")


def _run(context: Context, given: Namespace) -> Result:
    if given.list:
        from musicdesk.workflows.reproduce import offered

        return {"studies": offered()}
    if given.study is None:
        raise Unusable("Name a study; 'musicdesk reproduce --list' shows them.")
    request = {
        "study": given.study,
        "data": str(given.data.absolute()) if given.data else None,
        "out": str(given.out.absolute()) if given.out else None,
        "seed": given.seed,
        "set": dict(given.set),
        "made_up": given.made_up,
    }
    return job(context, "reproduce", request)


def _show(result: Result) -> str:
    if "studies" in result:
        return "\n\n".join(
            f"{study['study']}: {study['title']}\n  {study['source']}\n  {study['needs']}"
            for study in result["studies"]
        )
    parts = [f"{result['title']}\n{result['source']}", *result["notes"]]
    for table in result["tables"]:
        rows = [[_words(entry) for entry in row] for row in table["rows"]]
        note = f"{table['note']}\n" if table["note"] else ""
        parts.append(f"{table['title']}\n{note}{show.table(rows, table['columns'])}")
    return "\n\n".join([*parts, result["report"]])


def _words(entry: str | dict[str, str]) -> str:
    return entry if isinstance(entry, str) else entry["text"]


COMMANDS = [
    Command("reproduce", "Run a published study, with its figures beside ours.", _run, _show, _arguments),
]
