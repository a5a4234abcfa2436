"""The command line: the parser, and the one place that catches.

Exit codes: 0 done, 1 explained error, 2 usage, 3 cancelled, 70 bug (its trace is in the log).
"""

from __future__ import annotations

import argparse
import os
import sys
from io import TextIOWrapper
from pathlib import Path

import musicdesk
from musicdesk.cli import show
from musicdesk.cli.command import Command, Context
from musicdesk.cli.commands import commands
from musicdesk.cli.terminal import Bar, Interrupted, monitor
from musicdesk.core import crashes, logs
from musicdesk.core.errors import Cancelled, LibraryDamaged, MusicdeskError
from musicdesk.core.paths import keep_in
from musicdesk.workflows import troubles
from musicdesk.workflows.desk import profile_at

DONE, EXPLAINED, USAGE, CANCELLED, BUG = 0, 1, 2, 3, 70


def parser(known: list[Command]) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="musicdesk", description="Listens to the music you own, learns your taste, shows it and plays it."
    )
    top.add_argument("--profile", type=_folder, metavar="DIR", help="where musicdesk keeps what it knows")
    top.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="what the networks run on")
    top.add_argument("-v", "--verbose", action="store_true", help="a more talkative log")
    top.add_argument("--version", action="version", version=f"musicdesk {musicdesk.__version__}")
    inner = top.add_subparsers(dest="command", metavar="COMMAND", title="commands (without one, the window opens)")
    for command in known:
        # A command may say more with --json, as `evaluate` does.
        part = inner.add_parser(command.name, help=command.help, description=command.help, conflict_handler="resolve")
        part.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        command.arguments(part)
    return top


def _folder(text: str) -> Path | None:
    return Path(text) if text else None  # as an empty MUSICDESK_PROFILE is: not given


def main(arguments: list[str]) -> int:
    known = commands()
    given = parser(known).parse_args(arguments)
    if given.command is None:
        given = parser(known).parse_args([*arguments, "gui"])
    command = next(command for command in known if command.name == given.command)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name that the terminal cannot write is no reason to fail
    bar, interrupted = Bar(), Interrupted()
    interrupted.arm()
    context = Context(given.profile, given.device, given.verbose, monitor(bar, interrupted))
    try:
        keep_in(profile_at(context.profile))
        result = command.run(context, given)
        bar.clear()
        print(show.as_json(result) if given.json else command.show(result), flush=True)
        return int(result.get("exit", DONE)) if command.name == "gui" else DONE
    except (Cancelled, KeyboardInterrupt):
        return _said(bar, str(Cancelled()), CANCELLED)
    except MusicdeskError as error:
        return _said(bar, _in_words(error), EXPLAINED)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if found := troubles.told(error) or troubles.damage_behind(profile_at(context.profile)):
            return _said(bar, _in_words(found), EXPLAINED)
        return _said(bar, _keep_bug(context, command.name, error), BUG)


def _said(bar: Bar, sentence: str, code: int) -> int:
    bar.clear()
    print(f"musicdesk: {show.printable(sentence)}", file=sys.stderr)
    return code


def _in_words(error: MusicdeskError) -> str:
    hint = " 'musicdesk restore --repair' puts it together again." if isinstance(error, LibraryDamaged) else ""
    return f"{error}{hint}"


def _keep_bug(context: Context, command: str, error: Exception) -> str:
    """Writes the trace to the profile's log; the sentence tells where."""
    try:
        profile = profile_at(context.profile).make()
        path = logs.start(profile.logs, "musicdesk", context.verbose)
        logs.bug(command)
        logs.stop()
        crashes.keep(profile.crashes, "musicdesk", f"the command {command}", crashes.trace_of(error))
    except (MusicdeskError, OSError):
        import traceback

        return f"musicdesk made a mistake, and its log cannot be written:\n{traceback.format_exc()}"
    return f"musicdesk made a mistake. What was saved before is safe. The details are in {path}."
