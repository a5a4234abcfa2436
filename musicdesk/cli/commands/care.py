"""`backup`, `backups`, `restore`, `delete-all-data`: keeping, bringing back, leaving nothing behind."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, named
from musicdesk.core.errors import Unusable
from musicdesk.workflows.desk import profile_at
from musicdesk.workflows.jobs import as_json


def _path(text: str) -> Path:
    return Path(named(text))  # an empty one would be the current folder


def _file(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=_path, metavar="FILE")


def _backup(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.backups import backup

    with context.desk() as desk:
        return as_json(backup(desk, given.file))


def _one_backup(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=_path, nargs="?", metavar="FILE", help="what this one holds, beside what is now")


def _backups(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.recovery import kept, preview

    profile = profile_at(context.profile)
    if given.file:
        return asdict(preview(profile, given.file))
    return {"items": [asdict(entry) for entry in kept(profile)]}


def _show_backups(result: Result) -> str:
    if "items" in result:
        rows = [(_day(i["at"]), i["kind"].replace("-", " "), i["bytes"], i["file"]) for i in result["items"]]
        return show.table(rows, ("made", "kind", "bytes", "file"))
    then, now = result["then"], result["now"] or {}
    lines = [(name, value, now.get(name, "-")) for name, value in then.items() if name != "newest_at"]
    newest = ("newest rating or play", _day(then["newest_at"]), _day(now.get("newest_at")))
    table = show.table([*lines, newest], ("", "backup", "now"))
    if (difference := result["difference"]) is None:
        return table
    return f"{table}\n\n{_apart('lost', difference['lost'])}\n{_apart('back', difference['back'])}"


def _apart(what: str, only: Result) -> str:
    """'lost by bringing it here: 2 ratings, 1 plays, 0 imported plays, 1 playlists (Morning)'."""
    named = f" ({', '.join(only['names'])})" if only["names"] else ""
    counts = f"{only['ratings']:,} ratings, {only['plays']:,} plays, {only['listens']:,} imported plays"
    return f"{what} by bringing it here: {counts}, {only['playlists']:,} playlists{named}"


def _day(at: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else "-"


def _ways(parser: ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("file", type=_path, nargs="?", metavar="FILE", help="the newest good backup unless given")
    way.add_argument("--repair", action="store_true", help="keep what can be read, take the rest from the backup")
    way.add_argument("--undo", action="store_true", help="put the library back that was set aside last")
    way.add_argument("--empty", action="store_true", help="set the library aside and begin with an empty one")


def _restore(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows import recovery

    profile = profile_at(context.profile).make()
    if given.repair or given.undo:
        return as_json(recovery.repair(profile) if given.repair else recovery.undo(profile))
    return as_json(recovery.begin_anew(profile) if given.empty else recovery.restore(profile, given.file))


def _show_restore(result: Result) -> str:
    aside = f" The library from before lies in {result['set_aside']}." if result["set_aside"] else ""
    found = result["contents"]
    if found is None:
        return f"The next start makes an empty library.{aside}"
    held = f"{found['tracks']:,} tracks, {found['rated']:,} rated, {found['plays']:,} plays"
    if result["from_backup"] or result["gaps"]:
        rows = f"{result['from_backup']:,} rows came from {result['file'] or 'no backup'}"
        return f"Repaired: {held}. {result['gaps']:,} places could not be read; {rows}.{aside}"
    return f"Restored {result['file'] or 'the library'}: {held}.{aside}"


def _crashes(context: Context, _given: Namespace) -> Result:
    from musicdesk.core import crashes

    folder = profile_at(context.profile).crashes
    crashes.collect(folder)
    items = [{"file": str(r.path), "at": r.at, "process": r.process, "text": r.text} for r in crashes.kept(folder)]
    return {"items": items}


def _show_crashes(result: Result) -> str:
    if not result["items"]:
        return "Nothing went wrong that nobody foresaw."
    rows = [(_day(item["at"]), item["process"], item["file"]) for item in result["items"]]
    return f"{show.table(rows, ('when', 'where', 'report'))}\n\n{result['items'][0]['text']}"


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
    Command("backups", "The backups there are, and what one holds.", _backups, _show_backups, _one_backup),
    Command("restore", "Bring a backup back, or repair a damaged library.", _restore, _show_restore, _ways),
    Command("crashes", "Reports of what went wrong; they name no music and are sent nowhere.", _crashes, _show_crashes),
    Command(
        "delete-all-data",
        "Remove everything musicdesk keeps; your music files stay.",
        _delete,
        lambda r: f"Removed {r['files']:,} files from {r['profile']}. Your music was not touched.",
        _yes,
    ),
]
