"""`backup`, `restore`, `delete-all-data`: keeping, bringing back, leaving nothing behind."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli.command import Command, Context, Result
from musicdesk.core.errors import Unusable
from musicdesk.workflows.desk import profile_at
from musicdesk.workflows.jobs import as_json


def _file(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")


def _backup(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.backups import backup

    with context.desk() as desk:
        return as_json(backup(desk, given.file))


def _optional_file(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the newest backup unless given")


def _restore(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.backups import restore

    return as_json(restore(profile_at(context.profile).make(), given.file))


def _show_restore(result: Result) -> str:
    aside = f" The library from before lies in {result['set_aside']}." if result["set_aside"] else ""
    return f"Restored {result['file']}.{aside}"


def _yes(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _delete(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.backups import delete_all

    profile = profile_at(context.profile)
    if not given.yes and not _agreed(profile.folder):
        raise Unusable("Nothing was deleted. Say --yes, or answer 'delete' when asked.")
    return as_json(delete_all(profile))


def _agreed(folder: Path) -> bool:
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"Everything musicdesk knows ({folder}) will be gone; music files stay. Type 'delete': ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "delete"


COMMANDS = [
    Command(
        "backup", "Copy the library's catalog to a file.", _backup, lambda r: f"Backup written to {r['file']}.", _file
    ),
    Command("restore", "Bring a backup back.", _restore, _show_restore, _optional_file),
    Command(
        "delete-all-data",
        "Remove everything musicdesk keeps; your music files stay.",
        _delete,
        lambda r: f"Removed {r['files']:,} files from {r['profile']}. Your music was not touched.",
        _yes,
    ),
]
