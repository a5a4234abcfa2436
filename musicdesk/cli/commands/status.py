"""`status` and `doctor`: what is here, and whether all is well."""

from __future__ import annotations

from argparse import Namespace

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result


def _status(context: Context, _given: Namespace) -> Result:
    from musicdesk.workflows.status import status

    with context.desk() as desk:
        return status(desk)


def _show_status(result: Result) -> str:
    tracks, sound, taste = result["tracks"], result["analysis"], result["feedback"]
    lines = [
        f"Profile: {result['profile']}",
        f"Folders: {len(result['roots'])}",
        *(f"  {show.printable(root['path'])}{'' if root['online'] else '  (offline)'}" for root in result["roots"]),
        f"Tracks: {tracks['total']:,} ({tracks['offline']:,} offline, {tracks['missing']:,} missing)",
        f"Listened to: {sound['analyzed']:,}; waiting {sound['waiting']:,}; failed {sound['failed']:,}",
        f"Ratings: {taste['like']:,} liked, {taste['dislike']:,} disliked, {taste['never']:,} never",
        f"Plays: {taste['plays']:,}",
        _history(result["history"]),
        f"Model in use: {_model(result)}",
        show.ladder(result["ladder"]),
        f"Map: {result['map']['points']:,} points" if result["map"] else "Map: not made yet",
    ]
    return "\n".join(lines)


def _model(result: Result) -> str:
    if not result["trained"]:
        return f"{result['model']}, learned on the spot"
    return str(result["model"]) if result["usable"] else f"none; run {result['run']} ({result['model']}) cannot be used"


def _history(history: Result) -> str:
    if not history["imports"]:
        return "Histories: none imported"
    share = round(100 * history["coverage_by_plays"])
    return f"Histories: {history['listens']:,} plays of {history['songs']:,} songs; {share} % of the plays are owned"


def _doctor(context: Context, _given: Namespace) -> Result:
    from musicdesk.workflows.doctor import examine

    return examine(context.profile, context.device)


def _show_doctor(result: Result) -> str:
    lines = [f"{'ok ' if check['ok'] else 'BAD'} {check['name']}: {check['text']}" for check in result["checks"]]
    return "\n".join(lines)


COMMANDS = [
    Command("status", "What is known of your music.", _status, _show_status),
    Command("doctor", "Check the installation and the library.", _doctor, _show_doctor),
]
