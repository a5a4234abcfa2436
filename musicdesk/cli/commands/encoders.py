"""`encoders`: which there are, which one is in use; putting another one to use, going back, removing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job
from musicdesk.core.errors import Unusable


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "use", "back", "remove"), default="list")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--later", action="store_true", help="with 'use': listen at the next analysis, not now")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.encoders import listed, use

    if given.what in ("use", "remove") and not given.name:
        raise Unusable(f"Name the encoder to {given.what}; 'musicdesk encoders' lists them.")
    if given.what in ("list", "back") and given.name:
        raise Unusable(f"'musicdesk encoders {given.what}' takes no name; did you mean 'use' or 'remove'?")
    if given.what == "remove":
        return job(context, "remove-encoder", {"name": given.name})
    if given.what == "back" or (given.what == "use" and not given.later):
        return job(context, "encoder", {"name": given.name if given.what == "use" else ""})
    with context.desk() as desk:
        if given.what == "use":
            chosen = asdict(use(desk, given.name))
            chosen.pop("changes")
            return chosen
        return {"encoders": [asdict(each) for each in listed(desk)], "in_use": desk.encoder}


def _show(result: Result) -> str:
    if "encoders" in result:
        return _table(result)
    if "state" not in result:
        return f"The encoder '{result['name']}' is removed, with what it had heard of {result['tracks']:,} tracks."
    if result["state"] == "in use":
        return f"The encoder '{result['name']}' is in use."
    left = result.get("remaining", result.get("waiting", 0))
    return f"The encoder '{result['name']}' comes to use when it has heard {left:,} more tracks: musicdesk analyze."


def _table(result: Result) -> str:
    rows = [
        (each["name"], each["state"], each["dim"], each["tracks"], each["waiting"], each["licence"], each["encoder"])
        for each in result["encoders"]
    ]
    told = show.table(rows, ("encoder", "", "numbers", "tracks heard", "to hear", "licence", "id"))
    troubles = [f"{each['name']}: {show.printable(each['why_not'])}" for each in result["encoders"] if each["why_not"]]
    return "\n".join([told, *troubles])


COMMANDS = [Command("encoders", "What hears your music; use another one, your own too.", _run, _show, _arguments)]
