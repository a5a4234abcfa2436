"""`import` and `match`: what was played elsewhere, and which of it is in the library."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job, named, number
from musicdesk.core.errors import Unusable

_NUMBERS = re.compile(r"[0-9]+(?:-[0-9]+)?")  # of an import, or of the first and the last one
SHOWN = 500  # wishes without a file for them
READS = """Reads Spotify (account data and extended history), Last.fm, ListenBrainz, Apple Music, YouTube Music, iTunes,
and a CSV with the columns time, artist, title[, album, ms]; told by content, not by name. As crowds: the Taste Profile
and its CSV variants, KKBox, hetrec Last.fm, and what the Million Song Dataset and Last.fm know of their songs."""


def _import_arguments(parser: ArgumentParser) -> None:
    parser.epilog = READS
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders or ZIPs as they were exported")
    parser.add_argument("--format", metavar="NAME", help="take every file for this format")
    parser.add_argument("--listener", metavar="NAME", help="whose history it is (you, unless named)")
    parser.add_argument("--crowd", type=named, metavar="NAME", help="many people's plays: make or extend this crowd")
    back = "take imports back: numbers in 'status --json', such as 3 or 5-9; or a crowd, by its name"
    parser.add_argument("--forget", nargs="+", type=_import_of, metavar="SOURCE", help=back)


def _import_of(text: str) -> tuple[int, int] | str:
    """Numbers of the first and the last import, or a crowd's name."""
    first, _, last = text.partition("-")
    return (number(first), number(last or first)) if _NUMBERS.fullmatch(text) else text


def _forgotten(words: list[tuple[int, int] | str]) -> dict[str, Any]:
    """What the job is asked for: one import, several, or a crowd. Raises Unusable."""
    if len(words) == 1 and isinstance(words[0], str):
        return {"crowd": words[0]}
    if any(isinstance(word, str) for word in words):
        raise Unusable("Name imports by their numbers, or one crowd by its name.")
    if len(words) == 1 and words[0][0] == words[0][1]:
        return {"source": words[0][0]}
    return {"sources": words}


def _import(context: Context, given: Namespace) -> Result:
    if given.forget is not None:
        if given.paths:
            raise Unusable("Import files, or forget an import; not both at once.")
        return job(context, "forget", _forgotten(given.forget))
    paths = [os.path.abspath(path) for path in given.paths if path]
    request = {"paths": paths, "format": given.format, "listener": given.listener, "crowd": given.crowd}
    return job(context, "import", request)


def _show_import(result: Result) -> str:
    if "format" not in result:
        name = show.printable(result["name"])
        return f"{name}: {result['rows']:,} rows and {result['songs']:,} songs are gone."
    of = f" in the crowd '{show.printable(result['crowd'])}'" if result["crowd"] else ""
    refused = sum(result["rejected"].values())
    lines = [
        f"{result['format']}: {result['rows']:,} rows in {result['files']:,} files, {result['seconds']:.1f} s",
        f"  {result['imported']:,} imported, {result['duplicates']:,} known already, {refused:,} not usable",
        *(f"    {count:,} {reason}" for reason, count in sorted(result["rejected"].items(), key=lambda r: -r[1])),
        f"  {result['songs']:,} songs{of}: {result['matched']:,} are in the library, {result['ambiguous']:,} perhaps, "
        f"{result['not_owned']:,} are not",
        *(f"  {show.printable(note)}" for note in result["notes"]),
    ]
    return "\n".join(lines)


def _match_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--review", action="store_true", help="also list the songs whose track is not sure")
    parser.add_argument("--wishes", action="store_true", help="also list the songs that you have not, by plays")
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="with --wishes: write them as a table instead")
    word = parser.add_mutually_exclusive_group()
    word.add_argument(
        "--accept", nargs=2, type=number, metavar=("SONG", "TRACK"), help="say which track a song is, both by number"
    )
    word.add_argument("--never", type=number, metavar="SONG", help="say that a song is none of your tracks")
    word.add_argument("--undo", action="store_true", help="take your newest word about a song back")


def _match(context: Context, given: Namespace) -> Result:
    from musicdesk.core.types import TrackId
    from musicdesk.workflows.jobs import as_json
    from musicdesk.workflows.match import decide, review, summary, undo
    from musicdesk.workflows.wishes import save_wishes, wishes

    if given.out and not given.wishes:
        raise Unusable("--out is the place for the wishes; say --wishes as well.")
    said = given.accept or given.never is not None or given.undo
    result = {} if said else job(context, "match", {})
    with context.desk() as desk:
        if given.accept:
            decide(desk, given.accept[0], TrackId(given.accept[1]))
        elif given.never is not None:
            decide(desk, given.never, None)
        elif given.undo:
            result["undone"] = undo(desk)
        if said:
            result |= as_json(summary(desk))
        if given.review:
            result["review"] = review(desk)
        if given.wishes:
            result["wishes"] = wishes(desk, -1 if given.out else SHOWN)
        if given.out:
            rows = [(wish["artist"], wish["title"], wish["plays"]) for wish in result["wishes"]]
            result["saved"] = os.fspath(save_wishes(desk, given.out, rows))
    return result


def _show_match(result: Result) -> str:
    methods = ", ".join(f"{count:,} {method}" for method, count in result["by_method"].items())
    lines = [
        f"{result['matched']:,} of {result['songs']:,} songs are in the library ({methods or 'none yet'}); "
        f"{result['ambiguous']:,} are not sure.",
        f"They stand for {100 * result['coverage_by_plays']:.0f} % of the plays.",
    ]
    if "undone" in result:
        song = result["undone"]
        lines.insert(0, "There is nothing to take back." if song is None else f"Your word about song {song} is undone.")
    for item in result.get("review", []):
        lines.append(_song(item))
        lines += [
            f"    {c['score']:.0f}  track {c['track']}: {show.printable(c['artist'])} - {show.printable(c['title'])}"
            for c in item["candidates"]
        ]
    if "saved" in result:
        lines.append(f"{len(result['wishes']):,} songs are in {show.printable(result['saved'])}.")
    elif "wishes" in result:
        lines += ["Not in the library:", *map(_song, result["wishes"])] if result["wishes"] else ["All are owned."]
    return "\n".join(lines)


def _song(item: Result) -> str:
    name = f"{show.printable(item['artist'])} - {show.printable(item['title'])}"
    return f"song {item['song']}: {name} ({item['plays']:,} plays)"


COMMANDS = [
    Command("import", "Read what you played elsewhere.", _import, _show_import, _import_arguments),
    Command("match", "Find imported songs in the library.", _match, _show_match, _match_arguments),
]
