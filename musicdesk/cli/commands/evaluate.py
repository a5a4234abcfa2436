"""`evaluate`: models asked about what was hidden from them, beside controls."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, days, job, number, seed
from musicdesk.core.files import place_for, write_text
from musicdesk.workflows.desk import profile_at


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--run", action="append", type=number, default=[], metavar="R", help="a run to compare; all else"
    )
    parser.add_argument("--crowd", metavar="NAME", help="the crowd to ask; unless named, the biggest")
    parser.add_argument("--split", default="", metavar="S", help="listeners, items, cold-items, or time")
    parser.add_argument(
        "--days",
        type=days,
        default=0.0,
        metavar="N",
        help="of your own history: ask for what you played in the last N days, and make a list to judge",
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the report goes (default: in the profile)")
    parser.add_argument(
        "--json",
        nargs="?",
        const=True,
        default=False,
        metavar="FILE",
        help="print one JSON object, or write it to FILE",
    )


def _run(context: Context, given: Namespace) -> Result:
    target = place_for(Path(given.json), profile_at(context.profile)) if isinstance(given.json, str) else None
    out = str(given.out.absolute()) if given.out else None
    request = {"runs": given.run, "crowd": given.crowd, "split": given.split, "seed": given.seed, "out": out}
    request["days"] = given.days
    result = job(context, "evaluate", request)
    if target is not None:
        write_text(target, show.as_json(result) + "\n", mode=0o644)
        given.json = False
    return result


def _show(result: Result) -> str:
    every = {**result["models"], **result["controls"]}
    names = list(next(iter(every.values()))["metrics"])
    rows = [(name, *(_figure(values["metrics"][metric]) for metric in names)) for name, values in every.items()]
    of = f"{result['crowd']}: {result['listeners']:,} listeners" if result["crowd"] else "your own history, first plays"
    head = f"{of}, split {result['split']}, {result['hidden']:,} hidden"
    gaps = [(name, _figure(gap), f"{gap['p']:.4f}") for name, gap in result["differences"].items()]
    less = f"Recall@20 of {result['best']}, less that of:" if result["crowd"] else "AUC:"
    parts = [head, show.table(rows, ("model", *names)), less]
    return "\n\n".join([*parts, show.table(gaps, ("model", "difference", "p")), *result["notes"], result["report"]])


def _figure(values: Result) -> str:
    if values["mean"] is None:
        return "-"
    if values["low"] is None:
        return f"{values['mean']:.3f} [–]"
    return f"{values['mean']:.3f} [{values['low']:.3f}, {values['high']:.3f}]"


COMMANDS = [Command("evaluate", "Measure models on what was hidden from them.", _run, _show, _arguments)]
