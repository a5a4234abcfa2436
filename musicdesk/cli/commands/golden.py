"""`golden`: what you expect of every model, and which of them does it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, is_number, job
from musicdesk.core.errors import Unusable

ACTIONS = ("list", "add", "remove", "check")
WORDS = "for add: 'in TRACK', 'out TRACK', 'above TRACK OTHER' or 'near TRACK OTHER'; for remove: its number"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("words", nargs="*", metavar="WORD", help=WORDS)


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows import golden

    if given.action == "check" and not given.words:
        return job(context, "golden", {})
    with context.desk() as desk:
        if given.action == "add" and len(given.words) in (2, 3):
            tracks = [desk.catalog.tracks.resolve(word) for word in given.words[1:]]
            return asdict(golden.expect(desk, given.words[0], *tracks))
        if given.action == "remove" and len(given.words) == 1 and is_number(given.words[0]):
            golden.remove(desk, int(given.words[0]))
            return {"removed": int(given.words[0])}
        if given.action != "list" or given.words:
            raise Unusable(f"Say what is expected: {WORDS}.")
        return {"expectations": [asdict(line) for line in golden.lines(desk, desk.catalog.golden.all())]}


def _show(result: Result) -> str:
    if "lines" in result:
        rows = [(line["number"], show.printable(line["text"]), _did(line["met"])) for line in result["lines"]]
        who = result["model"] if result["run"] is None else f"{result['model']}, run {result['run']}"
        runs = [(run["run"], run["model"], f"{run['met']} of {run['of']}") for run in result["runs"]]
        told = f"{show.table(rows, ('', 'expected', ''))}\n\n{who}: {result['met']} of {result['of']} met"
        return f"{told}\n\n{show.table(runs, ('run', 'model', 'met'))}" if runs else told
    if "expectations" in result:
        pinned = [(line["number"], show.printable(line["text"])) for line in result["expectations"]]
        return (
            show.table(pinned, ("", "expected"))
            if pinned
            else "Nothing is expected yet: musicdesk golden add in TRACK."
        )
    return f"{result['number']}: {show.printable(result['text'])}" if "text" in result else "Expected no more."


def _did(met: bool | None) -> str:
    return "not heard yet" if met is None else "met" if met else "missed"


COMMANDS = [Command("golden", "What you expect of every model, and which of them does it.", _run, _show, _arguments)]
