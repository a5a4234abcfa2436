"""`musicdesk gui`: the window. Also what `musicdesk` alone does."""

from __future__ import annotations

from argparse import Namespace

from musicdesk.cli.command import Command, Context, Result
from musicdesk.core.errors import NotReady


def _run(context: Context, _given: Namespace) -> Result:
    try:
        from musicdesk.gui.main import main
    except ImportError as error:
        raise NotReady(
            f"The window cannot be opened here: {error}. On Debian and Ubuntu "
            "'sh packaging/system-packages.sh --check' names the system packages that are missing."
        ) from error
    return {"exit": main(context.profile, context.device)}


COMMANDS = [Command("gui", "Open the window.", _run, lambda _result: "")]
