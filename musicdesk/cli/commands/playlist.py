"""`playlist list|show|export`: what was made before, and files of it for other players."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, number
from musicdesk.cli.commands.recommend import show_list
from musicdesk.core.errors import Unusable
from musicdesk.core.types import PlaylistId

FORMATS = ("m3u8", "xspf", "jspf", "csv")


def _arguments(parser: ArgumentParser) -> None:
    inner = parser.add_subparsers(dest="action", required=True, metavar="list|show|export")
    _action(inner.add_parser("list", help="all playlists"))
    shown = _action(inner.add_parser("show", help="one playlist's tracks"))
    shown.add_argument("id", type=number)
    export = _action(inner.add_parser("export", help="write a playlist to a file"))
    export.add_argument("id", type=number)
    export.add_argument("file", type=Path)
    export.add_argument("--format", choices=FORMATS, help="by the file's ending unless given")
    export.add_argument(
        "--root-map",
        metavar="OLD=NEW",
        help="write paths as another machine sees them: /music=/mnt/nas or =Z:\\\\Music",
    )
    export.add_argument("--relative-to", type=Path, metavar="DIR", help="write paths relative to this folder")


def _action(parser: ArgumentParser) -> ArgumentParser:
    absent = SUPPRESS  # a default here would undo a --json before the action
    parser.add_argument("--json", action="store_true", default=absent, help="print one JSON object and nothing else")
    return parser


def _run(context: Context, given: Namespace) -> Result:
    from musicdesk.workflows.playlists import export, items

    with context.desk() as desk:
        if given.action == "list":
            made = desk.catalog.playlists.all()
            lists = [{"id": int(p.id), "name": p.name, "kind": p.kind, "tracks": p.tracks} for p in made]
            return {"action": "list", "playlists": lists}
        if given.action == "show":
            playlist = desk.catalog.playlists.get(PlaylistId(given.id))
            head: Result = {"action": "show", "playlist": given.id, "name": playlist.name, "kind": playlist.kind}
            return {**head, "items": items(desk, playlist.picks)}
        roots = _roots(given.root_map) if given.root_map is not None else None
        written = export(desk, PlaylistId(given.id), given.file, given.format, given.relative_to, roots)
        return {"action": "export", "file": str(written.file), "tracks": written.tracks, "notices": written.notices}


def _roots(text: str) -> tuple[str, str]:
    here, mark, there = text.partition("=")
    if not mark:
        raise Unusable(f"'{text}' maps nothing; say --root-map OLD=NEW, for example --root-map /music=/mnt/nas/music.")
    return here, there


def _show(result: Result) -> str:
    if result["action"] == "list":
        lines = [(p["id"], p["name"], p["kind"], p["tracks"]) for p in result["playlists"]]
        return show.table(lines, ("id", "name", "kind", "tracks"))
    if result["action"] == "show":
        return show_list(result)
    return "\n".join([f"Wrote {result['tracks']:,} tracks to {result['file']}.", *result["notices"]])


COMMANDS = [Command("playlist", "List, show and export playlists.", _run, _show, _arguments)]
