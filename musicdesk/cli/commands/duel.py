"""`duel`: two models in one list, decided by what you do."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, count, seed
from musicdesk.core.errors import Unusable

ACTIONS = ("start", "status", "stop", "check")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="status")
    parser.add_argument("models", nargs="*", metavar="MODEL", help="for start: two models, or numbers of runs")
    parser.add_argument("--decisions", type=count, default=90, metavar="N", help="how many end it: 49, 90, 199, ...")
    parser.add_argument("--duels", type=count, default=500, metavar="N", help="for check: how many made-up ones")
    parser.add_argument("--seed", type=seed, metavar="N", help="of the coins; drawn unless given")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows import duel

    if (given.action == "start") != (len(given.models) == 2) or (given.models and given.action != "start"):
        raise Unusable("Name the two that compete: musicdesk duel start A B. 'musicdesk models' lists the runs.")
    if given.action == "check":
        from musicdesk.evaluation.duel_trials import checked

        if not 1 <= given.duels <= 100_000:
            raise Unusable("The check takes from 1 to 100,000 duels.")
        return dict(checked(given.duels, given.seed or 0))
    with context.desk() as desk:
        if given.action == "start":
            a, b = given.models
            return duel.start(desk, a, b, given.decisions, given.seed).as_json()
        if given.action == "stop":
            return duel.stop(desk).as_json()
        every = [told.as_json() for told in duel.duels(desk)]
        return {"running": next((told for told in every if told["state"] == "running"), None), "duels": every}


def _show(result: Result) -> str:
    if "same" in result:
        same = [(row["decisions"], row["duels"], f"{row['called']:.1%}") for row in result["same"]]
        better = [
            (row["decisions"], row["duels"], f"{row['win_rate']:.0%}", f"{row['right']:.1%}")
            for row in result["better"]
        ]
        first = show.table(same, ("decisions", "duels", "called though both are one model"))
        return f"{first}\n\n{show.table(better, ('decisions', 'duels', 'of which A wins', 'A was called'))}"
    if "duels" in result:
        return (
            "\n".join(told["sentence"] for told in result["duels"])
            or "There was no duel yet: musicdesk duel start A B."
        )
    return str(result["sentence"])


COMMANDS = [Command("duel", "Two models in one list, decided by what you do.", _run, _show, _arguments)]
