"""`rate`: say what you think of a track."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from musicdesk.cli.command import Command, Context, Result
from musicdesk.core.types import Verdict

SCOPES = ("everywhere", "now", "mix")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("track", metavar="TRACK", help="a track's number or file")
    parser.add_argument("verdict", choices=[verdict.value for verdict in Verdict])
    parser.add_argument("--scope", choices=SCOPES, default="everywhere")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.rate import rate

    with context.desk() as desk:
        track = desk.catalog.tracks.resolve(given.track)
        rated = rate(desk, track, Verdict(given.verdict), scope=given.scope)
    effect = {"up": rated.up, "down": rated.down}
    return {"feedback": rated.event, "track": int(track), "verdict": given.verdict, "effect": effect}


def _show(result: Result) -> str:
    effect = result["effect"]
    return f"Noted: {result['verdict']}. In 'for you', {effect['up']:,} tracks rise and {effect['down']:,} fall."


COMMANDS = [Command("rate", "Like, dislike or never play a track.", _run, _show, _arguments)]
