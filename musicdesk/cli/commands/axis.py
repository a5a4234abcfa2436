"""`axis`: axes that one names, by tracks at either end."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, is_number
from musicdesk.core.errors import Unusable

if TYPE_CHECKING:
    from musicdesk.workflows.axes import Named

WORDS = "for add: the names of the two ends, such as calm wild; for remove: its number"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "add", "remove"), default="list")
    parser.add_argument("words", nargs="*", metavar="WORD", help=WORDS)
    parser.add_argument("--low", nargs="+", default=[], metavar="T", help="tracks at the first end")
    parser.add_argument("--high", nargs="+", default=[], metavar="T", help="tracks at the other end")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows import axes

    with context.desk() as desk:
        if given.action == "add" and len(given.words) == 2:
            low, high = ([desk.catalog.tracks.resolve(track) for track in end] for end in (given.low, given.high))
            return _told(axes.name_axis(desk, given.words[0], given.words[1], low, high))
        if given.action == "remove" and len(given.words) == 1 and is_number(given.words[0]):
            desk.catalog.axes.remove(int(given.words[0]))
            return {"removed": int(given.words[0])}
        if given.action != "list" or given.words:
            raise Unusable(f"Say which axis: {WORDS}.")
        return {"axes": [_told(axes.told(desk, axis)) for axis in desk.catalog.axes.all()]}


def _told(named: Named) -> Result:
    told = asdict(named)
    del told["changes"]
    return {**told, "sentence": named.sentence}


def _show(result: Result) -> str:
    if "removed" in result:
        return "It is gone."
    if "axes" not in result:
        return f"{_line(result)}\n{result['sentence']}"
    return "\n".join(_line(axis) for axis in result["axes"]) or (
        "No axis is named yet: musicdesk axis add calm wild --low T T T --high T T T."
    )


def _line(axis: Result) -> str:
    names = f"{show.printable(axis['low'])} – {show.printable(axis['high'])}"
    return f"{axis['number']}: {names} ({len(axis['lows'])} and {len(axis['highs'])} tracks)"


COMMANDS = [Command("axis", "Axes that you name, such as calm – wild.", _run, _show, _arguments)]
