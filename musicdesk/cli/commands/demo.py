"""`demo`: the whole way on a small library that the program composes itself."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, count

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--no-gui", action="store_true", help="print the playlist; open no window")
    parser.add_argument("--tracks", type=count, default=96, metavar="N", help="how many tracks to compose")


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.demo import demo_profile, run_demo

    profile = demo_profile(context.profile)
    result: Result = run_demo(profile, context.device, given.tracks, context.monitor)
    if not given.no_gui and not given.json:
        print(_show(result), flush=True)
        return {**result, "window": _window(context, profile)}
    return result


def _window(context: Context, profile: Path) -> str:
    """Opens the demo library; without a display the pictures that were written must do."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in DISPLAYS):
        return "There is no display here; 'musicdesk demo' opens the window where there is one."
    from musicdesk.gui.main import main

    main(profile, context.device)
    return ""


def _show(result: Result) -> str:
    if "window" in result:
        return str(result["window"])
    lines = [
        (item["position"], item["title"], item["artist"], "; ".join(item["reasons"][:1])) for item in result["playlist"]
    ]
    return (
        f"{result['tracks']:,} tracks composed, {result['analyzed']:,} listened to, model '{result['model']}'.\n\n"
        f"For you\n{show.table(lines, ('', 'title', 'artist', 'why'))}\n\n"
        f"Map: {result['map']}\nReport: {result['report']}"
    )


COMMANDS = [Command("demo", "See the whole way on music composed for you.", _run, _show, _arguments)]
