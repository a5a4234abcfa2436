"""`import` and `match`: what was played elsewhere, and which of it is in the library."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from musicdesk.cli import show
from musicdesk.cli.command import Command, Context, Result, job


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders or ZIPs as they were exported")
    parser.add_argument("--format", metavar="NAME", help="take every file for this format")
    parser.add_argument("--listener", metavar="NAME", help="whose history it is (you, unless named)")
    parser.add_argument("--crowd", metavar="NAME", help="many people's plays: make or extend this crowd")


def _import(context: Context, given: Namespace) -> Result:
    paths = [os.path.abspath(path) for path in given.paths]
    request = {"paths": paths, "format": given.format, "listener": given.listener, "crowd": given.crowd}
    return job(context, "import", request)


def _show_import(result: Result) -> str:
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


def _match(context: Context, given: Namespace) -> Result:
    result = job(context, "match", {})
    if given.review:
        from musicdesk.workflows.match import review

        with context.desk() as desk:
            result["review"] = review(desk)
    return result


def _show_match(result: Result) -> str:
    methods = ", ".join(f"{count:,} {method}" for method, count in result["by_method"].items())
    lines = [
        f"{result['matched']:,} of {result['songs']:,} songs are in the library ({methods or 'none yet'}); "
        f"{result['ambiguous']:,} are not sure.",
        f"They stand for {100 * result['coverage_by_plays']:.0f} % of the plays.",
    ]
    for item in result.get("review", []):
        lines.append(f"{show.printable(item['artist'])} - {show.printable(item['title'])} ({item['plays']:,} plays)")
        lines += [
            f"    {c['score']:.0f}  track {c['track']}: {show.printable(c['artist'])} - {show.printable(c['title'])}"
            for c in item["candidates"]
        ]
    return "\n".join(lines)


COMMANDS = [
    Command("import", "Read what you played elsewhere.", _import, _show_import, _import_arguments),
    Command("match", "Find imported songs in the library.", _match, _show_match, _match_arguments),
]
